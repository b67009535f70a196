"""What coupons and a pass take off the cost of parked time. Pure.

A discount in time takes off what that time cost: the cost of the whole less the cost of what is left. No amount falls
below 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from central.rules.lines import duration
from central.rules.money import WHOLE_BP, rupees, share
from central.rules.quote import (
    AmountCoupon,
    Coupon,
    FreeUntilCoupon,
    Line,
    LineKind,
    MinutesCoupon,
    PassCover,
    PercentCoupon,
)
from central.rules.schedule import epoch_s, pass_span

Cost = Callable[[int, int], int]  # paise of start..end, epoch seconds
_ORDER = (FreeUntilCoupon, MinutesCoupon, PercentCoupon, AmountCoupon)  # time first, then shares, then money


def coupon_lines(coupons: Iterable[Coupon], cost: Cost, start: int, end: int, owed: int, zone: ZoneInfo) -> list[Line]:
    """One line for each coupon that takes something off an amount owed for start..end (epoch seconds)."""
    lines = []
    whole = cost(start, end)
    for coupon in sorted(coupons, key=lambda coupon: (_ORDER.index(type(coupon)), coupon.code)):
        match coupon:
            case FreeUntilCoupon(_, until):
                start = min(end, max(start, epoch_s(until)))
                off, what = whole - cost(start, end), f"free until {until.astimezone(zone):%d.%m. %H:%M}"
            case MinutesCoupon(_, minutes):
                end = max(start, end - minutes * 60)
                off, what = whole - cost(start, end), f"{duration(minutes)} free"
            case PercentCoupon(_, percent_bp):
                off, what = share(owed, percent_bp), f"{percent_bp / 100:g} % off"
            case AmountCoupon(_, amount_paise):
                off, what = amount_paise, f"{rupees(amount_paise)} off"
        if isinstance(coupon, FreeUntilCoupon | MinutesCoupon):
            whole = min(whole, whole - off)
        off = max(0, min(off, owed))
        owed -= off
        if off:
            lines.append(Line(LineKind.COUPON, f"Coupon {coupon.code}: {what}", -off, coupon.code))
    return lines


def pass_line(held: PassCover, cost: Cost, start: int, end: int, owed: int) -> list[Line]:
    """The line of a pass that pays its share of what the time it was valid in cost."""
    first, last = pass_span(held, start, end)
    covered = cost(start, end) - cost(start, first) - cost(last, end)
    off = max(0, min(owed, share(covered, held.percent_bp)))
    if not off:
        return []
    part = "" if held.percent_bp == WHOLE_BP else f", {held.percent_bp / 100:g} %"
    return [Line(LineKind.PASS, f"Pass {held.kind}{part}", -off, minutes=(last - first) // 60)]
