"""The simulated lane in real time: a thread that steps it 100 times a second and serves it on a Unix socket.

Requests and answers are JSON lines (`edge.simulation.world.requests` lists them), from any number of clients.
`python -m edge.simulation.world.server SOCKET` serves a lane that outlives the gate driving it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field

from edge.rules.signals import Inputs, Outputs
from edge.simulation.world.client import WorldClient, WorldError, is_served
from edge.simulation.world.physics import World
from edge.simulation.world.requests import answer

__all__ = ["WorldClient", "WorldError", "WorldServer", "is_served"]

TICK_S = 0.01
MOST_CAUGHT_UP_S = 0.05  # a machine that stalls for longer stalls the vehicles with it
LONGEST_LINE = 65_536
LONGEST_PATH = 100  # a Unix socket's address holds 107 bytes


@dataclass(eq=False, slots=True)
class _Client:
    socket: socket.socket
    inbox: bytearray = field(default_factory=bytearray)
    outbox: bytearray = field(default_factory=bytearray)
    drives: bool = False


class WorldServer:
    """Serves one lane at `path` (mode 0600) until closed. `inputs` and `outputs` are the barrier's wires."""

    def __init__(self, path: str, world: World | None = None) -> None:
        self.path = str(path)
        self.world = world or World()
        self.outputs = Outputs()
        self.inputs = self.world.inputs()
        self._listener = _listen(self.path)
        self._clients: set[_Client] = set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="world", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops the thread and removes the socket. Safe to call twice."""
        self._stopping.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def wait(self) -> None:
        """Returns when the server has stopped."""
        self._thread.join()

    def _run(self) -> None:
        try:
            stepped = time.monotonic()
            while not self._stopping.is_set():
                for key, ready in self._selector.select(max(0.0, stepped + TICK_S - time.monotonic())):
                    self._serve(key, ready)
                elapsed = time.monotonic() - stepped
                if elapsed >= TICK_S:
                    stepped += elapsed
                    self._step(elapsed)
        finally:
            self.inputs = Inputs(valid=False)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
            for client in list(self._clients):
                self._drop(client)
            self._listener.close()
            self._selector.close()

    def _step(self, elapsed_s: float) -> None:
        self.world.drive(self.outputs)
        self.world.advance(min(elapsed_s, MOST_CAUGHT_UP_S))
        self.world.stall_clock(max(0.0, elapsed_s - MOST_CAUGHT_UP_S))
        self.inputs = self.world.inputs()

    def _serve(self, key: selectors.SelectorKey, ready: int) -> None:
        if key.fileobj is self._listener:
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            client = _Client(connection)
            self._clients.add(client)
            self._selector.register(connection, selectors.EVENT_READ, client)
            return
        client = key.data
        try:
            if ready & selectors.EVENT_READ:
                self._hear(client)
            if client.outbox:
                del client.outbox[: client.socket.send(client.outbox)]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(client)
            return
        if client in self._clients:
            writing = selectors.EVENT_WRITE if client.outbox else 0
            self._selector.modify(client.socket, selectors.EVENT_READ | writing, client)

    def _hear(self, client: _Client) -> None:
        chunk = client.socket.recv(LONGEST_LINE)
        if not chunk:
            self._drop(client)
            return
        client.inbox += chunk
        *lines, rest = client.inbox.split(b"\n")
        client.inbox = bytearray(rest)
        if len(rest) > LONGEST_LINE:
            client.inbox.clear()
            lines.append(b"")
        for line in lines:
            client.outbox += json.dumps(self._answer(client, bytes(line))).encode() + b"\n"

    def _answer(self, client: _Client, line: bytes) -> dict:
        reply = answer(self.world, line)
        wires = reply.pop("outputs", None)
        if wires is not None:
            client.drives = True
            self.outputs = wires
        return reply

    def _drop(self, client: _Client) -> None:
        """Forgets a client; a gate that died lets go of its relays, as a Pi without power does."""
        if client not in self._clients:
            return
        self._clients.remove(client)
        self._selector.unregister(client.socket)
        client.socket.close()
        if client.drives:
            self.outputs = Outputs()


def _listen(path: str) -> socket.socket:
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise WorldError(f"world socket {path}: longer than {LONGEST_PATH} bytes, give a shorter path")
    if is_served(path):
        raise WorldError(f"world socket {path}: another simulated lane is already served there")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # left by a process that was killed
        old = os.umask(0o177)
        try:
            listener.bind(path)
        finally:
            os.umask(old)
    except OSError as error:
        listener.close()
        raise WorldError(f"world socket {path}: can't be made ({error.strerror}), give a writable folder") from error
    listener.listen()
    listener.setblocking(False)
    return listener


def main(argv: list[str]) -> int:
    if len(argv) not in (1, 2):
        print("usage: python -m edge.simulation.world.server SOCKET [SPEED]", file=sys.stderr)
        return 2
    try:
        server = WorldServer(argv[0], World(speed=float(argv[1]) if argv[1:] else 1.0))
    except (WorldError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: server.close())
    print(f"serving a simulated lane at {server.path}", flush=True)
    server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
