"""A gate that went down after it had let a vehicle through: one vehicle, one right, one fact, whoever stands there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edge.protocol.messages import Entered, EntryHow, Exited, ExitHow, ExitRequested, PassageEnded, SessionStatus
from edge.rules.access import Known
from edge.rules.boom_words import BoomState
from edge.rules.records import Grant
from edge.rules.signals import Inputs
from tests.edge.lane_scripts import CAR, NOON, OTHER, BoomScript, Script
from tests.edge.test_lane import Row, left_open, order, stay

PAID = stay(SessionStatus.PAID, permit_until=NOON + timedelta(days=1))
ON_LOOP = Inputs(arming_loop=True, limit_closed=True)


def restarted(direction: str = "exit", *, grant: Grant | None = None, inputs: Inputs = ON_LOOP, **more) -> Script:
    """A gate that has just started with such a grant left open."""
    known = Known(stays=(Row(PAID),)) if direction == "exit" else Known()
    return Script(direction, known, grant or left_open(direction), inputs, **more)


@pytest.mark.parametrize("direction", ["entry", "exit"])
def test_the_vehicle_still_there_gets_its_grant_back_though_vision_is_not_up_yet(direction):
    lane = restarted(direction)
    lane.run(10.0)
    assert lane.wish.grant and lane.facts == []
    lane.drive_through()
    facts = lane.of(Entered) + lane.of(Exited)
    assert [(fact.plate, str(fact.how)) for fact in facts] == [(CAR, left_open(direction).how)]
    assert lane.resolved == [left_open(direction).id]


def test_a_person_and_vision_give_the_same_grant_back():
    for help_it in (lambda lane: lane.hear(order("open")), lambda lane: lane.read(CAR)):
        lane = restarted("entry")
        help_it(lane)
        assert lane.wish.grant and lane.grants == []
        lane.drive_through()
        assert [entered.how for entered in lane.of(Entered)] == [EntryHow.PLATE]


def test_a_vehicle_of_another_plate_leaves_the_grant_to_be_assumed_and_is_judged_by_itself():
    lane = restarted("exit")
    lane.known = Known()
    lane.read(OTHER)
    assert [(exited.plate, exited.how) for exited in lane.of(Exited)] == [(CAR, ExitHow.ASSUMED)]
    assert lane.of(ExitRequested)[0].plate == OTHER and not lane.wish.grant


def test_a_grant_for_an_unread_vehicle_is_that_of_the_plate_now_read_where_the_stay_is_its_own():
    unread = left_open("exit").model_copy(update={"plate": None})
    lane = restarted("exit", grant=unread)
    lane.read(CAR)
    lane.drive_through()
    assert [(exited.plate, exited.how) for exited in lane.of(Exited)] == [(CAR, ExitHow.PERMIT)]
    assert lane.session_of(Exited) == unread.session


def test_a_grant_for_an_unread_vehicle_is_not_that_of_the_next_one_whose_plate_is_read():
    unread = left_open("entry").model_copy(update={"plate": None, "how": "button"})
    lane = restarted("entry", grant=unread)
    lane.read(CAR)
    lane.drive_through()
    assert [(entered.plate, entered.how) for entered in lane.of(Entered)] == [
        (None, EntryHow.ASSUMED),
        (CAR, EntryHow.PLATE),
    ]


def test_a_vehicle_that_leaves_before_anything_is_known_of_it_counts_as_passed():
    lane = restarted("exit")
    lane.leave()
    assert [exited.how for exited in lane.of(Exited)] == [ExitHow.ASSUMED]


def test_inputs_that_can_not_be_read_yet_are_no_empty_lane():
    lane = restarted("exit", inputs=Inputs(valid=False))
    lane.run(5.0)
    assert lane.facts == []
    lane.set(1.0, valid=True, arming_loop=True)
    lane.read(CAR)
    assert lane.wish.grant and lane.facts == []


def test_a_short_one_that_had_crept_off_its_loop_gets_its_grant_back():
    lane = restarted("exit", inputs=Inputs(closing_loop=True, limit_closed=True))
    lane.run(10.0)
    assert lane.lane.crossing.grant == left_open("exit")
    lane.drive_out()
    assert [exited.how for exited in lane.of(Exited)] == [ExitHow.PERMIT]


def test_feet_in_the_beam_of_the_lowered_boom_are_not_the_vehicle():
    lane = restarted("exit", inputs=Inputs(photocell=True, limit_closed=True))
    assert [exited.how for exited in lane.of(Exited)] == [ExitHow.ASSUMED]


def test_the_vehicle_in_the_line_at_the_restart_has_its_grant_though_it_is_beyond_already():
    under = Inputs(closing_loop=True, exit_loop=True)
    lane = BoomScript("exit", Known(), left_open("exit"), under, height=1.0)
    lane.run(40.0)
    lane.set(3.0, closing_loop=False)
    lane.set(3.0, exit_loop=False)
    assert [exited.how for exited in lane.of(Exited)] == [ExitHow.PERMIT]
    assert lane.of(PassageEnded) == []


def test_a_vehicle_that_crept_forward_while_the_gate_was_down_is_let_out_when_it_pays():
    lane = BoomScript("exit", Known(stays=(Row(PAID),)), None, Inputs(arming_loop=True, closing_loop=True))
    lane.run(0.5)
    lane.read(CAR)
    lane.run(5.0)
    assert lane.boom.state is BoomState.OPEN


@pytest.mark.parametrize("direction", ["entry", "exit"])
def test_an_unread_vehicle_before_an_open_boom_is_not_the_one_that_had_the_grant(direction):
    lane = restarted(direction, inputs=Inputs(arming_loop=True, limit_open=True))
    lane.known = Known()
    lane.run(10.0)
    lane.hear(order("open"))
    lane.drive_through()
    facts = lane.of(Entered) + lane.of(Exited)
    assert [(fact.plate, str(fact.how)) for fact in facts] == [(CAR, "assumed"), (None, "operator")]


def test_a_plate_tells_that_the_vehicle_before_an_open_boom_is_the_one_that_had_the_grant():
    lane = restarted("exit", inputs=Inputs(arming_loop=True, limit_open=True))
    lane.read(CAR)
    lane.drive_through()
    assert [(exited.plate, exited.how) for exited in lane.of(Exited)] == [(CAR, ExitHow.PERMIT)]


@pytest.mark.parametrize("direction", ["entry", "exit"])
def test_one_that_drives_through_the_open_boom_before_it_is_read_is_the_one_that_had_leave(direction):
    lane = restarted(direction, inputs=Inputs(arming_loop=True, limit_open=True))
    lane.boom_down = False
    lane.run(1.0)
    lane.drive_through()
    facts = lane.of(Entered) + lane.of(Exited)
    assert [(fact.plate, str(fact.how)) for fact in facts] == [(CAR, left_open(direction).how)]
    assert lane.resolved == [left_open(direction).id]
