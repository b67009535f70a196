"""The gate as people start it: a real process on a simulated lane, with a real reader and a real broker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.journal import read_journal
from edge.protocol.ids import uuid7
from edge.protocol.messages import Command, Quote, SessionState, SessionStatus, Status
from edge.protocol.signing import Signer
from edge.protocol.topics import GateTopics
from edge.simulation.world.server import WorldClient, is_served
from tests.brokers import free_port, mosquitto
from tests.edge.fake_central import FakeCentral
from tests.waiting import wait_for

SOME_KEY = Signer(Ed25519PrivateKey.generate()).public
PLATE = "MH12AB1234"


class Gate:
    """A folder with settings, a lane that outlives the gate's process, and that process."""

    def __init__(self, folder: Path, lane: str, broker: str, key: str = SOME_KEY) -> None:
        self.folder, self.port = folder, free_port()
        self.world_path = str(folder / "world")
        self._lane = subprocess.Popen([sys.executable, "-m", "edge.simulation.world.server", self.world_path, "4"])
        self._process: subprocess.Popen | None = None
        self.config = folder / "edge.toml"
        (folder / "token").write_text("hush\n")
        self.config.write_text(
            f"""
            [gate]
            site = "main"
            id = "{lane}-1"
            lane = "{lane}"
            data_dir = "data"
            [mqtt]
            url = "{broker}"
            [central]
            public_keys = ["{key}"]
            public_url = "http://127.0.0.1:8000"
            [vision]
            source = "scene:world"
            [devices]
            kind = "simulated"
            world = "world"
            [http]
            port = {self.port}
            token_file = "token"
            """
        )
        wait_for(lambda: is_served(self.world_path), "the lane is served")

    def start(self) -> None:
        command = [sys.executable, "-m", "edge", "gate", "--config", str(self.config)]
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(command, stderr=log)
        wait_for(lambda: self.get("/status.json").get("vision") == "ready", "vision is ready", 120.0)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)

    def close(self) -> None:
        for process in (self._process, self._lane):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(20)

    def get(self, path: str) -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": "Bearer hush"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return {}

    def shows(self, screen: str):
        return lambda: self.get("/display.json").get("screen") == screen

    def events(self, type: str) -> list:
        with read_journal(self.folder / "data" / "journal.db") as view:
            return [row.event for row in view.log.recent(500, type=type)]


@pytest.fixture
def folder():
    # a Unix socket's address must be short
    path = Path(tempfile.mkdtemp(prefix="gate-"))
    yield path
    print((path / "log").read_text() if (path / "log").exists() else "")
    shutil.rmtree(path)


def run_gate(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "edge", "gate", *words], capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_cut_off_from_everything_a_vehicle_is_let_in_recorded_and_the_gate_stops_cleanly(folder):
    gate = Gate(folder, "entry", "mqtt://127.0.0.1:9")
    try:
        gate.start()
        with WorldClient(gate.world_path) as world:
            world.arrive("v1", PLATE, "car")
            wait_for(gate.shows("ticket"), "the ticket is shown", 30.0)
            ticket = gate.get("/display.json")["ticket_url"]
            assert ticket.startswith("http://127.0.0.1:8000/t/")
            wait_for(lambda: gate.events("vehicle.entered"), "the entry is recorded", 30.0)
            [entered] = gate.events("vehicle.entered")
            assert entered.data["plate"]["text"] == PLATE
            assert entered.data["ticket"] == ticket.rpartition("/")[2]
            assert entered.offline
            assert (folder / "data" / "spool" / f"{entered.data['image']}.jpg").is_file()
            wait_for(lambda: world.look()["boom_deg"] == 0.0, "the boom is down again", 30.0)
            assert world.look()["violations"] == []
        assert gate.stop() == 0
        with WorldClient(gate.world_path) as world:
            assert world.look()["drive"] == "off"
    finally:
        gate.close()


@pytest.mark.slow
def test_killed_with_the_boom_open_the_gate_goes_on_with_the_same_grant(folder):
    gate = Gate(folder, "entry", "mqtt://127.0.0.1:9")
    try:
        gate.start()
        with WorldClient(gate.world_path) as world:
            world.arrive("v1", PLATE, "car")
            wait_for(gate.shows("ticket"), "the vehicle is let in", 30.0)
            ticket = gate.get("/display.json")["ticket_url"].rpartition("/")[2]
            gate.kill()
            gate.start()
            wait_for(lambda: world.look()["passed"], "the vehicle is in", 60.0)
            wait_for(lambda: gate.events("vehicle.entered"), "the entry is recorded", 30.0)
            [entered] = gate.events("vehicle.entered")
            assert entered.data["ticket"] == ticket
            assert world.look()["violations"] == []
        assert gate.stop() == 0
    finally:
        gate.close()


