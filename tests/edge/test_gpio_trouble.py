"""What goes wrong at a barrier, behind real pins: stop, fire, power, hands, jams and cut wires."""

from __future__ import annotations

import pytest

from edge.rules.display import Screen
from edge.rules.signals import Drive, Light
from edge.simulation.world.plant import Spec
from tests.edge.pins.lane import PinLane


@pytest.fixture
def make(tmp_path):
    lanes = []

    def lane(**how) -> PinLane:
        lanes.append(PinLane(tmp_path, **how))
        return lanes[-1]

    yield lane
    for lane in lanes:
        lane.close()
        assert lane.plant.violations == []


@pytest.fixture
def lane(make):
    return make()


@pytest.fixture
def up(lane):
    """A boom held up by a person."""
    lane.order("hold")
    lane.until(lambda: lane.is_up and lane.outputs().drive is Drive.OFF)
    return lane


@pytest.fixture
def coming_down(up):
    """A boom half way down."""
    up.order("release")
    up.until(lambda: up.plant.angle_deg < 60)
    return up


@pytest.mark.parametrize("wire", ["photocell", "closing"])
def test_a_closing_boom_goes_up_again_for_whatever_comes_under_it(coming_down, wire):
    lane = coming_down
    lane.world.extra = lane.world.extra._replace(**{wire: True})
    lane.until(lambda: lane.outputs().drive is Drive.OPEN, 1.0)
    lane.until(lambda: lane.is_up)
    lane.touch(30.0)
    assert lane.is_up
    lane.touch(0.0, **{wire: False})
    lane.until(lambda: lane.is_down)


def test_after_three_obstructed_closings_the_boom_stays_up_until_a_reset(up):
    lane = up
    lane.order("release")
    for _ in range(3):
        lane.until(lambda: lane.outputs().drive is Drive.CLOSE and lane.plant.angle_deg < 75)
        lane.touch(1.0, photocell=True)
        lane.until(lambda: lane.is_up)
        lane.touch(0.0, photocell=False)
    lane.run(20.0)
    assert lane.is_up and "too_many_reversals" in lane.codes()
    lane.order("reset_fault")
    lane.until(lambda: lane.is_down)


def test_stop_cuts_the_relay_in_the_very_tick_and_nothing_moves_by_itself_afterwards(coming_down):
    lane = coming_down
    lane.world.press("stop")
    lane.tick()
    assert lane.outputs().drive is Drive.OFF
    lane.run(5.0)
    assert lane.state == "stopped" and lane.panel.display.screen is Screen.STOPPED
    angle = lane.plant.angle_deg
    lane.world.release("stop")
    lane.run(0.5)
    assert lane.plant.angle_deg == angle and lane.outputs().drive is Drive.OFF


def test_fire_opens_a_closed_boom_and_nothing_closes_it_until_it_is_over(lane):
    lane.world.press("fire")
    lane.until(lambda: lane.is_up)
    lane.order("close")
    lane.run(60.0)
    assert lane.is_up and lane.panel.display.screen is Screen.FIRE
    assert lane.outputs().light is Light.AMBER_FLASH
    lane.world.release("fire")
    lane.order("close")
    lane.until(lambda: lane.is_down)


def test_fire_turns_a_closing_boom_round(coming_down):
    coming_down.world.press("fire")
    coming_down.until(lambda: coming_down.is_up)


def test_on_battery_a_vehicle_is_still_let_in_and_the_failure_told(lane):
    lane.world.fault("power_cut")
    lane.arrive()
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)
    lane.run(2.0)
    assert len(lane.events("vehicle.entered")) == 1
    assert lane.line.states[-1].faults == ("mains_failed",)
    lane.world.fault("power_cut", on=False)
    lane.run(1.0)
    assert lane.line.states[-1].faults == () and lane.codes() == ["mains_failed", "mains_back"]


def test_without_battery_a_boom_that_stops_half_way_is_a_fault_with_its_relays_off_until_power_and_a_reset(make):
    lane = make(spec=Spec(battery=False))
    lane.arrive()
    lane.until(lambda: lane.plant.angle_deg > 30)
    lane.world.fault("power_cut")
    lane.run(10.0)
    assert lane.state == "fault" and lane.outputs().drive is Drive.OFF
    assert "out of order" in lane.order("open").reason
    lane.world.fault("power_cut", on=False)
    lane.order("reset_fault")
    lane.order("open")
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)


