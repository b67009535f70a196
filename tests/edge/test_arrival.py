"""A lane without an arming loop: the camera says who comes, and the gate does as with a loop."""

from __future__ import annotations

import numpy as np
import pytest

from edge.simulation.world.server import WorldClient
from edge.vision.arrival import TELL_S, Arrivals
from edge.vision.messages import Arrival, decode_event, encode
from edge.vision.view import View
from tests.edge.test_gate import PLATE, Gate, folder  # noqa: F401 - a fixture
from tests.waiting import wait_for

EMPTY = np.full((480, 640, 3), 90, np.uint8)
SOMEBODY = EMPTY.copy()
SOMEBODY[120:400, 150:500] = 200


def looked(arrivals: Arrivals, *pictures: np.ndarray) -> list[bool]:
    return [told.seen for picture in pictures for told in arrivals.look(picture)]


def test_who_comes_is_told_once_and_that_he_has_gone():
    arrivals = Arrivals(View())
    assert looked(arrivals, *[EMPTY] * 5) == []
    assert looked(arrivals, SOMEBODY, SOMEBODY, SOMEBODY) == [True]
    assert looked(arrivals, *[EMPTY] * 5) == [False]


def test_while_he_stands_there_it_is_said_again(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("edge.vision.arrival.time.monotonic", lambda: now[0])
    arrivals = Arrivals(View())
    looked(arrivals, EMPTY, SOMEBODY, SOMEBODY)
    now[0] += TELL_S
    assert looked(arrivals, SOMEBODY) == [True]


def test_what_moves_outside_the_view_is_nobody():
    arrivals = Arrivals(View(0.0, 0.9, 1.0, 1.0))
    assert looked(arrivals, EMPTY, *[SOMEBODY] * 5) == []


def test_a_small_plane_and_a_whole_frame_are_the_same_lane():
    arrivals = Arrivals(View())
    small = np.full((240, 320), 90, np.uint8)
    assert looked(arrivals, small, EMPTY, EMPTY) == []
    assert looked(arrivals, SOMEBODY, SOMEBODY) == [True]


def test_it_goes_over_the_line_between_the_processes():
    assert decode_event(encode(Arrival(True))) == Arrival(True)


@pytest.mark.slow
def test_without_a_loop_a_vehicle_is_seen_read_let_in_and_recorded(folder):  # noqa: F811
    gate = Gate(folder, "entry", "mqtt://127.0.0.1:9")
    text = gate.config.read_text().replace('source = "scene:world"', 'source = "scene:world"\narrival = "motion"')
    gate.config.write_text(text)
    try:
        with WorldClient(gate.world_path) as world:
            world.fault("stuck_clear", wire="arming_loop")  # as if there were none
            gate.start()
            wait_for(gate.shows("welcome"), "the lane is taken for empty", 30.0)
            world.arrive("v1", PLATE, "car")
            wait_for(gate.shows("ticket"), "the ticket is shown", 60.0)
            wait_for(lambda: gate.events("vehicle.entered"), "the entry is recorded", 60.0)
            [entered] = gate.events("vehicle.entered")
            assert entered.data["plate"]["text"] == PLATE
            wait_for(gate.shows("welcome"), "the lane is empty again", 60.0)
            assert world.look()["violations"] == []
        assert gate.stop() == 0
    finally:
        gate.close()
