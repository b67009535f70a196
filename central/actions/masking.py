"""Takes plates out of what is kept for longer than they are: stays with all that hangs on them, events, passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, delete, or_, select
from sqlalchemy.orm import Session

from central.actions import holds
from central.rules.passes import PassState
from central.rules.retention import MASK, is_masked, is_plate, mask_in, mask_text, masked
from central.rules.violations import ENDED
from central.store.schema import (
    Attempt,
    CorporateLine,
    Correction,
    CorrectionImage,
    CouponUse,
    Due,
    GateEvent,
    GuestContact,
    Pass,
    PaymentEvent,
    PlateClaim,
    Stay,
    StayEvent,
    Violation,
)

_ENDED = [str(status) for status in ENDED]
_PASS_ENDED = [str(state) for state in (PassState.LAPSED, PassState.REFUNDED, PassState.DROPPED)]


def stays(session: Session, before: datetime, limit: int, now: datetime) -> list[str]:
    """Masks stays that ended before then; their ids. What their price was made of stays."""
    wanted = (
        select(Stay)
        .where(Stay.masked_at.is_(None), Stay.closed_at < before, Stay.id.not_in(holds.held_stays()))
        .order_by(Stay.closed_at, Stay.id)
        .limit(limit)
    )
    rows = list(session.scalars(wanted.with_for_update(skip_locked=True, of=Stay)))
    for row in rows:
        mask_stay(session, row, now)
    return [row.id for row in rows]


def mask_stay(session: Session, row: Stay, now: datetime) -> None:
    corrections = list(session.scalars(select(Correction).where(Correction.stay_id == row.id)))
    said = [one.detail.get(key) for one in corrections for key in ("was", "is")]
    plates = {one for one in (row.plate, row.plate_raw, *said) if is_plate(one)}
    _mask_json(corrections, ("detail", "reason", "undone_reason"), plates)
    of_corrections = CorrectionImage.correction_id.in_([one.id for one in corrections])
    _mask_json(
        session.scalars(select(CorrectionImage).where(or_(CorrectionImage.row_id == row.id, of_corrections))),
        ("before", "after"),
        plates,
    )
    _mask_json(session.scalars(select(StayEvent).where(StayEvent.stay_id == row.id)), ("detail",), plates)
    notices = list(session.scalars(select(Violation).where(Violation.stay_id == row.id)))
    for one in notices:
        _mask_notice(one)
    of_dues = select(Due.id).where(Due.stay_id == row.id)
    attempts = list(session.scalars(select(Attempt).where(Attempt.due_id.in_(of_dues))))
    _mask_json(attempts, ("intent",), plates)
    events = select(PaymentEvent).where(PaymentEvent.attempt_id.in_([one.id for one in attempts]))
    _mask_json(session.scalars(events), ("raw",), plates)
    session.execute(delete(GuestContact).where(GuestContact.stay_id == row.id))
    for one in session.scalars(select(CouponUse).where(CouponUse.stay_id == row.id, CouponUse.for_plate.is_not(None))):
        one.for_plate = masked(one.for_plate)
    for line in session.scalars(select(CorporateLine).where(CorporateLine.stay_id == row.id)):
        line.plate = masked(line.plate)
    row.review = None if row.review is None else mask_text(mask_in(row.review, plates))
    row.masked_at, row.plate = now, masked(row.plate) if row.plate else None
    row.plate_raw = masked(row.plate_raw) if row.plate_raw else None


def gate_events(session: Session, before: datetime, limit: int, now: datetime) -> list[str]:
    """Masks what gates reported before then, where its stay is masked, or there is none; ids."""
    live = select(Stay.id).where(Stay.masked_at.is_(None))
    of_live = or_(Stay.id == GateEvent.session, Stay.id == GateEvent.stay_id, Stay.id == GateEvent.id)
    wanted = (
        select(GateEvent)
        .where(GateEvent.masked_at.is_(None), GateEvent.received_at < before, ~live.where(of_live).exists())
        .order_by(GateEvent.received_at, GateEvent.id)
        .limit(limit)
    )
    rows = list(session.scalars(wanted.with_for_update(skip_locked=True)))
    held = set(session.scalars(holds.held_plates()))
    rows = [row for row in rows if not held or not any(plate in str(row.data) for plate in held)]
    _mask_json(rows, ("data",), ())
    for row in rows:
        row.masked_at = now
    return [row.id for row in rows]


def notices(session: Session, before: datetime, limit: int, now: datetime) -> list[str]:
    """Masks ended notices of plates that never came in; those of a stay are masked with it."""
    wanted = (
        select(Violation)
        .where(
            Violation.stay_id.is_(None),
            Violation.status.in_(_ENDED),
            Violation.raised_at < before,
            Violation.plate.not_like(f"%{MASK}"),
            Violation.plate.not_in(holds.held_plates()),
        )
        .order_by(Violation.id)
        .limit(limit)
    )
    rows = list(session.scalars(wanted))
    for row in rows:
        _mask_notice(row)
    return [row.id for row in rows]


def _mask_notice(row: Violation) -> None:
    if row.plate is None or is_masked(row.plate):
        return
    row.facts, row.key = mask_in(row.facts, [row.plate]), row.key.replace(row.plate, row.id)
    row.plate = masked(row.plate)


def passes(session: Session, before: datetime, limit: int, now: datetime) -> list[str]:
    """Masks passes that were over before then."""
    over = select(Pass).where(
        Pass.state.in_(_PASS_ENDED), Pass.valid_until < before, cast(Pass.plates, String).not_like(f"%{MASK}%")
    )
    rows = list(session.scalars(over.order_by(Pass.valid_until, Pass.id).limit(limit)))
    for row in rows:
        row.plates = mask_in({"plates": row.plates})["plates"]
    return [row.id for row in rows]


def claims(session: Session, before: datetime, limit: int, now: datetime) -> list[str]:
    """Masks claims of plates that came to nothing, or have ended."""
    over = select(PlateClaim).where(
        PlateClaim.state.in_(("refused", "withdrawn", "ended")),
        PlateClaim.made_at < before,
        or_(PlateClaim.ended_at.is_(None), PlateClaim.ended_at < before),
        PlateClaim.plate.not_like(f"%{MASK}"),
        PlateClaim.plate.not_in(holds.held_plates()),
    )
    rows = list(session.scalars(over.order_by(PlateClaim.id).limit(limit)))
    for row in rows:
        row.plate, row.words = masked(row.plate), ""
    return [row.id for row in rows]


def _mask_json(rows: Iterable[Any], columns: Sequence[str], plates: Iterable[str]) -> None:
    plates = list(plates)
    for row in rows:
        for column in columns:
            value = getattr(row, column)
            setattr(row, column, mask_in(value, plates))
