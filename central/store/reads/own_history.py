"""What a driver has had to do with the car parks: parking that is over, with its receipts, and notices."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from central.rules.violations import ENDED
from central.store.reads import me
from central.store.schema import Due, PlateClaim, Receipt, Site, Stay, Violation


def sites_of(session: Session, user_id: str) -> list[Site]:
    """Where they have, or had, a vehicle."""
    theirs = select(PlateClaim.site_id).where(PlateClaim.user_id == user_id)
    return list(session.scalars(select(Site).where(Site.id.in_(theirs)).order_by(Site.name, Site.id)))


def stays(
    session: Session,
    user_id: str,
    plate: str = "",
    came: tuple[datetime | None, datetime | None] = (None, None),
    before: str | None = None,
    size: int = me.PAGE,
) -> tuple[list[tuple[Stay, Site]], str | None]:
    """Stays that are over, the latest first, and the `before` of the next page.

    plate  a part of a normalised plate, "" for any;  came: the entry was from the first on and before the second
    """
    since, until = came
    wanted = [
        Stay.plate.contains(plate, autoescape=True) if plate else None,
        Stay.entered_at >= since if since else None,
        Stay.entered_at < until if until else None,
    ]
    return me.stays(session, user_id, before, size, where=[one for one in wanted if one is not None])


def receipts(session: Session, stay_ids: Collection[str]) -> dict[str, list[Receipt]]:
    """Of what was paid for these stays, each stay's oldest first. Those of notices are on the notices' own pages."""
    of_them = select(Receipt).join(Due, Due.id == Receipt.due_id)
    of_them = of_them.where(Receipt.stay_id.in_(stay_ids), Due.kind == "stay")
    found: dict[str, list[Receipt]] = {}
    for receipt in session.scalars(of_them.order_by(Receipt.issued_at, Receipt.id)):
        found.setdefault(receipt.stay_id, []).append(receipt)
    return found


def notices(
    session: Session, user_id: str, before: str | None = None, size: int = me.PAGE, *, live: bool = False
) -> tuple[list[tuple[Violation, Site]], str | None]:
    """Notices of stays that are theirs, and of plates that never came in while they were theirs; the latest first.

    live  only those that have not ended
    """
    plates, sites = (
        select(column).where(PlateClaim.user_id == user_id) for column in (PlateClaim.plate, PlateClaim.site_id)
    )
    then_theirs = exists().where(
        PlateClaim.user_id == user_id,
        PlateClaim.site_id == Violation.site_id,
        PlateClaim.plate == Violation.plate,
        PlateClaim.since <= Violation.happened_at,
        or_(PlateClaim.ended_at.is_(None), Violation.happened_at < PlateClaim.ended_at),
    )
    wanted = (
        select(Violation, Site)
        .join(Site, Site.id == Violation.site_id)
        .outerjoin(Stay, Stay.id == Violation.stay_id)
        .where(Violation.plate.in_(plates), Violation.site_id.in_(sites))
        .where(or_(and_(Violation.stay_id.is_(None), then_theirs), me.of_driver(user_id)))
    )
    if live:
        wanted = wanted.where(Violation.status.not_in([str(one) for one in ENDED]))
    if before:
        wanted = wanted.where(Violation.id < before)
    found = [tuple(row) for row in session.execute(wanted.order_by(Violation.id.desc()).limit(size + 1))]
    return found[:size], found[size - 1][0].id if len(found) > size else None
