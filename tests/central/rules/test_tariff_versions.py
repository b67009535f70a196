"""Versions follow one another: at no instant are two in force, none begins in the past, and holes are pointed out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules.tariff import TariffError
from central.rules.tariff_versions import Span, Stage, ended_by, unpriced

NOW = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
INDIA = ZoneInfo("Asia/Kolkata")
days = st.integers(-5, 40)
wishes = st.lists(st.tuples(days, st.one_of(st.none(), days), st.integers(0, 3)), max_size=12)


def at(day: int) -> datetime:
    return NOW + timedelta(days=day)


def refused(new: Span, known: list[Span], now: datetime = NOW) -> str:
    with pytest.raises(TariffError) as error:
        ended_by(new, known, now, INDIA)
    return str(error.value)


@given(wishes)
def test_whatever_is_scheduled_no_two_versions_are_ever_in_force_together(wished):
    known, now = [Span(1, at(-100))], NOW
    for begin, end, passed in wished:
        now += timedelta(days=passed)
        new = Span(len(known) + 1, at(begin), None if end is None else at(end))
        try:
            ended = ended_by(new, known, now, INDIA)
        except TariffError as error:
            assert "\n" not in str(error)
            continue
        assert new.begin >= now and len(ended) <= 1
        known = [replace(span, end=new.begin) if span in ended else span for span in known] + [new]
    for half_day in range(-10, 160):
        instant = NOW + timedelta(hours=12 * half_day)
        in_force = [span for span in known if span.covers(instant)]
        assert len(in_force) <= 1
        hole = any(begin <= instant and (end is None or instant < end) for begin, end in unpriced(known, NOW))
        assert hole == (instant >= NOW and not in_force)


def test_what_is_past_what_overlaps_and_what_ends_first_is_refused_by_name():
    first, second = Span(1, at(-100), at(20)), Span(2, at(20))
    assert "valid_from 2026-11-23 is past" in refused(Span(3, at(-1)), [first, second])
    assert "version 2 is scheduled from 2026-12-14" in refused(Span(3, at(10)), [first, second])
    assert "version 2 is scheduled from 2026-12-14" in refused(Span(3, at(10), at(21)), [first, second])
    assert "version 2 withdrawn first" in refused(Span(3, at(20)), [first, second])
    assert "valid_to 2026-12-03 comes before" in refused(Span(3, at(10), at(9)), [first, second])
    assert ended_by(Span(3, at(10), at(20)), [first, second], NOW, INDIA) == [first]
    assert ended_by(Span(3, at(30)), [first, second], NOW, INDIA) == [second]


def test_a_version_is_scheduled_then_in_force_then_ended():
    span = Span(1, at(1), at(3))
    assert [span.stage(at(day)) for day in (0, 1, 2, 3)] == [
        Stage.SCHEDULED,
        Stage.IN_FORCE,
        Stage.IN_FORCE,
        Stage.ENDED,
    ]


def test_a_site_without_prices_has_none_from_now_on():
    assert unpriced([], NOW) == [(NOW, None)]
    assert unpriced([Span(1, at(-9), at(-1)), Span(2, at(5))], NOW) == [(NOW, at(5))]
    assert unpriced([Span(1, at(-9))], NOW) == []
