"""Connections to the gate's pages with a deadline per request: bytes that drip in must not hold a thread for ever."""

from __future__ import annotations

import errno
import socket
import ssl
import time

from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection

REQUEST_S = 5.0  # to say what one wants, the TLS handshake included
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

    def handshake(self) -> None:
        """Agrees on TLS; ssl.SSLError or TimeoutError when the other side does not."""
        self._line.settimeout(max(0.01, self._deadline - time.monotonic()))
        self._line.do_handshake()

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

    def taken(self) -> socket.socket:
        """The socket itself."""
        return self._line


class TimedConnection(HTTPConnection):
    """One connection of the server, each request of it within the deadline. `hand_over` gives it to somebody else."""

    def __init__(self, server, line: socket.socket, makefile=MakeFile) -> None:
        super().__init__(server, TimedSocket(line), makefile)
        self._shaken = server.ssl_adapter is None
        self._handed_over = False

    def communicate(self):
        self.socket.begin()
        try:
            return self._shake_hands() and super().communicate()
        finally:
            self.server.done_with(self)

    def hand_over(self) -> socket.socket:
        """The connection's socket, which the server neither writes to nor closes from now on."""
        self._handed_over = True
        return self.socket.taken()

    def close(self):
        if not self._handed_over:
            super().close()

    def _shake_hands(self) -> bool:
        """False when the other side speaks no TLS that we do: there is nobody to answer."""
        if not self._shaken:
            try:
                self.socket.handshake()
                self.ssl_env = self.server.ssl_adapter.get_environ(self.socket.taken())
            except (ssl.SSLError, OSError) as error:
                self.server.error_log(f"no TLS with {self.remote_addr}: {error}")
                return False
            self._shaken = True
        return True
