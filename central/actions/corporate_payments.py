"""What firms pay, by UPI, bank transfer or cheque; what is given up of an invoice; and what turns out not to have come.

Money may be part of an invoice, or more than all of them: what is left over is taken off the next one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, corporate_books, corporate_parts, corporate_standing, repeats
from central.actions.audit import audit
from central.actions.corporate_firms import held_firm
from central.actions.corporate_parts import WRITE_OFF
from central.actions.errors import Refused
from central.actions.owners import OF_CORPORATE
from central.rules import ledger as ledger_rules
from central.rules.due import DueSignal, DueStatus, step
from central.rules.ledger import Fact
from central.rules.money import rupees
from central.store.schema import Account, CorporateInvoice, CorporatePayment, Due
from edge.protocol.ids import uuid7

UPI, TRANSFER, CHEQUE = "upi", "transfer", "cheque"
# what a merchant may be paid at once by UPI, and by a person's typing at the bank
MOST_UPI_PAISE, MOST_PAISE = 1_00_000_00, 10_00_00_000_00
_FACTS = {
    UPI: Fact.ACCOUNT_PAID_BY_UPI,
    TRANSFER: Fact.ACCOUNT_PAID_AT_BANK,
    CHEQUE: Fact.ACCOUNT_PAID_AT_BANK,
    WRITE_OFF: Fact.ACCOUNT_WRITTEN_OFF,
}


def ask(
    session: Session, account_id: str, paise: int, now: datetime, *, invoice_id: str | None = None,
    key: str | None = None,
) -> Due:  # fmt: skip
    """What is to be paid by UPI; an amount that was asked for before and that nobody paid is given up."""
    account, _ = held_firm(session, account_id)
    asked = repeats.request(session, "firm pays", key, account=account.id, paise=paise, invoice=invoice_id)
    if asked.before is not None:
        return session.get_one(Due, asked.before)
    if not 100 <= paise <= MOST_UPI_PAISE:
        raise Refused(f"amount {rupees(paise)}: expected ₹1 to {rupees(MOST_UPI_PAISE)} by UPI at a time")
    _invoice_of(session, account, invoice_id)
    unpaid = select(Due).where(Due.account_id == account.id, Due.kind == OF_CORPORATE, Due.state == str(DueStatus.OPEN))
    for before in session.scalars(unpaid.with_for_update()):
        before.state = str(step(DueStatus.OPEN, DueSignal.WAIVE))
    due = Due(
        id=uuid7(), account_id=account.id, kind=OF_CORPORATE, state=str(DueStatus.OPEN), amount_paise=paise, quote={},
        earlier_quotes=[], quoted_at=now, stopped_at=now,
    )  # fmt: skip
    session.add(due)
    session.flush()
    session.add(_payment(account, UPI, "", paise, now, "holder", invoice_id=invoice_id, due_id=due.id))
    session.flush()
    asked.done(session, due.id, now)
    return due


def paid(session: Session, due: Due, now: datetime, *, by: str) -> None:
    """The provider has the money of a due of ours. Its site is held."""
    if due.state in billing.UNPAID:
        due.state = str(step(DueStatus(due.state), DueSignal.SETTLE))
    due.paid_at = due.paid_at or now
    account = session.get_one(Account, due.account_id)
    corporate_books.held_terms(session, account.id)
    payment = session.scalars(select(CorporatePayment).where(CorporatePayment.due_id == due.id)).one()
    payment.paise = due.amount_paise
    _came(session, account, payment, now, by, due)


def record(
    session: Session, account_id: str, paise: int, how: str, reference: str, now: datetime, by: str, *,
    invoice_id: str | None = None, key: str | None = None,
) -> CorporatePayment:  # fmt: skip
    """A bank transfer or cheque has come, with the bank's reference, which is taken once."""
    account, _ = held_firm(session, account_id)
    asked = repeats.request(
        session, "firm paid", key, account=account.id, paise=paise, how=how, ref=reference, invoice=invoice_id
    )
    if asked.before is not None:
        return session.get_one(CorporatePayment, asked.before)
    reference = " ".join(reference.split()).upper()
    if how not in (TRANSFER, CHEQUE):
        raise Refused(f"way of payment {how[:20]!r}: expected transfer or cheque")
    if not 4 <= len(reference) <= 40 or not reference.isprintable():
        raise Refused(f"reference {reference[:40]!r}: expected the bank's, of 4 to 40 characters")
    if not 100 <= paise <= MOST_PAISE:
        raise Refused(f"amount {rupees(paise)}: expected ₹1 to {rupees(MOST_PAISE)}")
    _invoice_of(session, account, invoice_id)
    same = select(CorporatePayment).where(
        CorporatePayment.account_id == account.id, CorporatePayment.how == how,
        CorporatePayment.reference == reference, CorporatePayment.reversed_at.is_(None),
    )  # fmt: skip
    if session.scalar(same) is not None:
        raise Refused(f"{how} {reference} is recorded already")
    payment = _payment(account, how, reference, paise, now, by, invoice_id=invoice_id)
    session.add(payment)
    session.flush()
    _came(session, account, payment, now, by)
    asked.done(session, payment.id, now)
    return payment


