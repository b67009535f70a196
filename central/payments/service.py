"""Taking money: every word of a provider about a payment, by webhook, poll or settlement, goes through `apply_event`.

A provider is never asked inside a database transaction: a slow one would hold up the gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import ledger, news, owners, paying, webhooks_out
from central.actions.errors import Refused
from central.actions.owners import Owner, note
from central.actions.queue import enqueue
from central.actions.records import ask_review
from central.payments.provider import Order, PaymentProvider, ProviderEvent
from central.rules import due as rules
from central.rules.due import AttemptStatus, DueStatus, Effect, Report
from central.rules.money import rupees
from central.store.database import Database
from central.store.once import insert_once
from central.store.schema import Attempt, Due, PaymentEvent, Refund
from edge.protocol.ids import uuid7

# kinds of jobs
POLL, REFUND = "poll_attempt", "refund"

# an attempt whose end the provider may still tell us when asked
OPEN_ENDED = (str(AttemptStatus.CREATED), str(AttemptStatus.PENDING), str(AttemptStatus.UNKNOWN))
_ALIVE = (str(AttemptStatus.CREATED), str(AttemptStatus.PENDING))
# an attempt with less than this left is not offered again: nobody pays in less
_ENOUGH_TIME = timedelta(seconds=60)
_FIRST_POLL = timedelta(seconds=15)
_LONGEST_POLL_GAP = timedelta(hours=1)
# a bank may report a capture this long after the attempt ended
_LATE_CAPTURE = timedelta(days=2)
_REPORTS = {"captured": Report.CAPTURED, "failed": Report.FAILED, "pending": Report.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Offer:
    """How a driver can pay a due now: `intent` for a UPI app, `page_url` for a browser.

    asked  the UPI ID whose app was asked for it, masked, "" where none was
    """

    attempt_id: str
    amount_paise: int
    intent: str
    page_url: str
    expires_at: datetime
    asked: str = ""


def start_attempt(
    database: Database, provider: PaymentProvider, due_id: str, return_url: str, keep_open: timedelta, now: datetime
) -> Offer:
    """An open attempt at a due's amount: the one already offered, or a new one.

    Refused when nothing is to be paid; ProviderUnavailable when the provider can't be asked, then pressing again
    goes on with the same attempt.
    """
    with database.begin() as session:
        due, stay = owners.hold_due(session, due_id)
        if due.state not in (DueStatus.OPEN, DueStatus.QUOTED):
            raise Refused(f"nothing is to be paid here: this amount is {due.state.replace('_', ' ')}")
        attempt = _open_attempt(session, due, now) or _new_attempt(session, due, provider.name, now + keep_open, now)
        if attempt.provider_ref is not None:
            return _offer(attempt)
        order = Order(
            reference=attempt.id.replace("-", ""),
            amount_paise=attempt.amount_paise,
            note=owners.what_for(session, due, stay),
            return_url=return_url,
            expires_at=attempt.expires_at,
        )
    placed = provider.place(order, now)
    with database.begin() as session:
        attempt = session.get_one(Attempt, attempt.id, with_for_update=True)
        attempt.provider_ref, attempt.intent, attempt.page_url = placed.ref, placed.intent, placed.page_url
        if attempt.state == AttemptStatus.CREATED:
            attempt.state = str(AttemptStatus.PENDING)
        return _offer(attempt)


def current_offer(session: Session, due_id: str, now: datetime) -> Offer | None:
    """How the due can be paid right now, where a payment of it has been begun."""
    attempt = _open_attempt(session, session.get_one(Due, due_id), now)
    return None if attempt is None or attempt.provider_ref is None else _offer(attempt)


def apply_event(session: Session, provider_name: str, event: ProviderEvent, now: datetime) -> str:
    """Applies what a provider says, once however often it is said; returns what it did, in a word or two."""
    attempt_id = _attempt_id(event.reference)
    due_id = session.scalar(select(Attempt.due_id).where(Attempt.id == attempt_id))
    record = {
        "id": uuid7(),
        "provider": provider_name,
        "provider_event_id": event.event_id,
        "attempt_id": attempt_id if due_id else None,
        "raw": event.raw,
        "received_at": now,
        "outcome": "" if due_id else "no such attempt",
    }
    if not insert_once(session, PaymentEvent, record):
        return "known already"
    if due_id is None:
        return record["outcome"]
    outcome = _heard(session, due_id, attempt_id, event, now)
    session.get_one(PaymentEvent, record["id"]).outcome = outcome
    return outcome


def _heard(session: Session, due_id: str, attempt_id: str, event: ProviderEvent, now: datetime) -> str:
    due, stay = owners.hold_due(session, due_id)
    attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
    report = _REPORTS[event.status]
    if attempt.captured_paise is not None:
        if report is not Report.CAPTURED or event.payment_ref == attempt.payment_ref:
            return attempt.state
        # one code, paid from two phones: the provider calls them two payments
        _ask_refund(session, attempt_id, event.payment_ref, event.amount_paise, now)
        note(session, stay, now, "paid twice", "payment", amount_paise=event.amount_paise)
        return str(AttemptStatus.DUPLICATE)
    attempt.instrument = masked(event.payer)
    amount = None
    if report is Report.CAPTURED:
        attempt.payment_ref, amount = event.payment_ref, event.amount_paise
    return _report(session, due, stay, attempt, rules.Reported(attempt_id, report, amount, event.at, event.code), now)


def poll_attempt(database: Database, provider: PaymentProvider, attempt_id: str, now: datetime) -> timedelta | None:
    """Asks the provider about an attempt; how long to wait before asking again, None when there is no need."""
    with database.read() as session:
        attempt = session.get_one(Attempt, attempt_id)
    events = provider.events(attempt.provider_ref) if attempt.provider_ref else []
    with database.begin() as session:
        for event in events:
            apply_event(session, provider.name, event, now)
        due, stay = owners.hold_due(session, attempt.due_id)
        attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
        if attempt.state in _ALIVE and now >= attempt.expires_at:
            _report(session, due, stay, attempt, rules.Reported(attempt_id, Report.EXPIRED), now)
        if attempt.captured_paise is not None or now >= attempt.expires_at + _LATE_CAPTURE:
            return None
        age = now - attempt.created_at
        return min(_LONGEST_POLL_GAP, max(_FIRST_POLL, age / 2))


def send_refund(database: Database, provider: PaymentProvider, refund_id: str, now: datetime) -> None:
    """Has the provider give money back; repeating it gives nothing back twice."""
    with database.begin() as session:
        refund = session.get(Refund, refund_id, with_for_update=True)
        if refund is None:
            return  # a person has held it back in time
        refund.sent_at = refund.sent_at or now
    ref = provider.refund(refund_id.replace("-", ""), refund.payment_ref, refund.amount_paise)
    with database.begin() as session:
        refund_done(session, refund_id, ref, now)


def refund_done(session: Session, refund_id: str, provider_ref: str, now: datetime) -> None:
    """The provider has given the money back, as it says itself or its settlement file does."""
    attempt_id = session.get_one(Refund, refund_id).attempt_id
    due, stay = owners.hold_due(session, session.get_one(Attempt, attempt_id).due_id)
    refund = session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
    if refund.state == "done":
        return
    refund.state, refund.provider_ref, refund.done_at = "done", provider_ref, now
    ledger.refunded(session, refund, now, by="provider")
    note(session, stay, now, "refunded", "payment", amount_paise=refund.amount_paise, why=refund.reason)
    news.refunded(session, stay, due, refund, now)
    webhooks_out.payment(session, "payment.refunded", stay.site_id, due, refund.amount_paise, now)


def masked(payer: str) -> str:
    """A UPI ID that its owner recognises and nobody else can use: asha.k@bank is "a****k@bank"."""
    name, at, bank = payer.partition("@")
    return f"{name[:1]}****{name[-1:]}{at}{bank}" if at else ""


def _report(session: Session, due: Due, stay: Owner, attempt: Attempt, report: rules.Reported, now: datetime) -> str:
    """Walks the rules' tables with one report and sees to its effects. The rows are locked."""
    before = _as_rule(session, due)
    after, effects = rules.apply(before, report)
    heard = after.attempts[attempt.id]
    attempt.state, attempt.captured_paise = str(heard.status), heard.captured_paise
    if heard.captured_at is not None and attempt.finished_at is None:
        attempt.finished_at = heard.captured_at
    if report.reason:
        attempt.failure_code = "" if heard.status is AttemptStatus.CAPTURED else report.reason
    attempt.applied = after.paid_by == attempt.id
    due.state, due.amount_paise = str(after.status), after.amount_paise
    for do in effects:
        _see_to(session, do, due, stay, attempt, now)
    if not effects and before.attempts[attempt.id].status is not heard.status:
        told = {"amount_paise": attempt.amount_paise, "code": report.reason}
        note(session, stay, now, f"payment {heard.status}", "payment", **told)
        if heard.status is AttemptStatus.FAILED:
            news.payment_failed(session, stay, due, attempt, now)
        webhooks_out.payment_ended(session, stay.site_id, due, attempt, now)
    return str(heard.status)


