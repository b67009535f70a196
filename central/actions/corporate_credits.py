"""Credit notes of firms' invoices: whole lines are taken back, with their tax, and what was paid for them is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import corporate_books, corporate_parts
from central.actions.audit import audit
from central.actions.corporate_serials import next_serial
from central.rules import ledger as ledger_rules
from central.rules.ledger import Fact
from central.store.schema import (
    Account,
    CorporateCreditNote,
    CorporateInvoice,
    CorporateLine,
    CreditNoteCounter,
    Site,
)
from edge.protocol.ids import uuid7

AMOUNTS = ("taxable", "cgst", "sgst", "igst", "rounding", "total")


def sums(lines: Sequence[CorporateLine]) -> dict[str, int]:
    """Each amount of the lines together, by its column."""
    return {f"{name}_paise": sum(getattr(line, f"{name}_paise") for line in lines) for name in AMOUNTS}


def credit(
    session: Session, invoice: CorporateInvoice, lines: Sequence[CorporateLine], now: datetime, by: str, reason: str
) -> CorporateCreditNote:
    """Takes lines of an invoice back. Its site and the firm's terms are held, and no line was taken back before."""
    serial, year = next_serial(session, CreditNoteCounter, session.get_one(Site, invoice.site_id), now)
    made = CorporateCreditNote(
        id=uuid7(), serial=serial, site_id=invoice.site_id, financial_year=year, invoice_id=invoice.id, issued_at=now,
        by=by, reason=reason.strip()[:200], **sums(lines),
    )  # fmt: skip
    session.add(made)
    session.flush()
    for line in lines:
        line.credit_id = made.id
    invoice.credited_paise += made.total_paise
    account = session.get_one(Account, invoice.account_id)
    parts = {name: getattr(made, f"{name}_paise") for name in AMOUNTS}
    corporate_books.book(
        session, account, f"account_credited:{made.id}", Fact.ACCOUNT_CREDITED,
        ledger_rules.postings(Fact.ACCOUNT_CREDITED, **parts), now, by=by, note=serial, invoice_id=invoice.id,
    )  # fmt: skip
    corporate_parts.free_what_is_over(session, account, invoice, now, by)
    corporate_parts.use_what_is_left(session, account.id)
    audit(session, now, by, "firm's invoice credited", invoice.serial, credit_note=serial, why=made.reason)
    return made
