"""One property for each rule of a tariff, over drawn tariffs and stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from central.rules.pricing import price
from central.rules.quote import AmountCoupon, EarlierStay, MinutesCoupon, PercentCoupon, PricedStay
from central.rules.stay import permit_after_payment, permit_at_entry
from central.rules.tariff import Tariff
from central.rules.tariff_parts import (
    VEHICLE_CLASSES,
    Element,
    Flat,
    FreeMode,
    Limits,
    ReEntryMode,
    Restart,
    Rounding,
    RoundingMode,
    TimePrice,
    When,
    WindowFlat,
)
from tests.central.rules.test_price_properties import components, entries, lengths, limits, tariffs, vehicles

INDIA = ZoneInfo("Asia/Kolkata")
paise = st.integers(1, 500).map(lambda rupees: rupees * 100)
free_minutes = st.integers(1, 120)
plain = st.builds(lambda made: (Element("Parking", made),), components())


def board(elements: tuple[Element, ...], **keys) -> Tariff:
    return Tariff("t", "s", 1, INDIA, date(2011, 1, 1), elements, **{"tax_rate_bp": 0, **keys})


def cost(tariff: Tariff, entered: datetime, minutes: int, vehicle_class: str = "car", **facts) -> int:
    return price(tariff, PricedStay(entered, vehicle_class, **facts), entered + timedelta(minutes=minutes)).total_paise


@given(tariffs(), vehicles, entries, lengths, free_minutes)
def test_free_minutes_with_a_cliff_change_nothing_for_a_longer_stay(tariff, vehicle, entered, minutes, free):
    cliff = replace(tariff, free=timedelta(minutes=free), free_mode=FreeMode.CLIFF)
    entered = entered.replace(second=0)
    bare = cost(replace(tariff, free=timedelta(0)), entered, minutes, vehicle)
    assert cost(cliff, entered, minutes, vehicle) == (0 if minutes <= free else bare)


@given(tariffs(), vehicles, entries, lengths, free_minutes)
def test_free_minutes_that_are_deducted_move_the_entry(tariff, vehicle, entered, minutes, free):
    deducted = replace(tariff, free=timedelta(minutes=free), free_mode=FreeMode.DEDUCTED)
    entered, late = entered.replace(second=0), entered.replace(second=0) + timedelta(minutes=free)
    rest = cost(replace(tariff, free=timedelta(0)), late, max(0, minutes - free), vehicle)
    assert cost(deducted, entered, minutes, vehicle) == (0 if minutes <= free else rest)


@given(tariffs(), entries, st.integers(0, 240))
def test_the_exit_opens_for_the_grace_after_paying_and_the_free_minutes_after_entering(tariff, at, grace):
    tariff = replace(tariff, exit_grace=timedelta(minutes=grace))
    assert permit_after_payment(tariff, at) - at == timedelta(minutes=grace)
    assert permit_at_entry(tariff, at) == (at + tariff.free if tariff.free else None)


@given(tariffs(), vehicles, entries, lengths, paise)
def test_no_24_hours_cost_more_than_the_rolling_cap(tariff, vehicle, entered, minutes, cap):
    capped = board(
        tariff.elements,
        restart=tariff.restart,
        limits=(Limits(rolling_24h_paise=cap),),
        holiday_sets=tariff.holiday_sets,
    )
    assert cost(capped, entered, minutes, vehicle) <= -(-max(minutes, 1) // 1_440) * cap


@given(tariffs(), vehicles, entries, lengths, paise)
def test_no_local_date_costs_more_than_the_calendar_cap(tariff, vehicle, entered, minutes, cap):
    capped = board(
        tariff.elements,
        restart=tariff.restart,
        limits=(Limits(calendar_day_paise=cap),),
        holiday_sets=tariff.holiday_sets,
    )
    first, last = (at.astimezone(INDIA).date() for at in (entered, entered + timedelta(minutes=max(minutes, 1))))
    assert cost(capped, entered, minutes, vehicle) <= ((last - first).days + 1) * cap


@given(tariffs(), vehicles, entries, lengths, limits())
def test_a_stay_is_between_its_floor_and_its_cap(tariff, vehicle, entered, minutes, rule):
    assume(not rule.session_paise or not rule.minimum_paise or rule.minimum_paise <= rule.session_paise)
    total = cost(board(tariff.elements, limits=(rule,), holiday_sets=tariff.holiday_sets), entered, minutes, vehicle)
    assert total <= (rule.session_paise or total)
    assert total == 0 or total >= (rule.minimum_paise or 0)


@given(entries, st.integers(1, 12), paise, st.integers(0, 47), st.integers(1, 46), st.sampled_from(list(Restart)))
def test_a_night_is_paid_once_for_each_night_that_is_touched(entered, days, fee, first, long, restart):
    night = Element("Night", (WindowFlat(fee),), When(first * 30, (first + long) % 48 * 30))
    entered = entered.replace(second=0)
    nights = set()
    for minute in range(0, days * 1_440, 30):
        wall = (entered + timedelta(minutes=minute)).astimezone(INDIA)
        for at in (wall, (entered + timedelta(minutes=minute + 29)).astimezone(INDIA)):
            since = (at - timedelta(minutes=first * 30)).replace(tzinfo=None)
            if since.hour * 60 + since.minute < long * 30:
                nights.add(since.date())
    assert cost(board((night, Element("Day", ())), restart=restart), entered, days * 1_440) == len(nights) * fee


@given(tariffs(), vehicles, entries, st.integers(0, 8 * 1_440), paise, st.integers(0, 47), st.integers(1, 46))
def test_a_surcharge_is_added_for_each_night_and_changes_nothing_else(
    tariff, vehicle, entered, minutes, fee, first, long
):
    night = When(first * 30, (first + long) % 48 * 30)
    calm = board(tariff.elements, holiday_sets=tariff.holiday_sets, restart=tariff.restart)
    busy = replace(calm, elements=(*calm.elements, Element("Night", (WindowFlat(fee),), night, adds=True)))
    alone = board((Element("Night", (WindowFlat(fee),), night), Element("Day", ())))
    calmly, nights = cost(calm, entered, minutes, vehicle), cost(alone, entered, minutes, vehicle)
    assert cost(busy, entered, minutes, vehicle) == calmly + nights


@given(entries, lengths, paise)
def test_an_event_over_dates_is_paid_once_by_those_it_touches(entered, minutes, fee):
    start = entered.astimezone(INDIA).date() + timedelta(days=1)
    event = Element("Event", (WindowFlat(fee),), When(from_date=start, to_date=start + timedelta(days=2)))
    touched = (entered + timedelta(minutes=minutes) - timedelta(seconds=1)).astimezone(INDIA).date() >= start
    assert cost(board((event, Element("Else", ()))), entered, minutes) == (fee if touched and minutes else 0)


@given(entries, st.integers(1, 1_440), paise, paise, paise)
def test_holidays_come_before_weekends_and_those_before_weekdays(entered, minutes, feast, weekend, weekday):
    elements = (
        Element("Feast", (Flat(feast),), When(holidays="feast")),
        Element("Weekend", (Flat(weekend),), When(weekdays=frozenset({5, 6}))),
        Element("Weekday", (Flat(weekday),)),
    )
    day = entered.astimezone(INDIA).date()
    end = entered + timedelta(minutes=minutes, seconds=-1)
    assume(end.astimezone(INDIA).date() == day)
    for holidays, expected in ((frozenset({day}), feast), (frozenset(), weekend if day.weekday() > 4 else weekday)):
        assert cost(board(elements, holiday_sets={"feast": holidays}), entered, minutes) == expected


@given(tariffs(), vehicles, entries, lengths, paise)
def test_a_lost_ticket_costs_at_least_its_fee_and_never_less_than_the_stay(tariff, vehicle, entered, minutes, fee):
    tariff = board(tariff.elements, limits=(Limits(lost_ticket_paise=fee),), holiday_sets=tariff.holiday_sets)
    known = cost(tariff, entered, minutes, vehicle)
    assert cost(tariff, entered, minutes, vehicle, lost_ticket=True) == max(known, fee)
    unknown = price(tariff, PricedStay(None, vehicle, lost_ticket=True), entered)
    assert unknown.total_paise == fee


@given(plain, entries, st.integers(1, 2_000), st.integers(1, 2_000), st.integers(0, 60), st.integers(0, 90))
def test_who_comes_back_in_time_goes_on_or_has_no_second_free_minutes(elements, entered, first, second, away, free):
    base = board(elements, free=timedelta(minutes=free), re_entry=timedelta(minutes=60))
    entered = entered.replace(second=0)
    left = entered + timedelta(minutes=first)
    paid = cost(base, entered, first)
    back, earlier = left + timedelta(minutes=away), EarlierStay(left, first, paid)
    again = cost(replace(base, re_entry_mode=ReEntryMode.NO_FREE), back, second, earlier=earlier)
    assert again == cost(replace(base, free=timedelta(0)), back, second)
    goes_on = cost(replace(base, re_entry_mode=ReEntryMode.CONTINUE), back, second, earlier=earlier)
    assert paid + goes_on == cost(base, entered, first + second)
    late = replace(earlier, left_at=back - timedelta(minutes=61))
    assert cost(base, back, second, earlier=late) == cost(base, back, second)


@given(
    tariffs(),
    vehicles,
    entries,
    lengths,
    st.sampled_from([1, 50, 100, 500, 1_000]),
    st.sampled_from(list(RoundingMode)),
)
def test_rounding_goes_the_way_it_says_and_less_than_a_step(tariff, vehicle, entered, minutes, step, mode):
    exact = cost(replace(tariff, rounding=Rounding()), entered, minutes, vehicle)
    total = cost(replace(tariff, rounding=Rounding(step, mode)), entered, minutes, vehicle)
    assert total % step == 0 and abs(total - exact) < step
    if mode is RoundingMode.NEAREST:
        assert 2 * abs(total - exact) <= step
    else:
        assert total >= exact if mode is RoundingMode.UP else total <= exact


@given(tariffs(), vehicles, entries, lengths, st.integers(0, 5_000))
def test_tax_is_within_the_price_or_on_top_and_halves_evenly(tariff, vehicle, entered, minutes, rate):
    stay, now = PricedStay(entered, vehicle), entered + timedelta(minutes=minutes)
    bare = price(replace(tariff, tax_rate_bp=0, rounding=Rounding()), stay, now).total_paise
    for included in (True, False):
        quote = price(replace(tariff, tax_rate_bp=rate, tax_included=included, rounding=Rounding()), stay, now)
        assert quote.tax_paise % 2 == 0
        assert (quote.total_paise if included else quote.subtotal_paise) == bare
        assert abs(quote.tax_paise - quote.subtotal_paise * rate / 10_000) <= 2


@given(tariffs(), entries, lengths, st.sampled_from(VEHICLE_CLASSES), paise)
def test_what_is_for_one_class_changes_no_other(tariff, entered, minutes, special, fee):
    own = Element("Special", (Flat(fee),), When(vehicle_classes=frozenset({special})))
    rule = Limits(vehicle_classes=frozenset({special}), session_paise=fee)
    changed = replace(tariff, elements=(own, *tariff.elements), limits=(rule, *tariff.limits))
    for name in VEHICLE_CLASSES:
        if name != special:
            assert cost(changed, entered, minutes, name) == cost(tariff, entered, minutes, name)


@given(tariffs(), vehicles, entries, lengths, st.integers(0, 10_000), st.integers(0, 50_000), st.integers(0, 3_000))
def test_coupons_take_off_what_they_say_and_never_more_than_is_owed(tariff, vehicle, entered, minutes, bp, off, time):
    tariff = replace(tariff, tax_included=True, rounding=Rounding())
    whole = cost(tariff, entered, minutes, vehicle)
    assert cost(tariff, entered, minutes, vehicle, coupons=(AmountCoupon("A", off),)) == max(0, whole - off)
    share = cost(tariff, entered, minutes, vehicle, coupons=(PercentCoupon("P", bp),))
    assert share == whole - whole * bp // 10_000
    assert cost(tariff, entered, minutes, vehicle, coupons=(MinutesCoupon("M", time),)) <= whole


@given(plain, entries, st.integers(2, 40), st.integers(0, 1_439), st.one_of(st.none(), paise), paise)
def test_days_that_begin_again_each_cost_the_same_however_many_they_are(elements, entered, days, rest, cap, block):
    elements = (Element("First", (TimePrice(block, 30),), When(max_minutes=90)), *elements)
    tariff = board(elements, restart=Restart.EVERY_24H, limits=(Limits(rolling_24h_paise=cap),))
    one = cost(tariff, entered, 1_440)
    last = cost(tariff, entered + timedelta(days=days), rest) if rest else 0
    assert cost(tariff, entered.replace(second=0), days * 1_440 + rest) == days * one + last
