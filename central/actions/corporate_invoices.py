"""Makes firms' monthly invoices: once for each account and month, of all that was on account until the month's end."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import corporate_books, corporate_parts
from central.actions.audit import audit
from central.actions.corporate_charges import line_of
from central.actions.corporate_corrections import take_off
from central.actions.corporate_credits import sums
from central.actions.corporate_firms import held_firm
from central.actions.corporate_serials import next_serial
from central.actions.errors import Refused
from central.actions.records import hold, lock_site
from central.rules import corporate as rules
from central.rules import corporate_months as months
from central.rules.corporate_months import Month
from central.rules.invoice import SAC_PARKING
from central.rules.money import rupees
from central.store.schema import (
    Account,
    CorporateCreditNote,
    CorporateInvoice,
    CorporateLine,
    CorporateTerms,
    Due,
    InvoiceCounter,
    Site,
)
from edge.protocol.ids import uuid7

SYSTEM = "central"


def waiting(session: Session, now: datetime) -> list[str]:
    """Ids of the accounts that a month is to be invoiced for."""
    known = (
        select(CorporateTerms, Site.timezone)
        .join(Account, Account.id == CorporateTerms.account_id)
        .join(Site, Site.id == Account.site_id)
        .order_by(CorporateTerms.account_id)
    )
    return [terms.account_id for terms, zone in session.execute(known) if _months(terms, now, ZoneInfo(zone))]


def make_due(session: Session, account_id: str, now: datetime) -> list[CorporateInvoice]:
    """The invoices whose day has come; [] where there are none, or nothing was parked."""
    account, terms = held_firm(session, account_id)
    site = session.get_one(Site, account.site_id)
    return _make(session, account, terms, site, _months(terms, now, ZoneInfo(site.timezone)), now, SYSTEM)


def make_now(session: Session, account_id: str, now: datetime, by: str) -> list[CorporateInvoice]:
    """The invoices of months that are over, before their day has come. Refused where there is nothing to invoice."""
    account, terms = held_firm(session, account_id)
    site = session.get_one(Site, account.site_id)
    zone = ZoneInfo(site.timezone)
    over = list(months.to_invoice(Month.read(terms.invoiced_to), now, zone, 1))
    made = _make(session, account, terms, site, over, now, by)
    if not made:
        raise Refused(f"nothing to invoice up to {Month.of(now, zone).moved(-1)}: {Month.of(now, zone)} is not over")
    return made


def unbilled(session: Session, account_id: str, until: datetime | None = None) -> list[CorporateLine]:
    """What is on account and on no invoice yet; until: only what was left before then."""
    waits = select(CorporateLine).where(CorporateLine.account_id == account_id, CorporateLine.invoice_id.is_(None))
    if until is not None:
        waits = waits.where(CorporateLine.left_at < until)
    return list(session.scalars(waits.order_by(CorporateLine.left_at, CorporateLine.id)))


def credit_stay(session: Session, line_id: str, now: datetime, by: str, reason: str) -> CorporateCreditNote:
    """Staff take a stay back of an invoice: nobody owes it any more."""
    line = session.get(CorporateLine, line_id)
    if line is None or line.invoice_id is None:
        raise Refused("there is no such line on an invoice")
    account = session.get_one(Account, line.account_id)
    lock_site(session, account.site_id)
    row = hold(session, session.get_one(Due, line.due_id).stay_id)
    session.refresh(line)
    if not (reason := reason.strip()[:200]):
        raise Refused("say why: a credit note needs a reason")
    if line.credit_id is not None or line_of(session, line.due_id) is None:
        raise Refused("this stay was taken back of the invoice before")
    take_off(session, [row], now, by, reason, only=[line.due_id])
    session.refresh(line)
    return session.get_one(CorporateCreditNote, line.credit_id)


def _months(terms: CorporateTerms, now: datetime, zone: ZoneInfo) -> list[Month]:
    return list(months.to_invoice(Month.read(terms.invoiced_to), now, zone, terms.invoice_day))


def _make(
    session: Session, account: Account, terms: CorporateTerms, site: Site, over: list[Month], now: datetime, by: str
) -> list[CorporateInvoice]:
    made = []
    for month in over:
        lines = unbilled(session, account.id, month.end(ZoneInfo(site.timezone)))
        if lines:
            made.append(_invoice(session, account, terms, site, month, lines, now, by))
        terms.invoiced_to = str(month)
    session.flush()
    return made


def _invoice(
    session: Session, account: Account, terms: CorporateTerms, site: Site, month: Month, lines: list[CorporateLine],
    now: datetime, by: str,
) -> CorporateInvoice:  # fmt: skip
    serial, year = next_serial(session, InvoiceCounter, site, now)
    here, there = rules.places(rules.Supply(terms.supply), site.state_code, terms.state_code)
    made = CorporateInvoice(
        id=uuid7(), serial=serial, site_id=site.id, financial_year=year, account_id=account.id, month=str(month),
        issued_at=now, by=by, sac=SAC_PARKING, supplier_state=here, place_of_supply=there,
        due_on=months.due_on(now, terms.payment_days, ZoneInfo(site.timezone)).isoformat(),
        buyer={name: getattr(terms, name) for name in ("legal_name", "address", "gstin", "state_code", "supply")},
        brought_paise=0, credited_paise=0, settled_paise=0, **sums(lines),
    )  # fmt: skip
    session.add(made)
    session.flush()
    for line in lines:
        line.invoice_id = made.id
    note = f"{serial} {month} {rupees(made.total_paise)}"
    corporate_books.state(
        session, account.id, f"invoiced:{made.id}", corporate_books.INVOICED, 0, now, note=note, invoice_id=made.id
    )
    corporate_parts.use_what_is_left(session, account.id)
    made.brought_paise = made.settled_paise
    audit(session, now, by, "firm invoiced", serial, account=account.id, month=str(month), total_paise=made.total_paise)
    return made
