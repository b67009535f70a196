"""What a person decides who was asked to look at a stay: let it be, or set it right; the second of two is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import stay_fixes, stay_joins
from central.actions.audit import audit
from central.actions.corrections import Who, telling
from central.actions.errors import Refused
from central.actions.records import ask_review, hold, lock_site, note
from central.rules.corrections import checked_reason
from central.rules.stay_table import Status
from central.store.schema import Correction, Stay, StayEvent

LOOKED_AT, ASKED_AGAIN = "looked at", "to be looked at again"


def let_be(session: Session, stay_id: str, seen: str, who: Who, reason: str, now: datetime) -> None:
    """It is right as it is: nobody need look any more."""
    row = _still_asked(session, stay_id, seen)
    with telling():
        reason = checked_reason(reason)
    note(session, row, now, LOOKED_AT, who.name, why=reason, asked=row.review)
    audit(session, now, who.name, f"stay: {LOOKED_AT}", row.id, why=reason, asked=row.review)
    row.review = None


def look_again(session: Session, stay_id: str, who: Who, now: datetime) -> None:
    """Takes the last "let it be" back: what was asked then is asked again."""
    row = _held(session, stay_id)
    last = session.scalar(
        select(StayEvent)
        .where(StayEvent.stay_id == row.id, StayEvent.kind.in_([LOOKED_AT, ASKED_AGAIN]))
        .order_by(StayEvent.id.desc())
        .limit(1)
    )
    if last is None or last.kind != LOOKED_AT:
        raise Refused("nobody has said of this stay that it may be left as it is, or that was taken back already")
    for why in last.detail["asked"].split("; "):
        ask_review(row, why)
    note(session, row, now, ASKED_AGAIN, who.name)
    audit(session, now, who.name, f"stay: {ASKED_AGAIN}", row.id, asked=row.review)


def same_visit(
    session: Session, stay_id: str, other_id: str, seen: str, who: Who, reason: str, now: datetime
) -> Correction:
    """The two stays were one: merged, the plate being the one that was read."""
    row = _still_asked(session, stay_id, seen)
    other = session.get(Stay, other_id)
    if other is None:
        raise Refused("there is no such stay")
    # the entry is the better picture of a plate: the exit's counts only where nothing was read there
    kept, joined = (row, other) if row.status != Status.UNMATCHED else (other, row)
    if kept.plate is None and joined.plate is not None:
        kept, joined = joined, kept
    stay_joins.merge(session, kept.id, joined.id, who, reason, now)
    return _correction(session, kept.id)


def right_plate(
    session: Session, stay_id: str, text: str, seen: str, who: Who, reason: str, now: datetime
) -> Correction | None:
    """The plate as a person reads it from the picture; None where it was read rightly, and is let be."""
    row = _still_asked(session, stay_id, seen)
    if row.plate is not None and row.plate == stay_fixes.normal_plate(text):
        let_be(session, stay_id, seen, who, reason, now)
        return None
    stay_fixes.plate(session, stay_id, text, who, reason, now)
    return _correction(session, stay_id)


def _still_asked(session: Session, stay_id: str, seen: str) -> Stay:
    """The stay, held; Refused where it is not what the person saw, who is told what came between."""
    row = _held(session, stay_id)
    if row.review == seen:
        return row
    if row.review is not None:
        raise Refused(f"there is more to look at since you saw it: {row.review}")
    last = session.scalar(
        select(StayEvent).where(StayEvent.stay_id == row.id).order_by(StayEvent.id.desc()).limit(1)
    )  # fmt: skip
    told = "" if last is None else f": {last.kind}, by {last.by or 'central'}, {last.at:%d %b %H:%M} UTC"
    raise Refused(f"somebody has seen to this in the meantime{told}")


def _held(session: Session, stay_id: str) -> Stay:
    row = session.get(Stay, stay_id)
    if row is None:
        raise Refused("there is no such stay")
    lock_site(session, row.site_id)
    return hold(session, stay_id)


def _correction(session: Session, stay_id: str) -> Correction:
    of_it = select(Correction).where(Correction.stay_id == stay_id)
    return session.scalar(of_it.order_by(Correction.id.desc()).limit(1))
