"""The next number of a site's series of invoices, or of credit notes: firms' are of the same series as all others."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from central.rules import credit_note, invoice
from central.store.once import insert_once
from central.store.schema import CreditNoteCounter, InvoiceCounter, Site

_SERIALS = {InvoiceCounter: invoice.serial, CreditNoteCounter: credit_note.serial}


def next_serial(
    session: Session, counter: type[InvoiceCounter] | type[CreditNoteCounter], site: Site, now: datetime
) -> tuple[str, int]:
    """A serial that was never given out, and the financial year it is of. The site is held."""
    zone = ZoneInfo(site.timezone)
    year = invoice.FinancialYear.of(now, zone).begins
    insert_once(session, counter, {"site_id": site.id, "financial_year": year, "last": 0})
    row = session.get_one(counter, (site.id, year), with_for_update=True, populate_existing=True)
    row.last += 1
    session.flush()
    return _SERIALS[counter](site.invoice_prefix, now, zone, row.last), year
