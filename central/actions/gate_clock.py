"""When an event of a gate whose clock was not set happened, by what else the same start of that gate has told."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.schema import Gate, GateEvent
from edge.protocol.messages import Clock, Event

# two events whose ways to us differ by less came equally fast
_AS_FAST = timedelta(seconds=5)
_LOOKED_AT = 50


def by_its_start(session: Session, gate: Gate, event: Event, received_at: datetime) -> datetime | None:
    """The instant, by the monotonic time of this start of the gate; None where nothing else of it tells."""
    if event.clock is not Clock.UNTRUSTED:
        return None
    at = _by_the_clock_set(session, gate, event) or _by_the_way_here(session, gate, event, received_at)
    return None if at is None else min(at, received_at)


def _by_the_clock_set(session: Session, gate: Gate, event: Event) -> datetime | None:
    """Counted from an event of the same start by when the clock had been set, the nearest there is."""
    believed = _of_the_same_start(gate, event).where(
        GateEvent.clock != str(Clock.UNTRUSTED), GateEvent.wall <= GateEvent.received_at
    )
    later = believed.where(GateEvent.mono_ms >= event.mono_ms).order_by(GateEvent.mono_ms)
    earlier = believed.where(GateEvent.mono_ms < event.mono_ms).order_by(GateEvent.mono_ms.desc())
    known = session.scalar(later.limit(1)) or session.scalar(earlier.limit(1))
    return None if known is None else known.wall + _since(known, event)


def _by_the_way_here(session: Session, gate: Gate, event: Event, received_at: datetime) -> datetime | None:
    """Counted from when an earlier event came that was no longer on its way than this one."""
    before = _of_the_same_start(gate, event).where(GateEvent.mono_ms <= event.mono_ms)
    known = session.scalars(before.order_by(GateEvent.mono_ms.desc()).limit(_LOOKED_AT))
    soonest = min((row.received_at + _since(row, event) for row in known), default=None)
    return soonest if soonest is not None and soonest <= received_at + _AS_FAST else None


def _of_the_same_start(gate: Gate, event: Event):
    return select(GateEvent).where(
        GateEvent.boot == event.boot,
        GateEvent.site_id == gate.site_id,
        GateEvent.gate_id == gate.id,
        GateEvent.id != event.id,
    )


def _since(known: GateEvent, event: Event) -> timedelta:
    return timedelta(milliseconds=event.mono_ms - known.mono_ms)
