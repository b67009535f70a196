"""A gate whose clock was not set: when things happened there is reckoned otherwise, and doubt is the driver's gain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from central.rules.money import rupees
from central.store.schema import GateEvent
from edge.protocol.ids import uuid7
from edge.protocol.messages import (
    Clock,
    Entered,
    Exited,
    ExitHow,
    ExitRequested,
    GateHealth,
    GateStarted,
    SessionStatus,
)
from tests.central.car_park import CarPark, Reporter, minutes, plate
from tests.central.visits import PLATE, enter, leave, request

DAY = 24 * 60
UNSET = {"clock": Clock.UNTRUSTED}
LONG_AGO = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)


def enter_by(park: CarPark, wall: datetime, true_at: float, now: float, **more) -> str:
    """A vehicle comes in at a gate whose clock says `wall`; heard at `now`."""
    session = uuid7()
    facts = Entered(plate=plate(PLATE), ticket=park.entry.new_ticket())
    message = park.entry.report(facts, wall, session, true_at=minutes(true_at), **UNSET | more)
    park.hear(message, now=minutes(now))
    return session


def request_by(park: CarPark, wall: datetime, true_at: float, now: float, session: str | None = None) -> str:
    asked = uuid7()
    facts = ExitRequested(request=asked, plate=plate(PLATE))
    park.hear(park.exit.report(facts, wall, session, true_at=minutes(true_at), **UNSET), now=minutes(now))
    return asked


def health(park: CarPark, gate: Reporter, at: float, **clock) -> None:
    """The gate reports its health at a moment, heard at once."""
    wall = LONG_AGO if clock else minutes(at)
    facts = GateHealth(uptime_s=1, outbox=0, vision="ok")
    park.hear(gate.report(facts, wall, true_at=minutes(at), **clock), now=minutes(at))


@pytest.mark.parametrize("wall", [LONG_AGO, minutes(-3 * DAY)])
def test_an_entry_by_an_unset_clock_is_billed_from_when_it_was_heard(park, wall):
    session = enter_by(park, wall, true_at=0, now=1, offline=True)
    request(park, 30)
    assert park.stay(session).entered_at == minutes(1)
    assert "clock" in park.stay(session).review
    assert rupees(park.dues(session)[0].amount_paise) == "₹120"


def test_an_entry_by_an_unset_clock_is_no_later_than_its_vehicle_was_seen_to_leave(park):
    leave(park, 51, how=ExitHow.OPERATOR)
    session = enter_by(park, minutes(-3 * DAY), true_at=0, now=600, offline=True)
    stay = park.stay(session)
    assert (stay.entered_at, stay.exited_at, stay.status) == (minutes(51), minutes(51), "closed")
    assert "clock" in stay.review


def test_an_exit_by_an_unset_clock_heard_late_is_billed_up_to_that_clock(park):
    session, _ = enter(park)
    request_by(park, minutes(20), true_at=20, now=620, session=session)
    assert rupees(park.dues(session)[0].amount_paise) == "₹120"
    assert "clock" in park.stay(session).review


@pytest.mark.parametrize("named", [True, False])
def test_an_exit_long_before_its_entry_finds_its_stay_and_costs_nothing_that_can_not_be_shown(park, named):
    session, _ = enter(park)
    asked = request_by(park, LONG_AGO, true_at=20, now=620, session=session if named else None)
    assert (park.told(session).status, park.told(session).quote.request) == (SessionStatus.PAID, asked)
    facts = Exited(plate=plate(PLATE), how=ExitHow.OPERATOR, request=asked)
    park.hear(park.exit.report(facts, LONG_AGO, true_at=minutes(21), **UNSET), now=minutes(620))
    assert (park.stay(session).status, park.dues(session)) == ("closed", [])
    assert "clock" in park.stay(session).review


def test_an_instant_is_reckoned_from_what_the_same_start_told_once_its_clock_was_set(park):
    health(park, park.entry, 300)
    session = enter_by(park, LONG_AGO, true_at=10, now=301, offline=True)
    assert park.stay(session).entered_at == minutes(10)
    assert "clock" in park.stay(session).review, "still to be looked at"
    with park.db.read() as db:
        [event] = db.query(GateEvent).filter_by(session=session)
    assert (event.at, event.wall) == (minutes(10), LONG_AGO)


def test_another_start_of_the_gate_tells_nothing_of_this_one(park):
    health(park, park.entry, 300)
    park.entry.boot = park.entry.new_id()
    session = enter_by(park, LONG_AGO, true_at=10, now=301, offline=True)
    assert park.stay(session).entered_at == minutes(301)


def test_while_central_hears_a_gate_at_once_it_needs_no_clock_of_it(park):
    park.hear(park.exit.report(GateStarted(version="1"), LONG_AGO, true_at=minutes(0), **UNSET), now=minutes(0))
    session, _ = enter(park, 1)
    request_by(park, LONG_AGO + timedelta(minutes=46), true_at=46, now=46, session=session)
    assert park.stay(session).stopped_at == minutes(46)
    assert rupees(park.dues(session)[0].amount_paise) == "₹170"


def test_what_a_gate_heard_before_tells_of_what_came_late(park):
    health(park, park.exit, 0, **UNSET)
    session, _ = enter(park, 1)
    request_by(park, LONG_AGO + timedelta(minutes=21), true_at=21, now=620, session=session)
    assert park.stay(session).stopped_at == minutes(21)
