"""Which way a vehicle went, from the order of its loops: every length, direction and failing sensor that matters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.lane.passage import Passage, Way, track
from edge.rules.signals import Inputs
from edge.simulation.world.traffic import ARMING, BEAM, BUILDS, CLOSING, EXIT

TICK_S = 0.02


class Line:
    """The boom's line in the hands of a test: vehicles are (nose, tail) in metres along the lane."""

    def __init__(self, **broken: bool) -> None:
        self.passage, self.now, self.ways, self.broken = Passage(), 0.0, [], broken

    def see(self, *vehicles: tuple[float, float], seconds: float = TICK_S) -> None:
        def on(zone) -> bool:
            return any(zone.covered_by(nose, tail) for nose, tail in vehicles)

        levels = {"arming_loop": on(ARMING), "closing_loop": on(CLOSING), "photocell": on(BEAM), "exit_loop": on(EXIT)}
        for _ in range(max(1, round(seconds / TICK_S))):
            self.now += TICK_S
            self.passage, ways = track(self.passage, replace(Inputs(**levels), **self.broken), self.now)
            self.ways += ways

    def drive(self, length: float, start: float, end: float, speed: float = 3.0, *others: tuple[float, float]) -> None:
        """Moves one vehicle's nose from start to end at `speed` metres a second, either way."""
        steps = max(1, round(abs(end - start) / (speed * TICK_S)))
        for n in range(steps + 1):
            nose = start + (end - start) * n / steps
            self.see((nose, nose - length), *others)

    def wait(self, seconds: float = 3.0) -> list[Way]:
        self.see(seconds=seconds)
        return self.ways


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("speed", [0.6, 3.0, 9.0])
def test_every_class_at_every_speed_passes_once(build, speed):
    line = Line()
    line.drive(BUILDS[build].length_m, -8.0, 20.0, speed)
    assert line.wait() == [Way.BEGAN, Way.PASSED]


@pytest.mark.parametrize("build", BUILDS)
def test_every_class_that_stops_under_the_boom_passes_once(build):
    line, length = Line(), BUILDS[build].length_m
    line.drive(length, -8.0, 0.5)
    line.see((0.5, 0.5 - length), seconds=60.0)
    line.drive(length, 0.5, 20.0)
    assert line.wait() == [Way.BEGAN, Way.PASSED]


@pytest.mark.parametrize("build", BUILDS)
def test_every_class_that_backs_out_has_not_passed(build):
    line, length = Line(), BUILDS[build].length_m
    line.drive(length, -8.0, 0.5)
    line.drive(length, 0.5, -8.0, 1.4)
    assert line.wait() == [Way.BEGAN, Way.BACKED_OUT]


def test_a_vehicle_that_noses_onto_the_exit_loop_and_backs_out_has_not_passed():
    line = Line()
    line.drive(3.9, -8.0, 2.8)
    line.drive(3.9, 2.8, -8.0, 1.4)
    assert line.wait() == [Way.BEGAN, Way.BACKED_OUT]


@pytest.mark.parametrize("build", BUILDS)
def test_every_class_that_comes_the_wrong_way_is_seen_as_such(build):
    line, length = Line(), BUILDS[build].length_m
    line.drive(length, 20.0, -12.0, 3.0)
    assert line.wait() == [Way.BEGAN, Way.WRONG_WAY]


def test_a_close_follower_is_counted():
    line = Line()
    for n in range(600):
        nose = -8.0 + n * 0.06
        line.see((nose, nose - 3.9), (nose - 6.1, nose - 10.0))
    assert line.wait() == [Way.BEGAN, Way.PASSED, Way.BEGAN, Way.PASSED]


def test_a_vehicle_waiting_beyond_does_not_make_the_next_one_come_the_wrong_way():
    line = Line()
    line.see((6.0, 2.6))
    line.drive(2.0, -8.0, 1.9, 3.0, (6.0, 2.6))
    line.drive(2.0, 1.9, 20.0)
    assert line.wait() == [Way.BEGAN, Way.PASSED]


def test_with_a_dead_exit_loop_a_vehicle_that_went_on_has_passed_and_one_that_came_back_has_not():
    line = Line(exit_loop=False)
    line.drive(3.9, -8.0, 20.0)
    assert line.wait() == [Way.BEGAN, Way.PASSED]
    line = Line(exit_loop=False)
    line.drive(3.9, -8.0, 0.5)
    line.drive(3.9, 0.5, -3.0)
    line.see((-3.0, -6.9), seconds=3.0)
    assert line.ways == [Way.BEGAN, Way.BACKED_OUT]


def test_inputs_that_can_not_be_read_decide_nothing():
    line = Line(valid=False)
    line.drive(3.9, -8.0, 20.0)
    assert line.wait() == []


levels = st.fixed_dictionaries(
    {name: st.booleans() for name in ("arming_loop", "closing_loop", "photocell", "exit_loop", "valid")}
)


@given(st.lists(st.tuples(levels, st.sampled_from([0.02, 0.1, 0.5, 2.0])), max_size=60))
def test_whatever_the_loops_say_every_crossing_that_begins_ends_once(script):
    passage, now, ways = Passage(), 0.0, []
    for names, seconds in [*script, (dict.fromkeys(("arming_loop",), False) | {"valid": True}, 5.0)]:
        for _ in range(max(1, round(seconds / TICK_S))):
            now += TICK_S
            passage, came = track(passage, Inputs(**names), now)
            ways += came
    assert len(ways) % 2 == 0
    assert all(way is Way.BEGAN for way in ways[::2])
    assert not any(way is Way.BEGAN for way in ways[1::2])
