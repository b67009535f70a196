"""Connections to the gate's pages with a deadline per request: bytes that drip in must not hold a thread for ever."""

from __future__ import annotations

import errno
import socket
import time

from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection

REQUEST_S = 5.0  # to say what one wants
ANSWER_S = 10.0  # to take the answer, from then on


class TimedSocket:
    """A socket whose sends and receives end at a deadline that `begin` sets."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._deadline = 0.0

    def __getattr__(self, name: str):
        return getattr(self._line, name)

    def begin(self) -> None:
        """A request is about to be read."""
        self._deadline = time.monotonic() + REQUEST_S

    def recv_into(self, *args) -> int:
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        self._line.settimeout(left_s)
        return self._line.recv_into(*args)

    def send(self, *args) -> int:
        left_s = self._deadline + ANSWER_S - time.monotonic()
        if left_s <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "the answer was not taken in time")
        self._line.settimeout(left_s)
        return self._line.send(*args)


class TimedConnection(HTTPConnection):
    """One connection of the server, each request of it within the deadline."""

    def __init__(self, server, line: socket.socket, makefile=MakeFile) -> None:
        super().__init__(server, TimedSocket(line), makefile)

    def communicate(self):
        self.socket.begin()
        return super().communicate()
