"""What comes under a boom that is down or moving: a nose, feet, a failed sensor. None may trap anybody, nor lie."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edge.protocol.messages import Entered, EntryHow, Exited, ExitHow, ExitRequested, ExitWithdrawn, PassageEnded
from edge.protocol.messages import SessionStatus as Status
from edge.rules.access import Known
from edge.rules.boom_words import BoomState
from edge.rules.display import Screen, display
from edge.rules.lane.visit import Stage
from edge.rules.lane.words import Answer, Ordered
from tests.edge.lane_scripts import CAR, NOON, OTHER, BoomScript, Script
from tests.edge.test_lane import COMMAND, STAY, Row, order, quote, stay

PAID = stay(Status.PAID, permit_until=NOON + timedelta(days=1))


def quoted(kind: type[Script] = Script) -> Script:
    """An exit at which a vehicle has been asked to pay."""
    lane = kind("exit", Known(stays=(Row(stay()),)))
    lane.run(2.0)
    lane.arrive()
    lane.read(CAR)
    lane.hear(Answer(stay(Status.QUOTED, quote=quote(lane.lane.visit.request, at=lane.wall))))
    assert lane.lane.visit.stage is Stage.QUOTED
    return lane


def pay(lane: Script) -> None:
    lane.hear(Answer(stay(Status.PAID, quote=quote(lane.of(ExitRequested)[0].request, at=lane.wall))))


@pytest.mark.parametrize("nose", [{"closing_loop": True}, {"closing_loop": True, "photocell": True}])
def test_an_unpaid_vehicle_that_creeps_under_the_boom_and_pays_is_let_out(nose):
    lane = quoted(BoomScript)
    lane.set(3.0, **nose)
    pay(lane)
    lane.run(5.0)
    assert lane.boom.state is BoomState.OPEN
    lane.set(0.5, arming_loop=False, photocell=True)
    lane.drive_out()
    assert [exited.how for exited in lane.of(Exited)] == [ExitHow.PERMIT]
    assert lane.of(PassageEnded) == []


def test_a_short_one_that_creeps_right_off_its_loop_keeps_its_visit():
    lane = quoted()
    lane.set(1.0, closing_loop=True)
    lane.set(30.0, arming_loop=False)
    assert lane.of(ExitWithdrawn) == []
    pay(lane)
    assert lane.session_of(ExitRequested) == STAY and lane.lane.crossing.grant is not None


def test_at_an_entry_reading_the_button_and_a_person_still_help_who_has_crept_forward():
    for help_it in (lambda lane: lane.read(CAR), lambda lane: lane.hear(order("open")), lambda lane: lane.press()):
        lane = BoomScript()
        lane.run(2.0)
        lane.arrive()
        lane.set(8.0, closing_loop=True)
        help_it(lane)
        lane.run(5.0)
        assert lane.boom.state is BoomState.OPEN


def test_a_vehicle_that_is_let_through_is_crossing_from_the_first_tick_the_boom_has_left_its_rest():
    lane = quoted(BoomScript)
    lane.set(1.0, closing_loop=True)
    lane.press()
    assert lane.lane.crossing is None
    pay(lane)
    assert lane.lane.crossing.grant is not None


def test_somebody_walking_through_the_beam_of_a_lowered_boom_makes_no_fact_but_a_notice():
    lane = quoted()
    request = lane.lane.visit.request
    lane.set(1.0, exit_loop=True)
    for _ in range(3):
        lane.set(0.3, photocell=True)
        lane.set(3.0, photocell=False)
    assert lane.of(Exited) + lane.of(PassageEnded) + lane.of(ExitWithdrawn) == []
    assert (lane.lane.visit.stage, lane.lane.visit.request) == (Stage.QUOTED, request)
    assert lane.codes.count("beam_broken") == 1
    empty = Script("entry")
    empty.set(1.0, exit_loop=True)
    empty.set(0.3, photocell=True)
    empty.set(3.0, photocell=False)
    assert empty.of(Entered) + empty.of(PassageEnded) == []


def test_a_boom_that_has_swung_out_of_its_holder_stops_nobody_and_passages_count():
    lane = Script()
    lane.set(1.0, detached=True, arming_loop=True)
    lane.drive_through()
    assert [entered.how for entered in lane.of(Entered)] == [EntryHow.TAILGATED]


def test_somebody_walking_past_the_nose_of_a_vehicle_let_through_takes_nothing_from_it():
    lane = BoomScript()
    lane.run(2.0)
    lane.arrive()
    lane.read(CAR)
    [grant] = lane.grants
    lane.run(1.0)
    lane.set(0.4, photocell=True)
    lane.set(5.0, photocell=False)
    assert lane.boom.state is BoomState.OPEN and lane.facts == []
    lane.drive_through()
    assert [entered.ticket for entered in lane.of(Entered)] == [grant.ticket]


def test_a_vehicle_that_rocks_to_and_fro_before_the_boom_keeps_its_ticket():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    for _ in range(3):
        lane.set(1.0, closing_loop=True)
        lane.set(2.0, closing_loop=False)
    lane.drive_through()
    assert len(lane.grants) == len(lane.of(Entered)) == 1


def test_an_unpaid_vehicle_that_somebody_walks_past_under_a_moving_boom_goes_on_where_it_was():
    lane = quoted()
    lane.boom_down = False
    lane.set(0.3, photocell=True)
    lane.set(2.0, photocell=False)
    assert lane.of(ExitWithdrawn) == []
    assert {requested.request for requested in lane.of(ExitRequested)} == {lane.lane.visit.request}
    lane.hear(Answer(stay(Status.QUOTED, quote=quote(lane.lane.visit.request, at=lane.wall))))
    assert lane.lane.visit.stage is Stage.QUOTED


def test_somebody_walking_under_an_open_boom_is_no_vehicle():
    for beyond in (False, True):
        lane = Script()
        lane.hear(order("hold"))
        lane.set(1.0, exit_loop=beyond)
        lane.set(0.5, photocell=True)
        lane.set(3.0, photocell=False)
        assert lane.of(Entered) + lane.of(PassageEnded) == []
        assert "beam_broken" in lane.codes


def test_a_vehicle_that_is_felt_by_no_loop_before_the_boom_but_beyond_it_has_passed():
    lane = Script()
    lane.hear(order("hold"))
    lane.set(0.5, photocell=True)
    lane.set(0.5, exit_loop=True)
    lane.set(3.0, photocell=False)
    assert len(lane.of(Entered)) == 1


def test_a_beam_that_stays_broken_is_told_and_no_longer_keeps_a_visit_whose_vehicle_has_left():
    lane = quoted()
    lane.set(1.0, photocell=True)
    lane.leave(20.0)
    assert lane.of(ExitWithdrawn) == []
    lane.run(15.0)
    assert len(lane.of(ExitWithdrawn)) == 1
    assert lane.codes.count("sensor_stuck") == 1


def test_a_sensor_that_failed_before_a_vehicle_came_does_not_keep_its_visit():
    lane = Script("exit", Known(stays=(Row(stay()),)))
    lane.set(1.0, closing_loop=True)
    lane.arrive()
    lane.read(CAR)
    lane.leave()
    assert lane.lane.visit is None
    lane.known = Known()
    lane.arrive()
    lane.read(OTHER)
    assert lane.lane.visit.session is None


def test_a_photocell_that_fails_behind_somebody_beyond_shuts_the_lane_for_half_a_minute_at_most():
    lane = BoomScript("exit", Known(stays=(Row(PAID),)), height=1.0)
    lane.set(1.0, exit_loop=True)
    lane.set(1.0, photocell=True)
    lane.set(5.0, exit_loop=False)
    lane.set(20.0, arming_loop=True)
    assert lane.lane.visit is None  # it might be coming the wrong way
    lane.run(10.0)
    assert lane.codes.count("sensor_stuck") == 1
    lane.read(CAR)
    assert lane.wish.grant
    lane.set(0.5, exit_loop=True)
    lane.set(3.0, exit_loop=False, arming_loop=False)
    assert [(exited.plate, exited.how) for exited in lane.of(Exited)] == [(CAR, ExitHow.PERMIT)]
    lane.set(1.0, exit_loop=True)
    lane.set(3.0, exit_loop=False)
    assert len(lane.of(Exited)) == 1  # by the exit loop alone nobody is accused
    lane.set(1.0, photocell=False)
    lane.arrive()
    lane.hear(Ordered(COMMAND, "open", "anita"))
    lane.drive_through()
    assert [exited.how for exited in lane.of(Exited)] == [ExitHow.PERMIT, ExitHow.OPERATOR]


def stopped_over_a_vehicle() -> BoomScript:
    """An entry whose boom was stopped half open over the vehicle it opened for."""
    lane = BoomScript()
    lane.run(2.0)
    lane.arrive()
    lane.read(CAR)
    lane.run(1.0)
    lane.set(0.3, closing_loop=True)
    lane.set(1.0, stop=True)
    lane.set(5.0, stop=False)
    assert lane.boom.state is BoomState.UNKNOWN and 0.1 < lane.height < 0.9
    return lane


@pytest.mark.parametrize("how", ["a person", "the button"])
def test_a_vehicle_under_a_boom_that_was_stopped_half_open_is_let_out(how):
    lane = stopped_over_a_vehicle()
    lane.hear(order("open")) if how == "a person" else lane.press()
    lane.run(5.0)
    assert lane.boom.state is BoomState.OPEN
    assert display(lane.lane, lane.rules, lane.now).screen is Screen.TICKET
    lane.set(0.5, arming_loop=False, photocell=True)
    lane.drive_out()
    lane.run(10.0)
    assert [entered.how for entered in lane.of(Entered)] == [EntryHow.PLATE]
    assert lane.boom.state is BoomState.CLOSED and not lane.lane.raised


def test_an_emergency_stop_also_ends_what_a_person_opened_for_the_vehicle_under_the_boom():
    lane = stopped_over_a_vehicle()
    lane.hear(order("open"))
    lane.set(1.0, stop=True)
    lane.set(5.0, stop=False)
    assert not lane.wish.grant and lane.boom.state is not BoomState.OPEN
    lane.hear(order("open"))
    lane.run(5.0)
    assert lane.boom.state is BoomState.OPEN


def test_a_vehicle_without_a_right_that_a_person_lets_out_from_under_the_boom_is_told_to_drive_on():
    lane = Script("exit")
    lane.boom_down = False
    lane.set(1.0, closing_loop=True)
    lane.hear(order("open"))
    assert lane.wish.grant
    assert display(lane.lane, lane.rules, lane.now).screen is Screen.HELD


def test_a_closing_loop_that_feels_somebody_for_minutes_while_nobody_is_there_is_told_of():
    lane = Script()
    lane.set(100.0, closing_loop=True)
    assert lane.codes == []
    lane.run(30.0)
    assert lane.codes == ["sensor_stuck"]
    lane.run(100.0)
    assert lane.codes == ["sensor_stuck"]


def test_a_vehicle_that_waits_with_its_nose_on_the_closing_loop_is_no_failed_sensor():
    lane = Script("exit")
    lane.arrive()
    lane.set(400.0, closing_loop=True)
    assert "sensor_stuck" not in lane.codes
