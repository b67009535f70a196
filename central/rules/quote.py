"""What goes into a price (the stay's facts, coupons, a pass) and what comes out (a quote and its lines). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class AmountCoupon:
    """Takes off a fixed amount, int paise."""

    code: str
    amount_paise: int


@dataclass(frozen=True, slots=True)
class MinutesCoupon:
    """The last `minutes` of the stay cost nothing."""

    code: str
    minutes: int


@dataclass(frozen=True, slots=True)
class PercentCoupon:
    """Takes off a share, basis points: 5 000 is half."""

    code: str
    percent_bp: int


@dataclass(frozen=True, slots=True)
class FreeUntilCoupon:
    """Everything before `until` costs nothing; charging begins then. Aware UTC."""

    code: str
    until: datetime


Coupon = AmountCoupon | MinutesCoupon | PercentCoupon | FreeUntilCoupon


@dataclass(frozen=True, slots=True)
class PassCover:
    """A pass the vehicle holds.

    kind         word that elements may be restricted to
    valid_from, valid_to  aware UTC, the end excluded; None: always
    percent_bp   share of the covered time's price it pays: 10 000 all of it, 0 where it only chooses an element
    """

    kind: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    percent_bp: int = 10_000


@dataclass(frozen=True, slots=True)
class EarlierStay:
    """The same vehicle's stay before this one, for the re-entry window.

    left_at    when it passed the exit, aware UTC
    minutes    how long it had been parked
    paid_paise what it paid, tax included
    """

    left_at: datetime
    minutes: int
    paid_paise: int = 0


@dataclass(frozen=True, slots=True)
class PricedStay:
    """The facts of a stay that its price depends on. Instants are aware UTC.

    entered_at   None only together with lost_ticket
    stopped_at   when the clock stopped (exit requested, or left); None: it still runs
    paid_paise   paid already for this stay, tax included
    """

    entered_at: datetime | None
    vehicle_class: str = "car"
    stopped_at: datetime | None = None
    lost_ticket: bool = False
    coupons: tuple[Coupon, ...] = ()
    pass_cover: PassCover | None = None
    earlier: EarlierStay | None = None
    paid_paise: int = 0


class LineKind(StrEnum):
    """What a line of a quote is, in the order lines come."""

    FREE = "free"
    CHARGE = "charge"
    CAP = "cap"
    MINIMUM = "minimum"
    LOST_TICKET = "lost_ticket"
    COUPON = "coupon"
    PASS = "pass"
    CREDIT = "credit"
    TAX = "tax"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a quote, bill or receipt.

    text          a sentence a driver understands
    amount_paise  what it adds, negative where it takes off
    element       name of the tariff element, or code of the coupon; "" where it comes from neither
    minutes       time it covers, 0 where that means nothing
    """

    kind: LineKind
    text: str
    amount_paise: int
    element: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """A price and how it came about. The lines' amounts sum to total_paise.

    tariff_id, tariff_version  what priced it
    entered_at, until          the time priced, aware UTC; entered_at None with a lost ticket
    minutes                    parked, whole minutes; of those begun only the first counts
    subtotal_paise             value before tax and rounding (taxable value)
    tax_paise                  tax, whether included or added
    rounding_paise             what rounding added or took
    total_paise                to be paid now: subtotal + tax + rounding
    paid_paise                 paid before and credited
    quoted_at, valid_until     the amount holds from .. until, aware UTC
    """

    tariff_id: str
    tariff_version: int
    entered_at: datetime | None
    until: datetime
    minutes: int
    lines: tuple[Line, ...]
    subtotal_paise: int
    tax_paise: int
    tax_rate_bp: int
    tax_included: bool
    rounding_paise: int
    total_paise: int
    paid_paise: int
    quoted_at: datetime
    valid_until: datetime
