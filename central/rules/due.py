"""What is owed for a stay, and what payments, waivers and refunds do to it. Pure.

Illegal steps raise and change nothing. `apply` takes what payment providers report, doubled and in any order: the end
is the same, the first matching capture is kept, every other is given back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from central.rules.attempt import Attempt, AttemptStatus, Report, hear
from central.rules.due_table import DUE_MOVES, DueSignal, DueStatus


class IllegalStep(ValueError):
    """A step the table does not have. Nothing has changed."""


class Effect(StrEnum):
    """What the caller must see to, in the same transaction."""

    PERMIT = "permit"  # the due is settled: issue a receipt, and let the vehicle out where that pays for its stay
    REFUND_DUPLICATE = "refund_duplicate"  # give the whole capture back
    REVIEW_AMOUNT = "review_amount"  # captured and asked amounts differ: a person decides


@dataclass(frozen=True, slots=True)
class Do:
    """One effect: of which attempt, about which amount (int paise)."""

    effect: Effect
    attempt_id: str
    amount_paise: int


@dataclass(frozen=True, slots=True)
class Due:
    """What a stay owes once, and every attempt to pay it.

    amount_paise      owed, more than 0
    quote_expires_at  while QUOTED: the amount holds until then, aware UTC
    paid_by           id of the attempt whose capture was kept
    attempts          by id
    refunds           refund id -> (attempt id, int paise), of every attempt
    """

    id: str
    amount_paise: int
    status: DueStatus = DueStatus.OPEN
    quote_expires_at: datetime | None = None
    paid_by: str | None = None
    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    refunds: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.amount_paise <= 0:
            raise ValueError(f"a due of {self.amount_paise} paise: expected more than 0")

    def refunded_paise(self, attempt_id: str | None) -> int:
        """Given back so far of one attempt's money."""
        return sum(paise for of, paise in self.refunds.values() if of == attempt_id)


@dataclass(frozen=True, slots=True)
class Reported:
    """What somebody says about an attempt. With CAPTURED: how much came, and when the bank took it."""

    attempt_id: str
    report: Report
    amount_paise: int | None = None
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money of an attempt has gone back to its payer. refund_id makes it count once."""

    refund_id: str
    attempt_id: str
    amount_paise: int


def step(status: DueStatus, signal: DueSignal) -> DueStatus:
    """The status after a signal; IllegalStep where the table has none."""
    try:
        return DUE_MOVES[status, signal]
    except KeyError:
        raise IllegalStep(f"a due that is {status} can't take {signal}") from None


def quote(due: Due, amount_paise: int, expires_at: datetime) -> Due:
    """The due with an amount that holds until expires_at; also a new amount for one already quoted."""
    status = step(due.status, DueSignal.QUOTE)
    return replace(due, status=status, amount_paise=amount_paise, quote_expires_at=expires_at)


def expire_quote(due: Due, now: datetime) -> Due:
    """The due with its quote dropped, once that has run out; unchanged before, or where none is live."""
    if due.status is not DueStatus.QUOTED or now < due.quote_expires_at:
        return due
    return replace(due, status=step(due.status, DueSignal.QUOTE_EXPIRED), quote_expires_at=None)


def waive(due: Due) -> Due:
    """The due given up by an operator. Money that still comes for it is refunded."""
    return replace(due, status=step(due.status, DueSignal.WAIVE), quote_expires_at=None)


def apply(due: Due, event: Reported | Refunded) -> tuple[Due, tuple[Do, ...]]:
    """The due after a provider's event, and what must be done about it. Doubled and stale events do nothing.

    A capture settles the due at the amount its attempt asked for, also late and after a newer quote: the driver paid
    what we asked. IllegalStep for an attempt the due does not have, or a refund of more than was captured.
    """
    if event.attempt_id not in due.attempts:
        raise IllegalStep(f"due {due.id} has no attempt {event.attempt_id!r}")
    if isinstance(event, Refunded):
        return _refund(due, event)
    if event.report is Report.CAPTURED:
        return _capture(due, event)
    return _with(due, hear(due.attempts[event.attempt_id], event.report, event.reason)), ()


def _capture(due: Due, event: Reported) -> tuple[Due, tuple[Do, ...]]:
    before = due.attempts[event.attempt_id]
    if before.captured_paise is not None:
        return due, ()
    if event.amount_paise is None or event.amount_paise <= 0 or event.at is None:
        raise IllegalStep(f"capture of {event.attempt_id!r}: expected its amount (more than 0) and instant")
    amount = event.amount_paise
    captured = replace(hear(before, Report.CAPTURED), captured_paise=amount, captured_at=event.at)
    if amount != before.amount_paise:
        odd = replace(captured, status=AttemptStatus.MISMATCH)
        return _with(due, odd), (Do(Effect.REVIEW_AMOUNT, before.id, amount),)
    if (due.status, DueSignal.SETTLE) not in DUE_MOVES:
        second = replace(captured, status=AttemptStatus.DUPLICATE)
        return _with(due, second), (Do(Effect.REFUND_DUPLICATE, before.id, amount),)
    paid = replace(
        _with(due, captured), status=DueStatus.PAID, paid_by=before.id, amount_paise=amount, quote_expires_at=None
    )
    return _with_refunds(paid), (Do(Effect.PERMIT, before.id, amount),)


def _refund(due: Due, event: Refunded) -> tuple[Due, tuple[Do, ...]]:
    if event.refund_id in due.refunds:
        return due, ()
    attempt = due.attempts[event.attempt_id]
    back = due.refunded_paise(attempt.id) + event.amount_paise
    if event.amount_paise <= 0 or (attempt.captured_paise is not None and back > attempt.captured_paise):
        raise IllegalStep(
            f"refund {event.refund_id!r} of {event.amount_paise} paise: expected 1 to "
            f"{(attempt.captured_paise or 0) - back + event.amount_paise} of attempt {attempt.id!r}"
        )
    refunds = {**due.refunds, event.refund_id: (attempt.id, event.amount_paise)}
    after = replace(due, refunds=refunds)
    return (after if attempt.id != due.paid_by else _with_refunds(after)), ()


def _with_refunds(due: Due) -> Due:
    """The due with its status brought up to what has been refunded of the kept capture."""
    back = due.refunded_paise(due.paid_by)
    if not back:
        return due
    signal = DueSignal.REFUND_PART if back < due.amount_paise else DueSignal.REFUND_REST
    return replace(due, status=step(due.status, signal))


def _with(due: Due, attempt: Attempt) -> Due:
    return replace(due, attempts={**due.attempts, attempt.id: attempt})
