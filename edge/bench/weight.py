"""What a real gate process costs while nothing happens: its memory and its CPU, without its vision child's."""

from __future__ import annotations

import compileall
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import edge
from edge.bench.figures import Bar, BenchError, Figure
from edge.protocol.signing import Signer

OLD_ENOUGH_S = 30.0
IDLE_S = 20.0
END_S = 20.0
PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")

SETTINGS = """
[gate]
site = "bench"
id = "bench-1"
lane = "entry"
data_dir = "{folder}/data"
[mqtt]
url = "mqtt://127.0.0.1:9"
[central]
public_keys = ["{key}"]
[vision]
source = "folder:{folder}/photos"
[devices]
kind = "simulated"
world = "{sockets}/lane"
[http]
port = 0
"""


class GateProcess:
    """`python -m edge gate` on a lane that it simulates itself, with no broker to be found; a context.

    A real gate simulates no lane, so such a lane runs once more in a process of its own, and its CPU is taken off.
    Both start at once; `figures` waits until they have run for long enough.
    """

    def __init__(self, folder: Path) -> None:
        (folder / "photos").mkdir(parents=True)
        self._log = folder / "log"
        self._config = folder / "edge.toml"
        # a Unix socket's path must be short, so it can't lie in the folder
        self._sockets = tempfile.TemporaryDirectory(prefix="pm-")
        key = Signer(Ed25519PrivateKey.generate()).public
        self._config.write_text(SETTINGS.format(folder=folder.absolute(), key=key, sockets=self._sockets.name))
        _blank_photo(folder / "photos")

    def __enter__(self) -> Self:
        # as on a gate that was set up: compiling would leave its garbage between what is kept
        compileall.compile_dir(str(Path(edge.__file__).parent), quiet=2)
        with self._log.open("wb") as log:
            command = [sys.executable, "-m", "edge", "gate", "--config", str(self._config)]
            self._process = subprocess.Popen(command, stderr=log, stdout=log)
            lane = [sys.executable, "-m", "edge.simulation.world.server", f"{self._sockets.name}/only-lane"]
            self._lane = subprocess.Popen(lane, stderr=log, stdout=log)
        self._started = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._process, self._lane):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(END_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self._sockets.cleanup()

    def figures(self) -> list[Figure]:
        """Memory once it is old enough, and CPU over the time after that."""
        self._let_pass(self._started + OLD_ENOUGH_S)
        before, began = self._cpu_s(), time.monotonic()
        self._let_pass(began + IDLE_S)
        spent_s = [now - then for now, then in zip(self._cpu_s(), before, strict=True)]
        gate, lane = (100 * spent / (time.monotonic() - began) for spent in spent_s)
        memory = Figure("gate process, resident memory", self._rss_bytes() / MB, "MB", bar=Bar("value", "<=", 60))
        told = f"{gate:.2f} with the lane it simulates, which alone takes {lane:.2f}"
        idle = Figure("gate process, idle CPU", gate - lane, "% of one core", told, bar=Bar("value", "<", 3))
        return [memory, idle]

    def _let_pass(self, until: float) -> None:
        threading.Event().wait(max(0.0, until - time.monotonic()))
        if self._process.poll() is not None:
            last = self._log.read_text(errors="replace").strip().splitlines()[-1:]
            raise BenchError(f"the gate process ended with status {self._process.returncode}: {''.join(last)}")

    def _rss_bytes(self) -> int:
        return int(self._proc("statm", self._process.pid).split()[1]) * PAGE

    def _cpu_s(self) -> tuple[float, float]:
        """User and system time of gate and lane so far: fields 14 and 15 of proc_pid_stat(5)."""
        told = (self._proc("stat", process.pid).rpartition(")")[2].split() for process in (self._process, self._lane))
        gate, lane = ((int(fields[11]) + int(fields[12])) / TICKS for fields in told)
        return gate, lane

    def _proc(self, name: str, pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/{name}").read_text()
        except OSError as error:
            raise BenchError(f"the gate process can't be looked at ({error}): expected Linux with /proc") from error


def _blank_photo(folder: Path) -> None:
    """Something for the vision child to look at, so that it is up as at a site."""
    import cv2
    import numpy as np

    cv2.imwrite(str(folder / "blank.png"), np.full((480, 640, 3), 90, np.uint8))
