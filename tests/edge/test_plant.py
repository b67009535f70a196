"""The simulated barrier behaves like one: it takes time, coasts, bounces, breaks, and tells what it hit."""

from itertools import pairwise

import pytest

from edge.rules.signals import Drive, Inputs
from edge.simulation.world.plant import WIRES, Occupied, Plant, Spec

STEP_S = 0.01
NOBODY = Occupied()


def run(plant, drive, seconds, occupied=NOBODY):
    """The inputs after each step of that long."""
    seen = []
    for _ in range(round(seconds / STEP_S)):
        plant.advance(drive, STEP_S, occupied)
        seen.append(plant.inputs())
    return seen


def raised(**spec):
    return Plant(Spec(start_deg=90.0, **spec))


def test_the_boom_takes_its_travel_time_and_stops_at_its_end():
    plant = Plant(Spec(travel_s=3.0))
    run(plant, Drive.OPEN, 1.6)
    assert plant.angle_deg == pytest.approx(45.0, abs=1.0)
    run(plant, Drive.OPEN, 3.0)
    assert (plant.angle_deg, plant.speed_deg_s) == (90.0, 0.0)


def test_a_motor_switched_off_brakes_and_does_not_stop_dead():
    plant = Plant()
    run(plant, Drive.OPEN, 1.0)
    before = plant.angle_deg
    run(plant, Drive.OFF, 1.0)
    assert before + 1.0 < plant.angle_deg < before + 5.0
    assert plant.speed_deg_s == 0.0


def test_limits_are_active_only_near_their_ends():
    plant = Plant(Spec(bounce_s=0.0))
    seen = run(plant, Drive.OPEN, 4.0)
    assert seen[0].limit_closed and not seen[0].limit_open
    assert not seen[150].limit_closed and not seen[150].limit_open
    assert seen[-1].limit_open and not seen[-1].limit_closed


def test_a_limit_chatters_when_it_changes_and_then_rests():
    seen = [inputs.limit_closed for inputs in run(Plant(Spec(bounce_s=0.2)), Drive.OPEN, 2.0)]
    changes = sum(a is not b for a, b in pairwise(seen))
    assert changes > 5
    assert not any(seen[-100:])


def test_a_loop_notices_a_vehicle_late_and_its_leaving_later():
    plant = Plant(Spec(loop_on_s=0.1, loop_off_s=0.15))
    assert not run(plant, Drive.OFF, 0.08, Occupied(arming=True))[-1].arming_loop
    assert run(plant, Drive.OFF, 0.04, Occupied(arming=True))[-1].arming_loop
    assert run(plant, Drive.OFF, 0.12)[-1].arming_loop
    assert not run(plant, Drive.OFF, 0.05)[-1].arming_loop


def test_each_place_covered_reads_on_its_own_wire():
    occupied = Occupied(arming=True, closing=True, photocell=True, exit=True)
    inputs = run(Plant(), Drive.OFF, 0.5, occupied)[-1]
    assert inputs.arming_loop and inputs.closing_loop and inputs.photocell and inputs.exit_loop


@pytest.mark.parametrize("wire", WIRES)
def test_a_broken_wire_reads_active_whatever_is_stuck(wire):
    plant = Plant()
    plant.broken_wires.add(wire)
    plant.stuck[wire] = False
    assert getattr(plant.inputs(), wire) is True


@pytest.mark.parametrize("level", [True, False])
def test_a_stuck_limit_reads_the_same_wherever_the_boom_is(level):
    plant = Plant()
    plant.stuck["limit_open"] = level
    assert {inputs.limit_open for inputs in run(plant, Drive.OPEN, 4.0)} == {level}


def test_a_jammed_boom_does_not_move_and_a_mended_one_does():
    plant = Plant()
    plant.jammed = True
    run(plant, Drive.OPEN, 2.0)
    assert plant.angle_deg == 0.0
    plant.heal()
    run(plant, Drive.OPEN, 4.0)
    assert plant.angle_deg == 90.0


