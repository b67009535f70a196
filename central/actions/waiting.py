"""Vehicles that wait at an exit, when its gate starts anew and has forgotten them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.occurrence import Occurrence
from central.actions.records import as_rule, lock_site, note, put
from central.rules import stay as rules
from central.rules.stay_table import INSIDE, Status
from central.store.schema import Gate, GateEvent, Stay

_STARTED = "gate.started"


def forgotten_by(session: Session, gate: Gate, boot: str, now: datetime, *, started_at: datetime | None = None) -> None:
    """Withdraws every stay that an earlier start of the gate asked for: who still stands there is asked for again.

    started_at  when that start was, where it is known: what was asked after it, a later start asked
    """
    lock_site(session, gate.site_id)
    held = _waiting_at(gate).with_for_update().execution_options(populate_existing=True)
    for row in list(session.scalars(held)):
        of_visit = select(GateEvent.boot).where(GateEvent.request == row.exit_request)
        asked_by = set(session.scalars(of_visit.where(GateEvent.type == "exit.requested")))
        if boot in asked_by or (started_at is not None and row.requested_at >= started_at):
            continue
        stay = rules.gate_restarted(as_rule(row))
        if stay != as_rule(row):
            put(session, row, stay, now)
            note(session, row, now, "exit withdrawn", f"{gate.site_id}/{gate.id}", why="the gate started anew")


def forgotten_since(session: Session, at: Occurrence) -> bool:
    """True where the gate has started anew after what this event tells, by what has come before it."""
    later = select(GateEvent.id).where(
        GateEvent.site_id == at.gate.site_id,
        GateEvent.gate_id == at.gate.id,
        GateEvent.type == _STARTED,
        GateEvent.boot != at.event.boot,
        GateEvent.at > at.at,
    )
    return session.scalar(later.limit(1)) is not None


def _waiting_at(gate: Gate):
    there = (Stay.site_id == gate.site_id, Stay.exit_gate == gate.id, Stay.exited_at.is_(None))
    live = Stay.status.in_([str(status) for status in (*INSIDE, Status.UNMATCHED)])
    return select(Stay).where(*there, live, Stay.requested_at.is_not(None))
