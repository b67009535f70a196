"""Tells systemd that the gate is well, only while every thread's heartbeat is fresh (sd_notify(3), Type=notify)."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

STALE_S = 60.0  # a slow name server may hold the uplink for half a minute, a dying card the recorder
STALE_OF_S = {"controller": 10.0}  # it waits for nothing, and a motor may be running
EVERY_S = 5.0
FIRST_S = 0.1  # between two looks whether all have begun


class Watchdog:
    """One thread; does nothing where systemd did not ask (no NOTIFY_SOCKET).

    READY=1 is told once every thread has given a sign of life since `start`: only then does `systemctl start` return.

    beats  per thread's name, its last sign of life, monotonic seconds
    """

    def __init__(self, beats: Mapping[str, Callable[[], float]], address: str | None = None) -> None:
        self._beats = beats
        self._started = 0.0
        self._address = address if address is not None else os.environ.get("NOTIFY_SOCKET", "")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        self._started = time.monotonic()
        if self._address:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._address:
            self._tell("STOPPING=1")

    def stale(self, now: float) -> list[str]:
        """Names of the threads that have been silent for too long."""
        return sorted(name for name, beat in self._beats.items() if now - beat() > STALE_OF_S.get(name, STALE_S))

    def waiting(self) -> list[str]:
        """Names of the threads that have given no sign of life since `start`."""
        return sorted(name for name, beat in self._beats.items() if beat() <= self._started)

    def _run(self) -> None:
        while self.waiting():
            if self._stopping.wait(FIRST_S):
                return
        self._tell("READY=1")
        was_silent: list[str] = []
        while not self._stopping.wait(EVERY_S):
            silent = self.stale(time.monotonic())
            if silent != was_silent:  # `systemctl status` shows it
                self._tell(f"STATUS=no sign of life from: {', '.join(silent)}" if silent else "STATUS=")
                was_silent = silent
            if silent:
                log.error("no sign of life from: %s", ", ".join(silent))
            else:
                self._tell("WATCHDOG=1")

    def _tell(self, word: str) -> None:
        # an address that begins with "@" is in the abstract namespace
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.sendto(word.encode(), address)
        except OSError as error:
            log.warning("systemd can't be told %s: %s", word, error)
