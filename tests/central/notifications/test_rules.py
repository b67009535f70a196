"""What may go out when, by what: the pure rules, tried with whatever comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules import telling as rules
from central.rules.telling import Channel, Event, Quiet

INDIA, NEW_YORK = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")
NIGHT = Quiet(22 * 60, 7 * 60)
REACHED = [Channel.INBOX, Channel.EMAIL, Channel.SMS, Channel.PUSH]


def at(text: str, zone: ZoneInfo = INDIA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    "now, goes",
    [
        ("2026-11-24T21:59", "2026-11-24T21:59"),
        ("2026-11-24T22:00", "2026-11-25T07:00"),
        ("2026-11-24T23:59", "2026-11-25T07:00"),
        ("2026-11-25T00:00", "2026-11-25T07:00"),
        ("2026-11-25T06:59", "2026-11-25T07:00"),
        ("2026-11-25T07:00", "2026-11-25T07:00"),
    ],
)
def test_quiet_hours_that_pass_midnight_end_in_the_morning(now, goes):
    assert rules.may_go_at(at(now), NIGHT, INDIA) == at(goes)


def test_quiet_hours_follow_the_sites_clock_over_its_jumps():
    before_spring = at("2026-03-07T23:30", NEW_YORK)
    assert rules.may_go_at(before_spring, NIGHT, NEW_YORK) == at("2026-03-08T07:00", NEW_YORK)
    assert rules.may_go_at(before_spring, NIGHT, NEW_YORK) - before_spring.astimezone(UTC) == timedelta(hours=6.5)


minute = st.integers(0, 1439)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(instants, st.builds(Quiet, minute, minute), st.sampled_from([INDIA, NEW_YORK, ZoneInfo("UTC")]))
def test_nothing_goes_out_in_quiet_hours_nor_waits_longer_than_they_last(now, quiet, zone):
    goes = rules.may_go_at(now, quiet, zone)
    wall = goes.astimezone(zone)
    assert now <= goes <= now + timedelta(hours=25)
    # a clock that is put back shows its last hour twice
    assert not quiet.hold(wall.hour * 60 + wall.minute) or zone is NEW_YORK


@given(instants, st.sampled_from(Event), st.sampled_from(Channel))
def test_money_and_notices_are_in_the_app_at_once_and_nothing_else_is_in_quiet_hours(now, event, channel):
    always = Quiet(0, 1439)
    at_once = rules.send_at(event, channel, now, always, INDIA) == now
    awake = now.astimezone(INDIA).strftime("%H:%M") == "23:59"
    assert at_once == (awake or (channel is Channel.INBOX and event in rules.AT_ONCE))


words = st.dictionaries(st.sampled_from(Event).map(str), st.lists(st.sampled_from(Channel).map(str), unique=True))


@given(
    st.sampled_from(Event), st.lists(st.sampled_from(Channel), unique=True), words, st.lists(st.sampled_from(Channel))
)
def test_nobody_is_told_by_more_than_was_chosen(event, reachable, chosen, muted):
    told = rules.channels(event, reachable, chosen, [str(each) for each in muted])
    assert set(told) <= set(reachable) - set(muted) and len(set(told)) == len(told)
    if event in chosen:
        assert set(told) <= set(chosen[event])


def test_defaults_write_about_money_and_trouble_and_only_show_coming_and_going():
    assert rules.channels(Event.ENTERED, REACHED, {}, ()) == (Channel.INBOX,)
    assert rules.channels(Event.PAID, REACHED, {}, ()) == (Channel.INBOX, Channel.EMAIL)
    assert rules.channels(Event.PAID, [Channel.INBOX, Channel.SMS], {}, ()) == (Channel.INBOX, Channel.SMS)
    assert rules.channels(Event.PAID, REACHED, {}, ("email",)) == (Channel.INBOX,)


def test_tries_come_ever_later_and_not_all_at_the_same_moment():
    waits = [rules.back_off("a", tries) for tries in range(1, 9)]
    assert all(0.75 * base <= wait <= 1.25 * base for base, wait in zip(rules.BACK_OFF, waits, strict=False))
    assert len({rules.back_off(str(row), 1) for row in range(50)}) > 25
