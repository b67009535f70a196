"""What was corrected on a stay, and which other stays may have been the same visit."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.rules.matching import LOOK_ALIKES
from central.rules.stay_table import INSIDE, Status
from central.store.schema import Booking, Correction, CorrectionImage, Stay

_AROUND = timedelta(days=2)
_LOOKED_AT = 300
CANDIDATES = 8
_ALIKE = {one: number for number, (group, _) in enumerate(LOOK_ALIKES) for one in group}


def of_stay(session: Session, stay_id: str) -> dict[str, Correction]:
    """Every correction that touched a stay, by its id."""
    touched = select(CorrectionImage.correction_id).where(CorrectionImage.row_id == stay_id)
    found = select(Correction).where(or_(Correction.id.in_(touched), Correction.stay_id == stay_id))
    return {one.id: one for one in session.scalars(found)}


def may_be_the_same(session: Session, row: Stay, plate: str | None = None) -> list[Stay]:
    """Stays of the site that a person may want to merge with this one, the likeliest first.

    plate  beginning of a plate to look for; None: what is inside or at the exit, or was within two days
    """
    others = select(Stay).where(
        Stay.site_id == row.site_id, Stay.id != row.id, Stay.status.not_in([str(Status.VOID), str(Status.PREPAID)])
    )
    if plate:
        others = others.where(Stay.plate >= plate, Stay.plate <= plate.ljust(16, "Z"))
    else:
        at = row.entered_at or row.requested_at or row.exited_at or row.created_at
        live = Stay.status.in_([str(status) for status in (*INSIDE, Status.UNMATCHED)])
        others = others.where(or_(live, Stay.entered_at.between(at - _AROUND, at + _AROUND)))
    found = list(session.scalars(others.order_by(Stay.id.desc()).limit(_LOOKED_AT)))
    return sorted(found, key=lambda other: _unlike(row.plate, other.plate))[:CANDIDATES]


def booking_of(session: Session, stay_id: str) -> Booking | None:
    return session.get(Booking, stay_id)


def _unlike(one: str | None, other: str | None) -> float:
    """How far two plates are apart: look-alike characters count half; an unread plate is like none."""
    if not one or not other:
        return 50
    pairs = list(zip(one, other, strict=False))
    apart = sum(0.5 if a in _ALIKE and _ALIKE[a] == _ALIKE.get(b) else 1 for a, b in pairs if a != b)
    return apart + abs(len(one) - len(other))
