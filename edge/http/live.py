"""The live picture: one thread of its own feeds every viewer, so that none of them holds a thread the display needs.

Each viewer has at most one picture on its way, shared with the others; one that does not read loses pictures, then
its place. The thread lives while somebody looks.
"""

from __future__ import annotations

import logging
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

BOUNDARY = "parkmeter-picture"
MEDIA_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
MOST_BYTES = 8 << 20  # of one picture
SEND_BYTES = 256 << 10  # what the kernel may hold for one viewer
STALL_S = 10.0  # a viewer that takes nothing for so long has gone
STILL_S = 2.0  # an unchanged picture is sent again after this, so that a viewer knows that the line lives
SLOW_S = 2.0  # a picture that was asked for and has not come is asked for again
_NOT_NOW = (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError)


@dataclass(frozen=True, slots=True)
class LiveRules:
    """How much is given away.

    viewers  at once
    fps      pictures a second for each of them, at most
    limit_s  after which a viewer has to ask again
    """

    viewers: int = 2
    fps: float = 2.0
    limit_s: float = 300.0


@dataclass(slots=True, eq=False)
class Viewer:
    """One who looks. Times are monotonic seconds.

    sending   what is left of the picture on its way
    seen      number of the last picture it was given, sent_at: when
    moved_at  when it last took a byte
    """

    name: str
    line: socket.socket
    until: float
    moved_at: float
    sending: memoryview = field(default_factory=lambda: memoryview(b""))
    seen: int = 0
    sent_at: float = 0.0


class Live:
    """Pictures for a bounded number of viewers, until `close`.

    picture  the newest picture's file, None while there is none
    look     asks for a newer one; must not wait. None where nobody may be asked: others' pictures are shown
    """

    def __init__(self, rules: LiveRules, picture: Callable[[], Path | None], look: Callable[[], None] | None) -> None:
        self._rules, self._picture, self._look = rules, picture, look
        self._lock = threading.Lock()
        self._viewers: list[Viewer] = []
        self._places = 0
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._part, self._number, self._stamp = b"", 0, (0, 0)
        self._looked_at = self._awaited = float("-inf")

    @property
    def viewers(self) -> int:
        return self._places

    def reserve(self) -> bool:
        """Takes a place; False when all are taken. Give it back with `leave`, or use it with `show`."""
        with self._lock:
            if self._closing.is_set() or self._places >= self._rules.viewers:
                return False
            self._places += 1
            return True

    def leave(self) -> None:
        """Gives a place back that was not used."""
        with self._lock:
            self._places -= 1

    def show(self, line: socket.socket, name: str, head: bytes) -> None:
        """Sends `head` and then pictures down a connection that is the viewer's alone from now on."""
        try:
            line.setblocking(False)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        except OSError:  # it has hung up already
            line.close()
            self.leave()
            return
        now = time.monotonic()
        viewer = Viewer(name, line, now + self._rules.limit_s, now, sending=memoryview(head))
        log.info("%s looks at the live picture", name)
        with self._lock:
            self._viewers.append(viewer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Ends every viewer's connection and the thread. Safe to call twice."""
        self._closing.set()
        thread = self._thread
        if thread is not None:
            thread.join(5.0)

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            while True:
                with self._lock:
                    viewers = list(self._viewers)
                    if not viewers:
                        self._thread, self._part, self._stamp = None, b"", (0, 0)
                        return
                now = time.monotonic()
                if self._closing.is_set():
                    for viewer in viewers:
                        self._part_with(viewer, "the gate stops", selector)
                    continue
                self._renew(now)
                for viewer in viewers:
                    if (why := self._tend(viewer, now, selector)) is not None:
                        self._part_with(viewer, why, selector)
                selector.select(min(0.25, 0.5 / self._rules.fps))

    def _renew(self, now: float) -> None:
        """Reads the newest picture where it has changed, and asks for a newer one, no faster than the rules say."""
        path = self._picture()
        try:
            about = path.stat() if path else None
            stamp = (about.st_mtime_ns, about.st_ino) if about and about.st_size <= MOST_BYTES else self._stamp
            if path and stamp != self._stamp:
                jpeg = path.read_bytes()
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self._part, self._number, self._stamp = head.encode() + jpeg + b"\r\n", self._number + 1, stamp
                self._awaited = float("-inf")
        except OSError as error:
            log.warning("the live picture can't be read: %s", error)
        if self._look and now - self._looked_at >= 1 / self._rules.fps and now - self._awaited >= SLOW_S:
            self._looked_at = self._awaited = now
            self._look()

    def _tend(self, viewer: Viewer, now: float, selector: selectors.BaseSelector) -> str | None:
        """Gives a viewer what it will take now; why it has to go, None while it may stay."""
        if now >= viewer.until:
            return "its time is over"
        due_s = STILL_S if self._number == viewer.seen else 1 / self._rules.fps
        if not viewer.sending and self._part and now - viewer.sent_at >= due_s:
            viewer.sending, viewer.seen, viewer.sent_at = memoryview(self._part), self._number, now
        try:
            if viewer.sending:
                sent = viewer.line.send(viewer.sending[: 64 << 10])
                viewer.sending, viewer.moved_at = viewer.sending[sent:], now
            return "it talks" if viewer.line.recv(1024) else "it hung up"
        except _NOT_NOW:
            pass
        except OSError as error:
            return f"its line broke ({error})"
        if viewer.sending and now - viewer.moved_at >= STALL_S:
            return "it takes nothing"
        _wait_for(viewer, selector)
        return None

    def _part_with(self, viewer: Viewer, why: str, selector: selectors.BaseSelector) -> None:
        log.info("%s no longer looks at the live picture: %s", viewer.name, why)
        if viewer.line in selector.get_map():
            selector.unregister(viewer.line)
        viewer.line.close()
        with self._lock:
            self._viewers.remove(viewer)
            self._places -= 1


def _wait_for(viewer: Viewer, selector: selectors.BaseSelector) -> None:
    wanted = selectors.EVENT_WRITE if viewer.sending else selectors.EVENT_READ
    if viewer.line in selector.get_map():
        selector.modify(viewer.line, wanted)
    else:
        selector.register(viewer.line, wanted)
