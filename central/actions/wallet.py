"""Prepaid wallets: filled through the payment provider, spent at the exit. What is in one is what the books say too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import billing, ledger, news, repeats, settling
from central.actions.accounts import held, vehicle_of
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.ledger_check import WALLET
from central.actions.owners import OF_WALLET
from central.actions.records import as_rule
from central.rules import ledger as ledger_rules
from central.rules import wallet as rules
from central.rules.attempt import AttemptStatus
from central.rules.due import DueSignal, DueStatus, step
from central.rules.ledger import Fact, Postings
from central.rules.ledger_accounts import Account as BooksAccount
from central.rules.money import rupees
from central.rules.stay_table import Status
from central.store.schema import (
    Account,
    Attempt,
    Due,
    GateEvent,
    Refund,
    Stay,
    WalletMove,
)
from edge.protocol.ids import uuid7

_FILLED = {
    Fact.PAID_BY_UPI: Fact.WALLET_FILLED,
    Fact.PAID_BY_CARD: Fact.WALLET_FILLED_BY_CARD,
    Fact.PAID_BY_CASH: Fact.WALLET_FILLED_IN_CASH,
}
_UNDER_WAY = (str(AttemptStatus.CREATED), str(AttemptStatus.PENDING), str(AttemptStatus.UNKNOWN))


def top_up(session: Session, account_id: str, paise: int, now: datetime, *, key: str | None = None) -> Due:
    """What is to be paid through the provider to fill the wallet; an earlier one that nobody paid is given up."""
    account = held(session, account_id)
    asked = repeats.request(session, "top up", key, account=account.id, paise=paise)
    if asked.before is not None:
        return session.get_one(Due, asked.before)
    if not rules.LEAST_PAISE <= paise <= rules.MOST_PAISE:
        raise Refused(f"top-up of {rupees(paise)}: expected {rupees(rules.LEAST_PAISE)} to {rupees(rules.MOST_PAISE)}")
    if (holds := balance(session, account.id)) + paise > rules.MOST_HELD_PAISE:
        raise Refused(f"the wallet holds {rupees(holds)}: it can hold {rupees(rules.MOST_HELD_PAISE)} at most")
    unpaid = select(Due).where(Due.account_id == account.id, Due.kind == OF_WALLET, Due.state == str(DueStatus.OPEN))
    for before in session.scalars(unpaid.with_for_update()):
        before.state = str(step(DueStatus.OPEN, DueSignal.WAIVE))
    due = Due(
        id=uuid7(), account_id=account.id, kind=OF_WALLET, state=str(DueStatus.OPEN), amount_paise=paise, quote={},
        earlier_quotes=[], quoted_at=now, stopped_at=now,
    )  # fmt: skip
    session.add(due)
    session.flush()
    asked.done(session, due.id, now)
    return due


def filled(
    session: Session, due: Due, now: datetime, *, by: str, how: Fact = Fact.PAID_BY_UPI, shift: str | None = None
) -> None:
    """The provider, or an attendant, has the money. No tax is due on it before it is spent: there is no invoice."""
    if due.state in billing.UNPAID:
        due.state = str(step(DueStatus(due.state), DueSignal.SETTLE))
    due.paid_at = due.paid_at or now
    lines = ledger_rules.postings(_FILLED[how], shift, total=due.amount_paise)
    account = session.get_one(Account, due.account_id)
    book(session, account, f"filled:{due.id}", _FILLED[how], lines, now, by, due)
    audit(session, now, by, "wallet filled", f"account/{due.account_id}", amount_paise=due.amount_paise)
    news.paid(session, account, due, now)


def balance(session: Session, account_id: str) -> int:
    """What is in the wallet, paise."""
    total = select(func.coalesce(func.sum(WalletMove.paise), 0)).where(WalletMove.account_id == account_id)
    return int(session.scalar(total))


def pay_at_exit(session: Session, row: Stay, now: datetime) -> bool:
    """Pays what is asked of a stay at the exit where its owner lets the wallet do so. Its site is held. True: paid."""
    vehicle = None if row.plate is None else vehicle_of(session, row.site_id, row.plate)
    if vehicle is None or row.status != Status.QUOTED or not as_rule(row).waiting:
        return False
    account = session.get_one(Account, vehicle.account_id, with_for_update=True, populate_existing=True)
    due = billing.unpaid_due(session, row.id)
    if due is None or not rules.pays_itself(
        rules.AtExit(
            plate=row.plate,
            read=_read_at_exit(session, row),
            alike=row.exit_alike,
            switched_on=vehicle.pays_itself,
            under_way=_under_way(session, due.id),
            due_paise=due.amount_paise,
            balance_paise=balance(session, account.id),
        )
    ):
        return False
    session.add(
        Attempt(
            id=uuid7(), due_id=due.id, provider=WALLET, provider_ref=f"wallet:{due.id}", payment_ref=account.id,
            state=str(AttemptStatus.CAPTURED), amount_paise=due.amount_paise, captured_paise=due.amount_paise,
            created_at=now, expires_at=now, finished_at=now, instrument="wallet", applied=True,
        )
    )  # fmt: skip
    _moves(session, account.id, f"paid:{due.id}", -due.amount_paise, now)
    settling.mark_paid(session, due, now, by=WALLET, how=Fact.PAID_BY_WALLET)
    _watch(session, account, now)
    return True


def give_back(session: Session, account_id: str, refund: Refund, now: datetime, by: str) -> None:
    """A credit note's money goes back into the wallet that had paid."""
    account = session.get_one(Account, account_id, with_for_update=True)
    refund.state, refund.provider_ref, refund.done_at = "done", f"wallet:{account.id}", now
    lines = ledger_rules.postings(Fact.REFUNDED_TO_WALLET, total=refund.amount_paise)
    book(session, account, f"refunded:{refund.id}", Fact.REFUNDED_TO_WALLET, lines, now, by, None)