def test_a_boom_cranked_up_by_hand_raises_the_alarm_is_not_fought_and_comes_home_when_asked(lane):
    lane.world.fault("hand_lift")
    lane.run(5.0)
    assert lane.codes() == ["forced_open"] and lane.outputs().drive is Drive.OFF
    lane.world.fault("hand_lift", on=False)
    lane.run(5.0)
    lane.order("close")  # first all the way up, where its position is known
    lane.until(lambda: lane.is_up)
    lane.until(lambda: lane.is_down)
    assert lane.state == "closed"


def test_a_jam_is_a_fault_in_time_and_a_reset_ends_it(lane):
    lane.world.fault("jam")
    lane.arrive()
    lane.until(lambda: lane.outputs().drive is Drive.OPEN)
    began = lane.now
    lane.until(lambda: lane.outputs().drive is Drive.OFF)
    assert 1.5 <= lane.now - began < 1.6  # boom.start_s
    assert lane.panel.display.screen is Screen.OUT_OF_ORDER
    lane.world.fault("jam", on=False)
    lane.order("reset_fault")
    lane.order("open")
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)


def test_a_limit_that_never_comes_ends_the_drive_in_time(lane):
    lane.world.fault("stuck_clear", "limit_open")
    lane.order("open")
    lane.until(lambda: lane.outputs().drive is Drive.OPEN)
    began = lane.now
    lane.until(lambda: lane.outputs().drive is Drive.OFF)
    assert 6.0 <= lane.now - began < 6.1  # boom.travel_s
    assert "open_timeout" in lane.codes()


@pytest.mark.parametrize("bounce_s", [0.01, 0.03, 0.05])
def test_limits_that_bounce_are_no_trouble(make, bounce_s):
    lane = make(spec=Spec(bounce_s=bounce_s))
    lane.arrive()
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)
    lane.run(3.0)
    assert lane.codes() == [] and [drive for drive, _ in lane.drives][1:] == [
        Drive.OPEN, Drive.OFF, Drive.CLOSE, Drive.OFF
    ]  # fmt: skip


@pytest.mark.parametrize("delay_s", [0.05, 0.25, 0.45])
def test_a_slow_loop_detector_lets_nobody_be_touched(make, delay_s):
    lane = make(spec=Spec(loop_on_s=delay_s, loop_off_s=delay_s))
    lane.arrive("v1")
    lane.arrive("v2", "KA05MC7788")
    lane.until(lambda: len(lane.world.passed) == 2)
    lane.until(lambda: lane.is_down)
    lane.run(3.0)
    assert len(lane.events("vehicle.entered")) == 2


@pytest.mark.parametrize("wire", ["closing_loop", "photocell", "detached"])
def test_a_raised_boom_with_that_wire_cut_never_comes_down(up, wire):
    up.world.fault("broken_wire", wire)
    up.order("release")
    up.run(60.0)
    assert up.is_up and Drive.CLOSE not in [drive for drive, _ in up.drives]


#   cut wire         what becomes of a lane where a vehicle arrives
CUT = {
    "limit_open":    ("fault",   ("limits_disagree",)),
    "limit_closed":  ("fault",   ("failed_to_start",)),
    "stop":          ("stopped", ("stop_pressed",)),
    "fire":          ("open",    ("fire",)),
    "detached":      ("open",    ("boom_detached",)),
    "mains_failed":  ("closed",  ("mains_failed",)),
    "exit_loop":     ("closed",  ()),
    "button":        ("closed",  ()),
    "arming_loop":   ("closed",  ()),
}  # fmt: skip


@pytest.mark.parametrize("wire", CUT)
def test_a_cut_wire_ends_on_the_safe_side_and_is_told(lane, wire):
    lane.world.fault("broken_wire", wire)
    lane.run(1.0)
    lane.arrive()
    lane.run(60.0)
    assert (lane.state, lane.line.states[-1].faults) == CUT[wire]


def test_inputs_that_can_not_be_read_end_a_closing_and_are_told(coming_down):
    lane = coming_down
    lane.world.fault("unreadable")
    lane.tick()
    assert lane.outputs().drive is not Drive.CLOSE
    lane.run(1.0)
    assert "inputs_invalid" in lane.line.states[-1].faults
    lane.world.fault("unreadable", on=False)
    lane.until(lambda: lane.is_down)
