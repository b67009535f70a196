"""A system below a folder, set up by setup_pi.sh itself, with a real gate on a simulated lane running out of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.journal import read_journal
from edge.protocol.signing import Signer
from edge.simulation.world.server import is_served
from tests.brokers import free_port
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "firmware_scripts"
PROGRAM = ("parkmeter", "edge", "central", "config", "docs", "firmware_scripts", "requirements.txt", "README.md")
SOME_KEY = Signer(Ed25519PrivateKey.generate()).public

RESTART = """#!/bin/bash
# what systemctl restart does, for a system below a folder: ends the gate by its own pid, starts the current version
set -eu
cd "{folder}"
if [ -e gate.pid ]; then
    pid=$(cat gate.pid)
    kill "$pid" 2>/dev/null || true
    tail --pid="$pid" -f /dev/null
fi
PYTHONPATH="{current}" PYTHONSAFEPATH=1 setsid "{current}/.venv/bin/python" -m edge gate \\
    --config "{config}" > /dev/null 2>> log < /dev/null &
echo $! > gate.pid
"""


def run(script: str, *words: object, **options) -> subprocess.CompletedProcess:
    """One of the firmware scripts, as a person starts it."""
    command = [str(SCRIPTS / script), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)


class GateRoot:
    """The system below `folder / "root"`.

    restart  the command that starts its gate anew
    """

    def __init__(self, folder: Path, codename: str = "bookworm", like: GateRoot | None = None) -> None:
        self.folder, self.root = folder, folder / "root"
        etc = self.root / "etc"
        if like is not None:  # a copy of one that was set up
            shutil.copytree(like.root, self.root, symlinks=True)
        else:
            etc.mkdir(parents=True)
            (etc / "os-release").write_text(f'PRETTY_NAME="Debian"\nID=debian\nVERSION_CODENAME={codename}\n')
            for name in ("passwd", "group", "shadow", "gshadow"):
                (etc / name).touch()
        self.opt, self.config = self.root / "opt/parkmeter", etc / "parkmeter/edge.toml"
        self.data = self.root / "var/lib/parkmeter"
        self.port, self.token = free_port(), etc / "parkmeter/update.token"
        self._lane: subprocess.Popen | None = None
        restart = folder / "restart.sh"
        restart.write_text(RESTART.format(folder=folder, current=self.opt / "current", config=self.config))
        restart.chmod(0o755)
        self.restart = str(restart)

    def set_up(self, *words: str) -> subprocess.CompletedProcess:
        return run("setup_pi.sh", "--root", self.root, "--any-debian", "--skip-packages", "--skip-venv", *words)

    def lend_environment(self) -> None:
        """The environment these tests run in: to make one takes minutes and a network."""
        (self.opt / "current" / ".venv").symlink_to(sys.prefix)

    def fill_in_settings(self) -> None:
        self.token.write_text("hush\n")
        self.config.write_text(
            f"""
            [gate]
            site = "main"
            id = "entry-1"
            lane = "entry"
            data_dir = "{self.data}"
            [mqtt]
            url = "mqtt://127.0.0.1:9"
            [central]
            public_keys = ["{SOME_KEY}"]
            [vision]
            source = "scene:{self.folder}/w"
            [devices]
            kind = "simulated"
            world = "{self.folder}/w"
            [http]
            port = {self.port}
            token_file = "update.token"
            """
        )

    def start(self) -> None:
        world = str(self.folder / "w")
        self._lane = subprocess.Popen([sys.executable, "-m", "edge.simulation.world.server", world, "4"], cwd=ROOT)
        wait_for(lambda: is_served(world), "the lane is served")
        subprocess.run([self.restart], check=True)
        wait_for(lambda: self.status().get("boom") == "closed", "the gate knows its boom")

    def status(self) -> dict:
        headers = {"Authorization": "Bearer hush"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/status.json", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return {}

    def update(self, *words: object) -> subprocess.CompletedProcess:
        more = ("--skip-venv", "--restart-with", self.restart, "--wait", "60")
        return run("update.sh", "--root", self.root, *more, *words)

    @property
    def runs(self) -> str:
        return os.readlink(self.opt / "current").removeprefix("versions/")

    @property
    def versions(self) -> list[str]:
        return sorted(path.name for path in (self.opt / "versions").iterdir())

    def events(self, type: str) -> list:
        with read_journal(self.data / "journal.db") as view:
            return [row.event for row in reversed(view.log.recent(500, type=type))]

    def stop_gate(self) -> None:
        pid_file = self.folder / "gate.pid"
        if pid_file.exists():
            pid = int(pid_file.read_text())
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                return
            wait_for(lambda: not _runs(pid), "the gate has ended", 30.0)
            pid_file.unlink()

    def close(self) -> None:
        self.stop_gate()
        if self._lane is not None:
            self._lane.terminate()
            self._lane.wait(20)


def bundle(folder: Path, version: str, changes: dict[str, tuple[str, str]] | None = None) -> Path:
    """A bundle of this very program as another version, with its checksum. changes: path to (old text, new text)."""
    place = folder / f"parkmeter-{version}"
    place.mkdir()
    for name in PROGRAM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, place / name)
    (place / "edge/version.py").write_text(f'"""Which version this is."""\n\nVERSION = "{version}"\n')
    for path, (old, new) in (changes or {}).items():
        text = (place / path).read_text()
        assert old in text, f"{path} has no {old!r} to change"
        (place / path).write_text(text.replace(old, new))
    made = folder / f"parkmeter-{version}.tar.gz"
    with tarfile.open(made, "w:gz", compresslevel=1) as tar:
        tar.add(place, place.name)
    shutil.rmtree(place)
    return checksummed(made)


def checksummed(path: Path) -> Path:
    told = subprocess.run(["sha256sum", path.name], cwd=path.parent, capture_output=True, text=True, check=True)
    path.with_name(path.name + ".sha256").write_text(told.stdout)
    return path


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
