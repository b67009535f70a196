"""How elements, restarts and windows meet, each on the smallest tariff that shows it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from central.rules.pricing import price
from central.rules.quote import LineKind, PricedStay
from central.rules.tariff import Tariff
from central.rules.tariff_parts import Element, Flat, Limits, Restart, StepTable, TimePrice, When, WindowFlat

INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
HOUR = TimePrice(10, 60)
DAY_AND_NIGHT = (Element("Night", (TimePrice(1, 60),), When(22 * 60, 6 * 60)), Element("Day", (HOUR,)))


def cost(elements, entered: str, left: str, zone=INDIA, **keys) -> int:
    start, end = (datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC) for text in (entered, left))
    tariff = Tariff("t", "s", 1, zone, date(2026, 1, 1), elements, **keys)
    return price(tariff, PricedStay(start), end).total_paise


def test_a_block_that_has_begun_runs_on_into_the_next_elements_hours():
    assert cost(DAY_AND_NIGHT, "2026-11-24T21:30", "2026-11-24T22:30") == 10
    assert cost(DAY_AND_NIGHT, "2026-11-24T21:30", "2026-11-24T22:31") == 11
    assert cost(DAY_AND_NIGHT, "2026-11-24T21:30", "2026-11-25T06:31") == 10 + 8 + 10


def test_a_step_that_has_begun_runs_on_and_its_table_goes_on_where_it_was_left():
    steps = StepTable(((60, 10), (120, 15)), TimePrice(2, 30))
    elements = (Element("Lunch", (), When(12 * 60, 14 * 60)), Element("Else", (steps,)))
    assert cost(elements, "2026-11-24T11:30", "2026-11-24T14:00") == 10
    assert cost(elements, "2026-11-24T11:30", "2026-11-24T14:01") == 15  # the second hour, begun after lunch
    assert cost(elements, "2026-11-24T11:30", "2026-11-24T15:31") == 15 + 2 * 2


def test_a_restart_at_midnight_begins_blocks_tables_and_flats_again():
    elements = (Element("Day", (Flat(5), HOUR)),)
    night = ("2026-11-24T23:30", "2026-11-25T00:10")
    assert cost(elements, *night) == 15
    assert cost(elements, *night, restart=Restart.MIDNIGHT) == 30
    assert cost(elements, "2026-11-25T00:00", "2026-11-25T00:10", restart=Restart.MIDNIGHT) == 15


def test_a_restart_every_24_hours_counts_from_the_entry():
    elements = (Element("Day", (StepTable(((60, 10),), TimePrice(1, 60)),)),)
    assert cost(elements, "2026-11-24T10:00", "2026-11-25T10:00", restart=Restart.EVERY_24H) == 33
    assert cost(elements, "2026-11-24T10:00", "2026-11-25T10:01", restart=Restart.EVERY_24H) == 43
    assert cost(elements, "2026-11-24T10:00", "2026-11-25T10:01") == 34


@pytest.mark.parametrize("restart", list(Restart))
def test_a_night_is_charged_once_however_often_the_tariff_restarts(restart):
    elements = (Element("Night", (WindowFlat(50),), When(20 * 60, 8 * 60)), Element("Day", ()))
    assert cost(elements, "2026-11-24T19:00", "2026-11-25T07:00", restart=restart) == 50
    assert cost(elements, "2026-11-24T21:00", "2026-11-25T21:00", restart=restart) == 100


def test_an_event_of_several_dates_is_charged_once_and_its_neighbours_are_not():
    event = Element("Fair", (WindowFlat(50),), When(from_date=date(2026, 11, 24), to_date=date(2026, 11, 26)))
    elements = (event, Element("Else", (Flat(1),)))
    assert cost(elements, "2026-11-24T10:00", "2026-11-26T23:00") == 50
    assert cost(elements, "2026-11-23T10:00", "2026-11-27T23:00") == 51
    nightly = Element("Nights", (WindowFlat(50),), When(18 * 60, 23 * 60, date(2026, 11, 24), date(2026, 11, 26)))
    assert cost((nightly, elements[1]), "2026-11-24T10:00", "2026-11-26T23:00") == 151


def test_a_window_over_midnight_belongs_to_the_day_it_begins_on():
    friday = Element("Friday night", (WindowFlat(50),), When(20 * 60, 4 * 60, weekdays=frozenset({4})))
    elements = (friday, Element("Else", ()))
    assert cost(elements, "2026-11-28T01:00", "2026-11-28T02:00") == 50  # Saturday's small hours
    assert cost(elements, "2026-11-27T01:00", "2026-11-27T02:00") == 0  # Friday's are Thursday's night


def test_elements_by_duration_follow_one_another():
    elements = (
        Element("First hour", (Flat(5),), When(max_minutes=60)),
        Element("Until three", (HOUR,), When(min_minutes=60, max_minutes=180)),
        Element("Longer", (TimePrice(3, 60),)),
    )
    parked = {30: 5, 60: 5, 61: 15, 180: 25, 181: 28, 300: 31}
    start = datetime(2026, 11, 24, 10, 0)
    assert {m: cost(elements, str(start), str(start + timedelta(minutes=m))) for m in parked} == parked


def test_caps_and_restarts_may_count_days_differently():
    """The table goes on for the whole stay while each local date costs at most 60."""
    elements = (Element("Day", (StepTable(((60, 40),), HOUR),)),)
    limits = (Limits(calendar_day_paise=60),)
    assert cost(elements, "2026-11-24T20:00", "2026-11-25T02:00", limits=limits) == 60 + 2 * 10


def test_a_day_that_just_reaches_its_cap_is_listed_as_charged():
    entered = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
    tariff = Tariff(
        "t", "s", 1, INDIA, date(2026, 1, 1), (Element("Day", (HOUR,)),), limits=(Limits(rolling_24h_paise=30),)
    )
    kinds = [price(tariff, PricedStay(entered), entered + timedelta(hours=h)).lines[0].kind for h in (3, 4)]
    assert kinds == [LineKind.CHARGE, LineKind.CAP]


def test_the_wall_decides_where_clocks_jump():
    night = (Element("Small hours", (TimePrice(7, 60),), When(2 * 60, 3 * 60)), Element("Else", (TimePrice(1, 60),)))
    # 29 March: two o'clock never comes; 25 October: it comes twice
    assert cost(night, "2026-03-29T01:00", "2026-03-29T05:00", BERLIN) == 3
    assert cost(night, "2026-10-25T01:00", "2026-10-25T05:00", BERLIN) == 1 + 7 + 7 + 2
    assert cost((Element("Hour", (HOUR,)),), "2026-10-25T00:00", "2026-10-26T00:00", BERLIN) == 250


def test_minimum_and_session_cap_frame_the_stay():
    elements = (Element("Hour", (HOUR,)),)
    limits = (Limits(minimum_paise=25, session_paise=60),)
    stays = {1: 25, 2: 25, 3: 30, 6: 60, 30: 60}
    start = datetime(2026, 11, 24, 10, 0)
    costs = {h: cost(elements, str(start), str(start + timedelta(hours=h)), limits=limits) for h in stays}
    assert costs == stays
    assert cost((Element("Free", ()),), "2026-11-24T10:00", "2026-11-24T12:00", limits=limits) == 0


def test_a_day_never_costs_a_paise_more_than_its_cap():
    elements, limits = (Element("Hour", (HOUR,)),), (Limits(rolling_24h_paise=39),)
    assert cost(elements, "2026-11-24T10:00", "2026-11-24T14:00", limits=limits) == 39