def _see_to(session: Session, do: rules.Do, due: Due, stay: Owner, attempt: Attempt, now: datetime) -> None:
    match do.effect:
        case Effect.PERMIT:
            # the receipt is part of it: mark_paid issues one for every due that is paid
            paying.mark_paid(session, due, now, by="UPI")
        case Effect.REFUND_DUPLICATE:
            _ask_refund(session, attempt.id, attempt.payment_ref, do.amount_paise, now)
            note(session, stay, now, "paid twice", "payment", amount_paise=do.amount_paise)
        case Effect.REVIEW_AMOUNT:
            ledger.captured_for_nothing(session, attempt.id, attempt.payment_ref, do.amount_paise, now)
            ask_review(stay, f"{rupees(do.amount_paise)} came where another amount was asked for")


def _ask_refund(session: Session, attempt_id: str, payment_ref: str, amount_paise: int, now: datetime) -> None:
    ledger.captured_for_nothing(session, attempt_id, payment_ref, amount_paise, now)
    refund = Refund(
        id=uuid7(),
        attempt_id=attempt_id,
        payment_ref=payment_ref,
        amount_paise=amount_paise,
        reason="paid twice",
        state="requested",
        created_at=now,
    )
    session.add(refund)
    session.flush()
    enqueue(session, REFUND, f"{REFUND}:{refund.id}", {"refund_id": refund.id}, now)


