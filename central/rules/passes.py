"""Passes that are sold: how long one holds, what it costs as a bill, and what goes back of it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from central.rules.money import taxed
from central.rules.quote import Line, LineKind, Quote

RENEWABLE_FOR = timedelta(days=15)  # after its end: then it is sold anew
REMIND_BEFORE = timedelta(days=5)


class PassState(StrEnum):
    """Of a sold pass."""

    UNPAID = "unpaid"
    PAID = "paid"  # it holds, or will
    LAPSED = "lapsed"  # its time is over
    REFUNDED = "refunded"  # given back before its end
    DROPPED = "dropped"  # nobody paid


#    in this state           go to
MOVES: dict[PassState, tuple[PassState, ...]] = {
    PassState.UNPAID:   (PassState.PAID, PassState.DROPPED),
    PassState.PAID:     (PassState.LAPSED, PassState.REFUNDED),
    PassState.LAPSED:   (),
    PassState.REFUNDED: (),
    PassState.DROPPED:  (PassState.PAID,),  # the money came late all the same
}  # fmt: skip


def step(state: PassState, to: PassState) -> PassState:
    """The next state; ValueError where the table has no such step."""
    if to not in MOVES[state]:
        raise ValueError(f"a pass that is {state} can't become {to}")
    return to


def ends(begin: datetime, days: int, hours: int, zone: ZoneInfo) -> datetime:
    """When a pass from then on ends: that many days of the site's calendar at the same time of day, and the hours."""
    local = begin.astimezone(zone)
    return (local + timedelta(days=days)).astimezone(UTC) + timedelta(hours=hours)


def bill(name: str, price_paise: int, tax_rate_bp: int, begin: datetime, end: datetime, now: datetime) -> Quote:
    """The bill of a pass. price_paise: tax included, more than 0."""
    tax = taxed(price_paise, tax_rate_bp, included=True)
    return Quote(
        tariff_id="pass",
        tariff_version=0,
        entered_at=begin,
        until=end,
        minutes=int((end - begin).total_seconds() // 60),
        lines=(Line(LineKind.CHARGE, name, price_paise),),
        subtotal_paise=tax.taxable_paise,
        tax_paise=tax.tax_paise,
        tax_rate_bp=tax_rate_bp,
        tax_included=True,
        rounding_paise=0,
        total_paise=price_paise,
        paid_paise=0,
        quoted_at=now,
        valid_until=end,
    )


def refund_paise(price_paise: int, begin: datetime, end: datetime, at: datetime) -> int:
    """What goes back of a pass given up at `at`: all before it begins, then its share of the whole days left.

    Rupees begun are kept, so that what goes back is whole rupees.
    """
    if at <= begin:
        return price_paise
    days_left = max(timedelta(), end - at) // timedelta(days=1)
    share = price_paise * days_left * 86_400 // int((end - begin).total_seconds())
    return share - share % 100


def renewal_begins(end: datetime, now: datetime) -> datetime | None:
    """When the renewal of a pass that ends then begins; None where it is over for too long to be renewed."""
    return None if now > end + RENEWABLE_FOR else max(end, now)
