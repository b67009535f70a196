"""The books as pages show them: from daily sums and closed days, never by adding up history."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from central.rules.ledger_accounts import KINDS, Account, Kind
from central.store.schema import LedgerDay, LedgerDaySum, LedgerEntry, LedgerPosting

PAGE = 50
_EARNED = [str(one) for one, kind in KINDS.items() if kind is Kind.INCOME] + [
    str(one) for one in (Account.CGST, Account.SGST, Account.IGST)
]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account on one day, paise: what it began with, the day's debits and credits, what it ended with.

    Debit positive, credit negative, but for debit_paise and credit_paise, which are 0 or more.
    """

    account: str
    kind: Kind
    opening_paise: int
    debit_paise: int
    credit_paise: int

    @property
    def closing_paise(self) -> int:
        return self.opening_paise + self.debit_paise - self.credit_paise


@dataclass(frozen=True, slots=True)
class PostingRow:
    posting: LedgerPosting
    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class PostingPage:
    """Newest first. older: the `before` of the next page, None on the last."""

    rows: list[PostingRow]
    older: int | None


def trial_balance(session: Session, site_id: str, day: str) -> list[TrialRow]:
    """Every account of a site that has ever moved, on that day ("2026-11-24")."""
    closed = session.scalar(
        select(LedgerDay)
        .where(LedgerDay.site_id == site_id, LedgerDay.day < day)
        .order_by(LedgerDay.day.desc())
        .limit(1)
    )
    opening: dict[str, int] = defaultdict(int, closed.balances if closed else {})
    sums = select(LedgerDaySum).where(LedgerDaySum.site_id == site_id, LedgerDaySum.day <= day)
    if closed is not None:
        sums = sums.where(LedgerDaySum.day > closed.day)
    moved: dict[str, tuple[int, int]] = {}
    for one in session.scalars(sums):
        if one.day == day:
            moved[one.account] = (one.debit_paise, one.credit_paise)
        else:
            opening[one.account] += one.debit_paise - one.credit_paise
    known = [account for account in Account if str(account) in opening or str(account) in moved]
    return [
        TrialRow(str(account), KINDS[account], opening[str(account)], *moved.get(str(account), (0, 0)))
        for account in known
    ]


def postings(session: Session, site_id: str, account: str, before: int | None = None) -> PostingPage:
    """An account's postings, a page at a time."""
    wanted = (
        select(LedgerPosting, LedgerEntry)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerPosting.site_id == site_id, LedgerPosting.account == account)
    )
    if before is not None:
        wanted = wanted.where(LedgerPosting.id < before)
    found = [PostingRow(*row) for row in session.execute(wanted.order_by(LedgerPosting.id.desc()).limit(PAGE + 1))]
    return PostingPage(found[:PAGE], found[PAGE - 1].posting.id if len(found) > PAGE else None)


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day on which something was booked. earned_paise: revenue with its tax, less what was credited back."""

    day: str
    earned_paise: int
    closed: bool


def days(session: Session, site_id: str, before: str | None = None) -> list[DayRow]:
    """The latest days, or those before one, newest first; PAGE of them."""
    distinct = select(LedgerDaySum.day).where(LedgerDaySum.site_id == site_id).distinct()
    if before:
        distinct = distinct.where(LedgerDaySum.day < before)
    found = list(session.scalars(distinct.order_by(LedgerDaySum.day.desc()).limit(PAGE)))
    earned: dict[str, int] = defaultdict(int)
    of_days = select(LedgerDaySum).where(LedgerDaySum.site_id == site_id, LedgerDaySum.day.in_(found))
    for one in session.scalars(of_days.where(LedgerDaySum.account.in_(_EARNED))):
        earned[one.day] += one.credit_paise - one.debit_paise
    last = session.scalar(select(func.max(LedgerDay.day)).where(LedgerDay.site_id == site_id))
    return [DayRow(day, earned[day], last is not None and day <= last) for day in found]


@dataclass(frozen=True, slots=True)
class KindRow:
    """What was booked of one kind on one day: how often, and for how much."""

    kind: str
    count: int
    paise: int


def kinds_of_day(session: Session, site_id: str, day: str) -> list[KindRow]:
    debit = func.sum(case((LedgerPosting.paise > 0, LedgerPosting.paise), else_=0))
    counted = (
        select(LedgerEntry.kind, func.count(LedgerEntry.id.distinct()), debit)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .where(LedgerEntry.site_id == site_id, LedgerEntry.day == day)
        .group_by(LedgerEntry.kind)
        .order_by(LedgerEntry.kind)
    )
    return [KindRow(kind, int(count), int(paise)) for kind, count, paise in session.execute(counted)]


def closing_of(session: Session, site_id: str, day: str) -> LedgerDay | None:
    """The closing by which a day is shut, None while it is open."""
    shut = select(LedgerDay).where(LedgerDay.site_id == site_id, LedgerDay.day >= day).order_by(LedgerDay.day)
    return session.scalar(shut.limit(1))
