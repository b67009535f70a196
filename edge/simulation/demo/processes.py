"""The demo's child processes: started with a log of their own, stopped by the handle that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PATIENCE_S = 15.0
QUIET_PORTS = range(20_000, 32_000)
PR_SET_PDEATHSIG = 1  # prctl(2)


class StartError(Exception):
    """A part of the demo that did not come up: says which, and the end of its log."""


class Child:
    """One process in a group of its own: Ctrl-C reaches the demo alone, which then stops its children in order.

    name     what people call it, also the log's name
    command  what to run; it may be started again after it ended
    """

    def __init__(self, name: str, command: Sequence[str], logs: Path, env: dict[str, str] | None = None) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._command = list(command)
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise StartError(f"{self.name} was never started")
        return self._process.pid

    def start(self) -> None:
        """Starts it, from the main thread only: the kernel ends it with the thread that started it."""
        with self.log.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._env,
                    start_new_session=True,
                    preexec_fn=_end_with_parent,
                )
            except OSError as error:
                raise StartError(f"{self.name} can't be started: {error}") from error

    def wait_until(self, healthy: Callable[[], bool], deadline_s: float = 60.0) -> None:
        """Returns once `healthy()` is true; StartError when the process ended or the deadline passed."""
        until = time.monotonic() + deadline_s
        while not healthy():
            if not self.running:
                raise StartError(f"{self.name} ended at once{self.last_words()}")
            if time.monotonic() > until:
                raise StartError(f"{self.name} is not ready after {deadline_s:.0f} s{self.last_words()}")
            time.sleep(0.1)

    def last_words(self, lines: int = 8) -> str:
        """The end of its log, as text to append to a sentence."""
        with contextlib.suppress(OSError):
            tail = self.log.read_text(errors="replace").strip().splitlines()[-lines:]
            if tail:
                return "; the end of its log:\n" + "\n".join(f"    {line}" for line in tail)
        return " and its log is empty"

    def ask_to_end(self) -> None:
        """Sends SIGTERM and returns at once."""
        if self.running:
            os.kill(self.pid, signal.SIGTERM)

    def stop(self) -> None:
        """Asks it to end, waits, and ends its whole group where it won't. Safe to call twice."""
        if self._process is None:
            return
        self.ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE_S)
        self.kill()

    def kill(self) -> None:
        """Power cut: ends it and what it started, at once, with no chance to tidy up."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def python_module(*arguments: str) -> list[str]:
    """Command that runs one of our modules on this very interpreter."""
    return [sys.executable, "-m", *arguments]


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port nobody listens on now; StartError where there is none.

    By lot, and below those that the kernel gives to outgoing calls (ip_local_port_range): nobody else takes it before
    whoever it is for.
    """
    for port in random.SystemRandom().sample(QUIET_PORTS, 100):
        if port_is_free(port, host):
            return port
    raise StartError(f"no free port from {QUIET_PORTS[0]} to {QUIET_PORTS[-1]} on {host}")


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody listens there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1.0):
        return True
    return False


def _end_with_parent() -> None:
    """Has the kernel end the child when the demo dies without a word; only Linux can."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
