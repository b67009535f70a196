"""The demo as people run it: real processes from end to end, with each broker, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.simulation.demo.brokers import mosquitto_path
from edge.simulation.demo.processes import free_port
from tests.waiting import wait_for

START_S = 180.0  # for all of it to come up on a slow, shared machine


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "edge.simulation.demo", *words]


def processes_of(folder: Path) -> dict[int, str]:
    """The running processes that were given a path under `folder`: pid and command line."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if str(folder) in words and int(entry.name) != os.getpid():
            found[int(entry.name)] = words
    return found


class Running:
    """A demo that goes on until it is told to stop; its stderr in a file."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.data = folder / "data"
        self._errors = folder / "stderr"
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                command("--data", str(self.data), "--port", str(free_port()), *words), stderr=errors
            )

    @property
    def said(self) -> str:
        return self._errors.read_text()

    def wait_until_said(self, words: str) -> None:
        wait_for(lambda: words in self.said or self.process.poll() is not None, repr(words), START_S)
        assert words in self.said, self.said


@pytest.fixture
def running(tmp_path):
    demo = Running(tmp_path, "--speed", "10")
    yield demo
    if demo.process.poll() is None:
        demo.process.terminate()
        demo.process.wait(60)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Both demos of four vehicles, begun at once since most of a visit is waiting: Popen by broker."""
    environment = {key: value for key, value in os.environ.items() if key != "PARKMETER_BROKER"}
    words = command("--vehicles", "4", "--speed", "10", "--json", "--seed", "11")
    paths = {"embedded": str(tmp_path_factory.mktemp("empty"))}  # a PATH where there is no mosquitto
    if mosquitto := mosquitto_path(everywhere=True):
        paths["mosquitto"] = f"{Path(mosquitto).parent}:{environment['PATH']}"
    demos = {
        broker: subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**environment, "PATH": path}
        )
        for broker, path in paths.items()
    }
    yield demos
    for demo in demos.values():
        if demo.poll() is None:
            demo.terminate()
            demo.communicate(timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize("broker", [pytest.param("mosquitto", marks=pytest.mark.broker), "embedded"])
def test_every_vehicle_gets_in_pays_and_gets_out(broker, started):
    if broker not in started:
        pytest.skip("mosquitto is not installed")
    told, said = started[broker].communicate(timeout=540)
    assert started[broker].returncode == 0, said + told
    facts = json.loads(told)
    assert facts["broker"] == broker
    assert (facts["entered"], facts["exited"], facts["paid"]) == (4, 4, 4)
    assert (facts["lost"], facts["doubled"], facts["boom_violations"], facts["misread"]) == (0, 0, 0, 0)
    assert 0 <= facts["stop_to_open_ms"]["p50"] <= facts["stop_to_open_ms"]["p99"]


@pytest.mark.slow
def test_ctrl_c_stops_everything_and_says_so(running):
    running.wait_until_said("Ctrl-C stops everything")
    assert "/setup/" in running.said and "/display" in running.said
    assert processes_of(running.data)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) == 0
    assert running.said.rstrip().endswith("stopped")
    assert "Traceback" not in running.said
    assert processes_of(running.data) == {}


@pytest.mark.slow
def test_a_gate_that_dies_ends_the_demo_with_a_reason_and_leaves_nothing_running(running):
    running.wait_until_said("Ctrl-C stops everything")
    settings = f"gate --config {running.data}/entry-1/edge.toml"
    gate = next(pid for pid, words in processes_of(running.data).items() if settings in words)
    os.kill(gate, signal.SIGKILL)
    assert running.process.wait(60) == 2
    assert "parkmeter demo: entry-1 has ended" in running.said
    assert processes_of(running.data) == {}


@pytest.mark.parametrize(
    "words, said",
    [
        (("--vehicles", "0"), "expected a whole number from 1 to 10000"),
        (("--vehicles", "many"), "expected a whole number from 1 to 10000"),
        (("--speed", "-1"), "expected a number from 0.5 to 20"),
        (("--speed", "nan"), "expected a number from 0.5 to 20"),
        (("--port", "70000"), "expected a port from 1 to 65535"),
        (("--broker", "rabbit"), "invalid choice: 'rabbit'"),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_expected(words, said):
    ran = subprocess.run(command(*words), capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert said in ran.stderr.splitlines()[-1]


def test_a_folder_with_an_earlier_run_is_left_as_it_is(tmp_path):
    (tmp_path / "central").mkdir()
    kept = tmp_path / "central.toml"
    kept.write_text("an earlier run's settings")
    ran = subprocess.run(
        command("--vehicles", "1", "--data", str(tmp_path)), capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 2
    assert "holds an earlier run" in ran.stderr.splitlines()[-1]
    assert kept.read_text() == "an earlier run's settings"
