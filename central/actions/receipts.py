"""Issues the tax invoice of a paid due, with the next number of its site's financial year."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.billing import OF_VIOLATION, paid_quote
from central.rules import invoice as rules
from central.store.once import insert_once
from central.store.schema import Account, Due, InvoiceCounter, Receipt, Site, Stay, Violation
from edge.protocol.ids import uuid7

# a site that has not said in which state it is: parking is taxed where it is, so both sides are the same place
_STATE_NOT_TOLD = "00"


def issue_receipt(session: Session, row: Stay | Account, due: Due, now: datetime) -> Receipt:
    """The receipt of a paid due; the one it has, where it has one."""
    known = session.scalar(select(Receipt).where(Receipt.due_id == due.id))
    if known is not None:
        return known
    site = session.get_one(Site, row.site_id)
    zone = ZoneInfo(site.timezone)
    state = site.state_code if len(site.state_code) == 2 and site.state_code.isdigit() else _STATE_NOT_TOLD
    year = rules.FinancialYear.of(now, zone).begins
    number = rules.serial(site.invoice_prefix, now, zone, _next_number(session, site.id, year))
    quote = paid_quote(due)
    bill = rules.invoice(quote, number, now, state, state, sac=_sac(session, due, quote.tax_rate_bp))
    receipt = Receipt(
        id=uuid7(),
        serial=bill.number,
        site_id=site.id,
        financial_year=year,
        stay_id=due.stay_id,
        due_id=due.id,
        issued_at=now,
        lines=[dict(asdict(line), kind=str(line.kind)) for line in bill.lines],
        sac=bill.sac,
        supplier_state=bill.supplier_state,
        place_of_supply=bill.place_of_supply,
        tax_rate_bp=bill.tax_rate_bp,
        tax_included=bill.tax_included,
        taxable_paise=bill.taxable_paise,
        cgst_paise=bill.gst.cgst_paise,
        sgst_paise=bill.gst.sgst_paise,
        igst_paise=bill.gst.igst_paise,
        rounding_paise=bill.rounding_paise,
        total_paise=bill.total_paise,
    )
    session.add(receipt)
    session.flush()
    return receipt


def _sac(session: Session, due: Due, tax_rate_bp: int) -> str:
    """What a due is for: a notice's word of its own where it is taxed, and none where it is not."""
    if due.kind != OF_VIOLATION:
        return rules.SAC_PARKING
    return session.scalars(select(Violation.sac).where(Violation.due_id == due.id)).one() if tax_rate_bp else ""


def _next_number(session: Session, site_id: str, year: int) -> int:
    insert_once(session, InvoiceCounter, {"site_id": site_id, "financial_year": year, "last": 0})
    counter = session.get_one(InvoiceCounter, (site_id, year), with_for_update=True)
    counter.last += 1
    session.flush()
    return counter.last
