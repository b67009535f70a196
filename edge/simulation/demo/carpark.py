"""A whole car park on this machine: broker, central, mock PSP, and an entry and an exit gate, each a real process."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from edge.simulation.demo.brokers import Broker, central_account, gate_account, technician_account
from edge.simulation.demo.processes import Child, StartError, accepts, free_port, python_module
from edge.simulation.world.server import WorldClient, WorldError, is_served

SITE = "demo"
TARIFF = Path(__file__).resolve().parents[3] / "config" / "tariffs" / "delhi-example.toml"
AT_THE_LINE = [0.0, 0.48, 1.0, 1.0]  # where the scene shows a plate at the stop line; who queues is seen above
COMMAND_S = 120.0


@dataclass
class Gate:
    """One barrier of the car park.

    id, lane    as central knows it
    http_port   of its display
    world       socket of its simulated lane, which outlives the gate's process as a real lane does
    """

    id: str
    lane: str
    name: str
    http_port: int
    world: str
    folder: Path
    lane_process: Child
    process: Child
    secret: str = field(repr=False, default="")

    @property
    def display(self) -> str:
        return f"http://127.0.0.1:{self.http_port}/display"

    def shown(self) -> dict:
        """What the lane's display shows, as its own page asks for it; {} while it does not answer."""
        try:
            answer = requests.get(f"{self.display}.json", timeout=3.0)
            return answer.json() if answer.ok else {}
        except (requests.RequestException, ValueError):
            return {}

    def status(self) -> dict:
        """The gate's own account of itself, with its maintenance token; {} while it does not answer."""
        try:
            address = f"http://127.0.0.1:{self.http_port}/status.json"
            answer = requests.get(address, headers={"Authorization": f"Bearer {self.secret}"}, timeout=3.0)
            return answer.json() if answer.ok else {}
        except (requests.RequestException, ValueError):
            return {}

    def healthy(self) -> bool:
        """Its vision is watching, its wires can be read and the broker has it."""
        status = self.status()
        return bool(status) and bool(status.get("connected")) and status.get("vision") == "ready"


