"""What must hold of the books at any moment, between one transaction and the next; each breach in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from central.actions import card_check
from central.rules.due import AttemptStatus, DueStatus
from central.rules.ledger import Fact
from central.rules.ledger_accounts import Account
from central.rules.stay_table import Status
from central.store.schema import (
    Attempt,
    Due,
    LedgerDaySum,
    LedgerEntry,
    LedgerPosting,
    Refund,
    SettlementLine,
    Shift,
    Stay,
    WalletMove,
)

#: how an attendant takes money; every other provider pays out what it captures
CASH, CARD = "cash", "card_terminal"
AT_THE_DESK = (CASH, CARD)
#: a driver's own money, prepaid
WALLET = "wallet"
# outcomes of settlement lines that belong to a payment, or refund, of ours
OURS = ("matched", "late", "amount_differs")


def check(session: Session) -> list[str]:
    """What is wrong with the books; [] where nothing is.

    Reads all of history: for tests, and for a person who wants to know.
    """
    return [
        *_sums(session),
        *_day_sums(session),
        *_wallets(session),
        *_receivable(session),
        *_provider(session),
        *_cards(session),
        *_drawers(session),
    ]


def balance(session: Session, account: Account, *where: ColumnElement[bool]) -> int:
    """Debits less credits of an account, over all of history."""
    total = select(func.coalesce(func.sum(LedgerPosting.paise), 0)).where(LedgerPosting.account == str(account), *where)
    return int(session.scalar(total.join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)))


def _sums(session: Session) -> Iterator[str]:
    sums = select(LedgerPosting.entry_id, func.sum(LedgerPosting.paise)).group_by(LedgerPosting.entry_id)
    for entry_id, paise in session.execute(sums.having(func.sum(LedgerPosting.paise) != 0)):
        yield f"entry {entry_id} is out of balance by {paise} paise"
    known = select(LedgerEntry.id)
    for entry_id in session.scalars(select(LedgerPosting.entry_id).where(LedgerPosting.entry_id.not_in(known))):
        yield f"a posting of entry {entry_id}, which is not there"


def _day_sums(session: Session) -> Iterator[str]:
    """The sums that pages show are those of the postings."""
    debit, credit = (
        func.sum(case((sign, func.abs(LedgerPosting.paise)), else_=0))
        for sign in (LedgerPosting.paise > 0, LedgerPosting.paise < 0)
    )
    where = (LedgerEntry.site_id, LedgerEntry.day, LedgerPosting.account)
    found = select(*where, debit, credit).join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id).group_by(*where)
    summed = {tuple(row[:3]): (int(row[3]), int(row[4])) for row in session.execute(found)}
    kept = {
        (row.site_id, row.day, row.account): (row.debit_paise, row.credit_paise)
        for row in session.scalars(select(LedgerDaySum))
    }
    for key in sorted(summed.keys() | kept.keys()):
        if summed.get(key) != kept.get(key):
            yield f"{' '.join(key)}: the postings say {summed.get(key)}, the day's sums {kept.get(key)}"


def _wallets(session: Session) -> Iterator[str]:
    """What is in wallets is what the books say of each move."""
    booked = select(LedgerEntry.key, -func.sum(LedgerPosting.paise)).group_by(LedgerEntry.key)
    booked = booked.join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
    said = {key: int(paise) for key, paise in session.execute(booked.where(LedgerPosting.account == WALLET))}
    kept = {move.entry_key: move.paise for move in session.scalars(select(WalletMove))}
    for key in sorted(said.keys() | kept.keys()):
        if said.get(key) != kept.get(key):
            yield f"wallet, {key}: the books say {said.get(key)}, its move {kept.get(key)}"


def _receivable(session: Session) -> Iterator[str]:
    """Exactly the open dues of vehicles that have left are owed."""
    wanted: dict[str, int] = defaultdict(int)
    unpaid = Due.state.in_([str(DueStatus.OPEN), str(DueStatus.QUOTED)])
    # what a notice asks for is no income until it is paid: it may be appealed
    owing = select(Due.id, Due.amount_paise).join(Stay, Stay.id == Due.stay_id).where(Due.kind == "stay")
    wanted.update(tuple(row) for row in session.execute(owing.where(unpaid, Stay.status == str(Status.LEFT_OWING))))
    booked: dict[str | None, int] = defaultdict(int)
    by_due = (
        select(LedgerEntry.due_id, func.sum(LedgerPosting.paise))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerPosting.account == str(Account.RECEIVABLE))
        .group_by(LedgerEntry.due_id)
    )
    booked.update((due_id, int(paise)) for due_id, paise in session.execute(by_due))
    for due_id in wanted.keys() | booked.keys():
        if wanted[due_id] != booked[due_id]:
            yield f"due {due_id}: {wanted[due_id]} paise are owed, the books say {booked[due_id]}"


def _provider(session: Session) -> Iterator[str]:
    """What the provider holds for us, and what we hold for payers."""
    theirs = Attempt.provider.not_in((*AT_THE_DESK, WALLET))
    captured = _sum(session, Attempt.captured_paise, theirs)
    # of a code that was paid twice, the second payment is known by its refund alone
    second = _sum(session, Refund.amount_paise, theirs, Refund.payment_ref != Attempt.payment_ref)
    back = _sum(session, Refund.amount_paise, theirs, Refund.state == "done")
    signed = case((SettlementLine.refund_ref == "", SettlementLine.amount_paise), else_=-SettlementLine.amount_paise)
    ours = select(func.coalesce(func.sum(signed), 0)).where(SettlementLine.outcome.in_(OURS))
    lost = -balance(session, Account.PSP_CLEARING, LedgerEntry.kind == str(Fact.NEVER_SETTLED))
    wanted = captured + second - back - int(session.scalar(ours)) - lost
    if (booked := balance(session, Account.PSP_CLEARING)) != wanted:
        yield f"the provider holds {wanted} paise for us, the books say {booked}"
    odd = Attempt.state == str(AttemptStatus.MISMATCH)
    waiting = _sum(session, Refund.amount_paise, Refund.state != "done")
    # a second payment of such a code goes back by itself
    goes_back = _sum(session, Refund.amount_paise, odd, Refund.payment_ref == Attempt.payment_ref)
    kept = _sum(session, Attempt.captured_paise, odd) - goes_back
    if (booked := -balance(session, Account.CUSTOMER_CREDIT)) != waiting + kept:
        yield f"{waiting + kept} paise are to go back to payers, the books say {booked}"


def _sum(session: Session, column: ColumnElement[int], *where: ColumnElement[bool]) -> int:
    total = select(func.coalesce(func.sum(column), 0)).where(and_(True, *where))
    total = total.select_from(Attempt)
    if column is Refund.amount_paise:
        total = total.join(Refund, Refund.attempt_id == Attempt.id)
    return int(session.scalar(total))


def _cards(session: Session) -> Iterator[str]:
    by_hand = balance(session, Account.CARD_CLEARING, LedgerEntry.key.startswith("resolved:"))
    yield from card_check.breaches(session, CARD, balance(session, Account.CARD_CLEARING), by_hand)


def _drawers(session: Session) -> Iterator[str]:
    """A drawer is empty once its shift is closed, and of no shift nobody has one."""
    of_shift = (
        select(LedgerPosting.shift_id, func.sum(LedgerPosting.paise))
        .outerjoin(Shift, Shift.id == LedgerPosting.shift_id)
        .where(LedgerPosting.account == str(Account.CASH_DRAWER), or_(Shift.id.is_(None), Shift.closed_at.is_not(None)))
        .group_by(LedgerPosting.shift_id)
    )
    for shift_id, paise in session.execute(of_shift):
        if paise:
            yield f"shift {shift_id} is closed with {paise} paise in its drawer"
