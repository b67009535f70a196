"""Credit notes: what a refund takes back of an invoice, numbered in a series of its own."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import card_refunds, ledger, news, owners, repeats, shifts, wallet, webhooks_out
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.ledger_check import CARD, CASH, WALLET
from central.actions.records import hold, lock_site, note
from central.rules import credit_note as rules
from central.rules.due import DueSignal, DueStatus, step
from central.rules.invoice import FinancialYear
from central.rules.ledger import Split
from central.rules.money import rupees
from central.store.once import insert_once
from central.store.schema import Attempt, CreditNote, CreditNoteCounter, Due, Receipt, Refund, Site
from edge.protocol.ids import uuid7


def credited_paise(session: Session, receipt_id: str) -> int:
    """What has been taken back of an invoice so far."""
    so_far = select(func.coalesce(func.sum(CreditNote.total_paise), 0)).where(CreditNote.receipt_id == receipt_id)
    return int(session.scalar(so_far))


def issue(
    session: Session, receipt_id: str, amount_paise: int, now: datetime, *, by: str, reason: str, rrn: str = "",
    key: str | None = None,
) -> tuple[CreditNote, Refund]:  # fmt: skip
    """A credit note and the refund it is for, still to be paid out where it goes through the provider.

    Cash comes out of the drawer of `by`. rrn: on the card terminal's refund slip, where a card had paid.
    Refused beyond what is left of the invoice, without a reason, or for a payment that can't be given back here.
    """
    receipt = session.get(Receipt, receipt_id)
    if receipt is None:
        raise Refused("there is no such receipt")
    reason, rrn = reason.strip()[:200], rrn.strip()
    if not reason:
        raise Refused("say why: a refund needs a reason")
    site = lock_site(session, receipt.site_id)
    body = {"receipt": receipt.id, "paise": amount_paise, "reason": reason, "rrn": rrn}
    asked = repeats.request(session, "refund", key, **body)
    if asked.before is not None:
        done = session.get_one(CreditNote, asked.before)
        return done, session.get_one(Refund, done.refund_id)
    row = None if receipt.stay_id is None else hold(session, receipt.stay_id)
    due = session.get_one(Due, receipt.due_id, with_for_update=True, populate_existing=True)
    attempt = session.scalar(select(Attempt).where(Attempt.due_id == due.id, Attempt.applied))
    if attempt is None:
        raise Refused(f"receipt {receipt.serial} was not paid by anything that can be given back")
    before = credited_paise(session, receipt.id)
    try:
        part = rules.credit(ledger.split_of(receipt), before, amount_paise)
    except ValueError as error:
        left = receipt.total_paise - before
        raise Refused(
            f"refund of {rupees(amount_paise)}: expected {rupees(rules.LEAST_PAISE)} to {rupees(left)},"
            f" which is left of receipt {receipt.serial}"
        ) from error
    refund = Refund(
        id=uuid7(),
        attempt_id=attempt.id,
        payment_ref=attempt.payment_ref,
        amount_paise=amount_paise,
        reason=reason,
        state="requested",
        created_at=now,
    )
    session.add(refund)
    session.flush()
    made = _note(session, site, receipt, refund, part, before, now, by)
    whole = before + amount_paise == receipt.total_paise
    due.state = str(step(DueStatus(due.state), DueSignal.REFUND_REST if whole else DueSignal.REFUND_PART))
    ledger.credited(session, made, due, now)
    if row is not None:
        note(session, row, now, "credited", by, amount_paise=amount_paise, why=reason, credit_note=made.serial)
    audit(session, now, by, "refund", receipt.serial, credit_note=made.serial, amount_paise=amount_paise, why=reason)
    if attempt.provider == WALLET:
        wallet.give_back(session, attempt.payment_ref, refund, now, by)
    elif attempt.provider == CARD:
        card_refunds.on_the_terminal(session, site.id, attempt, refund, rrn, now, by)
    elif attempt.provider == CASH:
        shifts.out_of_the_drawer(session, site.id, refund, now, by)
    if refund.state == "done":
        news.refunded(session, owners.owner_of(session, due), due, refund, now)
        webhooks_out.payment(session, "payment.refunded", site.id, due, refund.amount_paise, now)
    asked.done(session, made.id, now)
    return made, refund


def agrees(made: CreditNote, receipt: Receipt) -> bool:
    """True where the note's amounts are what its invoice and the notes before it give."""
    wanted = rules.credit(ledger.split_of(receipt), made.amount_before_paise, made.total_paise)
    return wanted == ledger.split_of(made) and wanted.total_paise == made.total_paise


def _note(
    session: Session, site: Site, receipt: Receipt, refund: Refund, part: Split, before: int, now: datetime, by: str
) -> CreditNote:
    zone = ZoneInfo(site.timezone)
    year = FinancialYear.of(now, zone).begins
    made = CreditNote(
        id=uuid7(),
        serial=rules.serial(site.invoice_prefix, now, zone, _next_number(session, site.id, year)),
        site_id=site.id,
        financial_year=year,
        receipt_id=receipt.id,
        refund_id=refund.id,
        issued_at=now,
        by=by,
        reason=refund.reason,
        amount_before_paise=before,
        taxable_paise=part.taxable_paise,
        cgst_paise=part.cgst_paise,
        sgst_paise=part.sgst_paise,
        igst_paise=part.igst_paise,
        rounding_paise=part.rounding_paise,
        total_paise=part.total_paise,
    )
    session.add(made)
    session.flush()
    return made


def _next_number(session: Session, site_id: str, year: int) -> int:
    insert_once(session, CreditNoteCounter, {"site_id": site_id, "financial_year": year, "last": 0})
    counter = session.get_one(CreditNoteCounter, (site_id, year), with_for_update=True)
    counter.last += 1
    session.flush()
    return counter.last