def test_a_power_cut_stops_only_a_barrier_without_a_battery():
    with_battery, without = Plant(Spec(battery=True)), Plant(Spec(battery=False))
    for plant in (with_battery, without):
        plant.mains = False
        run(plant, Drive.OPEN, 4.0)
        assert plant.inputs().mains_failed
    assert (with_battery.angle_deg, without.angle_deg) == (90.0, 0.0)


def test_a_boom_lifted_by_hand_stays_where_it_was_left():
    plant = Plant()
    plant.hand_deg = 30.0
    run(plant, Drive.OFF, 1.0)
    plant.hand_deg = None
    run(plant, Drive.OFF, 1.0)
    assert plant.angle_deg == 30.0
    assert not plant.inputs().limit_closed


def test_buttons_the_swung_out_arm_and_a_dead_board_are_read():
    plant = Plant()
    plant.stop_pressed = plant.fire_alarm = plant.button_pressed = plant.detached = plant.unreadable = True
    inputs = plant.inputs()
    assert inputs.stop and inputs.fire and inputs.button and inputs.detached and not inputs.valid
    plant.heal()
    assert plant.inputs() == Inputs(limit_closed=True)


def test_a_pulse_is_enough_for_an_operator_of_its_own_logic():
    plant = Plant(Spec(pulsed=True))
    run(plant, Drive.OPEN, 0.3)
    run(plant, Drive.OFF, 4.0)
    assert plant.angle_deg == 90.0
    run(plant, Drive.CLOSE, 0.3)
    run(plant, Drive.OFF, 1.0)
    run(plant, Drive.OPEN, 0.3)
    run(plant, Drive.OFF, 4.0)
    assert plant.angle_deg == 90.0


@pytest.mark.parametrize("pulsed", [True, False])
def test_stop_cuts_the_motor_at_the_operator_too(pulsed):
    plant = Plant(Spec(pulsed=pulsed))
    run(plant, Drive.OPEN, 1.0)
    plant.stop_pressed = True
    run(plant, Drive.OPEN, 0.3)
    stood = plant.angle_deg
    run(plant, Drive.OFF, 1.0)
    plant.stop_pressed = False
    run(plant, Drive.OFF, 1.0)
    assert plant.angle_deg == stood < 60.0


def test_a_boom_that_comes_down_on_someone_is_told_once():
    plant = raised()
    run(plant, Drive.CLOSE, 4.0, Occupied(closing=True))
    assert [violation.what for violation in plant.violations] == ["lowered_onto"]
    assert "coming down" in plant.violations[0].detail


def test_a_boom_turned_within_its_reaction_time_hits_no_one():
    plant = raised()
    run(plant, Drive.CLOSE, 1.8)
    run(plant, Drive.CLOSE, 0.15, Occupied(photocell=True))
    run(plant, Drive.OFF, 0.3, Occupied(photocell=True))
    run(plant, Drive.OPEN, 3.0, Occupied(photocell=True))
    assert plant.violations == []


def test_a_vehicle_under_a_high_boom_is_no_violation():
    plant = raised()
    run(plant, Drive.CLOSE, 0.8, Occupied(closing=True, photocell=True))
    assert plant.angle_deg > 60.0
    assert plant.violations == []


def test_a_vehicle_driven_into_the_lowered_boom_is_told():
    plant = Plant()
    run(plant, Drive.OFF, 1.0, Occupied(photocell=True))
    assert [violation.what for violation in plant.violations] == ["contact"]


def test_the_same_steps_give_the_same_barrier():
    plants = [Plant(Spec(bounce_s=0.2)) for _ in range(2)]
    assert run(plants[0], Drive.OPEN, 3.0) == run(plants[1], Drive.OPEN, 3.0)


@pytest.mark.parametrize("spec", [{"travel_s": 0.0}, {"ramp_s": -1.0}, {"start_deg": 91.0}])
def test_an_impossible_barrier_is_refused(spec):
    with pytest.raises(ValueError, match=r"plant .* expected"):
        Spec(**spec)