class CarPark:
    """Makes the files of one run in `folder` and holds its processes.

    folder    mode 0700; databases, keys, passwords, logs
    broker    "mosquitto" or "embedded"
    web_port  where people find the pages
    speed     how much faster than life vehicles and booms move
    """

    def __init__(self, folder: Path, broker: str, web_port: int, speed: float) -> None:
        self.folder, self.speed = folder, speed
        if (folder / "central").exists():
            raise StartError(f"{folder} holds an earlier run: give --data a new folder, or remove it")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.logs = folder / "logs"
        self.logs.mkdir(exist_ok=True)
        # a socket's address must be short, whatever folder was asked for
        self._sockets = Path(tempfile.mkdtemp(prefix="parkmeter-"))
        self.web = f"http://127.0.0.1:{web_port}"
        self._web_port, self._psp_port = web_port, free_port()
        self.entry = self._gate("entry-1", "entry", "North entry")
        self.exit = self._gate("exit-1", "exit", "South exit")
        self.gates = (self.entry, self.exit)
        gates = [gate_account(SITE, gate.id) for gate in self.gates]
        technician = technician_account(SITE)
        self.broker = Broker(folder / "broker", [central_account(), technician, *gates], broker)
        self.diag = (
            f"./parkmeter diag --broker {self.broker.url} --username {technician.username}"
            f" --password-file {self.broker.password_file(technician.username)}"
        )
        self._config = folder / "central.toml"
        self.central = Child("central", self._central("all"), self.logs)
        self.psp = Child("mock-psp", self._central("mock-psp"), self.logs)

    def make(self) -> None:
        """Writes every file and central's first rows: site, tariff, both gates."""
        self._config.write_text(self._central_toml())
        self.command("init")
        self.command("site", "add", SITE, "--name", "Demo car park")
        with ThreadPoolExecutor() as at_once:
            tariff = at_once.submit(self.command, "tariff", "load", str(TARIFF), "--site", SITE)
            told = list(at_once.map(self._add_gate, self.gates))
            tariff.result()
        for gate, added in zip(self.gates, told, strict=True):
            self._secret(gate.folder / "token", added["token"])
            self._secret(gate.folder / "http-token", gate.secret)
            (gate.folder / "edge.toml").write_text(self._edge_toml(gate, added["public_key"]))

    def start(self) -> None:
        """Starts every process and returns when all are healthy; StartError names the one that is not."""
        for gate in self.gates:
            gate.lane_process.start()
        self.broker.start()
        self.psp.start()
        self.central.start()
        for gate in self.gates:
            gate.lane_process.wait_until(lambda gate=gate: is_served(gate.world))
            gate.process.start()
        self.psp.wait_until(lambda: accepts(self._psp_port))
        self.central.wait_until(self.central_healthy)
        for gate in self.gates:
            gate.process.wait_until(gate.healthy)

    def stop(self) -> None:
        """Ends every process, the gates first, so that their last words still reach central. Safe to call twice."""
        gates = [gate.process for gate in self.gates]
        for together in (gates, [self.central, self.psp], [gate.lane_process for gate in self.gates]):
            for child in together:
                child.ask_to_end()
            for child in together:
                child.stop()
        self.broker.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def fallen(self) -> Child | Broker | None:
        """The first process that has ended by itself."""
        of_gates = [child for gate in self.gates for child in (gate.lane_process, gate.process)]
        return next((child for child in (self.broker, self.central, self.psp, *of_gates) if not child.running), None)

    def central_healthy(self) -> bool:
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.web}/healthz", timeout=3.0).ok
        return False

    def stays(self) -> list[dict]:
        """Every stay as central tells it, on its own command line."""
        return json.loads(self.command("stays", "--json") or "[]")

    def setup_link(self) -> str:
        """The one-time link on which the first administrator is made."""
        return self.command("setup-link").strip().splitlines()[-1]

    def command(self, *words: str) -> str:
        """One of central's administration commands; what it printed. StartError carries its complaint."""
        ran = subprocess.run(self._central(*words), capture_output=True, text=True, timeout=COMMAND_S)
        if ran.returncode:
            complaint = ran.stderr.strip().splitlines()[-1:] or [f"exit status {ran.returncode}"]
            raise StartError(f"central {' '.join(words)}: {complaint[0]}")
        return ran.stdout

    def _add_gate(self, gate: Gate) -> dict:
        return json.loads(
            self.command("gate", "add", SITE, gate.id, "--lane", gate.lane, "--name", gate.name, "--json")
        )

    def _central(self, *words: str) -> list[str]:
        return python_module("central", *words, "--config", str(self._config))

    def _gate(self, gate_id: str, lane: str, name: str) -> Gate:
        folder = self.folder / gate_id
        folder.mkdir(mode=0o700, exist_ok=True)
        world = str(self._sockets / gate_id)
        lane_process = Child(
            f"{gate_id}-lane", python_module("edge.simulation.world.server", world, str(self.speed)), self.logs
        )
        process = Child(gate_id, python_module("edge", "gate", "--config", str(folder / "edge.toml")), self.logs)
        return Gate(gate_id, lane, name, free_port(), world, folder, lane_process, process, secrets.token_urlsafe(24))

    def _secret(self, path: Path, text: str) -> None:
        path.touch(mode=0o600)
        path.write_text(text + "\n")

    def _central_toml(self) -> str:
        return _toml(
            {
                "": {"data_dir": "central", "public_url": self.web},
                "http": {"host": "127.0.0.1", "port": self._web_port, "workers": 1},
                "mqtt": {
                    "url": self.broker.url,
                    "username": "central",
                    "password_file": str(self.broker.password_file("central")),
                },
                "payments": {"psp_url": f"http://127.0.0.1:{self._psp_port}"},
            }
        )

    def _edge_toml(self, gate: Gate, public_key: str) -> str:
        return _toml(
            {
                "gate": {"site": SITE, "id": gate.id, "lane": gate.lane, "name": gate.name, "data_dir": "data"},
                "mqtt": {
                    "url": self.broker.url,
                    "username": gate.id,
                    "password_file": str(self.broker.password_file(gate.id)),
                },
                "central": {"public_keys": [public_key], "images_url": self.web, "token_file": "token"},
                "vision": {"source": f"scene:{gate.world}", "engine": "rapidocr", "view": AT_THE_LINE},
                "devices": {"kind": "simulated", "world": gate.world},
                "http": {"port": gate.http_port, "token_file": "http-token"},
            }
        )


def world_of(gate: Gate) -> WorldClient:
    """A new connection to the gate's lane; StartError when the lane is gone."""
    try:
        return WorldClient(gate.world)
    except WorldError as error:
        raise StartError(str(error)) from error


def _toml(sections: dict[str, dict[str, object]]) -> str:
    """TOML of plain tables: JSON's text, numbers and lists are TOML's too."""
    lines = []
    for section, values in sections.items():
        lines += [f"[{section}]"] if section else []
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()] + [""]
    return "\n".join(lines)
