"""What was taken and given back by card, by day and by shift, and what the terminal's bank has paid out for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from central.rules.ledger import Fact
from central.rules.ledger_accounts import Account
from central.store.schema import CardPayout, LedgerEntry, LedgerPosting, Shift

#: a terminal's bank pays out within days: no page looks further back
LOOKED_BACK = timedelta(days=31)
_TAKEN = [str(fact) for fact in (Fact.PAID_BY_CARD, Fact.REFUNDED_BY_CARD)]


@dataclass(frozen=True, slots=True)
class CardDay:
    """A day of a site. Paise: taken less given back, and paid out, None where nothing is recorded.

    shifts  (attendant, taken) of each, "" for what was given back in no shift
    """

    day: str
    taken_paise: int
    paid_paise: int | None
    shifts: list[tuple[str, int]]


def taken_by_day(session: Session, site_id: str, first: str, last: str) -> dict[str, int]:
    """What was taken by card less what was given back, of each day from `first` to `last` that has any."""
    found = (
        select(LedgerEntry.day, func.sum(LedgerPosting.paise))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .where(*_of_site(site_id, first, last))
        .group_by(LedgerEntry.day)
    )
    return {day: int(paise) for day, paise in session.execute(found)}


def card_days(session: Session, site_id: str, first: str, last: str) -> list[CardDay]:
    """Days on which a card was used or a batch is of, newest first."""
    of_shifts = (
        select(LedgerEntry.day, Shift.attendant, func.sum(LedgerPosting.paise))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .outerjoin(Shift, Shift.id == LedgerPosting.shift_id)
        .where(*_of_site(site_id, first, last))
        .group_by(LedgerEntry.day, Shift.id, Shift.attendant)
        .order_by(Shift.id)
    )
    shifts: dict[str, list[tuple[str, int]]] = {}
    for day, attendant, paise in session.execute(of_shifts):
        shifts.setdefault(day, []).append((attendant or "", int(paise)))
    stands = (CardPayout.site_id == site_id, CardPayout.struck_at.is_(None))
    sums = select(CardPayout.day, func.sum(CardPayout.gross_paise)).where(
        *stands, CardPayout.day >= first, CardPayout.day <= last
    )
    paid = {day: int(paise) for day, paise in session.execute(sums.group_by(CardPayout.day))}
    return [
        CardDay(day, sum(paise for _, paise in shifts.get(day, [])), paid.get(day), shifts.get(day, []))
        for day in sorted(shifts.keys() | paid.keys(), reverse=True)
    ]


def payouts(session: Session, site_id: str, before: str | None = None, limit: int = 30) -> tuple[list[CardPayout], str]:
    """What was recorded last, newest first, and the `before` of the next page, "" on the last."""
    wanted = select(CardPayout).where(CardPayout.site_id == site_id)
    if before:
        wanted = wanted.where(CardPayout.id < before)
    found = list(session.scalars(wanted.order_by(CardPayout.id.desc()).limit(limit + 1)))
    return found[:limit], found[limit - 1].id if len(found) > limit else ""


def _of_site(site_id: str, first: str, last: str) -> tuple:
    # kind by kind, so that their index is taken and not every entry of those days is read
    of_cards = (
        select(LedgerEntry.id).where(
            LedgerEntry.site_id == site_id, LedgerEntry.kind == kind, LedgerEntry.day.between(first, last)
        )
        for kind in _TAKEN
    )
    return LedgerEntry.id.in_(union_all(*of_cards)), LedgerPosting.account == str(Account.CARD_CLEARING)
