"""`python -m central`, as an administrator types it: one clear line for each thing that is wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import pytest

from central.__main__ import main
from central.store import database
from tests import brokers
from tests.central.mqtt_gate import wait_for

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Ran:
    """A command that has ended: its exit status and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def central(tmp_path, capsys, monkeypatch) -> Callable[..., Ran]:
    """Runs a command as the shell would, without a process of its own: most of its time is Python's start."""
    for name in ("DATABASE_URL", "MQTT_URL", "PARKMETER_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> Ran:
        capsys.readouterr()
        try:
            status = main([*words, "--data", str(tmp_path / "central")])
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Ran(status, *capsys.readouterr())

    return run


def process(tmp_path, *words: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MQTT_URL")}
    command = [sys.executable, "-m", "central", *words, "--data", str(tmp_path / "central")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)


def test_a_car_park_is_set_up_from_the_command_line(tmp_path, central):
    assert central("init").returncode == 0
    assert central("init").returncode == 0, "again changes nothing"
    assert central("site", "add", "delhi", "--name", "Delhi").returncode == 0
    loaded = central("tariff", "load", "config/tariffs/delhi-example.toml", "--site", "delhi")
    assert loaded.returncode == 0, loaded.stderr
    added = central("gate", "add", "delhi", "entry-1", "--lane", "entry", "--name", "North", "--json")
    gate = json.loads(added.stdout)
    assert {"token", "public_key", "mqtt_url"} <= set(gate)
    listed = json.loads(central("gate", "list", "--json").stdout)
    assert [(row["gate"], row["lane"], row["status"]) for row in listed] == [("entry-1", "entry", "new")]
    assert gate["token"] not in central("gate", "list").stdout
    assert json.loads(central("stays", "--json").stdout) == []
    assert central("access", "allow", "dl 1cab 1234").stdout == "DL1CAB1234 pass at delhi\n"
    assert central("setup-link").stdout.startswith("http://127.0.0.1:8000/setup/")
    assert oct((tmp_path / "central").stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize(
    "words, said",
    [
        (("stays",), "central init"),
        (("ingest",), "central init"),
        (("stays", "--config", "/nowhere.toml"), "/nowhere.toml"),
        (("stays", "--since", "yesterday"), "expected a time such as"),
        (("fly",), "invalid choice"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_and_ends_with_2(central, words, said):
    ran = central(*words)
    assert ran.returncode == 2
    assert said in ran.stderr.strip().splitlines()[-1]
    assert "Traceback" not in ran.stderr


def test_a_process_says_in_a_line_what_is_wrong_and_ends_with_2(tmp_path):
    ran = process(tmp_path, "stays")
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert "central init" in ran.stderr


def test_a_database_that_another_process_holds_is_said_in_a_line(tmp_path, central, monkeypatch):
    central("init")
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    with closing(sqlite3.connect(tmp_path / "central" / "central.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        ran = central("site", "add", "delhi")
    assert (ran.returncode, ran.stderr) == (2, "central: database: database is locked\n")


def test_a_taken_port_is_named_before_anything_starts(tmp_path):
    process(tmp_path, "init")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config = tmp_path / "central.toml"
        config.write_text(f"[http]\nport = {port}\n")
        for words in (("web",), ("all",)):
            ran = process(tmp_path, *words, "--config", str(config))
            assert (ran.returncode, f"127.0.0.1:{port}" in ran.stderr) == (2, True), ran.stderr
            assert "Traceback" not in ran.stderr


@pytest.mark.broker
def test_all_starts_again_what_dies_and_stops_cleanly(tmp_path):
    process(tmp_path, "init")
    port = brokers.free_port()
    with brokers.mosquitto() as broker:
        config = tmp_path / "central.toml"
        config.write_text(f'data_dir = "central"\n[http]\nport = {port}\nworkers = 1\n[mqtt]\nurl = "{broker.url}"\n')
        running = subprocess.Popen(
            [sys.executable, "-m", "central", "all", "--config", str(config)], stderr=subprocess.DEVNULL
        )
        try:
            assert wait_for(lambda: answers(port), 60)
            children = processes_under(running.pid)
            ingest = next(pid for pid, words in children.items() if "ingest" in words)
            os.kill(ingest, signal.SIGKILL)
            assert wait_for(lambda: any(
                "ingest" in words and pid != ingest for pid, words in processes_under(running.pid).items()
            ), 30)  # fmt: skip
            children |= processes_under(running.pid)
        finally:
            running.send_signal(signal.SIGTERM)
            status = running.wait(30)
        assert status == 0
        assert not any(is_central(pid) for pid in children)


@pytest.mark.broker
def test_a_supervisor_killed_takes_its_children_along(tmp_path):
    process(tmp_path, "init")
    port = brokers.free_port()
    with brokers.mosquitto() as broker:
        config = tmp_path / "central.toml"
        config.write_text(f'data_dir = "central"\n[http]\nport = {port}\nworkers = 1\n[mqtt]\nurl = "{broker.url}"\n')
        running = subprocess.Popen(
            [sys.executable, "-m", "central", "all", "--config", str(config)], stderr=subprocess.DEVNULL
        )
        children = {}
        try:
            assert wait_for(lambda: answers(port), 60)
            children = processes_under(running.pid)
            running.kill()
            running.wait(10)
            assert len(children) == 3
            assert wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children), 20)
        finally:
            for pid in children:
                if os.path.exists(f"/proc/{pid}"):
                    os.kill(pid, signal.SIGKILL)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def processes_under(parent: int) -> dict[int, list[str]]:
    """Children of a process: their command lines by id."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline") as line:
                if int(stat.read().rpartition(")")[2].split()[1]) == parent:
                    found[int(pid)] = line.read().split("\0")
        except OSError:
            continue
    return found


def is_central(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/cmdline") as line:
                if "central" not in line.read():
                    return False
        except OSError:
            return False
        time.sleep(0.05)
    return True