def tell_below(session: Session, account_id: str, paise: int | None, now: datetime, by: str) -> None:
    """Its holder is told from now on when the wallet falls below that; None: never."""
    account = held(session, account_id)
    if paise is not None and not rules.LEAST_PAISE <= paise <= rules.MOST_HELD_PAISE:
        least, most = rupees(rules.LEAST_PAISE), rupees(rules.MOST_HELD_PAISE)
        raise Refused(f"told below {rupees(paise)}: expected {least} to {most}")
    account.low_wallet_paise = paise
    # what its holder sees now need not be told
    account.wallet_low_since = rules.low_since(None, balance(session, account.id), paise, now)
    audit(session, now, by, "low wallet told", f"account/{account.id}", below_paise=paise)


def _read_at_exit(session: Session, row: Stay) -> str | None:
    """The plate that the exit read of the vehicle that waits there."""
    asked = select(GateEvent.data).where(GateEvent.request == row.exit_request, GateEvent.type == "exit.requested")
    data = session.scalar(asked.order_by(GateEvent.at.desc()).limit(1))
    return None if not data or not data.get("plate") else data["plate"].get("text")


def _under_way(session: Session, due_id: str) -> bool:
    begun = select(Attempt.id).where(Attempt.due_id == due_id, Attempt.state.in_(_UNDER_WAY))
    return session.scalar(begun.limit(1)) is not None


def book(
    session: Session, account: Account, key: str, fact: Fact, lines: Postings, now: datetime, by: str, due: Due | None
) -> None:
    """A wallet's money moves. Its account is held."""
    _moves(session, account.id, key, -sum(line.paise for line in lines if line.account is BooksAccount.WALLET), now)
    ledger.post(session, account.site_id, key, fact, lines, now, by=by, due=due)
    _watch(session, account, now)


def _moves(session: Session, account_id: str, key: str, paise: int, now: datetime) -> None:
    session.add(WalletMove(entry_key=key, account_id=account_id, at=now, paise=paise))
    session.flush()


def _watch(session: Session, account: Account, now: datetime) -> None:
    """Tells its holder once for each time the wallet falls below what was wished."""
    holds, before = balance(session, account.id), account.wallet_low_since
    account.wallet_low_since = rules.low_since(before, holds, account.low_wallet_paise, now)
    if before is None and account.wallet_low_since is not None:
        news.low_wallet(session, account, holds, now, now)
