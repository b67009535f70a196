"""Shifts, and what attendants look up to take a payment or give one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.rules.stay_table import INSIDE, Status
from central.store.schema import CreditNote, LedgerEntry, LedgerPosting, Receipt, Shift, Site, Stay

# kinds of entries by which an attendant takes money
_IN_CASH, _BY_CARD = ("paid_by_cash", "wallet_filled_in_cash"), ("paid_by_card", "wallet_filled_by_card")
PAGE = 30
FOUND = 12


@dataclass(frozen=True, slots=True)
class ShiftMoney:
    """What went through a shift's hands, paise. takings: (entry, paise) of cash and card, newest first."""

    cash_paise: int
    card_paise: int
    dropped_paise: int
    refunded_paise: int
    refunded_card_paise: int
    takings: list[tuple[LedgerEntry, int]]


def shift_money(session: Session, shift_id: str, limit: int = 200) -> ShiftMoney:
    of_shift = (
        select(LedgerEntry.kind, func.sum(LedgerPosting.paise))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .where(LedgerPosting.shift_id == shift_id)
        .group_by(LedgerEntry.kind)
    )
    sums = {kind: int(paise) for kind, paise in session.execute(of_shift)}
    takings = (
        select(LedgerEntry, LedgerPosting.paise)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .where(LedgerPosting.shift_id == shift_id, LedgerEntry.kind.in_([*_IN_CASH, *_BY_CARD]))
        .order_by(LedgerPosting.id.desc())
        .limit(limit)
    )
    return ShiftMoney(
        cash_paise=sum(sums.get(kind, 0) for kind in _IN_CASH),
        card_paise=sum(sums.get(kind, 0) for kind in _BY_CARD),
        dropped_paise=-sums.get("cash_dropped", 0),
        refunded_paise=-sums.get("refunded_in_cash", 0),
        refunded_card_paise=-sums.get("refunded_by_card", 0),
        takings=[tuple(row) for row in session.execute(takings)],
    )


def shifts(session: Session, site_id: str, before: str | None = None) -> tuple[list[Shift], str | None]:
    """A site's shifts, newest first, and the `before` of the next page."""
    wanted = select(Shift).where(Shift.site_id == site_id)
    if before:
        wanted = wanted.where(Shift.id < before)
    found = list(session.scalars(wanted.order_by(Shift.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def shifts_closed(session: Session, site_id: str, begin: datetime, end: datetime) -> list[Shift]:
    """Those that ended from `begin` to before `end`."""
    closed = select(Shift).where(Shift.site_id == site_id, Shift.closed_at >= begin, Shift.closed_at < end)
    return list(session.scalars(closed.order_by(Shift.closed_at)))


def payable(session: Session, site_id: str, plate: str) -> list[Stay]:
    """Stays of a site whose plate begins so and that may owe something: inside, or gone without paying."""
    owing = [str(status) for status in (*INSIDE, Status.LEFT_OWING)]
    # plates are A-Z and 0-9, Z the last in every collation: a range is a prefix, and an index can do it
    found = select(Stay).where(Stay.site_id == site_id, Stay.plate >= plate, Stay.plate <= plate.ljust(16, "Z"))
    return list(session.scalars(found.where(Stay.status.in_(owing)).order_by(Stay.id.desc()).limit(FOUND)))


def receipt_named(session: Session, serial: str, year: int) -> Receipt | None:
    """The receipt of that number, of the financial year that began in `year` or of the two before."""
    named = select(Receipt).where(
        Receipt.site_id.in_(select(Site.id)),
        Receipt.financial_year.in_([year, year - 1, year - 2]),
        Receipt.serial == serial,
    )
    return session.scalar(named.order_by(Receipt.financial_year.desc()).limit(1))


def credit_notes_of(session: Session, receipt_id: str) -> list[CreditNote]:
    """Oldest first."""
    return list(session.scalars(select(CreditNote).where(CreditNote.receipt_id == receipt_id).order_by(CreditNote.id)))
