"""The gate as people start it, on pins that outlive it: what its relays do when it starts, ends, and is killed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.edge.pins.gate import DOWN, UP, PinGate
from tests.edge.pins.scope import INPUTS, OUTPUTS

pytestmark = pytest.mark.slow
CONFIG = Path(__file__).parents[2] / "config" / "edge.toml"


@pytest.fixture
def gate(tmp_path):
    gate = PinGate(tmp_path)
    yield gate
    gate.close()
    print((tmp_path / "log").read_text())


def run_gate(gate: PinGate) -> subprocess.CompletedProcess:
    """A gate that can't start, to its end."""
    command = [sys.executable, "-m", "edge", "gate", "--config", str(gate.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=gate.header.environment, check=False)


def test_a_gate_claims_its_relays_first_drives_them_and_leaves_them_off_when_it_is_told_to_stop(gate):
    gate.start()
    assert gate.claims()[:2] == [UP, DOWN]
    assert (UP, "1") not in gate.header.log() and (DOWN, "1") not in gate.header.log()
    gate.raise_boom()
    assert gate.end(signal.SIGTERM) == 0
    assert gate.header.level(UP, strict=False) == gate.header.level(DOWN, strict=False) == 0
    assert not gate.header.is_claimed(UP)
    relay = [what for pin, what in gate.header.log() if pin == UP]
    assert relay[:3] == ["output", "1", "0"] and set(relay[3:]) == {"input"}


def test_a_killed_gate_can_switch_nothing_off_so_the_kernel_and_the_pull_downs_must_and_the_next_start_does(gate):
    gate.start()
    gate.raise_boom()
    assert gate.end(signal.SIGKILL) == -signal.SIGKILL
    # nobody was left to write a 0: with dtparam=strict_gpiod the released line becomes an input and its pull-down wins
    assert not gate.header.is_claimed(UP) and gate.header.level(UP) == 0
    # a kernel without it goes on driving what a dead process left, whatever pull-down there is
    assert gate.header.level(UP, strict=False) == 1
    before = len(gate.header.log())
    gate.start()
    later = gate.header.log()[before:]
    assert [pin for pin, what in later if what == "output"][:2] == [UP, DOWN]
    others = [n for n, (pin, what) in enumerate(later) if what == "output" and pin not in (UP, DOWN)]
    assert (UP, "0") in later[: others[0]] and (UP, "1") not in later
    assert gate.header.level(UP, strict=False) == 0
    assert gate.end(signal.SIGTERM) == 0


def test_a_start_that_fails_after_the_pins_were_claimed_gives_them_back_switched_off(gate):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        gate.config.write_text(gate.config.read_text().replace("port = 0", f"port = {port}"))
        ran = run_gate(gate)
    assert ran.returncode == 2 and str(port) in ran.stderr.splitlines()[-1]
    assert gate.claims()[:2] == [UP, DOWN] and "1" not in [what for pin, what in gate.header.log() if pin in (UP, DOWN)]
    for pin in OUTPUTS.values():
        assert not gate.header.is_claimed(pin) and gate.header.level(pin, strict=False) == 0


def test_two_gates_can_not_hold_one_barrier(gate):
    gate.start()
    gate.config.write_text(gate.config.read_text().replace('data_dir = "data"', 'data_dir = "data2"'))
    ran = run_gate(gate)
    assert ran.returncode == 2
    assert "the GPIO pins are held by another program" in ran.stderr.splitlines()[-1]


def test_the_example_settings_name_the_pins_that_are_tried_here():
    devices = tomllib.loads(CONFIG.read_text())["devices"]
    assert devices["inputs"] == INPUTS
    assert {name: devices["outputs"][name] for name in OUTPUTS} == OUTPUTS
