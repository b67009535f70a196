"""A payment provider that holds state: orders, payments, refunds, and webhooks that come late, twice or never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from central.payments.provider import CollectRefused, NotThereYet, Order, Placed, ProviderEvent, ProviderUnavailable
from tests.simulation.world.timeline import Timeline

APPROVED, DECLINED, UNKNOWN = "captured", "failed", "pending"
WEBHOOK_TRIES = 12


@dataclass(slots=True)
class Payment:
    """One payment of an order: what its bank says by now, since when, and the money given back of it."""

    id: str
    status: str
    code: str
    at: datetime
    refunded_paise: int = 0


@dataclass(slots=True)
class Book:
    """An order and its payments."""

    order: Order
    payments: list[Payment] = field(default_factory=list)

    @property
    def kept_paise(self) -> int:
        """What its payers have lost for good."""
        captured = [payment for payment in self.payments if payment.status == APPROVED]
        return sum(self.order.amount_paise - payment.refunded_paise for payment in captured)

    @property
    def settled(self) -> bool:
        """Nothing more can be paid: it is paid, or a bank has not said whether it is."""
        return any(payment.status in (APPROVED, UNKNOWN) for payment in self.payments)


class Psp:
    """The provider, as central's payment service and as payers know it.

    deliver  brings a webhook to central; False when central can't take it now
    poor     share of requests that are not answered, some of them done all the same
    """

    name = "psp"

    def __init__(self, timeline: Timeline, dice: Random, deliver: Callable[[ProviderEvent], bool]) -> None:
        self._timeline, self._dice, self._deliver = timeline, dice, deliver
        self.poor = 0.0
        self.books: dict[str, Book] = {}
        self._refunds: dict[str, str] = {}
        self._count = 0

    # -- for central

    def place(self, order: Order, now: datetime) -> Placed:
        self._maybe_away()
        book = self.books.setdefault(order.reference, Book(order))
        assert book.order.amount_paise == order.amount_paise, "a reference was used for another amount"
        self._maybe_away()
        return Placed(order.reference, f"upi://pay?tr={order.reference}", f"http://psp/{order.reference}")

    def collect(self, order_ref: str, payer: str) -> None:
        raise CollectRefused("this provider asks no app for money: it is paid by code or link")

    def events(self, order_ref: str) -> list[ProviderEvent]:
        self._maybe_away()
        book = self.books[order_ref]
        return [self._event(book, payment) for payment in book.payments]

    def refund(self, reference: str, payment_ref: str, amount_paise: int) -> str:
        self._maybe_away()
        if reference not in self._refunds:
            payment = next(p for book in self.books.values() for p in book.payments if p.id == payment_ref)
            payment.refunded_paise += amount_paise
            self._refunds[reference] = f"r{len(self._refunds)}"
            self._timeline.note(f"psp: gives back {amount_paise} of {payment_ref}")
        self._maybe_away()
        return self._refunds[reference]

    def settlement(self, day: date) -> bytes:
        self._maybe_away()
        raise NotThereYet(f"{day}: no day ends in a world, so none is settled")

    def webhook(self, raw: bytes, signature: str) -> ProviderEvent:
        raise NotImplementedError("here webhooks come as events; their signatures are tested elsewhere")

    # -- for payers

    def pay(self, reference: str, answer: str, then: str | None = None, then_s: float = 0.0) -> str:
        """A payer presses pay: the bank's answer now, and what it turns out to be later (None: it stands)."""
        book = self.books[reference]
        if book.settled:
            return "refused"
        if self._timeline.utc >= book.order.expires_at:
            return "expired"
        self._count += 1
        code = {APPROVED: "00", DECLINED: "U30", UNKNOWN: "RB"}[answer]
        payment = Payment(f"p{self._count}", answer, code, self._timeline.utc)
        book.payments.append(payment)
        self._timeline.note(
            f"psp: {payment.id} of {book.order.amount_paise} {answer}{f', {then} later' if then else ''}"
        )
        self._announce(book, payment)
        if then is not None:
            self._timeline.after(then_s, lambda: self._turns_out(book, payment, then))
        return answer

    def _turns_out(self, book: Book, payment: Payment, status: str) -> None:
        if status == APPROVED and any(other.status == APPROVED for other in book.payments):
            self._timeline.note(f"psp: {payment.id} is given back at once, its order is paid")
            return
        payment.status, payment.code, payment.at = status, "00" if status == APPROVED else "U30", self._timeline.utc
        self._timeline.note(f"psp: {payment.id} turns out {status}")
        self._announce(book, payment)

    def _announce(self, book: Book, payment: Payment) -> None:
        event = self._event(book, payment)
        if self._dice.random() < 0.1:
            return  # never comes: the poll must find out
        for _ in range(self._dice.choice([1, 1, 1, 2, 3])):
            self._timeline.after(self._dice.choice([0.2, 0.5, 2.0, 20.0]), lambda: self._try(event, WEBHOOK_TRIES))

    def _try(self, event: ProviderEvent, tries: int) -> None:
        if not self._deliver(event) and tries > 1:
            self._timeline.after(10.0, lambda: self._try(event, tries - 1))

    def _event(self, book: Book, payment: Payment) -> ProviderEvent:
        return ProviderEvent(
            event_id=f"{payment.id}:{payment.status}",
            reference=book.order.reference,
            payment_ref=payment.id,
            status=payment.status,
            code=payment.code,
            amount_paise=book.order.amount_paise,
            payer="asha@bank",
            at=payment.at,
            raw="{}",
        )

    def _maybe_away(self) -> None:
        if self._dice.random() < self.poor:
            raise ProviderUnavailable("no answer")
