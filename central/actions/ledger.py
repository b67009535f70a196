"""Books every fact of money, in the transaction of the fact and once, in whatever order facts come.

Whoever books holds the site (`records.lock_site`), so that two facts of one site are booked one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from central.actions.ledger_check import check
from central.actions.owners import OF_VIOLATION, Owner, site_of
from central.rules import ledger as rules
from central.rules.ledger import Fact, Posting, Postings, Split
from central.rules.ledger_accounts import Account
from central.rules.stay_table import Status
from central.store import figures_kept
from central.store.once import insert_once
from central.store.schema import (
    Attempt,
    CreditNote,
    Due,
    LedgerDay,
    LedgerDaySum,
    LedgerEntry,
    LedgerPosting,
    Receipt,
    Refund,
    Site,
    Stay,
)
from edge.protocol.ids import uuid7

__all__ = ["check"]

# of entries that say what is owed by a vehicle that has left, and how that changed
OWED = "owed"


def post(
    session: Session,
    site_id: str,
    key: str,
    kind: str,
    postings: Iterable[Posting],
    now: datetime,
    *,
    by: str,
    due: Due | None = None,
    note: str = "",
) -> bool:
    """Books an entry under its key; False where it is booked already, or there is nothing to book."""
    lines = list(postings)
    session.flush()
    if not lines or session.scalar(select(LedgerEntry.id).where(LedgerEntry.key == key)) is not None:
        return False
    entry_id, day = uuid7(), open_day(session, site_id, now)
    common = {"entry_id": entry_id, "site_id": site_id}
    rows = [common | {"account": str(one.account), "paise": one.paise, "shift_id": one.shift} for one in lines]
    # the postings first: the database lets an entry in only where they balance
    session.execute(insert(LedgerPosting), rows)
    entry = {"id": entry_id, "site_id": site_id, "key": key, "kind": str(kind), "at": now, "day": day, "by": by}
    about = {"due_id": due.id if due else None, "stay_id": due.stay_id if due else None}
    session.execute(insert(LedgerEntry), [entry | about | {"note": note[:200]}])
    for line in lines:
        _add_up(session, site_id, day, line)
    figures_kept.add_entry(session, entry_id)
    return True


def open_day(session: Session, site_id: str, now: datetime) -> str:
    """The site's day that something booked now falls on: today, or the first that is not closed."""
    today = site_day(session, site_id, now)
    closed = session.scalar(select(func.max(LedgerDay.day)).where(LedgerDay.site_id == site_id))
    if closed is None or closed < today:
        return today
    return (date.fromisoformat(closed) + timedelta(days=1)).isoformat()


def site_day(session: Session, site_id: str, at: datetime) -> str:
    """The day of the site's calendar that an instant is in."""
    return at.astimezone(ZoneInfo(session.get_one(Site, site_id).timezone)).date().isoformat()


def paid(
    session: Session,
    row: Owner,
    due: Due,
    receipt: Receipt,
    now: datetime,
    *,
    by: str,
    how: Fact = Fact.PAID_BY_UPI,
    shift: str | None = None,
) -> None:
    """A due is paid: what it was for is earned, and what came is with the provider, the terminal or in the drawer."""
    penalty = due.kind == OF_VIOLATION
    lines = rules.paid(split_of(receipt), how, _owed(session, due.id), shift, penalty=penalty)
    post(session, row.site_id, f"paid:{due.id}", how, lines, now, by=by, due=due, note=receipt.serial)


def follow(session: Session, row: Stay, due: Due | None, now: datetime) -> None:
    """Brings what the books say a vehicle that has left owes in step with its unpaid due."""
    if due is None:
        return
    owes = row.status == Status.LEFT_OWING
    before = _owed(session, due.id)
    lines = rules.together(rules.charged(_split_of_quote(due.quote)) if owes else (), rules.undone(before))
    if lines:
        _owe(session, row.site_id, due, lines, now, "left without paying" if owes else "has not left")


def given_up(session: Session, row: Stay, due: Due, now: datetime, *, by: str, why: str) -> None:
    """An unpaid due is waived. A person writes off what is owed; central finds out that it was never owed."""
    owed = _owed(session, due.id)
    if not owed:
        return
    if by == "central":
        _owe(session, row.site_id, due, rules.undone(owed), now, why)
        return
    paise = sum(line.paise for line in owed if line.account is Account.RECEIVABLE)
    lines = rules.postings(Fact.WAIVED, total=paise)
    post(session, row.site_id, f"waived:{due.id}", Fact.WAIVED, lines, now, by=by, due=due, note=why)


