"""What is owed, and how it is paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from central.actions import guest, owners
from central.api.desk import Asked, desk
from central.api.operations import get, post
from central.api.problem import Failed
from central.api.resources.shared import stay
from central.api.words import INR, Answer, Body, Currency, IdPath, Instant, Paise
from central.payments import service
from central.store.reads import api as reads
from central.store.schema import Attempt, Due

TAG = "Money"


class DueAnswer(Answer):
    """What a stay or an account owes. kind: stay, violation, pass, wallet; a quoted amount holds until holds_until."""

    id: str
    kind: str
    stay_id: str | None
    account_id: str | None
    state: str
    amount_paise: Paise
    currency: Currency
    quoted_at: Instant
    holds_until: Instant | None
    paid_at: Instant | None
    receipt_id: str | None
    payment_ids: list[str]


class DueList(Answer):
    dues: list[DueAnswer]


class RefundAnswer(Answer):
    id: str
    amount_paise: Paise
    currency: Currency
    state: str
    reason: str
    created_at: Instant
    done_at: Instant | None


class PaymentAnswer(Answer):
    """One try to pay a due. instrument: what paid, masked; applied: this is the payment that was kept."""

    id: str
    due_id: str
    provider: str
    state: str
    amount_paise: Paise
    captured_paise: Paise | None
    currency: Currency
    created_at: Instant
    expires_at: Instant
    finished_at: Instant | None
    instrument: str
    failure_code: str
    applied: bool
    refunds: list[RefundAnswer]


class OfferAnswer(Answer):
    """How the due can be paid now. intent: upi:// link for a button or a QR; page_url: the provider's own page."""

    payment_id: str
    amount_paise: Paise
    currency: Currency
    intent: str
    page_url: str
    expires_at: Instant


class PayBody(Body):
    """Nothing is asked; an empty object."""


@get("/stays/<id>/dues", "payments:read", DueList, TAG)
def list_stay_dues(at: Asked, path: IdPath) -> DueList:
    """What was ever asked for a stay, the oldest first"""
    return DueList(dues=[_due(at, one) for one in reads.dues_of(at.session, stay(at, path.id).id)])


@post("/stays/<id>/dues", "payments:write", DueAnswer, TAG, status=200)
def ask_stay_price(at: Asked, path: IdPath, body: PayBody) -> DueAnswer:
    """Ask for a stay's price, so that it holds for a while and can be paid"""
    asked = guest.ask_price(at.session, stay(at, path.id).id, at.now)
    if asked is None:
        raise Failed(409, "nothing is to be paid for this stay now")
    return _due(at, asked)


@get("/dues/<id>", "payments:read", DueAnswer, TAG)
def get_due(at: Asked, path: IdPath) -> DueAnswer:
    """One due"""
    return _due(at, _owned(at, path.id))


@post("/dues/<id>/payments", "payments:write", OfferAnswer, TAG, outside=True)
def start_payment(at: Asked, path: IdPath, body: PayBody) -> Callable[[], OfferAnswer]:
    """Begin to pay a due by UPI. An offer that still stands is given again."""
    due, ours = _owned(at, path.id), desk()
    keep_open = timedelta(minutes=ours.settings.payments.attempt_minutes)

    def begin() -> OfferAnswer:
        offer = service.start_attempt(
            ours.database, ours.provider, due.id, ours.settings.public_url, keep_open, ours.now()
        )
        return OfferAnswer(
            payment_id=offer.attempt_id,
            amount_paise=offer.amount_paise,
            currency=INR,
            intent=offer.intent,
            page_url=offer.page_url,
            expires_at=offer.expires_at,
        )

    return begin


@get("/payments/<id>", "payments:read", PaymentAnswer, TAG)
def get_payment(at: Asked, path: IdPath) -> PaymentAnswer:
    """One payment, with what went back of it"""
    row = reads.one(at.session, Attempt, path.id)
    if row is None:
        raise Failed(404, "there is no such payment")
    _owned(at, row.due_id, "payment")
    return PaymentAnswer(
        id=row.id,
        due_id=row.due_id,
        provider=row.provider,
        state=row.state,
        amount_paise=row.amount_paise,
        captured_paise=row.captured_paise,
        currency=INR,
        created_at=row.created_at,
        expires_at=row.expires_at,
        finished_at=row.finished_at,
        instrument=row.instrument,
        failure_code=row.failure_code,
        applied=row.applied,
        refunds=[
            RefundAnswer(
                id=one.id, amount_paise=one.amount_paise, currency=INR, state=one.state, reason=one.reason,
                created_at=one.created_at, done_at=one.done_at,
            )
            for one in reads.refunds_of(at.session, row.id)
        ],
    )  # fmt: skip


def _owned(at: Asked, due_id: str, what: str = "due") -> Due:
    due = reads.one(at.session, Due, due_id)
    return at.seen(due, what, due and owners.site_of(at.session, due))


def _due(at: Asked, due: Due) -> DueAnswer:
    receipt = reads.receipt_of(at.session, due.id)
    return DueAnswer(
        id=due.id,
        kind=due.kind,
        stay_id=due.stay_id,
        account_id=due.account_id,
        state=due.state,
        amount_paise=due.amount_paise,
        currency=INR,
        quoted_at=due.quoted_at,
        holds_until=due.expires_at,
        paid_at=due.paid_at,
        receipt_id=receipt and receipt.id,
        payment_ids=[one.id for one in reads.attempts_of(at.session, due.id)],
    )
