"""The price of a stay. Pure: `price(tariff, stay, now)` gives a quote whose every line says what it is for.

Always in this order: elapsed time, free minutes, elements and day caps, caps and floors of the stay, coupons, pass,
what was paid before, tax, and rounding once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from central.rules.charges import Charged, charge
from central.rules.discounts import coupon_lines, pass_line
from central.rules.lines import charge_lines, duration
from central.rules.money import rupees, taxed, untaxed
from central.rules.quote import Line, LineKind, PricedStay, Quote
from central.rules.schedule import epoch_s, pieces
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_parts import FreeMode, Limits, ReEntryMode, Rounding, RoundingMode


def price(tariff: Tariff, stay: PricedStay, now: datetime) -> Quote:
    """What a stay costs at `now` (aware UTC), or when its clock stopped.

    Time counts in whole minutes, seconds dropped but for the first minute, which counts once begun. A clock that went
    backwards costs nothing. ValueError for an instant without time zone; TariffError where the tariff does not price
    this vehicle, or a lost ticket of unknown entry.
    """
    if stay.vehicle_class not in tariff.vehicle_classes:
        priced = ", ".join(tariff.vehicle_classes)
        raise TariffError(f"tariff {tariff.id} does not price a {stay.vehicle_class!r}: expected one of {priced}")
    if now.tzinfo is None:
        raise ValueError(f"now {now.isoformat()} has no time zone: expected aware UTC")
    until = stay.stopped_at or now
    timed = _time(tariff, stay, epoch_s(until))
    lines = _value_lines(tariff, stay, timed)
    value, paid = _total(lines), _paid(tariff, stay, timed)
    credit = _credit(tariff, value, paid)
    if credit:
        lines.append(Line(LineKind.CREDIT, f"Paid before: {rupees(paid)}", -credit))
    tax = taxed(value - credit, tariff.tax_rate_bp, included=tariff.tax_included)
    percent = f"{tariff.tax_rate_bp / 100:g} %"
    if not tariff.tax_included and tax.tax_paise:
        lines.append(Line(LineKind.TAX, f"GST {percent} of {rupees(tax.taxable_paise)}", tax.tax_paise))
    rounded = rounding(tax.gross_paise, tariff.rounding)
    if rounded:
        lines.append(Line(LineKind.ROUNDING, f"Rounded to {rupees(tariff.rounding.to_paise)}", rounded))
    return Quote(
        tariff_id=tariff.id,
        tariff_version=tariff.version,
        entered_at=stay.entered_at,
        until=until,
        minutes=timed.minutes,
        lines=tuple(lines),
        subtotal_paise=tax.taxable_paise,
        tax_paise=tax.tax_paise,
        tax_rate_bp=tariff.tax_rate_bp,
        tax_included=tariff.tax_included,
        rounding_paise=rounded,
        total_paise=tax.gross_paise + rounded,
        paid_paise=paid,
        quoted_at=now,
        valid_until=_valid_until(tariff, stay, timed, now),
    )


@dataclass(frozen=True, slots=True)
class _Timed:
    """The time to be charged, epoch seconds: start..end, empty where none is.

    minutes    parked, this stay alone
    free       True where the free minutes cover all of it
    continued  True where it goes on from an earlier stay
    """

    start: int
    end: int
    minutes: int
    free: bool
    continued: bool


def _time(tariff: Tariff, stay: PricedStay, until: int) -> _Timed:
    if stay.entered_at is None:
        if not stay.lost_ticket:
            raise ValueError("a stay without entry has no price: expected entered_at, or lost_ticket")
        return _Timed(until, until, 0, False, False)
    entered = epoch_s(stay.entered_at)
    minutes = max(1, (until - entered) // 60) if until > entered else 0
    back = stay.earlier is not None and tariff.is_return(stay.earlier.left_at, stay.entered_at)
    continued = back and tariff.re_entry_mode is ReEntryMode.CONTINUE
    start = entered - stay.earlier.minutes * 60 if continued else entered
    end = entered + minutes * 60
    free_s = 0 if back and not continued else int(tariff.free.total_seconds())
    if end - start <= free_s:
        return _Timed(end, end, minutes, True, continued)
    if tariff.free_mode is FreeMode.DEDUCTED:
        start += free_s
    return _Timed(start, end, minutes, False, continued)


def _value_lines(tariff: Tariff, stay: PricedStay, timed: _Timed) -> list[Line]:
    """The lines before credit, tax and rounding; they sum to 0 or more."""
    limits = tariff.limits_for(stay.vehicle_class)

    def run(start: int, end: int) -> Charged:
        timeline = pieces(tariff, stay.vehicle_class, stay.pass_cover, start, end)
        return charge(tariff, limits, timeline, start, end)

    def cost(start: int, end: int) -> int:
        return _limited(run(start, end).paise, limits) if start < end else 0

    lines = []
    if timed.free:
        lines.append(Line(LineKind.FREE, f"{duration(timed.minutes)} parked: free", 0, minutes=timed.minutes))
    elif tariff.free and tariff.free_mode is FreeMode.DEDUCTED and timed.end > timed.start:
        free = int(tariff.free.total_seconds() // 60)
        lines.append(Line(LineKind.FREE, f"First {duration(free)} free", 0, minutes=free))
    if timed.start < timed.end:
        charged = run(timed.start, timed.end)
        lines += charge_lines(tariff, charged)
        lines += _limit_lines(charged.paise, limits)
    if stay.lost_ticket:
        lines += _lost_lines(tariff, limits, _total(lines), known=stay.entered_at is not None)
    if stay.coupons:
        lines += coupon_lines(stay.coupons, cost, timed.start, timed.end, _total(lines), tariff.zone)
    if stay.pass_cover is not None:
        lines += pass_line(stay.pass_cover, cost, timed.start, timed.end, _total(lines))
    return lines


def _limited(paise: int, limits: Limits) -> int:
    """The cost of time between the cap and the floor of a stay."""
    if limits.session_paise is not None:
        paise = min(paise, limits.session_paise)
    return max(paise, limits.minimum_paise or 0) if paise else 0


def _limit_lines(paise: int, limits: Limits) -> list[Line]:
    change = _limited(paise, limits) - paise
    if change < 0:
        return [Line(LineKind.CAP, f"A stay costs at most {rupees(limits.session_paise)}", change)]
    if change > 0:
        return [Line(LineKind.MINIMUM, f"A stay costs at least {rupees(limits.minimum_paise)}", change)]
    return []


def _lost_lines(tariff: Tariff, limits: Limits, so_far: int, *, known: bool) -> list[Line]:
    least = limits.lost_ticket_paise
    if least is None:
        if not known:
            raise TariffError(f"tariff {tariff.id} has no lost_ticket_paise and the entry is unknown: can't price it")
        return []
    if least <= so_far:
        return []
    return [Line(LineKind.LOST_TICKET, f"Lost ticket: at least {rupees(least)}", least - so_far)]


def _paid(tariff: Tariff, stay: PricedStay, timed: _Timed) -> int:
    return stay.paid_paise + (stay.earlier.paid_paise if timed.continued else 0)


def _credit(tariff: Tariff, value: int, paid: int) -> int:
    """The part of a value (before any added tax) that money paid before covers."""
    if tariff.tax_included or not paid:
        return min(value, paid)
    whole = taxed(value, tariff.tax_rate_bp, included=False).gross_paise
    if paid >= whole + rounding(whole, tariff.rounding):
        return value
    return min(value, untaxed(paid, tariff.tax_rate_bp))


def rounding(paise: int, rule: Rounding) -> int:
    """What rounding adds to an amount (negative: takes off) of 0 or more."""
    step = rule.to_paise
    over = paise % step
    up = step - over if over else 0
    if rule.mode is RoundingMode.UP or (rule.mode is RoundingMode.NEAREST and 2 * over >= step):
        return up
    return -over


def _valid_until(tariff: Tariff, stay: PricedStay, timed: _Timed, now: datetime) -> datetime:
    """The quote's normal validity; of a free one whose clock runs, no longer than it stays free."""
    valid = now + tariff.quote_valid
    if timed.free and stay.stopped_at is None and not timed.continued:
        return max(now, min(valid, stay.entered_at + tariff.free + timedelta(minutes=1)))
    return valid


def _total(lines: list[Line]) -> int:
    return sum(line.amount_paise for line in lines)
