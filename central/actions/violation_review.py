"""Takes back what later facts show to be wrong: a notice stands no longer than what it accuses of is so."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.actions import billing
from central.actions.records import ask_review
from central.actions.violations import key_of, raised_of, take_back
from central.rules import violations as rules
from central.rules.stay_table import Status
from central.rules.violations import Kind
from central.rules.violations import Status as NoticeStatus
from central.store.schema import Due, Receipt, Stay, Violation


def follow(session: Session, row: Stay, now: datetime) -> None:
    """After anything that happens to a stay: what was raised of it, or of the one after it, is looked at again."""
    session.flush()
    about = select(Violation).where(or_(Violation.stay_id == row.id, Violation.other_stay_id == row.id))
    for made in session.scalars(about).all():
        why = _was_at_an_exit(row) if made.other_stay_id == row.id else _not_so(session, row, made)
        if why:
            take_back(session, made.id, why, now)


def move(session: Session, row: Stay, to: Stay, now: datetime, *, since: datetime | None = None) -> None:
    """A visit turns out to be another stay's: what was raised of it, since then, goes with it.

    One of each kind at most; whether it is so of that stay is for `follow` to say.
    """
    session.flush()
    about = select(Violation).where(or_(Violation.stay_id == row.id, Violation.other_stay_id == row.id))
    if since is not None:
        about = about.where(Violation.happened_at >= since)
    for made in session.scalars(about.order_by(Violation.id)).all():
        if {made.stay_id, made.other_stay_id} == {row.id, to.id}:
            _wrong(session, made, to, "the two were one visit", now)
        elif made.other_stay_id == row.id:
            made.other_stay_id = to.id
        elif raised_of(session, to.id, Kind(made.kind)) is not None:
            _wrong(session, made, to, "its stay has one of that kind", now)
        else:
            made.stay_id, made.key = to.id, key_of(Kind(made.kind), to.id)
            asked, receipted = select(Due).where(Due.id == made.due_id), Receipt.due_id == made.due_id
            for one in (*session.scalars(asked), *session.scalars(select(Receipt).where(receipted))):
                one.stay_id = to.id
    session.flush()


def _wrong(session: Session, made: Violation, to: Stay, why: str, now: datetime) -> None:
    take_back(session, made.id, why, now)
    if made.status == NoticeStatus.PAID:
        ask_review(to, f"a notice was paid that was wrong ({why}): give it back")


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
