"""Violations: when one is raised, when a person looks instead, and the literal table of what becomes of it. Pure.

A violation accuses somebody. So it is raised only where the plate was read exactly, and surely enough; a near match, a
doubtful read or a doubtful clock is put before a person and raises nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from central.rules.invoice import SAC_PENALTY
from central.rules.lines import duration
from central.rules.money import taxed
from central.rules.quote import Line, LineKind, Quote


class IllegalStep(ValueError):
    """A step the table does not have. Nothing has changed."""


class Kind(StrEnum):
    """What was done. The site says for each whether anything follows from it."""

    OVERSTAY = "overstay"  # inside longer than the site allows
    BLOCKLISTED = "blocklisted"  # a denied plate was seen
    UNPAID_EXIT = "unpaid_exit"  # let out to be billed, or out behind another vehicle, and not paid in time
    WRONG_CLASS = "wrong_class"  # a pass for another class of vehicle
    ANTI_PASSBACK = "anti_passback"  # in, while its plate was inside and had not been to an exit


class Status(StrEnum):
    """Of a violation. What is asked for may be paid until it has ended."""

    RAISED = "raised"
    NOTIFIED = "notified"
    APPEALED = "appealed"
    UPHELD = "upheld"
    WAIVED = "waived"
    PAID = "paid"
    WRITTEN_OFF = "written_off"


class Signal(StrEnum):
    NOTIFY = "notify"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    WAIVE = "waive"
    PAY = "pay"
    WRITE_OFF = "write_off"


#    in this status       on this signal      go to
MOVES: dict[tuple[Status, Signal], Status] = {
    (Status.RAISED,   Signal.NOTIFY):    Status.NOTIFIED,
    (Status.RAISED,   Signal.WAIVE):     Status.WAIVED,
    (Status.RAISED,   Signal.PAY):       Status.PAID,
    (Status.NOTIFIED, Signal.NOTIFY):    Status.NOTIFIED,
    (Status.NOTIFIED, Signal.APPEAL):    Status.APPEALED,
    (Status.NOTIFIED, Signal.WAIVE):     Status.WAIVED,
    (Status.NOTIFIED, Signal.PAY):       Status.PAID,
    (Status.NOTIFIED, Signal.WRITE_OFF): Status.WRITTEN_OFF,
    (Status.APPEALED, Signal.UPHOLD):    Status.UPHELD,
    (Status.APPEALED, Signal.WAIVE):     Status.WAIVED,
    (Status.APPEALED, Signal.PAY):       Status.PAID,
    (Status.UPHELD,   Signal.WAIVE):     Status.WAIVED,
    (Status.UPHELD,   Signal.PAY):       Status.PAID,
    (Status.UPHELD,   Signal.WRITE_OFF): Status.WRITTEN_OFF,
}  # fmt: skip
ENDED = frozenset({Status.WAIVED, Status.PAID, Status.WRITTEN_OFF})


def step(status: Status, signal: Signal) -> Status:
    """The status after a signal; IllegalStep where the table has none."""
    try:
        return MOVES[status, signal]
    except KeyError:
        raise IllegalStep(f"a violation that is {status} can't take {signal}") from None


@dataclass(frozen=True, slots=True)
class Rule:
    """What a site asks for one kind. amount_paise: tax included, 0 for none. sure: least confidence, 0 to 1.

    tax_rate_bp  0: no consideration for a service, and outside GST (see `central.rules.invoice`); sac  of one that is
    """

    amount_paise: int
    tax_rate_bp: int = 0
    sac: str = SAC_PENALTY
    wait: timedelta = timedelta()
    pay_within: timedelta = timedelta(days=15)
    sure: float = 0.9


@dataclass(frozen=True, slots=True)
class Seen:
    """How well it is known which vehicle it was, and when.

    plate       None: not read
    exact       False for a plate that is but like the stay's
    confidence  of the read, 0 to 1; None where nobody tells
    doubt       why a person should look, "" for nothing: a clock that was not set, a passage that was assumed
    """

    plate: str | None
    exact: bool = True
    confidence: float | None = None
    doubt: str = ""


class Verdict(StrEnum):
    RAISE = "raise"
    LOOK = "look"  # a person decides


def verdict(seen: Seen, rule: Rule) -> tuple[Verdict, str]:
    """Whether what was seen is enough to accuse that plate, and if not, why a person should look."""
    if seen.plate is None:
        return Verdict.LOOK, "its plate was not read"
    if not seen.exact:
        return Verdict.LOOK, "the plate read is but like that of the stay"
    if seen.confidence is None or seen.confidence < rule.sure:
        how_sure = "unsure" if seen.confidence is None else f"only {int(seen.confidence * 100)} % sure"
        return Verdict.LOOK, f"its plate was read {how_sure}"
    return (Verdict.LOOK, seen.doubt) if seen.doubt else (Verdict.RAISE, "")


def overstayed(entered_at: datetime | None, left_at: datetime | None, allowed: timedelta, now: datetime) -> bool:
    """Whether a stay is, or was, longer than allowed; the end of its clock counts, not the wait at the exit."""
    return entered_at is not None and (left_at or now) > entered_at + allowed


def passed_back(inside_since: datetime, asked_to_leave: bool, entered_at: datetime) -> bool:
    """Whether an entry is one of a plate that is still inside: it came before, and was at no exit since."""
    return inside_since < entered_at and not asked_to_leave


def asked(kind: Kind, amount_paise: int, rule: Rule, since: datetime | None, now: datetime, ends: datetime) -> Quote:
    """What a notice asks for, as a quote of one line with its tax in it: it is paid and receipted like any other."""
    tax = taxed(amount_paise, rule.tax_rate_bp, included=True)
    minutes = 0 if since is None else max(0, int((now - since).total_seconds() // 60))
    text = f"Penalty: {LINES[kind]}"
    if kind is Kind.OVERSTAY and minutes:
        text += f" ({duration(minutes)})"
    return Quote(
        tariff_id=f"violation:{kind}",
        tariff_version=0,
        entered_at=since,
        until=now,
        minutes=minutes,
        lines=(Line(LineKind.CHARGE, text, amount_paise, str(kind)),),
        subtotal_paise=tax.taxable_paise,
        tax_paise=tax.tax_paise,
        tax_rate_bp=rule.tax_rate_bp,
        tax_included=True,
        rounding_paise=0,
        total_paise=amount_paise,
        paid_paise=0,
        quoted_at=now,
        valid_until=ends,
    )


#: as on a receipt
LINES: dict[Kind, str] = {
    Kind.OVERSTAY: "stayed longer than allowed",
    Kind.BLOCKLISTED: "vehicle not allowed here",
    Kind.UNPAID_EXIT: "left without paying",
    Kind.WRONG_CLASS: "pass of another vehicle class",
    Kind.ANTI_PASSBACK: "entered while inside",
}
