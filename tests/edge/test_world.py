"""The simulated lane: its vehicles and drivers, what it measures, and how it is served."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from edge.rules.signals import Drive, Inputs, Light, Outputs
from edge.simulation.world.physics import World
from edge.simulation.world.server import WorldClient, WorldError, WorldServer
from edge.simulation.world.traffic import ARMING, STOP_LINE_M

LOOK = {"class": "car", "plate": "MH12AB1234", "lines": 1, "style": "white", "colour": None}


class Attendant:
    """A person with a switch: lets in whoever stands there, and lowers the boom behind him."""

    def __init__(self, world: World, patience_s: float = 1.0) -> None:
        self.world, self.patience_s = world, patience_s
        self.job, self.since_s = "wait", 0.0

    def work(self, seconds: float, dt_s: float = 0.01) -> None:
        for _ in range(round(seconds / dt_s)):
            self.world.drive(self.decide(self.world.inputs()))
            self.world.advance(dt_s)

    def decide(self, inputs: Inputs) -> Outputs:
        now_s = self.world.now_s
        if self.job == "wait" and inputs.arming_loop:
            self.job, self.since_s = "think", now_s
        elif self.job == "think" and now_s - self.since_s > self.patience_s:
            self.job = "raise"
        elif self.job == "raise" and inputs.closing_loop:
            self.job = "through"
        elif self.job == "through" and not (inputs.closing_loop or inputs.photocell):
            self.job, self.since_s = "lower", now_s
        elif self.job == "lower" and inputs.limit_closed:
            self.job = "wait"
        if self.job == "raise":
            return Outputs(Drive.OFF, Light.GREEN) if inputs.limit_open else Outputs(Drive.OPEN)
        if self.job == "lower" and now_s - self.since_s > 1.0 and not inputs.limit_closed:
            return Outputs(Drive.CLOSE)
        return Outputs()


def arrive(world: World, name: str, kind: str = "car", **more: object) -> None:
    world.arrive(name, {**LOOK, "class": kind}, **more)


def test_a_driver_stops_at_the_line_and_waits_before_a_lowered_boom():
    world = World()
    arrive(world, "a")
    for _ in range(3000):
        world.advance(0.01)
    (vehicle,) = world.look()["vehicles"]
    assert vehicle["phase"] == "at_line"
    assert vehicle["nose_m"] == pytest.approx(STOP_LINE_M, abs=0.1)
    assert vehicle["stopped_s"] > 10
    assert world.inputs() == Inputs(arming_loop=True, limit_closed=True)


@pytest.mark.parametrize("kind", ["car", "van", "bike", "scooty", "auto", "truck", "bus"])
@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_every_class_is_seen_by_every_sensor_in_turn_on_its_way_through(kind, speed):
    world = World(speed=speed)
    arrive(world, "a", kind)
    attendant = Attendant(world)
    seen: list[str] = []
    for _ in range(round(60 / speed / 0.02) + 200):
        attendant.work(0.02)  # as coarsely as a gate samples
        inputs = world.inputs()
        for name in ("arming_loop", "closing_loop", "photocell", "exit_loop"):
            if getattr(inputs, name) and name not in seen:
                seen.append(name)
    assert seen[0] == "arming_loop" and seen[-1] == "exit_loop" and len(seen) == 4
    assert [record["vehicle"] for record in world.passed] == ["a"]
    assert world.plant.violations == []


def test_vehicles_queue_without_touching_and_pass_in_order():
    world = World()
    for name, kind in (("a", "bus"), ("b", "bike"), ("c", "car")):
        arrive(world, name, kind)
    attendant = Attendant(world)
    for _ in range(900):
        attendant.work(0.1)
        bodies = [(v.nose_m, v.tail_m) for v in world.vehicles]
        assert all(front[1] - back[0] > 0.5 for front, back in pairwise(bodies))
    assert [record["vehicle"] for record in world.passed] == ["a", "b", "c"]
    assert world.plant.violations == []


def test_a_queued_vehicle_does_not_cover_the_arming_loop():
    world = World()
    arrive(world, "a", "scooty")
    arrive(world, "b")
    for _ in range(2500):
        world.advance(0.01)
    assert world.vehicles[1].phase == "queued"
    assert world.vehicles[1].nose_m < ARMING.start_m + 0.5


def test_a_driver_waits_for_his_own_turn_under_a_boom_still_up_for_another():
    world = World()
    arrive(world, "a")
    arrive(world, "b")
    for _ in range(6000):
        # The boom is held up in red once the first has gone through.
        light = Light.RED if world.passed else Light.GREEN
        world.drive(Outputs(Drive.OPEN, light))
        world.advance(0.01)
    assert [record["vehicle"] for record in world.passed] == ["a"]
    assert world.vehicles[-1].phase == "at_line"


def test_drivers_go_one_after_the_other_through_a_lane_held_open_in_green():
    world = World()
    for name in "abc":
        arrive(world, name)
    for _ in range(9000):
        world.drive(Outputs(Drive.OPEN, Light.GREEN))
        world.advance(0.01)
    assert [record["vehicle"] for record in world.passed] == ["a", "b", "c"]


def test_a_tailgater_follows_through_without_stopping():
    world = World()
    arrive(world, "a")
    arrive(world, "b", tailgates=True)
    Attendant(world).work(40)
    assert [(record["vehicle"], record["stop_to_open_ms"] is None) for record in world.passed] == [
        ("a", False),
        ("b", True),
    ]


def test_the_time_from_standstill_to_open_is_the_gates_own_whatever_the_speed():
    times = []
    for speed in (1.0, 10.0):
        world = World(speed=speed)
        arrive(world, "a")
        while not (world.vehicles[0].at_line):
            world.advance(0.01)
        for _ in range(70):
            world.advance(0.01)
        world.drive(Outputs(Drive.OPEN))
        for _ in range(1500):
            world.drive(Outputs(Drive.OPEN, Light.GREEN))
            world.advance(0.01)
        times.append(world.look()["stop_to_open_ms"])
        assert world.look()["stop_to_up_ms"][0] > times[-1][0] + 2500 / speed
    assert times[0] == pytest.approx([700], abs=25) and times[1] == pytest.approx([700], abs=25)


def test_a_boom_raised_before_the_vehicle_stands_counts_as_no_wait():
    world = World()
    arrive(world, "a")
    for _ in range(3000):
        world.drive(Outputs(Drive.OPEN, Light.GREEN) if world.inputs().arming_loop or world.passed else Outputs())
        world.advance(0.01)
    assert world.look()["stop_to_open_ms"] == [0.0]


def test_a_driver_who_gives_up_backs_out_and_the_one_behind_makes_room():
    world = World()
    arrive(world, "a")
    arrive(world, "b")
    for _ in range(2500):
        world.advance(0.01)
    world.leave("a")
    for _ in range(3000):
        world.advance(0.01)
    assert world.left == ["a"]
    (vehicle,) = world.vehicles
    assert vehicle.name == "b" and vehicle.phase == "at_line"


def test_a_boom_lowered_onto_a_stalled_vehicle_is_a_violation():
    world = World()
    arrive(world, "a")
    while not world.inputs().photocell:
        world.drive(Outputs(Drive.OPEN, Light.GREEN))
        world.advance(0.01)
    world.stall("a", True)
    for _ in range(400):
        world.drive(Outputs(Drive.CLOSE))
        world.advance(0.01)
    assert [violation["what"] for violation in world.look()["violations"]] == ["lowered_onto"]


def test_a_change_of_speed_keeps_the_boom_and_what_is_broken():
    world = World()
    world.drive(Outputs(Drive.OPEN))
    for _ in range(150):
        world.advance(0.01)
    world.fault("broken_wire", "photocell")
    angle = world.plant.angle_deg
    world.set_speed(10)
    assert world.plant.angle_deg == angle > 30
    assert world.inputs().photocell


def test_a_button_lets_go_by_itself_and_an_emergency_stop_does_not():
    world = World()
    world.press("button")
    world.press("stop")
    assert world.inputs().button and world.inputs().stop
    for _ in range(60):
        world.advance(0.01)
    assert not world.inputs().button and world.inputs().stop
    world.release("stop")
    assert not world.inputs().stop


@pytest.fixture
def served(tmp_path: Path) -> Iterator[WorldServer]:
    server = WorldServer(str(tmp_path / "lane.sock"), World(speed=20))
    yield server
    server.close()


def test_the_lane_is_served_to_its_owner_alone_and_leaves_nothing_behind(served):
    assert stat.S_IMODE(os.stat(served.path).st_mode) == 0o600
    served.close()
    served.close()
    assert not os.path.exists(served.path)


def test_several_clients_see_one_lane(served):
    with WorldClient(served.path) as one, WorldClient(served.path) as other:
        one.arrive("a", "MH12AB1234", "bike", lines=2)
        look = other.wait_until(lambda look: look["vehicles"][0]["phase"] == "at_line", 10, "the bike at the line")
        assert look["vehicles"][0]["plate"] == "MH12AB1234"
        one.leave("a")
        other.wait_until(lambda look: look["left"] == ["a"], 10, "the bike gone")


@pytest.mark.parametrize(
    "line, said",
    [
        (b"nonsense", "Invalid JSON"),
        (b"{}", "'do'"),
        (b'{"do":"dance"}', "'arrive', 'look'"),
        (b'{"do":"arrive","vehicle":"a","plate":"mh 12"}', "arrive.plate"),
        (b'{"do":"arrive","vehicle":"a","plate":"MH12AB1234","class":"tank"}', "'car', 'van'"),
        (b'{"do":"arrive","vehicle":"a","plate":"MH12AB1234","wheels":5}', "arrive.wheels"),
        (b'{"do":"leave","vehicle":"ghost"}', "ghost: not in the lane"),
        (b'{"do":"fault","fault":"gremlins"}', "expected one of jam"),
        (b'{"do":"fault","fault":"broken_wire","wire":"x"}', "expected one of arming_loop"),
        (b'{"do":"speed","factor":0}', "speed.factor"),
        (b"\xff\xfe", "request"),
    ],
)
def test_a_bad_request_is_answered_with_what_is_expected(served, line, said):
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(5)
        raw.connect(served.path)
        raw.sendall(line + b"\n" + b'{"do":"look"}\n')
        with raw.makefile("rb") as answers:
            assert said in json.loads(answers.readline())["error"]
            assert json.loads(answers.readline())["ok"]


def test_an_endless_line_is_refused_and_the_others_are_served_on(served):
    with socket.socket(socket.AF_UNIX) as raw, WorldClient(served.path) as other:
        raw.settimeout(5)
        raw.connect(served.path)
        raw.sendall(b"x" * 200_000)
        assert b"error" in raw.recv(1000)
        assert other.look()["vehicles"] == []


def test_a_second_lane_at_the_same_place_is_refused(served):
    with pytest.raises(WorldError, match="already served there"):
        WorldServer(served.path)


def test_a_socket_left_by_a_killed_process_is_taken_over(tmp_path):
    path = tmp_path / "lane.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = WorldServer(str(path))
    server.close()


@pytest.mark.parametrize("path", ["/nowhere/at/all/lane.sock", "/tmp/" + "x" * 120])
def test_a_place_that_holds_no_socket_is_named(path):
    with pytest.raises(WorldError, match=path):
        WorldServer(path)


def test_a_client_without_a_lane_says_so(tmp_path):
    with pytest.raises(WorldError, match="no simulated lane is served there"):
        WorldClient(str(tmp_path / "none.sock"))


def test_a_wait_that_fails_says_for_what_and_how_the_lane_was(served):
    with WorldClient(served.path) as client, pytest.raises(TimeoutError, match=r"waited 0.1 s for a bus.*boom_deg"):
        client.wait_until(lambda look: False, 0.1, "a bus")


def test_a_lane_of_its_own_process_ends_cleanly_on_a_signal(tmp_path):
    path = tmp_path / "lane.sock"
    command = [sys.executable, "-m", "edge.simulation.world.server", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert "serving" in process.stdout.readline()
        with WorldClient(str(path)) as client:
            assert client.look()["vehicles"] == []
        process.terminate()
        assert process.wait(10) == 0
    assert not path.exists()