def captured_for_nothing(session: Session, attempt_id: str, payment_ref: str, paise: int, now: datetime) -> bool:
    """Money came for a due that is settled, or not the amount asked for: it is the payer's. False where known."""
    attempt = session.get_one(Attempt, attempt_id)
    due, site_id = _due_of(session, attempt)
    fact = Fact.CAPTURED_FOR_NOTHING
    lines, key = rules.postings(fact, total=paise), f"credit:{attempt_id}:{payment_ref}"
    return post(session, site_id, key, fact, lines, now, by=attempt.provider, due=due, note=payment_ref)


def credited(session: Session, note: CreditNote, due: Due, now: datetime) -> None:
    """A credit note is issued: that much of its invoice is the payer's again."""
    # notices that were paid before penalties had an account of their own are in the revenue, and go back from there
    penalty = due.kind == OF_VIOLATION and _is_on(session, due.id, Account.PENALTIES)
    lines = rules.credited(split_of(note), penalty=penalty)
    kind, key = Fact.CREDITED, f"credit_note:{note.id}"
    post(session, note.site_id, key, kind, lines, now, by=note.by, due=due, note=note.serial)


def refunded(
    session: Session, refund: Refund, now: datetime, *, by: str, how: Fact = Fact.REFUNDED_BY_UPI,
    shift: str | None = None,
) -> None:  # fmt: skip
    """Money has gone back to its payer. how: one of the REFUNDED facts; shift: out of that drawer, or terminal."""
    due, site_id = _due_of(session, session.get_one(Attempt, refund.attempt_id))
    lines = rules.postings(how, shift, total=refund.amount_paise)
    post(session, site_id, f"refunded:{refund.id}", how, lines, now, by=by, due=due, note=refund.provider_ref)


def split_of(bill: Receipt | CreditNote) -> Split:
    """An invoice's, or a credit note's, amounts as the rules know them."""
    return Split(bill.taxable_paise, bill.cgst_paise, bill.sgst_paise, bill.igst_paise, bill.rounding_paise)


def _split_of_quote(quote: dict[str, Any]) -> Split:
    """The amounts of the invoice that a quote will become: supplied where it is, so the tax is of equal halves."""
    tax, rounding = quote["tax_paise"], quote["rounding_paise"]
    return Split(quote["subtotal_paise"], tax - tax // 2, tax // 2, 0, rounding)


def _owe(session: Session, site_id: str, due: Due, lines: Postings, now: datetime, note: str) -> None:
    session.flush()
    times = select(func.count()).where(LedgerEntry.due_id == due.id, LedgerEntry.kind == OWED)
    key = f"{OWED}:{due.id}:{session.scalar(times) + 1}"
    post(session, site_id, key, OWED, lines, now, by="central", due=due, note=note)


def _owed(session: Session, due_id: str) -> Postings:
    """What the books say was charged for a due because its vehicle left without paying."""
    of_due = (
        select(LedgerPosting.account, func.sum(LedgerPosting.paise))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.due_id == due_id, LedgerEntry.kind == OWED)
        .group_by(LedgerPosting.account)
    )
    return tuple(Posting(Account(account), int(paise)) for account, paise in session.execute(of_due) if paise)


def _is_on(session: Session, due_id: str, account: Account) -> bool:
    """Whether something of a due was booked on an account."""
    of_due = select(LedgerPosting.id).join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
    of_due = of_due.where(LedgerEntry.due_id == due_id, LedgerPosting.account == str(account))
    return session.scalar(of_due.limit(1)) is not None


def _due_of(session: Session, attempt: Attempt) -> tuple[Due, str]:
    due = session.get_one(Due, attempt.due_id)
    return due, site_of(session, due)


def _add_up(session: Session, site_id: str, day: str, line: Posting) -> None:
    """Adds a posting to its account's day, which is all that pages read."""
    where = {"site_id": site_id, "day": day, "account": str(line.account)}
    insert_once(session, LedgerDaySum, where | {"debit_paise": 0, "credit_paise": 0})
    column = LedgerDaySum.debit_paise if line.paise > 0 else LedgerDaySum.credit_paise
    session.execute(
        update(LedgerDaySum)
        .filter_by(**where)
        .values({column: column + abs(line.paise)})
        .execution_options(synchronize_session=False)
    )