def write_off(
    session: Session, invoice_id: str, paise: int | None, reason: str, now: datetime, by: str, *, key: str | None = None
) -> CorporatePayment:
    """What is open of an invoice, or part of it, is given up. paise: None for all of it."""
    known = session.get(CorporateInvoice, invoice_id)
    if known is None:
        raise Refused("there is no such invoice")
    account, _ = held_firm(session, known.account_id)
    asked = repeats.request(session, "write off", key, invoice=invoice_id, paise=paise, reason=reason)
    if asked.before is not None:
        return session.get_one(CorporatePayment, asked.before)
    invoice = session.get_one(CorporateInvoice, invoice_id, populate_existing=True)
    paise = invoice.open_paise if paise is None else paise
    if not 0 < paise <= invoice.open_paise:
        raise Refused(f"write-off of {rupees(paise)}: {rupees(invoice.open_paise)} of {invoice.serial} is open")
    payment = _payment(account, WRITE_OFF, _reason(reason), paise, now, by, invoice_id=invoice.id)
    session.add(payment)
    session.flush()
    _came(session, account, payment, now, by)
    asked.done(session, payment.id, now)
    return payment


def take_back(session: Session, payment_id: str, reason: str, now: datetime, by: str) -> None:
    """A cheque was returned, a transfer was another firm's, or what was written off is owed after all."""
    known = session.get(CorporatePayment, payment_id)
    if known is None:
        raise Refused("there is no such payment")
    account, _ = held_firm(session, known.account_id)
    payment = session.get_one(CorporatePayment, payment_id, populate_existing=True)
    if payment.how == UPI:
        raise Refused("a payment by UPI is final: what is too much is kept for the next invoice")
    if payment.reversed_at is not None or payment.paise == 0:
        raise Refused("this payment was taken back before")
    reason = _reason(reason)
    corporate_parts.free(session, payment)
    payment.left_paise = 0
    payment.reversed_at, payment.reversed_by, payment.reversed_why = now, by, reason
    lines = ledger_rules.undone(ledger_rules.postings(_FACTS[payment.how], total=payment.paise))
    key, kind, note = f"account_taken_back:{payment.id}", "account_taken_back", f"{payment.reference}: {reason}"
    corporate_books.book(session, account, key, kind, lines, now, by=by, note=note, invoice_id=payment.invoice_id)
    corporate_parts.use_what_is_left(session, account.id)
    what = {"how": payment.how, "amount_paise": payment.paise, "why": reason}
    audit(session, now, by, "firm's payment taken back", f"account/{account.id}", **what)


def _came(
    session: Session, account: Account, payment: CorporatePayment, now: datetime, by: str, due: Due | None = None
) -> None:
    fact = _FACTS[payment.how]
    payment.received_at, payment.left_paise = now, payment.paise
    lines, note = ledger_rules.postings(fact, total=payment.paise), payment.reference
    corporate_books.book(
        session, account, f"account_paid:{payment.id}", fact, lines, now, by=by, due=due, note=note,
        invoice_id=payment.invoice_id,
    )  # fmt: skip
    corporate_parts.use_what_is_left(session, account.id)
    corporate_standing.lift_what_is_paid(session, account, now)
    what = {"how": payment.how, "amount_paise": payment.paise, "reference": payment.reference}
    audit(session, now, by, "firm paid", f"account/{account.id}", **what)


def _payment(
    account: Account, how: str, reference: str, paise: int, now: datetime, by: str, *, invoice_id: str | None = None,
    due_id: str | None = None,
) -> CorporatePayment:  # fmt: skip
    return CorporatePayment(
        id=uuid7(), account_id=account.id, how=how, reference=reference, paise=paise, left_paise=0, due_id=due_id,
        invoice_id=invoice_id, created_at=now, by=by,
    )  # fmt: skip


def _invoice_of(session: Session, account: Account, invoice_id: str | None) -> None:
    known = None if invoice_id is None else session.get(CorporateInvoice, invoice_id)
    if invoice_id is not None and (known is None or known.account_id != account.id):
        raise Refused("there is no such invoice of this firm")


def _reason(text: str) -> str:
    reason = " ".join(text.split())[:200]
    if len(reason) < 3:
        raise Refused("say why: expected a reason of 3 to 200 characters")
    return reason
