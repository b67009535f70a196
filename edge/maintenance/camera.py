"""Orders about vision: a picture for whoever asks, and starting it anew."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edge.maintenance.words import CannotDo, Situation
from edge.protocol.maintenance import Args
from edge.protocol.messages import Command, Reply
from edge.rules.commands import Given

FRAME_S = 3.0
BACK_S = 60.0  # loading the networks on a cold Pi
GLANCE_S = 0.1


class Eyes(Protocol):
    """Vision, as these orders need it."""

    @property
    def ready(self) -> bool: ...
    @property
    def pid(self) -> int | None: ...
    def snapshot(self) -> None: ...


class Darkroom:
    """Asks vision for live pictures and waits for them, on the crew's thread.

    spool  vision's folder
    keep   queues a picture of the spool, by its hash, for the upload to central
    """

    def __init__(self, eyes: Eyes, spool: Path, keep: Callable[[str], None]) -> None:
        self._eyes, self._spool, self._keep = eyes, spool, keep
        self._taken: Path | None = None
        self._came = threading.Event()

    def taken(self, path: str) -> None:
        """The controller: vision has written a live picture."""
        self._taken = Path(path)
        self._came.set()

    def frame(self) -> Path:
        """A live picture that is taken now; CannotDo when none comes."""
        if not self._eyes.ready:
            raise CannotDo("vision is not ready: see the gate's faults")
        self._came.clear()
        self._eyes.snapshot()
        if not self._came.wait(FRAME_S) or self._taken is None:
            raise CannotDo(f"vision gave no picture within {FRAME_S:g} s")
        return self._taken

    def snapshot(self, _args: Args, _order: Command | Given, _situation: Situation) -> Reply:
        """Keeps a picture under its hash and sends it to central."""
        content = self.frame().read_bytes()  # the file is replaced whole, so this is one picture
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._spool / f"{sha256}.jpg"
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(content)
        unfinished.replace(path)
        self._keep(sha256)
        return Reply(verdict="done", result={"image": sha256, "bytes": len(content)})

    def restart(self, _args: Args, _order: Command | Given, _situation: Situation) -> Reply:
        """Ends vision's process and waits until it is back."""
        pid = self._eyes.pid
        if pid is None:
            raise CannotDo("vision is not running: it is being started already")
        os.kill(pid, signal.SIGKILL)  # one that hangs hears nothing else
        deadline = time.monotonic() + BACK_S
        pause = threading.Event()
        while self._eyes.pid in (pid, None) or not self._eyes.ready:
            if time.monotonic() > deadline:
                raise CannotDo(f"vision was ended and is not back within {BACK_S:g} s")
            pause.wait(GLANCE_S)
        return Reply(verdict="done")
