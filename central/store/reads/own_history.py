"""What a driver has had to do with the car parks: parking that is over, with its receipts, and notices."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import product

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from central.rules.violations import ENDED, Status
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
    wanted = [Stay.entered_at >= since if since else None, Stay.entered_at < until if until else None]
    where = [one for one in wanted if one is not None]
    return me.stays(session, user_id, before, size, where=where, plate=plate)


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
    then_theirs = exists().where(
        PlateClaim.user_id == user_id,
        PlateClaim.site_id == Violation.site_id,
        PlateClaim.plate == Violation.plate,
        PlateClaim.since <= Violation.happened_at,
        or_(PlateClaim.ended_at.is_(None), Violation.happened_at < PlateClaim.ended_at),
    )
    theirs = or_(and_(Violation.stay_id.is_(None), then_theirs), me.of_driver(user_id))
    wanted = select(Violation).outerjoin(Stay, Stay.id == Violation.stay_id).where(theirs)
    if before:
        wanted = wanted.where(Violation.id < before)
    latest_first = wanted.order_by(Violation.id.desc()).limit(size + 1)
    # the live ones are few, but put in order by SQLite, all that have ended were read for them
    wanted = wanted.where(Violation.status.in_(_LIVE)) if live else latest_first
    found: dict[str, Violation] = {}
    claims = me.held(session, user_id)
    # a plate at a time, whose notices an index has in their order
    for plate, site_id in product({one.plate for one in claims}, {one.site_id for one in claims}):
        of_it = wanted.where(Violation.site_id == site_id, Violation.plate == plate)
        found |= {notice.id: notice for notice in session.scalars(of_it)}
    latest = sorted(found.values(), key=lambda notice: notice.id, reverse=True)
    rows = [(notice, session.get_one(Site, notice.site_id)) for notice in latest[:size]]
    return rows, rows[-1][0].id if len(latest) > size else None


_LIVE = [str(status) for status in Status if status not in ENDED]
