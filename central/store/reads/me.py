"""What a driver's own pages show: vehicles, the stays they may see, passes, wallets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

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
    here, _older = _stays(session, user_id, Stay.status.in_(_ACTIVE), PAGE)
    recent, _older = stays(session, user_id, size=3)
    return Home(live, here, recent, accounts(session, user_id), passes(session, user_id))


def stays(
    session: Session, user_id: str, before: str | None = None, size: int = PAGE, where: Iterable[Any] = ()
) -> tuple[list[tuple[Stay, Site]], str | None]:
    """Stays that are over, the latest first, and the `before` of the next page. where: what else is asked of them."""
    over = and_(Stay.status.not_in((*_ACTIVE, str(Status.VOID))), *where)
    return _stays(session, user_id, and_(over, Stay.id < before) if before else over, size)


def accounts(session: Session, user_id: str) -> list[tuple[Account, Site]]:
    of_it = select(Account, Site).join(Site, Site.id == Account.site_id).where(Account.user_id == user_id)
    return [tuple(row) for row in session.execute(of_it.order_by(Site.name, Account.id))]


def passes(session: Session, user_id: str) -> list[tuple[Pass, PassProduct, Site]]:
    """Those to be paid, that hold or will, and that have run out; the latest first."""
    of_it = (
        select(Pass, PassProduct, Site)
        .join(PassProduct, PassProduct.id == Pass.product_id)
        .join(Account, Account.id == Pass.account_id)
        .join(Site, Site.id == Pass.site_id)
        .where(Account.user_id == user_id, Pass.state.in_(("unpaid", "paid", "lapsed")))
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
    )
    return and_(_of_plates(user_id), then_theirs)


def _stays(session: Session, user_id: str, which: Any, size: int) -> tuple[list[tuple[Stay, Site]], str | None]:
    wanted = select(Stay, Site).join(Site, Site.id == Stay.site_id)
    wanted = wanted.where(of_driver(user_id), which)
    found = [tuple(row) for row in session.execute(wanted.order_by(Stay.id.desc()).limit(size + 1))]
    return found[:size], found[size - 1][0].id if len(found) > size else None


def _of_plates(user_id: str) -> Any:
    """Said so that the index of sites and plates is used, and not the key's, which would walk all of history."""
    plates, sites = (
        select(column).where(PlateClaim.user_id == user_id) for column in (PlateClaim.plate, PlateClaim.site_id)
    )
    return and_(Stay.plate.in_(plates), Stay.site_id.in_(sites))


_ACTIVE = tuple(str(status) for status in (*INSIDE, Status.LEFT_OWING, Status.DISPUTED))
