"""The port behind which a payment service provider stands: the mock one now, a real one by configuration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

STATUSES = ("captured", "failed", "pending")


class ProviderUnavailable(Exception):
    """The provider could not be asked, or did not answer: nothing is known about the outcome."""


class NotThereYet(ProviderUnavailable):
    """The provider answers, and has not made yet what was asked for."""


class CollectRefused(Exception):
    """The provider does not ask that payer's app for the money: it is paid by code or link as ever."""


class WebhookRefused(ValueError):
    """A webhook that is not the provider's: bad signature or not understood."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a driver is asked to pay.

    reference     the attempt's id without hyphens, 32 characters; also the idempotency key
    amount_paise  more than 0
    note          shown in the payer's app, at most 80 characters
    return_url    where the provider's page leads back to
    expires_at    aware UTC
    """

    reference: str
    amount_paise: int
    note: str
    return_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """An order the provider has accepted.

    ref       the provider's id of it
    intent    upi:// link, for a button or a QR
    page_url  the provider's own page for the payer
    """

    ref: str
    intent: str
    page_url: str


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One thing the provider says about one payment of one order; webhook and poll alike.

    event_id      the same for a repeat of the same fact
    reference     the order's reference: the attempt's id without hyphens
    payment_ref   the provider's id of the payment
    status        one of STATUSES; pending is never final
    code          NPCI's response code
    amount_paise  of the order
    payer         UPI ID, "" when not told
    at            when it happened, aware UTC
    raw           what was received, for the record
    """

    event_id: str
    reference: str
    payment_ref: str
    status: str
    code: str
    amount_paise: int
    payer: str
    at: datetime
    raw: str


class PaymentProvider(Protocol):
    """Every method may raise ProviderUnavailable and may be repeated with the same arguments."""

    name: str

    def place(self, order: Order, now: datetime) -> Placed:
        """Asks for a payment."""

    def collect(self, order_ref: str, payer: str) -> None:
        """Has the UPI app of that UPI ID ask for the order's amount; CollectRefused where it is not to be asked.

        A legacy way: ended for ordinary merchants in February 2026.
        """

    def events(self, order_ref: str) -> list[ProviderEvent]:
        """What has happened on an order, oldest first."""

    def refund(self, reference: str, payment_ref: str, amount_paise: int) -> str:
        """Gives money back; the provider's id of the refund."""

    def settlement(self, day: date) -> bytes:
        """The file of what it has paid out of a day; NotThereYet while it has none."""

    def webhook(self, raw: bytes, signature: str) -> ProviderEvent:
        """A delivered webhook, checked; WebhookRefused otherwise."""
