"""Prepaid wallets: filled through the payment provider, spent at the exit. What is in one is what the books say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import billing, ledger, repeats, settling
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
from central.rules.ledger import Fact
from central.rules.ledger_accounts import Account as BooksAccount
from central.rules.money import rupees
from central.rules.stay_table import Status
from central.store.schema import (
    Account,
    Attempt,
    Due,
    GateEvent,
    LedgerEntry,
    LedgerPosting,
    Refund,
    Stay,
    WalletMove,
)
from edge.protocol.ids import uuid7

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


def filled(session: Session, due: Due, now: datetime, *, by: str) -> None:
    """The provider has the money. No tax is due on it before it is spent: there is no invoice."""
    if due.state in billing.UNPAID:
        due.state = str(step(DueStatus(due.state), DueSignal.SETTLE))
    due.paid_at = due.paid_at or now
    lines = ledger_rules.postings(Fact.WALLET_FILLED, total=due.amount_paise)
    _book(
        session, session.get_one(Account, due.account_id), f"filled:{due.id}", Fact.WALLET_FILLED, lines, now, by, due
    )
    audit(session, now, by, "wallet filled", f"account/{due.account_id}", amount_paise=due.amount_paise)


def balance(session: Session, account_id: str) -> int:
    """What the books say is in the wallet, paise."""
    total = (
        select(func.coalesce(func.sum(LedgerPosting.paise), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(WalletMove, WalletMove.entry_key == LedgerEntry.key)
        .where(WalletMove.account_id == account_id, LedgerPosting.account == str(BooksAccount.WALLET))
    )
    return -int(session.scalar(total))


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
    _moves(session, account.id, f"paid:{due.id}", now)
    settling.mark_paid(session, due, now, by=WALLET, how=Fact.PAID_BY_WALLET)
    return True


def give_back(session: Session, account_id: str, refund: Refund, now: datetime, by: str) -> None:
    """A credit note's money goes back into the wallet that had paid."""
    account = session.get_one(Account, account_id, with_for_update=True)
    refund.state, refund.provider_ref, refund.done_at = "done", f"wallet:{account.id}", now
    lines = ledger_rules.postings(Fact.REFUNDED_TO_WALLET, total=refund.amount_paise)
    _book(session, account, f"refunded:{refund.id}", Fact.REFUNDED_TO_WALLET, lines, now, by, None)


def pay_out(
    session: Session, account_id: str, paise: int, now: datetime, by: str, reason: str, *, key: str | None = None
) -> list[Refund]:
    """Money leaves the wallet for where it came from, the latest top-up first; the refunds still to be carried out."""
    account = held(session, account_id)
    asked = repeats.request(session, "pay out", key, account=account.id, paise=paise, reason=reason)
    if asked.before is not None:
        return []
    if not (reason := reason.strip()[:200]):
        raise Refused("say why: a refund needs a reason")
    if not 0 < paise <= (holds := balance(session, account.id)):
        raise Refused(f"refund of {rupees(paise)}: the wallet holds {rupees(holds)}")
    given = (
        select(func.coalesce(func.sum(Refund.amount_paise), 0))
        .where(Refund.attempt_id == Attempt.id, Refund.payment_ref == Attempt.payment_ref)
        .correlate(Attempt)
        .scalar_subquery()
    )
    kept = (
        select(Attempt, Attempt.captured_paise - given)
        .join(Due, Due.id == Attempt.due_id)
        .where(Due.account_id == account.id, Due.kind == OF_WALLET, Attempt.applied)
        .order_by(Attempt.id.desc())
    )
    attempts = {one.id: (one, int(left)) for one, left in session.execute(kept)}
    refunds = []
    for attempt_id, part in rules.shares(paise, [(name, left) for name, (_, left) in attempts.items()]):
        attempt, left = attempts[attempt_id]
        refund = Refund(
            id=uuid7(), attempt_id=attempt_id, payment_ref=attempt.payment_ref, amount_paise=part, reason=reason,
            state="requested", created_at=now,
        )  # fmt: skip
        session.add(refund)
        session.flush()
        due = session.get_one(Due, attempt.due_id, with_for_update=True)
        signal = DueSignal.REFUND_REST if part == left else DueSignal.REFUND_PART
        due.state = str(step(DueStatus(due.state), signal))
        lines = ledger_rules.postings(Fact.WALLET_PAID_OUT, total=part)
        _book(session, account, f"paid_out:{refund.id}", Fact.WALLET_PAID_OUT, lines, now, by, due)
        refunds.append(refund)
    audit(session, now, by, "wallet paid out", f"account/{account.id}", amount_paise=paise, why=reason)
    asked.done(session, account.id, now)
    return refunds


def _read_at_exit(session: Session, row: Stay) -> str | None:
    """The plate that the exit read of the vehicle that waits there."""
    asked = select(GateEvent.data).where(GateEvent.request == row.exit_request, GateEvent.type == "exit.requested")
    data = session.scalar(asked.order_by(GateEvent.at.desc()).limit(1))
    return None if not data or not data.get("plate") else data["plate"].get("text")


def _under_way(session: Session, due_id: str) -> bool:
    begun = select(Attempt.id).where(Attempt.due_id == due_id, Attempt.state.in_(_UNDER_WAY))
    return session.scalar(begun.limit(1)) is not None


def _book(session: Session, account: Account, key: str, fact: Fact, lines, now: datetime, by: str, due: Due | None):
    _moves(session, account.id, key, now)
    ledger.post(session, account.site_id, key, fact, lines, now, by=by, due=due)


def _moves(session: Session, account_id: str, key: str, now: datetime) -> None:
    session.add(WalletMove(entry_key=key, account_id=account_id, at=now))
    session.flush()
