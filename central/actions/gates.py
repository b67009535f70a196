"""Sites and gates: adding them, finding a gate by its token, and what a gate says of itself."""

from __future__ import annotations

import secrets
from datetime import datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from central import keys
from central.actions import news
from central.actions.audit import audit
from central.actions.day_figures import sample_gate
from central.actions.errors import Refused
from central.store.schema import Gate, GateFault, Site
from edge.protocol import topics
from edge.protocol.messages import About, FaultState, GateHealth, GateState, Status

# names that stand beside gates in a site's topics
_TAKEN_NAMES = frozenset({"session", "access"})


def add_site(
    session: Session,
    site_id: str,
    now: datetime,
    by: str,
    *,
    name: str = "",
    timezone: str = "Asia/Kolkata",
    **more: Any,
) -> Site:
    """A new car park. `more`: capacity, legal_name, address, gstin, state_code."""
    _name(site_id, "site")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Refused(f"time zone {timezone!r}: expected a name such as Asia/Kolkata") from error
    if session.get(Site, site_id) is not None:
        raise Refused(f"site {site_id!r} exists already")
    more.setdefault("state_code", str(more.get("gstin") or "")[:2])
    given = {key: value for key, value in more.items() if value is not None}
    site = Site(id=site_id, name=name or site_id, timezone=timezone, created_at=now, figured_at=now, **given)
    site.invoice_prefix = _invoice_prefix(session, site_id)
    session.add(site)
    session.flush()
    audit(session, now, by, "site added", site_id, name=site.name)
    return site


def add_gate(
    session: Session, site_id: str, gate_id: str, now: datetime, by: str, *, lane: str, name: str = ""
) -> tuple[Gate, str]:
    """A new gate and its bearer token, which is not kept and can't be shown again."""
    _name(site_id, "site")
    _name(gate_id, "gate")
    if gate_id in _TAKEN_NAMES:
        raise Refused(f"gate {gate_id!r}: that name is taken by the messages themselves; choose another")
    if lane not in ("entry", "exit"):
        raise Refused(f"lane {lane!r}: expected entry or exit")
    if session.get(Site, site_id) is None:
        raise Refused(f"site {site_id!r} is not known; add it first")
    if session.get(Gate, (site_id, gate_id)) is not None:
        raise Refused(f"gate {site_id}/{gate_id} exists already")
    token = secrets.token_urlsafe(32)
    gate = Gate(
        site_id=site_id, id=gate_id, lane=lane, name=name or gate_id, token_hash=keys.digest(token), created_at=now
    )
    session.add(gate)
    session.flush()
    audit(session, now, by, "gate added", f"{site_id}/{gate_id}", lane=lane, name=gate.name)
    return gate, token


def gate_with_token(session: Session, token: str) -> Gate | None:
    """The gate that a bearer token belongs to."""
    return session.scalar(select(Gate).where(Gate.token_hash == keys.digest(token)))


def status_changed(gate: Gate, status: Status, now: datetime) -> bool:
    """True where the gate has started anew. A last will of an earlier start says nothing about the one that runs."""
    if status.state == "lost" and gate.boot not in (None, status.boot):
        return False
    anew = gate.boot not in (None, status.boot)
    if (gate.status, gate.boot) != (status.state, status.boot):
        gate.status, gate.boot, gate.status_at = status.state, status.boot, now
    return anew


def heard_from(gate: Gate, boot: str | None, now: datetime) -> None:
    """The gate has said something just now. Its will, or an `online` it overtook, can't have been the last word.

    boot  the start of the gate that said it: an earlier one's words may be late, and prove nothing
    """
    if gate.status == "lost" and boot is not None and boot == gate.boot:
        gate.status, gate.status_at = "online", now


def health_told(session: Session, gate: Gate, health: GateHealth, now: datetime) -> None:
    gate.health, gate.health_at = health.model_dump(mode="json"), now
    sample_gate(session, gate, health, now)


def fault_told(session: Session, gate: Gate, fault: FaultState, now: datetime) -> None:
    """Something is wrong with the gate, or is so still."""
    row = session.get(GateFault, (gate.site_id, gate.id, fault.code))
    began = row is None
    if began:
        row = GateFault(site_id=gate.site_id, gate_id=gate.id, code=fault.code)
        session.add(row)
    row.severity, row.since, row.boot, row.heard_at = fault.severity, fault.since, fault.boot, now
    row.detail = fault.detail[:500].replace("\0", "")
    if began:
        news.fault_began(session, gate, row, now)


def fault_over(session: Session, gate: Gate, code: str, now: datetime) -> None:
    """That is no longer wrong with the gate."""
    row = session.get(GateFault, (gate.site_id, gate.id, code))
    if row is not None:
        news.fault_ended(session, gate, row, now)
        session.delete(row)


def about_changed(gate: Gate, about: About) -> None:
    gate.about = about.model_dump(mode="json")


def state_changed(gate: Gate, state: GateState, now: datetime) -> None:
    gate.state, gate.state_at = state.model_dump(mode="json"), now


def _invoice_prefix(session: Session, site_id: str) -> str:
    """Up to four characters of the site's name that no other site's invoices begin with."""
    taken = set(session.scalars(select(Site.invoice_prefix)))
    wished = site_id.replace("-", "").upper()[:4] or "P"
    numbered = (f"{wished[: 4 - len(str(n))]}{n}" for n in range(2, 10_000))
    return next(prefix for prefix in chain([wished], numbered) if prefix not in taken)


def _name(value: str, what: str) -> None:
    try:
        topics.name(value, what)
    except topics.TopicError as error:
        raise Refused(str(error)) from error
