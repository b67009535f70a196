"""What holds for every tariff and stay, and the engine against a slow reading of the rules, minute by minute."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from central.rules.invoice import recompute
from central.rules.pricing import price
from central.rules.quote import AmountCoupon, FreeUntilCoupon, MinutesCoupon, PassCover, PercentCoupon, PricedStay
from central.rules.tariff import Tariff
from central.rules.tariff_parts import (
    ALL_WEEK,
    Element,
    Flat,
    FreeMode,
    Limits,
    Restart,
    Rounding,
    RoundingMode,
    StepTable,
    TimePrice,
    When,
    WindowFlat,
)

ZONES = ("Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia")
# around clocks going forward and back in those zones, a skipped date, and an ordinary week
STARTS = (
    datetime(2026, 3, 7, tzinfo=UTC),
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 9, 5, tzinfo=UTC),
    datetime(2011, 12, 29, tzinfo=UTC),
    datetime(2026, 11, 24, tzinfo=UTC),
)
HOLIDAYS = {"feast": frozenset({date(2026, 3, 8), date(2026, 10, 25), date(2026, 11, 26)})}
paise = st.integers(0, 900).map(lambda rupees: rupees * 50)
blocks = st.builds(TimePrice, paise, st.sampled_from([7, 15, 30, 60, 90, 1_440]))
optional = st.one_of(st.none(), st.integers(1, 3_000).map(lambda rupees: rupees * 100))


@st.composite
def step_tables(draw):
    limits = sorted(draw(st.sets(st.sampled_from([10, 30, 60, 61, 120, 300, 720]), min_size=1, max_size=4)))
    costs = sorted(draw(st.lists(paise, min_size=len(limits), max_size=len(limits))))
    return StepTable(tuple(zip(limits, costs, strict=True)), draw(blocks))


@st.composite
def whens(draw, *, window=False):
    timed = window or draw(st.booleans())
    first, last = draw(st.lists(st.integers(0, 47), min_size=2, max_size=2, unique=True)) if timed else (None, None)
    shortest = draw(st.sampled_from([0, 0, 0, 45, 600]))
    return When(
        from_minute=None if first is None else first * 30,
        to_minute=None if last is None else last * 30,
        weekdays=draw(st.one_of(st.just(ALL_WEEK), st.frozensets(st.integers(0, 6), min_size=1))),
        holidays=draw(st.sampled_from([None, None, "feast"])),
        vehicle_classes=draw(st.sampled_from([frozenset(), frozenset({"car"}), frozenset({"bike"})])),
        min_minutes=shortest,
        max_minutes=draw(st.sampled_from([None, None, shortest + 60, shortest + 1_000])),
    )


@st.composite
def elements(draw, name):
    if draw(st.integers(0, 3)) == 0:
        return Element(name, (WindowFlat(draw(paise)), *draw(st.lists(blocks, max_size=1))), draw(whens(window=True)))
    return Element(name, draw(components()), draw(whens()))


@st.composite
def components(draw):
    flats = draw(st.lists(st.builds(Flat, paise), max_size=1))
    return (*flats, *draw(st.lists(st.one_of(blocks, step_tables()), max_size=1)))


@st.composite
def limits(draw):
    rolling = draw(optional)
    calendar = None if rolling else draw(optional)
    return Limits(
        rolling_24h_paise=rolling,
        calendar_day_paise=calendar,
        session_paise=draw(optional),
        minimum_paise=draw(st.sampled_from([None, None, 50_00])),
        lost_ticket_paise=draw(optional),
    )


@st.composite
def tariffs(draw):
    special = [draw(elements(f"element {number}")) for number in range(draw(st.integers(0, 3)))]
    return Tariff(
        id="drawn",
        site="somewhere",
        version=1,
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        valid_from=date(2011, 1, 1),
        elements=(*special, Element("rest", draw(components()))),
        tax_included=draw(st.booleans()),
        tax_rate_bp=draw(st.sampled_from([0, 1_800, 1_234])),
        rounding=Rounding(draw(st.sampled_from([1, 100, 500])), draw(st.sampled_from(list(RoundingMode)))),
        free=timedelta(minutes=draw(st.sampled_from([0, 0, 10, 45]))),
        free_mode=draw(st.sampled_from(list(FreeMode))),
        restart=draw(st.sampled_from(list(Restart))),
        limits=(draw(limits()),),
        holiday_sets=HOLIDAYS,
    )


entries = st.builds(
    lambda day, minutes, seconds: day + timedelta(minutes=minutes, seconds=seconds),
    st.sampled_from(STARTS),
    st.integers(0, 3 * 1_440),
    st.sampled_from([0, 0, 17]),
)
lengths = st.one_of(st.integers(0, 300), st.integers(0, 6_000), st.integers(0, 60_000))
vehicles = st.sampled_from(["car", "bike"])


def minute_by_minute(tariff: Tariff, vehicle_class: str, start: datetime, minutes: int) -> int:
    """The cost of parked time read off the rules, one minute after another: before floors, coupons and tax."""
    rule = tariff.limits[0]
    days: dict[object, int] = {}
    since = paid_until = 0
    bought: dict[str, tuple[int, int]] = {}
    flats, windows, today = set(), set(), start.astimezone(tariff.zone).date()
    for minute in range(minutes):
        wall = (start + timedelta(minutes=minute)).astimezone(tariff.zone)
        midnight, today = wall.date() > today, max(today, wall.date())
        if {Restart.NEVER: False, Restart.MIDNIGHT: midnight, Restart.EVERY_24H: minute % 1_440 == 0}[tariff.restart]:
            since = paid_until = minute
            bought, flats = {}, set()
        day = minute // 1_440 if rule.rolling_24h_paise else today if rule.calendar_day_paise else 0
        element, window = first_that_fits(tariff, vehicle_class, wall, minute - since)
        cost = 0
        for component in element.components:
            if isinstance(component, WindowFlat) and (element.name, window) not in windows:
                cost += component.price_paise
                windows.add((element.name, window))
        if minute >= paid_until:
            for component in element.components:
                match component:
                    case Flat(price_paise) if element.name not in flats:
                        cost += price_paise
                    case TimePrice(price_paise, block_minutes):
                        cost, paid_until = cost + price_paise, minute + block_minutes
                    case StepTable(steps, then):
                        had, spent = bought.get(element.name, (0, 0))
                        to, total = next((step for step in steps if step[0] > had), (None, None))
                        if to is None:
                            to, total = had + then.block_minutes, spent + then.price_paise
                        cost, paid_until = cost + total - spent, minute + to - had
                        bought[element.name] = to, total
            flats.add(element.name)
        days[day] = days.get(day, 0) + cost
    cap = rule.rolling_24h_paise or rule.calendar_day_paise
    return sum(min(spent, cap) if cap else spent for spent in days.values())


def first_that_fits(tariff: Tariff, vehicle_class: str, wall: datetime, parked: int) -> tuple[Element, date]:
    clock = wall.hour * 60 + wall.minute
    for element in tariff.elements:
        when, day = element.when, wall.date()
        if when.from_minute is not None:
            over_midnight = when.from_minute > when.to_minute
            late, early = clock >= when.from_minute, clock < when.to_minute
            if not ((late or early) if over_midnight else (late and early)):
                continue
            if over_midnight and early:
                day -= timedelta(days=1)
        if (
            day.weekday() in when.weekdays
            and (when.holidays is None or day in tariff.holiday_sets[when.holidays])
            and (not when.vehicle_classes or vehicle_class in when.vehicle_classes)
            and when.min_minutes <= parked
            and (when.max_minutes is None or parked < when.max_minutes)
        ):
            return element, day
    raise AssertionError("the last element fits always")


@given(tariffs(), vehicles, entries, st.integers(0, 3_500))
def test_the_engine_agrees_with_the_rules_read_minute_by_minute(tariff, vehicle_class, entered, minutes):
    entered = entered.replace(second=0)
    free = int(tariff.free.total_seconds() // 60)
    start, charged = entered, minutes
    if minutes <= free:
        charged = 0
    elif tariff.free_mode is FreeMode.DEDUCTED:
        start, charged = entered + tariff.free, minutes - free
    cost = minute_by_minute(tariff, vehicle_class, start, charged)
    rule = tariff.limits[0]
    cost = min(cost, rule.session_paise or cost)
    cost = max(cost, rule.minimum_paise or 0) if cost else 0
    quote = price(tariff, PricedStay(entered, vehicle_class), entered + timedelta(minutes=minutes))
    value = quote.subtotal_paise + (quote.tax_paise if tariff.tax_included else 0)
    assert value == cost


coupons = st.lists(
    st.one_of(
        st.builds(AmountCoupon, st.just("A"), st.integers(0, 100_000)),
        st.builds(MinutesCoupon, st.just("M"), st.integers(0, 3_000)),
        st.builds(PercentCoupon, st.just("P"), st.integers(0, 10_000)),
        st.builds(FreeUntilCoupon, st.just("F"), entries),
    ),
    max_size=3,
).map(tuple)
moments = st.one_of(st.none(), entries)
passes = st.one_of(st.none(), st.builds(PassCover, st.just("monthly"), moments, moments, st.integers(0, 10_000)))


@given(tariffs(), vehicles, entries, lengths, coupons, passes, st.booleans(), st.integers(0, 5_000_00))
def test_a_price_is_never_negative_and_its_lines_and_tax_give_it(
    tariff, vehicle_class, entered, minutes, coupons, held, lost, paid
):
    stay = PricedStay(entered, vehicle_class, None, lost, coupons, held, None, paid)
    quote = price(tariff, stay, entered + timedelta(minutes=minutes))
    assert quote.total_paise >= 0 and quote.subtotal_paise >= 0 and quote.tax_paise >= 0
    assert sum(line.amount_paise for line in quote.lines) == quote.total_paise
    assert quote.subtotal_paise + quote.tax_paise + quote.rounding_paise == quote.total_paise
    assert quote.total_paise % tariff.rounding.to_paise == 0
    again = recompute(quote.lines, tariff.tax_rate_bp, tariff.tax_included)
    assert (again.taxable_paise, again.tax_paise) == (quote.subtotal_paise, quote.tax_paise)
    assert (again.rounding_paise, again.total_paise) == (quote.rounding_paise, quote.total_paise)


@given(tariffs(), vehicles, entries, st.lists(lengths, min_size=2, max_size=5), passes, st.booleans())
def test_a_longer_stay_never_costs_less(tariff, vehicle_class, entered, parked, held, lost):
    # a pass pays its share of the time, never of a lost ticket: together they may cost less once the time is worth more
    stay = PricedStay(entered, vehicle_class, lost_ticket=lost and held is None, pass_cover=held)
    totals = [price(tariff, stay, entered + timedelta(minutes=minutes)).total_paise for minutes in sorted(parked)]
    assert totals == sorted(totals)


@given(tariffs(), vehicles, entries, lengths)
def test_nothing_is_asked_right_after_paying(tariff, vehicle_class, entered, minutes):
    now = entered + timedelta(minutes=minutes)
    paid = price(tariff, PricedStay(entered, vehicle_class), now).total_paise
    assert price(tariff, PricedStay(entered, vehicle_class, paid_paise=paid), now).total_paise == 0


@pytest.fixture
def server_zone():
    """A function that moves the whole server to another time zone until the test ends."""
    before = os.environ.get("TZ")

    def move(name):
        os.environ["TZ"] = name
        time.tzset()

    yield move
    os.environ.pop("TZ") if before is None else os.environ.__setitem__("TZ", before)
    time.tzset()


def test_the_servers_time_zone_changes_no_price(server_zone):
    @settings(max_examples=20)
    @given(tariffs(), vehicles, entries, lengths)
    def same_everywhere(tariff, vehicle_class, entered, minutes):
        quotes = []
        for name in ("UTC", "Asia/Kolkata", "America/New_York", "Pacific/Apia"):
            server_zone(name)
            quotes.append(price(tariff, PricedStay(entered, vehicle_class), entered + timedelta(minutes=minutes)))
        assert all(quote == quotes[0] for quote in quotes)

    same_everywhere()


@given(entries, lengths)
@example(datetime(2026, 3, 28, 22, 0, tzinfo=UTC), 120)
def test_the_same_instants_in_another_zone_are_the_same_stay(entered, minutes):
    tariff = Tariff("t", "s", 1, ZoneInfo("Europe/Berlin"), date(2026, 1, 1), (Element("hour", (TimePrice(100, 60),)),))
    left = entered + timedelta(minutes=minutes)
    elsewhere = ZoneInfo("Asia/Tokyo")
    there = price(tariff, PricedStay(entered.astimezone(elsewhere)), left.astimezone(elsewhere))
    assert there.total_paise == price(tariff, PricedStay(entered), left).total_paise == -(-minutes // 60) * 100
