"""Orders from a person to a gate: signed, good for seconds, only for the gate's present start, and written down."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.outbox import publish
from central.store.schema import Audit, Gate
from edge.protocol.ids import uuid7
from edge.protocol.messages import Command, Reply
from edge.protocol.topics import GateTopics

ORDERS = ("open", "hold", "release", "close", "reset_fault")
COMMAND_LASTS = timedelta(seconds=30)


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
) -> str:
    """Queues a command for a gate; returns its id. Refused without a reason, or when the gate is not online."""
    gate = session.get(Gate, (site_id, gate_id))
    if gate is None:
        raise Refused(f"gate {site_id}/{gate_id} is not known")
    if name not in ORDERS:
        raise Refused(f"order {name!r}: expected one of {', '.join(ORDERS)}")
    if not reason.strip():
        raise Refused("say why: an order to a gate needs a reason")
    if gate.status != "online" or gate.boot is None:
        raise Refused(f"gate {gate.name} is {gate.status}: it can't be told anything now")
    command = Command(
        cmd_id=uuid7(),
        gate=gate_id,
        boot=gate.boot,
        nonce=secrets.token_hex(16),
        not_after=now + lasts,
        name=name,
        args={"reason": reason.strip()[:200]},
        by=by,
    )
    topic = GateTopics(site_id, gate_id).command(name)
    publish(session, topic, command.encode().decode(), now, retained=False, expires_at=command.not_after)
    audit(session, now, by, f"order {name}", f"{site_id}/{gate_id}", reason=reason, cmd_id=command.cmd_id)
    return command.cmd_id


def gate_replied(session: Session, gate: Gate, cmd_id: str, reply: Reply, now: datetime) -> None:
    """What became of an order, beside the order itself; once, though it is told by reply and by event, and again."""
    subject, what = f"{gate.site_id}/{gate.id}", f"order {reply.verdict}"
    of_order = select(Audit.id).where(Audit.subject == subject, Audit.what == what)
    if session.scalar(of_order.where(Audit.detail["cmd_id"].as_string() == cmd_id).limit(1)) is None:
        audit(session, now, subject, what, subject, cmd_id=cmd_id, reason=reply.reason[:200])
