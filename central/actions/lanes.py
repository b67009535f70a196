"""Orders from a person to a gate: signed, good for seconds, only for the gate's present start, and written down."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.outbox import publish
from central.store.schema import Audit, Gate
from edge.protocol.ids import uuid7
from edge.protocol.maintenance import REPLAYED, check
from edge.protocol.messages import Command, Reply
from edge.protocol.topics import GateTopics

log = logging.getLogger(__name__)

ORDERS = ("open", "hold", "release", "close", "reset_fault")  # what the lane's page offers
COMMAND_LASTS = timedelta(seconds=30)
HOME_ASSISTANT = "home-assistant"
ASK_AGAIN = timedelta(seconds=2)


def operator_open(
    session: Session,
    site_id: str,
    gate_id: str,
    now: datetime,
    *,
    by: str,
    reason: str,
    lasts: timedelta = COMMAND_LASTS,
) -> str:
    """Opens for whoever stands there; returns the command's id."""
    return order(session, site_id, gate_id, "open", now, by=by, reason=reason, lasts=lasts)


def order(
    session: Session,
    site_id: str,
    gate_id: str,
    name: str,
    now: datetime,
    *,
    by: str,
    reason: str,
    lasts: timedelta = COMMAND_LASTS,
    among: Collection[str] = ORDERS,
    args: Mapping[str, Any] | None = None,
) -> str:
    """Queues a command for a gate; returns its id. Refused without a reason, or when the gate is not online.

    among  the commands that may be given here; args: besides the reason
    """
    gate = session.get(Gate, (site_id, gate_id))
    if gate is None:
        raise Refused(f"gate {site_id}/{gate_id} is not known")
    if name not in among:
        raise Refused(f"order {name!r}: expected one of {', '.join(among) or 'none'}")
    if not reason.strip():
        raise Refused("say why: an order to a gate needs a reason")
    given = {**(args or {}), "reason": reason.strip()[:200]}
    if wrong := check(name, given):
        raise Refused(wrong)
    if gate.status != "online" or gate.boot is None:
        raise Refused(f"gate {gate.name} is {gate.status}: it can't be told anything now")
    command = Command(
        cmd_id=uuid7(),
        gate=gate_id,
        boot=gate.boot,
        nonce=secrets.token_hex(16),
        not_after=now + lasts,
        name=name,
        args=given,
        by=by,
    )
    topic = GateTopics(site_id, gate_id).command(name)
    publish(session, topic, command.encode().decode(), now, retained=False, expires_at=command.not_after)
    # what its camera showed just then
    seen = {"image": gate.state["image"]} if gate.state.get("image") else {}
    audit(session, now, by, f"order {name}", f"{site_id}/{gate_id}", reason=reason, cmd_id=command.cmd_id, **seen)
    return command.cmd_id


def asked(session: Session, gate: Gate, topic: str, payload: bytes, allowed: Collection[str], now: datetime) -> None:
    """Home automation asks for a command: given where the settings allow it, and else only logged.

    topic  the last word of the topic it asked on: the command, or "boom", where the payload names it
    """
    name = payload[:40].decode("ascii", "replace") if topic == "boom" else topic
    where = f"{gate.site_id}/{gate.id}"
    lately = select(Audit.id).where(
        Audit.subject == where, Audit.what == f"order {name}", Audit.by == HOME_ASSISTANT, Audit.at > now - ASK_AGAIN
    )
    try:
        if name not in allowed:
            raise Refused(f"{name!r} is not one of home_assistant.commands, which are {', '.join(allowed) or 'none'}")
        if session.scalar(lately.limit(1)) is not None:
            raise Refused(f"it was asked for less than {ASK_AGAIN.seconds} s ago")
        order(session, gate.site_id, gate.id, name, now, by=HOME_ASSISTANT, reason="asked over MQTT", among=allowed)
    except Refused as error:
        log.warning("home automation asked gate %s for %r, in vain: %s", where, name, error)


def gate_replied(session: Session, gate: Gate, cmd_id: str, reply: Reply, now: datetime) -> None:
    """What became of an order, beside the order itself; once, though it is told by reply and by event, and again."""
    if reply.verdict == "rejected" and reply.reason == REPLAYED:
        return  # the broker had delivered it twice: what became of the first is what counts
    subject, what = f"{gate.site_id}/{gate.id}", f"order {reply.verdict}"
    of_order = select(Audit.id).where(Audit.subject == subject, Audit.what == what)
    if session.scalar(of_order.where(Audit.detail["cmd_id"].as_string() == cmd_id).limit(1)) is None:
        audit(session, now, subject, what, subject, cmd_id=cmd_id, reason=reply.reason[:200])
