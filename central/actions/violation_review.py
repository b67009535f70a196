"""Takes back what later facts show to be wrong: a notice stands no longer than what it accuses of is so."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.actions import billing
from central.actions.violations import take_back
from central.rules import violations as rules
from central.rules.stay_table import Status
from central.rules.violations import Kind
from central.store.schema import Due, Stay, Violation


def follow(session: Session, row: Stay, now: datetime) -> None:
    """After anything that happens to a stay: what was raised of it, or of the one after it, is looked at again."""
    session.flush()
    about = select(Violation).where(or_(Violation.stay_id == row.id, Violation.other_stay_id == row.id))
    for made in session.scalars(about).all():
        why = _was_at_an_exit(row) if made.other_stay_id == row.id else _not_so(session, row, made)
        if why:
            take_back(session, made.id, why, now)


def _was_at_an_exit(row: Stay) -> str:
    """Whoever came in after a stay that had been at an exit did nothing wrong."""
    return "the exit of the stay before was told later" if row.requested_at or row.exited_at else ""


def _not_so(session: Session, row: Stay, made: Violation) -> str:
    """Why a stay has not done what was raised of it, "" where it has."""
    if row.status == Status.VOID:
        return "its stay was struck out"
    if made.plate != row.plate:
        return "its plate was corrected"
    if made.facts.get("vehicle", row.vehicle_class) != row.vehicle_class:
        return "its class was corrected"
    if made.raised_by != "central" or made.kind not in (Kind.OVERSTAY, Kind.UNPAID_EXIT):
        return ""
    seen = max((at for at in (row.requested_at, row.exited_at) if at is not None), default=None)
    if seen is None or seen < made.happened_at:
        return "its exit was that of another stay"
    if made.kind == Kind.OVERSTAY:
        allowed = timedelta(minutes=made.facts.get("allowed", 0))
        if row.stopped_at is not None and not rules.overstayed(row.entered_at, row.stopped_at, allowed, seen):
            return "it had come to an exit before"
        return ""
    return "" if row.status == Status.LEFT_OWING or _was_paid(session, row) else "nothing was owed"


def _was_paid(session: Session, row: Stay) -> bool:
    paid = select(Due.id).where(Due.stay_id == row.id, Due.kind == billing.OF_STAY, Due.state.in_(billing.PAID))
    return session.scalar(paid.limit(1)) is not None
