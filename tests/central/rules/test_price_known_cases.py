"""Prices worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from central.rules.pricing import price
from central.rules.quote import (
    AmountCoupon,
    EarlierStay,
    FreeUntilCoupon,
    LineKind,
    MinutesCoupon,
    PassCover,
    PercentCoupon,
    PricedStay,
)
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_text import tariff_from_toml

TARIFFS = Path(__file__).parents[3] / "config" / "tariffs"
DELHI, COLLEGE, HOSPITAL, MALL, AIRPORT = (
    tariff_from_toml((TARIFFS / f"{name}.toml").read_text())
    for name in ("delhi-example", "college", "hospital", "mall", "airport")
)


def ist(text: str) -> datetime:
    """A local Indian time as UTC."""
    return datetime.fromisoformat(f"{text}+05:30").astimezone(UTC)


def rupees(tariff: Tariff, entered: str, left: str, vehicle_class: str = "car", **facts) -> float:
    stay = PricedStay(ist(entered), vehicle_class, **facts)
    return price(tariff, stay, ist(left)).total_paise / 100


@pytest.mark.parametrize(
    "parked, expected",
    [
        (timedelta(0), 0),
        (timedelta(seconds=5), 120),
        (timedelta(minutes=1), 120),
        (timedelta(minutes=30), 120),
        (timedelta(minutes=30, seconds=59), 120),
        (timedelta(minutes=31), 170),
        (timedelta(minutes=60), 170),
        (timedelta(minutes=61), 270),
        (timedelta(hours=2), 270),
        (timedelta(hours=5), 570),
        (timedelta(hours=6), 600),
        (timedelta(hours=24), 600),
        (timedelta(hours=24, minutes=1), 720),
        (timedelta(days=9, hours=3), 5770),
    ],
)
def test_delhi_costs_what_its_board_says(parked, expected):
    entered = datetime(2026, 11, 1, 9, 17, 43, tzinfo=UTC)
    quote = price(DELHI, PricedStay(entered), entered + parked)
    assert quote.total_paise == expected * 100
    assert quote.tax_paise == pytest.approx(quote.total_paise * 18 / 118, abs=1)


def test_nine_days_three_hours_explain_themselves_in_two_lines():
    entered = ist("2026-11-01T10:00")
    quote = price(DELHI, PricedStay(entered), entered + timedelta(days=9, hours=3))
    assert [(line.kind, line.text, line.amount_paise) for line in quote.lines] == [
        (LineKind.CAP, "9 days at the day's maximum of ₹600", 5400_00),
        (LineKind.CHARGE, "Parking: 3 h", 370_00),
    ]
    assert (quote.subtotal_paise, quote.tax_paise) == (4889_84, 880_16)


@pytest.mark.parametrize(
    "entered, left, vehicle, expected",
    [
        ("2026-09-01T10:00", "2026-09-01T10:15", "car", 0),  # set down
        ("2026-09-01T10:00", "2026-09-01T10:16", "car", 20),
        ("2026-09-01T10:00", "2026-09-01T12:30", "car", 60),
        ("2026-09-01T10:00", "2026-09-01T12:30", "scooty", 15),
        ("2026-09-01T10:00", "2026-09-01T12:30", "cycle", 0),
        ("2026-09-01T08:00", "2026-09-01T21:00", "bike", 40),  # day's maximum
        ("2026-09-01T21:30", "2026-09-02T05:00", "car", 80),  # an hour until 22:30, then one night
        ("2026-09-06T10:00", "2026-09-06T18:00", "car", 0),  # a Sunday
        ("2026-10-02T10:00", "2026-10-02T18:00", "car", 50),  # Gandhi Jayanti
    ],
)
def test_college(entered, left, vehicle, expected):
    assert rupees(COLLEGE, entered, left, vehicle) == expected


def test_college_staff_park_free_and_students_pay_a_token():
    day = ("2026-09-01T08:00", "2026-09-01T17:00")
    assert rupees(COLLEGE, *day, pass_cover=PassCover("staff", percent_bp=0)) == 0
    assert rupees(COLLEGE, *day, pass_cover=PassCover("student", percent_bp=0)) == 10
    assert rupees(COLLEGE, *day) == 100


@pytest.mark.parametrize(
    "entered, left, vehicle, expected",
    [
        ("2026-09-01T10:00", "2026-09-01T10:30", "car", 0),
        ("2026-09-01T10:00", "2026-09-01T10:31", "car", 20),
        ("2026-09-01T10:00", "2026-09-01T12:30", "car", 40),
        ("2026-09-01T10:00", "2026-09-01T12:31", "car", 55),
        ("2026-09-01T22:00", "2026-09-02T06:00", "car", 50),  # one night
        ("2026-09-01T10:00", "2026-09-02T10:30", "car", 150),
        ("2026-09-01T10:00", "2026-09-01T13:00", "bike", 20),
    ],
)
def test_hospital(entered, left, vehicle, expected):
    assert rupees(HOSPITAL, entered, left, vehicle) == expected


@pytest.mark.parametrize(
    "entered, left, vehicle, expected",
    [
        ("2026-09-01T10:00", "2026-09-01T10:10", "car", 0),
        ("2026-09-01T10:00", "2026-09-01T10:11", "car", 47),  # 40 + 7.20 GST, to the rupee
        ("2026-09-01T10:00", "2026-09-01T13:00", "car", 71),  # 60 + 10.80
        ("2026-09-05T10:00", "2026-09-05T13:00", "car", 118),  # a Saturday: 100 + 18
        ("2026-12-25T10:00", "2026-12-25T11:30", "car", 153),  # Christmas: 50 + 2 x 40, + 23.40
        ("2026-12-31T19:00", "2027-01-01T01:30", "car", 295),  # the event, past midnight: 250 + 45
        ("2026-12-31T19:00", "2026-12-31T22:00", "bike", 24),
    ],
)
def test_mall(entered, left, vehicle, expected):
    assert rupees(MALL, entered, left, vehicle) == expected


@pytest.mark.parametrize(
    "minutes, vehicle, expected",
    [
        (8, "car", 0),
        (9, "car", 120),
        (61, "car", 270),
        (300, "car", 500),
        (301, "car", 600),
        (1441, "car", 720),
        (20 * 1440, "car", 10000),
        (10, "bus", 1000),
        (1441, "bus", 2000),
        (125, "bike", 60),
        (1430, "bike", 150),
    ],
)
def test_airport(minutes, vehicle, expected):
    entered = ist("2026-09-01T10:00")
    quote = price(AIRPORT, PricedStay(entered, vehicle), entered + timedelta(minutes=minutes))
    assert quote.total_paise == expected * 100


def test_queueing_at_the_exit_is_not_billed():
    stay = PricedStay(ist("2026-09-01T10:00"), stopped_at=ist("2026-09-01T10:30"))
    assert price(DELHI, stay, ist("2026-09-01T11:45")).total_paise == 120_00


def test_what_was_paid_before_is_credited_and_only_the_rest_is_asked():
    stay = PricedStay(ist("2026-09-01T10:00"), paid_paise=120_00)
    quote = price(DELHI, stay, ist("2026-09-01T11:00"))
    assert quote.total_paise == 50_00
    assert quote.lines[-1].kind is LineKind.CREDIT and quote.lines[-1].amount_paise == -120_00


def test_a_lost_ticket_costs_at_least_its_fee_also_where_the_entry_is_unknown():
    known = PricedStay(ist("2026-09-01T10:00"), lost_ticket=True)
    assert price(DELHI, known, ist("2026-09-01T11:00")).total_paise == 600_00
    assert price(DELHI, known, ist("2026-09-03T11:00")).total_paise == 1370_00
    assert price(DELHI, PricedStay(None, lost_ticket=True), ist("2026-09-01T11:00")).total_paise == 600_00


def test_a_stay_without_entry_and_without_lost_ticket_has_no_price():
    with pytest.raises(ValueError, match="without entry"):
        price(DELHI, PricedStay(None), ist("2026-09-01T11:00"))


@pytest.mark.parametrize(
    "coupons, expected",
    [
        ((AmountCoupon("TEN", 10_00),), 560),
        ((AmountCoupon("HUGE", 10_000_00),), 0),
        ((PercentCoupon("HALF", 5_000),), 285),
        ((MinutesCoupon("CINEMA", 180),), 270),  # 2 of the 5 hours are left
        ((FreeUntilCoupon("LUNCH", ist("2026-09-01T14:00")),), 170),  # the last hour is left
        ((PercentCoupon("HALF", 5_000), MinutesCoupon("CINEMA", 180), AmountCoupon("TEN", 10_00)), 125),
    ],
)
def test_coupons_take_off_time_first_then_shares_then_money(coupons, expected):
    assert rupees(DELHI, "2026-09-01T10:00", "2026-09-01T15:00", coupons=coupons) == expected


def test_a_pass_pays_the_time_it_is_valid_in():
    day = ("2026-09-01T10:00", "2026-09-01T15:00")
    assert rupees(DELHI, *day, pass_cover=PassCover("monthly")) == 0
    assert rupees(DELHI, *day, pass_cover=PassCover("monthly", percent_bp=5_000)) == 285
    ended = PassCover("monthly", valid_to=ist("2026-09-01T14:00"))
    assert rupees(DELHI, *day, pass_cover=ended) == 170
    past = PassCover("monthly", valid_to=ist("2026-08-01T00:00"))
    assert rupees(DELHI, *day, pass_cover=past) == 570


def test_a_quick_return_gets_no_second_free_time():
    earlier = EarlierStay(ist("2026-09-01T10:10"), 10)
    assert rupees(MALL, "2026-09-01T10:20", "2026-09-01T10:25", earlier=earlier) == 47
    assert rupees(MALL, "2026-09-01T10:41", "2026-09-01T10:45", earlier=earlier) == 0


def test_a_quick_return_goes_on_where_the_tariff_says_so():
    earlier = EarlierStay(ist("2026-09-01T11:30"), 90, 20_00)  # 30 free, one hour paid
    quote = price(HOSPITAL, PricedStay(ist("2026-09-01T12:00"), earlier=earlier), ist("2026-09-01T12:45"))
    assert quote.total_paise == 20_00  # 135 min in all: 30 free, two hours at Rs 20, less Rs 20


def test_the_quote_says_how_long_it_holds():
    now = ist("2026-09-01T11:00")
    quote = price(HOSPITAL, PricedStay(ist("2026-09-01T10:00")), now)
    assert (quote.quoted_at, quote.valid_until) == (now, now + timedelta(minutes=10))
    free = price(HOSPITAL, PricedStay(ist("2026-09-01T10:00")), ist("2026-09-01T10:25"))
    assert free.valid_until == ist("2026-09-01T10:31")


def test_a_clock_that_went_backwards_costs_nothing():
    assert rupees(DELHI, "2026-09-01T10:00", "2026-09-01T09:00") == 0


def test_instants_without_time_zone_are_refused():
    with pytest.raises(ValueError, match="no time zone"):
        price(DELHI, PricedStay(ist("2026-09-01T10:00")), datetime(2026, 9, 1))
    with pytest.raises(ValueError, match="no time zone"):
        price(DELHI, PricedStay(datetime(2026, 9, 1)), ist("2026-09-01T10:00"))


def test_a_vehicle_the_tariff_does_not_price_is_refused_by_name():
    with pytest.raises(TariffError, match="does not price a 'truck': expected one of car"):
        rupees(AIRPORT, "2026-09-01T10:00", "2026-09-01T11:00", "truck")


def test_equal_tariffs_are_equal_and_a_draft_of_the_same_version_is_priced_by_itself():
    again = tariff_from_toml((TARIFFS / "delhi-example.toml").read_text())
    assert again == DELHI and hash(again) == hash(DELHI)
    dearer = replace(DELHI, elements=AIRPORT.elements[-1:])
    assert rupees(dearer, "2026-09-01T10:00", "2026-09-01T12:30") == 500
    assert rupees(DELHI, "2026-09-01T10:00", "2026-09-01T12:30") == 370
