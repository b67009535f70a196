"""What people order, and that an order which can change nothing says so."""

from __future__ import annotations

from datetime import timedelta

from edge.protocol.messages import Exited, ExitHow, PassageEnded, SessionStatus
from edge.rules.access import Known
from edge.rules.boom_words import BoomState
from edge.rules.lane.visit import Stage
from tests.edge.lane_scripts import CAR, NOON, BoomScript, Script
from tests.edge.test_lane import Row, order, stay

PAID = stay(SessionStatus.PAID, permit_until=NOON + timedelta(days=1))


def answer(lane: Script, name: str) -> str:
    lane.hear(order(name))
    return lane.answers[-1]


def test_an_order_that_can_change_nothing_is_refused_with_the_reason():
    lane = Script()
    assert answer(lane, "release") == "the boom is not held open"
    assert answer(lane, "close") == "the boom is down already"
    assert answer(lane, "hold") == ""
    assert answer(lane, "hold") == "the boom is held open already"
    assert answer(lane, "close") == ""
    lane.set(stop=True)
    assert answer(lane, "open") == "the emergency stop is pressed"
    lane.set(stop=False)
    lane.broken = True
    assert answer(lane, "open") == "the boom is out of order: its fault must be reset first"
    assert answer(lane, "reset_fault") == ""
    assert lane.grants == []


def test_opening_twice_for_a_vehicle_is_refused_once_the_boom_is_up():
    lane = BoomScript()
    lane.run(2.0)
    lane.arrive()
    assert answer(lane, "open") == ""
    lane.run(3.0)
    assert answer(lane, "open") == "the boom is open for this vehicle already"
    assert len(lane.grants) == 1


def test_what_was_granted_before_a_fault_counts_again_when_a_person_or_the_driver_asks_for_it():
    for asks in (lambda lane: lane.hear(order("open")), lambda lane: lane.press()):
        lane = BoomScript("exit", Known(stays=(Row(PAID),)))
        lane.run(2.0)
        lane.arrive()
        lane.jammed = True
        lane.read(CAR)
        lane.run(3.0)
        assert lane.boom.state is BoomState.FAULT
        lane.jammed = False
        lane.hear(order("reset_fault"))
        lane.run(3.0)
        assert lane.boom.state is BoomState.CLOSED  # never by itself
        asks(lane)
        lane.run(3.0)
        assert lane.boom.state is BoomState.OPEN
        assert len(lane.grants) == 1


def test_what_a_person_opened_for_one_vehicle_is_not_the_next_one_s():
    lane = Script("exit", Known(stays=(Row(stay()),)))
    lane.arrive()
    lane.read(CAR)
    lane.hear(order("open"))
    lane.set(10.0, arming_loop=False)
    assert [ended.outcome for ended in lane.of(PassageEnded)] == ["backed_out"]
    lane.arrive()
    assert lane.lane.visit.stage is Stage.WATCHING and not lane.wish.grant


def test_what_a_person_opened_for_whoever_comes_is_bound_to_the_first_who_does():
    lane = Script("exit")
    lane.hear(order("open"))
    lane.run(10.0)
    lane.arrive()
    assert lane.wish.grant
    lane.set(6.0, arming_loop=False)
    lane.arrive()
    assert not lane.wish.grant


def test_a_vehicle_that_no_loop_feels_passes_on_a_person_s_word():
    lane = Script("exit")
    lane.hear(order("open"))
    lane.set(0.5, photocell=True)
    lane.set(3.0, photocell=False)
    assert [exited.how for exited in lane.of(Exited)] == [ExitHow.OPERATOR]


def test_a_boom_held_open_when_the_gate_went_down_is_held_open_again():
    lane = Script()
    lane.lane = type(lane.lane).at_start(lane.now, held=True)
    lane.run(1.0)
    assert lane.wish.hold
    assert answer(lane, "release") == "" and not lane.wish.hold
