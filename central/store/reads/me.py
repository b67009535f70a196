"""What a driver's own pages show: vehicles, the stays they may see, passes, wallets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, exists, not_, or_, select
from sqlalchemy.orm import Session

from central.rules.retention import MASK
from central.rules.stay_table import INSIDE, Status
from central.store.reads.people import claims_of
from central.store.schema import Account, Pass, PassProduct, PlateClaim, Site, Stay

PAGE = 20


@dataclass(frozen=True, slots=True)
class Home:
    """A driver's first page. here: stays of vehicles that are inside, at an exit, or left owing."""

    vehicles: list[tuple[PlateClaim, Site]] = field(default_factory=list)
    here: list[tuple[Stay, Site]] = field(default_factory=list)
    recent: list[tuple[Stay, Site]] = field(default_factory=list)
    accounts: list[tuple[Account, Site]] = field(default_factory=list)
    passes: list[tuple[Pass, PassProduct, Site]] = field(default_factory=list)


def home(session: Session, user_id: str) -> Home:
    live = [one for one in claims_of(session, user_id) if one[0].state in ("live", "waiting")]
    here = _here(session, user_id)
    recent, _older = stays(session, user_id, size=3)
    return Home(live, here, recent, accounts(session, user_id), passes(session, user_id))


def stays(
    session: Session, user_id: str, before: str | None = None, size: int = PAGE, where: Iterable[Any] = (),
    plate: str = "",
) -> tuple[list[tuple[Stay, Site]], str | None]:  # fmt: skip
    """Stays that are over, the latest first, and the `before` of the next page.

    where  what else is asked of them;  plate: a part of a normalised plate, "" for any
    """
    over = [Stay.status.not_in((*_ACTIVE, str(Status.VOID))), *where]
    if before:
        over.append(Stay.id < before)
    return _stays(session, user_id, over, size, plate)


def accounts(session: Session, user_id: str) -> list[tuple[Account, Site]]:
    of_it = select(Account, Site).join(Site, Site.id == Account.site_id).where(Account.user_id == user_id)
    return [tuple(row) for row in session.execute(of_it.order_by(Site.name, Account.id))]


def passes(session: Session, user_id: str) -> list[tuple[Pass, PassProduct, Site]]:
    """Those to be paid, that hold or will, and that have run out; the latest first."""
    own = list(session.scalars(select(Account.id).where(Account.user_id == user_id)))
    of_it = (
        select(Pass, PassProduct, Site)
        .join(PassProduct, PassProduct.id == Pass.product_id)
        .join(Site, Site.id == Pass.site_id)
        .where(Pass.account_id.in_(own), Pass.state.in_(("unpaid", "paid", "lapsed")))
    )
    return [tuple(row) for row in session.execute(of_it.order_by(Pass.valid_until.desc(), Pass.id).limit(PAGE))]


def of_driver(user_id: str) -> Any:
    """The condition of stays that are a driver's: of a plate they had claimed, begun while it was theirs.

    Who had the vehicle before, or has it now, is nobody's business.
    """
    then_theirs = exists().where(
        PlateClaim.user_id == user_id,
        PlateClaim.site_id == Stay.site_id,
        PlateClaim.plate == Stay.plate,
        PlateClaim.since <= Stay.entered_at,
        or_(PlateClaim.ended_at.is_(None), Stay.entered_at < PlateClaim.ended_at),
        _NAMED,
    )
    return and_(_of_plates(user_id), then_theirs)


def held(session: Session, user_id: str) -> list[PlateClaim]:
    """The claims of a driver that hold, or did for a while, until their plate is forgotten."""
    wanted = select(PlateClaim).where(PlateClaim.user_id == user_id, PlateClaim.since.is_not(None), _NAMED)
    return list(session.scalars(wanted))


def of_claim(claim: PlateClaim) -> list[Any]:
    """The conditions of a claim's stays, as `of_driver`: said of one plate, an index has them in their order.

    Of entries it is said which are not meant: asked for a span of them, SQLite would read all of the site's in it.
    """
    not_theirs = [Stay.entered_at < claim.since, Stay.entered_at.is_(None)]
    if claim.ended_at is not None:
        not_theirs.append(Stay.entered_at >= claim.ended_at)
    return [Stay.site_id == claim.site_id, Stay.plate == claim.plate, not_(or_(*not_theirs))]


def _here(session: Session, user_id: str) -> list[tuple[Stay, Site]]:
    """The latest of those that are not over. There are few: put in order by SQLite, all others were read for them."""
    ids: list[str] = []
    for claim in held(session, user_id):
        ids += session.scalars(select(Stay.id).where(*of_claim(claim), Stay.status.in_(_ACTIVE)))
    latest = select(Stay, Site).join(Site, Site.id == Stay.site_id).where(Stay.id.in_(sorted(ids)[-PAGE:]))
    return [tuple(row) for row in session.execute(latest.order_by(Stay.id.desc()))]


def _stays(
    session: Session, user_id: str, which: Iterable[Any], size: int, plate: str = ""
) -> tuple[list[tuple[Stay, Site]], str | None]:
    """The latest of each claim, and of those the latest: as long a history as may be is never read whole."""
    found: dict[str, Stay] = {}
    for claim in held(session, user_id):
        if plate in claim.plate:
            theirs = select(Stay).where(*of_claim(claim), *which).order_by(Stay.id.desc()).limit(size + 1)
            found |= {stay.id: stay for stay in session.scalars(theirs)}
    latest = sorted(found.values(), key=lambda stay: stay.id, reverse=True)
    rows = [(stay, session.get_one(Site, stay.site_id)) for stay in latest[:size]]
    return rows, rows[-1][0].id if len(latest) > size else None


def _of_plates(user_id: str) -> Any:
    """Said so that the index of sites and plates is used, and not the key's, which would walk all of history."""
    plates, sites = (
        select(column).where(PlateClaim.user_id == user_id) for column in (PlateClaim.plate, PlateClaim.site_id)
    )
    return and_(Stay.plate.in_(plates), Stay.site_id.in_(sites))


# what is left of a forgotten plate is the same of many vehicles, and nobody's
_NAMED = PlateClaim.plate.not_like(f"%{MASK}")
_ACTIVE = tuple(str(status) for status in (*INSIDE, Status.LEFT_OWING, Status.DISPUTED))