def _as_rule(session: Session, due: Due) -> rules.Due:
    of_due = select(Attempt).where(Attempt.due_id == due.id).order_by(Attempt.id)
    rows = list(session.scalars(of_due.execution_options(populate_existing=True)))
    attempts = {
        row.id: rules.Attempt(row.id, row.amount_paise, AttemptStatus(row.state), row.captured_paise) for row in rows
    }
    refunds = {
        refund.id: (refund.attempt_id, refund.amount_paise)
        for refund in session.scalars(
            select(Refund).join(Attempt).where(Attempt.due_id == due.id, Refund.payment_ref == Attempt.payment_ref)
        )
    }
    return rules.Due(
        id=due.id,
        amount_paise=due.amount_paise,
        status=DueStatus(due.state),
        quote_expires_at=due.expires_at,
        paid_by=next((row.id for row in rows if row.applied), None),
        attempts=attempts,
        refunds=refunds,
    )


def _open_attempt(session: Session, due: Due, now: datetime) -> Attempt | None:
    alive = select(Attempt).where(
        Attempt.due_id == due.id,
        Attempt.state.in_(_ALIVE),
        Attempt.amount_paise == due.amount_paise,
        Attempt.expires_at > now + _ENOUGH_TIME,
    )
    return session.scalar(alive.order_by(Attempt.id.desc()).limit(1))


def _new_attempt(session: Session, due: Due, provider: str, expires_at: datetime, now: datetime) -> Attempt:
    attempt = Attempt(
        id=uuid7(),
        due_id=due.id,
        provider=provider,
        state=str(AttemptStatus.CREATED),
        amount_paise=due.amount_paise,
        created_at=now,
        expires_at=expires_at,
        applied=False,
    )
    session.add(attempt)
    session.flush()
    enqueue(session, POLL, f"{POLL}:{attempt.id}", {"attempt_id": attempt.id}, now + _FIRST_POLL)
    return attempt


def _offer(attempt: Attempt) -> Offer:
    ways = (attempt.intent, attempt.page_url)
    return Offer(attempt.id, attempt.amount_paise, *ways, attempt.expires_at, attempt.asked_upi)


def _attempt_id(reference: str) -> str:
    """The attempt's id with its hyphens back; the reference itself where it can't be one."""
    if len(reference) != 32:
        return reference
    return "-".join((reference[:8], reference[8:12], reference[12:16], reference[16:20], reference[20:]))
