"""Drivers who pressed the button at a lane and wait for a person, and who has taken that on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.schema import Audit, Gate, GateEvent, Site

# nobody stands at a gate that long; what is older is history
LASTS = timedelta(hours=1)
CODE = "help_called"
# words of the audit log
ANSWERED, CLOSED = "help answered", "help closed"


@dataclass(frozen=True, slots=True)
class Call:
    """The latest of a lane. id: of the event that told of it; answered_by: "" while nobody has said they see to it."""

    id: str
    site_id: str
    gate_id: str
    gate: str
    zone: ZoneInfo
    at: datetime
    detail: str
    answered_by: str = ""
    answered_at: datetime | None = None


def calls(session: Session, now: datetime) -> list[Call]:
    """Those that nobody has closed, the oldest first; one for each lane."""
    since = now - LASTS
    latest = {}
    for gate, timezone in session.execute(select(Gate, Site.timezone).join(Site, Site.id == Gate.site_id)):
        # gate by gate, as the index of events has them
        told = select(GateEvent).where(
            GateEvent.site_id == gate.site_id, GateEvent.gate_id == gate.id, GateEvent.received_at >= since,
            GateEvent.type == "gate.notice", GateEvent.data["code"].as_string() == CODE, GateEvent.at >= since,
        )  # fmt: skip
        event = session.scalar(told.order_by(GateEvent.received_at.desc(), GateEvent.at.desc()).limit(1))
        if event is not None:
            latest[event.site_id, event.gate_id] = (event, gate.name, timezone)
    if not latest:
        return []
    lines = select(Audit).where(
        Audit.subject.in_([f"{site}/{gate}" for site, gate in latest]),
        Audit.what.in_([ANSWERED, CLOSED]),
        Audit.at >= since,
    )
    done: dict[str, list[Audit]] = {}
    for line in session.scalars(lines.order_by(Audit.id)):
        done.setdefault(line.detail["call"], []).append(line)
    found = []
    for event, name, zone in latest.values():
        said = done.get(event.id, [])
        if any(line.what == CLOSED for line in said):
            continue
        by, at = (said[-1].by, said[-1].at) if said else ("", None)
        told_of = str(event.data.get("detail") or "")
        found.append(Call(event.id, event.site_id, event.gate_id, name, ZoneInfo(zone), event.at, told_of, by, at))
    return sorted(found, key=lambda call: call.at)
