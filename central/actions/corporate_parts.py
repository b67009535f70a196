"""Which part of what a firm paid settles which of its invoices, and what is left for the next one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import corporate_books
from central.rules import ledger as ledger_rules
from central.rules.corporate import spread
from central.rules.ledger import Fact
from central.store.schema import Account, CorporateInvoice, CorporatePart, CorporatePayment

WRITE_OFF = "write_off"
OPEN = CorporateInvoice.settled_paise + CorporateInvoice.credited_paise < CorporateInvoice.total_paise


def open_invoices(session: Session, account_id: str) -> list[CorporateInvoice]:
    """Those with something still to be paid, the oldest first."""
    session.flush()
    unpaid = select(CorporateInvoice).where(CorporateInvoice.account_id == account_id, OPEN)
    return list(session.scalars(unpaid.order_by(CorporateInvoice.due_on, CorporateInvoice.id)))


def use_what_is_left(session: Session, account_id: str) -> None:
    """Money that settles nothing yet settles open invoices: the one it was meant for, then the oldest."""
    session.flush()
    unused = select(CorporatePayment).where(CorporatePayment.account_id == account_id, CorporatePayment.left_paise > 0)
    for payment in session.scalars(unused.order_by(CorporatePayment.id)).all():
        invoices = {one.id: one for one in open_invoices(session, account_id)}
        order = sorted(invoices.values(), key=lambda one: one.id != payment.invoice_id)
        parts, payment.left_paise = spread(payment.left_paise, [(one.id, one.open_paise) for one in order])
        for invoice_id, paise in parts:
            invoices[invoice_id].settled_paise += paise
            known = session.get(CorporatePart, (payment.id, invoice_id))
            if known is None:
                session.add(CorporatePart(payment_id=payment.id, invoice_id=invoice_id, paise=paise))
            else:
                known.paise += paise
        session.flush()


def free(session: Session, payment: CorporatePayment) -> None:
    """The payment settles nothing any more."""
    for part in session.scalars(select(CorporatePart).where(CorporatePart.payment_id == payment.id)).all():
        session.get_one(CorporateInvoice, part.invoice_id).settled_paise -= part.paise
        session.delete(part)
    session.flush()


def free_what_is_over(session: Session, account: Account, invoice: CorporateInvoice, now: datetime, by: str) -> None:
    """Where more settles an invoice than is left of it: a write-off is taken back, money is kept for the next."""
    of_it = (
        select(CorporatePart, CorporatePayment)
        .join(CorporatePayment, CorporatePayment.id == CorporatePart.payment_id)
        .where(CorporatePart.invoice_id == invoice.id)
        .order_by((CorporatePayment.how != WRITE_OFF), CorporatePayment.id.desc())
    )
    for part, payment in session.execute(of_it).all():
        if invoice.open_paise >= 0:
            break
        over = min(part.paise, -invoice.open_paise)
        part.paise -= over
        invoice.settled_paise -= over
        if payment.how == WRITE_OFF:
            payment.paise -= over
            lines = ledger_rules.undone(ledger_rules.postings(Fact.ACCOUNT_WRITTEN_OFF, total=over))
            key = f"account_taken_back:{payment.id}:{invoice.credited_paise}"
            corporate_books.book(
                session, account, key, "account_taken_back", lines, now, by=by, note=invoice.serial,
                invoice_id=invoice.id,
            )  # fmt: skip
        else:
            payment.left_paise += over
        if not part.paise:
            session.delete(part)
    session.flush()
