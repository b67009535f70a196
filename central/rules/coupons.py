"""What a coupon gives and to whom: its terms checked, whether it may be taken, and what it is in a price. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from central.rules.money import WHOLE_BP
from central.rules.quote import AmountCoupon, Coupon, FreeUntilCoupon, MinutesCoupon, PercentCoupon

CODE = re.compile(r"[A-Z0-9]{3,24}")
DAY_MINUTES = 1_440


class Kind(StrEnum):
    """What a coupon takes off; its `value` is in that unit."""

    AMOUNT = "amount"  # paise
    MINUTES = "minutes"
    PERCENT = "percent"  # basis points: 5 000 is half
    FREE_UNTIL = "free_until"  # minutes after midnight, by the site's clock, on the day of entry


#   kind              least, most, and what that is
VALUES: dict[Kind, tuple[int, int, str]] = {
    Kind.AMOUNT:     (1, 1_00_000_00, "0.01 to 1,00,000 rupees"),
    Kind.MINUTES:    (1, 30 * DAY_MINUTES, "1 to 43,200 minutes"),
    Kind.PERCENT:    (1, WHOLE_BP, "0.01 to 100 %"),
    Kind.FREE_UNTIL: (1, DAY_MINUTES, "00:01 to 24:00"),
}  # fmt: skip


class CouponError(ValueError):
    """Terms that can't be: says which one, and what is expected."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon gives, and under which conditions.

    code             A-Z and 0-9, 3 to 24
    value            in the unit of its kind
    valid_from, valid_to  may be taken from .. until, aware UTC; None: no such end
    vehicle_classes  (): any
    stackable        goes together with other coupons that say so too
    per_code         times it can be taken in all, None: without end
    per_day          times on one day of the site
    per_stay         times for one stay
    """

    code: str
    kind: Kind
    value: int
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    vehicle_classes: tuple[str, ...] = ()
    stackable: bool = False
    per_code: int | None = None
    per_day: int | None = None
    per_stay: int = 1

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code):
            raise CouponError(f"code {self.code[:40]!r}: expected 3 to 24 of A-Z and 0-9")
        least, most, expected = VALUES[self.kind]
        if not least <= self.value <= most:
            raise CouponError(f"{self.kind.replace('_', ' ')} {self.value}: expected {expected}")
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise CouponError("valid until: expected a moment after valid from")
        for name, times in (("in all", self.per_code), ("a day", self.per_day), ("a stay", self.per_stay)):
            if times is not None and not 1 <= times <= 1_000_000:
                raise CouponError(f"uses {name}: {times}: expected 1 to 1,000,000")


@dataclass(frozen=True, slots=True)
class Taken:
    """How often a coupon has been taken and not given back: in all, today at its site, and for the stay in question."""

    in_all: int = 0
    today: int = 0
    by_stay: int = 0


def normal_code(text: str) -> str:
    """A code as a person types it: blanks and hyphens dropped, upper case."""
    return re.sub(r"[\s-]", "", text).upper()


def why_not(terms: Terms, vehicle_class: str, now: datetime, taken: Taken, beside: Sequence[Terms] = ()) -> str:
    """Why a stay can't take the coupon at `now`, in words for its driver; "" where it can.

    beside  those that the stay has already, this one too where it has it
    """
    if terms.valid_from is not None and now < terms.valid_from:
        return "is not valid yet"
    if terms.valid_to is not None and now >= terms.valid_to:
        return "is over"
    if terms.vehicle_classes and vehicle_class not in terms.vehicle_classes:
        return f"is not for a {vehicle_class}: it is for {', '.join(terms.vehicle_classes)}"
    if taken.by_stay >= terms.per_stay:
        return "is on this parking already"
    others = [one for one in beside if one.code != terms.code]
    alone = next((one for one in others if not (one.stackable and terms.stackable)), None)
    if alone is not None:
        return f"can't be used together with {alone.code}"
    if terms.per_code is not None and taken.in_all >= terms.per_code:
        return "has been used up"
    if terms.per_day is not None and taken.today >= terms.per_day:
        return "has been used up for today"
    return ""


def together(coupons: Sequence[tuple[Terms, bool]], vehicle_class: str) -> list[bool]:
    """Which of these count for one stay, where two stays turn out to be one or its class was wrong.

    coupons  each with whether a price with it was paid: such a one counts first, and whatever the class
    Those that count keep to the times for one stay, and go together.
    """
    kept: list[Terms] = []
    counts = [False] * len(coupons)
    for place, (terms, was_paid) in sorted(enumerate(coupons), key=lambda one: not one[1][1]):
        times = sum(one.code == terms.code for one in kept)
        alone = any(one.code != terms.code and not (one.stackable and terms.stackable) for one in kept)
        classes = not terms.vehicle_classes or vehicle_class in terms.vehicle_classes
        if times < terms.per_stay and not alone and (was_paid or classes):
            kept.append(terms)
            counts[place] = True
    return counts


def priced(terms: Terms, entered_at: datetime, zone: ZoneInfo) -> Coupon:
    """The coupon as prices know it, for a stay that began then."""
    match terms.kind:
        case Kind.AMOUNT:
            return AmountCoupon(terms.code, terms.value)
        case Kind.MINUTES:
            return MinutesCoupon(terms.code, terms.value)
        case Kind.PERCENT:
            return PercentCoupon(terms.code, terms.value)
        case Kind.FREE_UNTIL:
            return FreeUntilCoupon(terms.code, _on_the_day_of(entered_at, terms.value, zone))


def _on_the_day_of(at: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    day = at.astimezone(zone).date() + timedelta(days=minutes // DAY_MINUTES)
    hours, rest = divmod(minutes % DAY_MINUTES, 60)
    return datetime.combine(day, time(hours, rest), zone).astimezone(UTC)
