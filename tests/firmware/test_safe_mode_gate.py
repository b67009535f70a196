"""A real gate started in safe mode, on a simulated lane."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request

import pytest

from edge.simulation.world.client import WorldClient
from edge.simulation.world.server import is_served
from tests.firmware.gate_root import GateRoot
from tests.waiting import wait_for


@pytest.mark.slow
def test_in_safe_mode_the_gate_answers_and_shows_that_it_is_out_of_order_and_moves_nothing(folder, pattern):
    made = GateRoot(folder, like=pattern)
    made.fill_in_settings()
    world = str(folder / "w")
    lane = subprocess.Popen([sys.executable, "-m", "edge.simulation.world.server", world, "4"])
    gate = None
    try:
        wait_for(lambda: is_served(world), "the lane is served")
        with (folder / "log").open("a") as log:
            command = [sys.executable, "-m", "edge", "gate", "--config", str(made.config), "--safe-mode"]
            gate = subprocess.Popen(command, stderr=log)
        wait_for(lambda: made.status().get("mode") == "fault", "the gate answers")
        assert "safe_mode" in made.status()["faults"]
        with WorldClient(world) as lane_world:
            lane_world.arrive("v1", "MH12AB1234", "car")
            wait_for(lambda: made.status().get("inputs", {}).get("arming_loop"), "a vehicle has come")
            with urllib.request.urlopen(f"http://127.0.0.1:{made.port}/display.json", timeout=5) as answer:
                assert json.load(answer)["screen"] == "out_of_order"
            assert (lane_world.look()["boom_deg"], lane_world.look()["drive"]) == (0.0, "off")
        assert made.events("gate.started")[-1].data["reason"] == "safe mode"
    finally:
        for process in (gate, lane):
            if process is not None:
                process.terminate()
                process.wait(20)
