"""What must hold of firms' accounts between one transaction and the next; each breach in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import corporate_books
from central.actions.billing import lines_from_json
from central.actions.corporate_charges import ON_ACCOUNT
from central.actions.corporate_credits import AMOUNTS, sums
from central.rules.invoice import recompute
from central.store.schema import (
    CorporateCreditNote,
    CorporateInvoice,
    CorporateLine,
    CorporateMove,
    CorporatePart,
    CorporatePayment,
    CorporateTerms,
    Due,
    LedgerEntry,
    LedgerPosting,
)


def check(session: Session) -> list[str]:
    """What is wrong; [] where nothing is. Reads all of history: for tests, and for a person who wants to know."""
    firms = session.scalars(select(CorporateTerms.account_id)).all()
    of_firms = [wrong for account_id in firms for wrong in _firm(session, account_id)]
    return [*_books(session), *_dues(session), *_lines(session), *of_firms]


def _books(session: Session) -> Iterator[str]:
    posted = (
        select(LedgerEntry.key, func.sum(LedgerPosting.paise))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerPosting.account == "corporate")
        .group_by(LedgerEntry.key)
    )
    booked = {key: int(paise) for key, paise in session.execute(posted) if paise}
    stated = {move.entry_key: move.paise for move in session.scalars(select(CorporateMove))}
    for key in booked.keys() | stated.keys():
        if booked.get(key, 0) != stated.get(key, 0):
            yield f"{key}: the books say {booked.get(key)} paise, the statement {stated.get(key)}"


def _dues(session: Session) -> Iterator[str]:
    """Exactly the dues on account have a line that no credit note took back, of their amount and of the books'."""
    on_account = {due.id: due for due in session.scalars(select(Due).where(Due.state == ON_ACCOUNT))}
    live = {
        line.due_id: line for line in session.scalars(select(CorporateLine).where(CorporateLine.credit_id.is_(None)))
    }
    for due_id in on_account.keys() ^ live.keys():
        yield f"due {due_id}: on account {due_id in on_account}, with a line {due_id in live}"
    for due_id in on_account.keys() & live.keys():
        due, line = on_account[due_id], live[due_id]
        if (due.amount_paise, due.account_id) != (line.total_paise, line.account_id):
            yield f"due {due_id}: {due.amount_paise} paise, its line {line.total_paise}"


def _lines(session: Session) -> Iterator[str]:
    """Every line gives its amounts again, and invoices and credit notes are the sums of their lines."""
    for line in session.scalars(select(CorporateLine)):
        totals = recompute(lines_from_json(line.lines), line.tax_rate_bp, line.tax_included)
        tax = line.cgst_paise + line.sgst_paise + line.igst_paise
        kept = (line.taxable_paise, tax, line.rounding_paise, line.total_paise)
        if kept != (totals.taxable_paise, totals.tax_paise, totals.rounding_paise, totals.total_paise):
            yield f"line {line.id}: {kept} does not recompute: {totals}"
    for table, of in ((CorporateInvoice, CorporateLine.invoice_id), (CorporateCreditNote, CorporateLine.credit_id)):
        for bill in session.scalars(select(table)):
            summed = sums(session.scalars(select(CorporateLine).where(of == bill.id)).all())
            if summed != {f"{name}_paise": getattr(bill, f"{name}_paise") for name in AMOUNTS}:
                yield f"{bill.serial} is not the sum of its lines: {summed}"


def _firm(session: Session, account_id: str) -> Iterator[str]:
    """What a firm owes is what is not invoiced, what is open of its invoices, less what it paid ahead."""
    waiting = _sum(session, CorporateLine.total_paise, CorporateLine.account_id == account_id,
                   CorporateLine.invoice_id.is_(None))  # fmt: skip
    left = _sum(session, CorporatePayment.left_paise, CorporatePayment.account_id == account_id)
    owed = waiting - left
    for invoice in session.scalars(select(CorporateInvoice).where(CorporateInvoice.account_id == account_id)):
        settled = _sum(session, CorporatePart.paise, CorporatePart.invoice_id == invoice.id)
        credited = _sum(session, CorporateCreditNote.total_paise, CorporateCreditNote.invoice_id == invoice.id)
        if (settled, credited) != (invoice.settled_paise, invoice.credited_paise) or invoice.open_paise < 0:
            yield f"{invoice.serial}: settled {settled}, credited {credited}, says {invoice.open_paise} are open"
        owed += invoice.open_paise
    if owed != (stated := corporate_books.owes(session, account_id)):
        yield f"account {account_id} owes {owed} paise, its statement says {stated}"
    moves = select(CorporateMove).where(CorporateMove.account_id == account_id).order_by(CorporateMove.id)
    running = 0
    for move in session.scalars(moves):
        running += move.paise
        if move.balance_paise != running:
            yield f"move {move.id}: {move.balance_paise} paise, expected {running}"


def _sum(session: Session, column, *where) -> int:
    return int(session.scalar(select(func.coalesce(func.sum(column), 0)).where(*where)))
