"""Talks to a simulated lane served on a Unix socket."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable

from edge.devices.ports import DeviceError


class WorldError(DeviceError):
    """The simulated lane can't be served or reached, or refused a request."""


def is_served(path: str) -> bool:
    """Whether a lane answers at this path now."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


class WorldClient:
    """Talks to a served lane. Every method returns the answer as a dict or raises WorldError with its reason."""

    def __init__(self, path: str, timeout_s: float = 5.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        self._turn = threading.Lock()
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise WorldError(f"world socket {path}: no simulated lane is served there ({error.strerror})") from error
        self._answers = self._socket.makefile("rb")

    def ask(self, do: str, **request: object) -> dict:
        with self._turn:
            try:
                self._socket.sendall(json.dumps({"do": do, **request}).encode() + b"\n")
                line = self._answers.readline()
            except OSError as error:
                raise WorldError(f"the simulated lane doesn't answer ({error})") from error
        if not line:
            raise WorldError("the simulated lane has stopped")
        reply = json.loads(line)
        if "error" in reply:
            raise WorldError(reply["error"])
        return reply

    def arrive(self, vehicle: str, plate: str, vehicle_class: str = "car", **more: object) -> dict:
        """Sends a vehicle up the lane; more: lines, style, speed (m/s), colour, tailgates."""
        return self.ask("arrive", vehicle=vehicle, plate=plate, **{"class": vehicle_class}, **more)

    def look(self, history: bool = True) -> dict:
        return self.ask("look", history=history)

    def leave(self, vehicle: str) -> dict:
        return self.ask("leave", vehicle=vehicle)

    def stall(self, vehicle: str, on: bool = True) -> dict:
        return self.ask("stall", vehicle=vehicle, on=on)

    def press(self, name: str) -> dict:
        return self.ask("press", input=name)

    def release(self, name: str) -> dict:
        return self.ask("release", input=name)

    def fault(self, name: str, **more: object) -> dict:
        return self.ask("fault", fault=name, **more)

    def speed(self, factor: float) -> dict:
        return self.ask("speed", factor=factor)

    def wait_until(self, holds: Callable[[dict], bool], timeout_s: float, what: str = "it") -> dict:
        """The first look for which `holds` is true; TimeoutError names `what` and the last look."""
        deadline = time.monotonic() + timeout_s
        while not holds(look := self.look()):
            if time.monotonic() >= deadline:
                raise TimeoutError(f"waited {timeout_s:g} s for {what}; the lane was {look}")
            threading.Event().wait(0.02)
        return look

    def close(self) -> None:
        self._answers.close()
        self._socket.close()

    def __enter__(self) -> WorldClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
