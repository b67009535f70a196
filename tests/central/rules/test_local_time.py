"""The wall clock of a site where clocks jump."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules.local_time import DAY_S, day_pieces, day_start

BERLIN, SANTIAGO, APIA, KOLKATA, LORD_HOWE = (
    ZoneInfo(name)
    for name in ("Europe/Berlin", "America/Santiago", "Pacific/Apia", "Asia/Kolkata", "Australia/Lord_Howe")
)


def pieces(zone, day, *minutes):
    return [
        (datetime.fromtimestamp(at, UTC).strftime("%H:%M"), f"{minute // 60:02d}:{minute % 60:02d}")
        for at, _, minute in day_pieces(zone, date.fromisoformat(day).toordinal(), minutes)
    ]


def test_an_ordinary_day_is_cut_at_its_minutes():
    assert pieces(KOLKATA, "2026-11-24", 360, 1320) == [("18:30", "00:00"), ("00:30", "06:00"), ("16:30", "22:00")]


def test_a_skipped_time_cuts_nothing_and_the_jump_cuts():
    assert pieces(BERLIN, "2026-03-29", 150) == [("23:00", "00:00"), ("01:00", "03:00")]


def test_a_time_that_comes_twice_cuts_twice():
    assert pieces(BERLIN, "2026-10-25", 150) == [
        ("22:00", "00:00"),
        ("00:30", "02:30"),
        ("01:00", "02:00"),
        ("01:30", "02:30"),
    ]


def test_half_an_hours_jump_is_found():
    assert [wall for _, wall in pieces(LORD_HOWE, "2026-10-04")] == ["00:00", "02:30"]


def test_a_date_whose_midnight_is_skipped_begins_at_one():
    start = day_start(SANTIAGO, date(2026, 9, 6).toordinal())
    assert datetime.fromtimestamp(start, SANTIAGO).strftime("%Y-%m-%d %H:%M") == "2026-09-06 01:00"


def test_a_skipped_date_is_empty():
    assert pieces(APIA, "2011-12-30", 360) == []
    assert day_start(APIA, date(2011, 12, 30).toordinal()) == day_start(APIA, date(2011, 12, 31).toordinal())


@pytest.mark.parametrize("zone", [BERLIN, SANTIAGO, APIA, KOLKATA, LORD_HOWE])
@given(ordinal=st.integers(date(2000, 1, 1).toordinal(), date(2036, 1, 1).toordinal()))
def test_a_date_begins_with_its_first_second(zone, ordinal):
    start = day_start(zone, ordinal)
    assert datetime.fromtimestamp(start, zone).toordinal() >= ordinal
    assert datetime.fromtimestamp(start - 1, zone).toordinal() < ordinal
    assert 0 <= day_start(zone, ordinal + 1) - start <= DAY_S + 3_600
