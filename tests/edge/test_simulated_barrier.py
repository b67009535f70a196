"""The simulated barrier behind the gate's port, on its own lane and joined to another process's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.devices.ports import Barrier
from edge.devices.simulated import SimulatedBarrier
from edge.rules.signals import Drive, Inputs, Light, Outputs
from edge.simulation.world.physics import World
from edge.simulation.world.server import WorldClient, WorldServer
from tests.waiting import wait_for


@pytest.fixture(params=["own lane", "joined lane"])
def barrier(request, tmp_path: Path) -> Iterator[SimulatedBarrier]:
    path = str(tmp_path / "lane.sock")
    server = WorldServer(path, World(speed=10)) if request.param == "joined lane" else None
    barrier = SimulatedBarrier(path, speed=10)
    barrier.path = path
    yield barrier
    barrier.close()
    if server:
        server.close()


def test_the_boom_follows_the_drive_between_its_limits(barrier):
    port: Barrier = barrier
    assert port.read() == Inputs(limit_closed=True)
    port.drive(Outputs(Drive.OPEN, Light.AMBER_FLASH, buzzer=True))
    wait_for(lambda: port.read().limit_open and not port.read().limit_closed)
    port.drive(Outputs(Drive.CLOSE))
    wait_for(lambda: port.read().limit_closed)


def test_a_vehicle_is_seen_and_let_through(barrier):
    with WorldClient(barrier.path) as lane:
        lane.arrive("a", "MH12AB1234")
        wait_for(lambda: barrier.read().arming_loop)
        barrier.drive(Outputs(Drive.OPEN, Light.GREEN))
        look = lane.wait_until(lambda look: look["passed"], 10, "the car to pass")
        assert look["light"] == "green" and look["violations"] == []


def test_closing_lets_go_of_the_drive_and_may_be_done_twice(barrier):
    barrier.drive(Outputs(Drive.OPEN))
    barrier.close()
    barrier.close()
    assert barrier.read().valid is False or os.path.exists(barrier.path)


def test_an_own_lane_removes_its_socket(tmp_path):
    path = str(tmp_path / "lane.sock")
    barrier = SimulatedBarrier(path)
    barrier.close()
    assert not os.path.exists(path)
    assert barrier.read().valid is False


def test_a_joined_lane_drops_the_drive_when_its_gate_is_gone_and_takes_the_next_gate(tmp_path):
    path = str(tmp_path / "lane.sock")
    server = WorldServer(path)
    with WorldClient(path) as gate, WorldClient(path) as lane:
        gate.ask("wire", drive="open", light="green", buzzer=False)
        lane.wait_until(lambda look: look["boom_deg"] > 5, 5, "the boom to rise")
        gate.close()
        still = lane.wait_until(lambda look: look["drive"] == "off", 5, "the drive off")
        assert still["light"] == "red" and still["boom_deg"] > 5
    successor = SimulatedBarrier(path)
    assert successor.read().limit_closed is False
    successor.drive(Outputs(Drive.CLOSE))
    wait_for(lambda: successor.read().limit_closed)
    successor.close()
    server.close()


def test_a_joined_lane_that_ends_reads_as_not_valid(tmp_path):
    path = str(tmp_path / "lane.sock")
    server = WorldServer(path)
    barrier = SimulatedBarrier(path)
    server.close()
    wait_for(lambda: barrier.read().valid is False)
    barrier.close()