@pytest.mark.slow
@pytest.mark.broker
def test_at_an_exit_a_driver_sees_the_amount_pays_and_leaves_and_a_person_may_hold_the_boom_open(folder):
    topics = GateTopics("main", "exit-1")
    with mosquitto() as broker:
        central = FakeCentral(broker.port, topics)
        gate = Gate(folder, "exit", broker.url, central.signer.public)
        stay = SessionState(
            session=uuid7(),
            version=1,
            plate=PLATE,
            entered_at=datetime.now(UTC) - timedelta(hours=2),
            status=SessionStatus.OPEN,
        )
        try:
            central.session(stay)
            gate.start()
            with WorldClient(gate.world_path) as world:
                world.arrive("v1", PLATE, "car")
                asked = lambda: [event for event in central.events if event.type == "exit.requested"]  # noqa: E731
                wait_for(asked, "central is asked", 30.0)
                [requested] = asked()
                assert requested.session == stay.session
                quoted = stay.model_copy(
                    update={"version": 2, "status": SessionStatus.QUOTED, "quote": quote(requested.data["request"])}
                )
                central.session(quoted)
                wait_for(gate.shows("pay"), "the amount is shown")
                shown = gate.get("/display.json")
                assert (shown["amount_paise"], shown["pay_url"]) == (17000, "http://127.0.0.1:8000/q/1")
                assert world.look()["boom_deg"] == 0.0
                central.session(quoted.model_copy(update={"version": 3, "status": SessionStatus.PAID}))
                wait_for(lambda: [e for e in central.events if e.type == "vehicle.exited"], "the exit is told", 40.0)
                [exited] = [event for event in central.events if event.type == "vehicle.exited"]
                assert (exited.session, exited.data["how"]) == (stay.session, "permit")
                assert world.look()["violations"] == []
                hold = Command(
                    cmd_id=uuid7(),
                    gate="exit-1",
                    boot=gate.get("/status.json")["boot"],
                    nonce="n",
                    not_after=datetime.now(UTC) + timedelta(seconds=20),
                    name="hold",
                    by="anita",
                )
                central.command(hold)
                wait_for(lambda: gate.get("/status.json").get("mode") == "held", "the boom is held open")
                wait_for(lambda: [e for e in central.events if e.type == "command.done"], "that is told")
            assert gate.stop() == 0
            wait_for(lambda: Status.decode(central.said[topics.status]).state == "stopped", "central knows it stopped")
        finally:
            gate.close()
            central.close()


def quote(request: str) -> Quote:
    now = datetime.now(UTC)
    return Quote(
        request=request,
        gate="exit-1",
        amount_paise=17000,
        stopped_at=now,
        expires_at=now + timedelta(minutes=10),
        pay_url="http://127.0.0.1:8000/q/1",
    )


def settings_file(folder: Path, **changes: str) -> Path:
    text = f"""
        [gate]
        site = "main"
        id = "entry-1"
        lane = "entry"
        data_dir = "data"
        [mqtt]
        url = "mqtt://127.0.0.1:9"
        [central]
        public_keys = ["{SOME_KEY}"]
        [vision]
        source = "scene:world"
        [devices]
        kind = "simulated"
        world = "world"
        [http]
        port = 0
        """
    for old, new in changes.items():
        text = text.replace(f"{old} = ", f"{new} = ")
    path = folder / "edge.toml"
    path.write_text(text)
    return path


def test_check_says_ok_and_starts_nothing(folder):
    ran = run_gate("--config", str(settings_file(folder)), "--check")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("OK: ")
    assert os.listdir(folder) == ["edge.toml"]


def test_a_wrong_setting_is_one_line_and_status_2(folder):
    ran = run_gate("--config", str(settings_file(folder, source="sauce")))
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1 and "vision.sauce: unknown key" in ran.stderr


def test_a_missing_file_is_one_line_and_status_2(folder):
    ran = run_gate("--config", str(folder / "none.toml"))
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1 and "can't be read" in ran.stderr


def test_an_unknown_engine_is_one_line_and_status_2(folder):
    path = settings_file(folder)
    path.write_text(path.read_text().replace('source = "scene:world"', 'source = "scene:world"\nengine = "magic"'))
    ran = run_gate("--config", str(path))
    assert ran.returncode == 2
    assert "vision.engine: there is no reading engine 'magic'; expected one of rapidocr" in ran.stderr


def test_a_taken_port_is_one_line_and_status_2(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        path = settings_file(folder)
        path.write_text(path.read_text().replace("port = 0", f"port = {port}"))
        ran = run_gate("--config", str(path))
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1 and f"port {port} on 127.0.0.1 can't be used" in ran.stderr


def test_a_data_folder_that_can_not_be_made_is_one_line_and_status_2(folder):
    (folder / "data").write_text("a file")
    ran = run_gate("--config", str(settings_file(folder)))
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1 and "gate.data_dir" in ran.stderr


@pytest.mark.parametrize("words, status", [([], 2), (["--help"], 0), (["fly"], 2), (["gate", "--help"], 0)])
def test_the_command_line_says_how_it_is_used(words, status):
    ran = subprocess.run([sys.executable, "-m", "edge", *words], capture_output=True, text=True, timeout=60)
    assert ran.returncode == status
    assert "usage: parkmeter gate" in ran.stdout + ran.stderr
