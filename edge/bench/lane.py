"""A gate's lane in this process: real controller, scribe, recorder and journal, before a barrier that moves at once."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from edge.bench.figures import BenchError
from edge.clock import GateClock
from edge.controller import Controller
from edge.journal.journal import Journal, JournalError
from edge.journal.recorder import Recorder
from edge.panel import Panel
from edge.parts import Eyes
from edge.protocol.ids import uuid7
from edge.protocol.messages import GateState, Reply
from edge.rules.boom_words import Timing
from edge.rules.lane.state import LaneRules
from edge.rules.signals import Drive, Inputs, Outputs
from edge.scribe import Scribe

PATIENCE_S = 20.0


class QuickBarrier:
    """A barrier whose boom is where it was sent at the next look.

    opened_at  monotonic seconds when its motor was last told to raise the boom
    """

    def __init__(self) -> None:
        self._inputs = Inputs(limit_closed=True)
        self._drive = Drive.OFF
        self.opened_at = 0.0
        self.opening = threading.Event()

    def read(self) -> Inputs:
        return self._inputs

    def drive(self, outputs: Outputs) -> None:
        if outputs.drive is self._drive:
            return
        self._drive = outputs.drive
        if outputs.drive is not Drive.OFF:
            is_open = outputs.drive is Drive.OPEN
            if is_open:
                self.opened_at = time.monotonic()
            self.set(limit_open=is_open, limit_closed=not is_open)
            if is_open:
                self.opening.set()

    def set(self, **levels: bool) -> None:
        """Changes what the wires say; Inputs lists them."""
        self._inputs = replace(self._inputs, **levels)

    def close(self) -> None:
        self.drive(Outputs())


class LocalLine:
    """Keeps the newest state, and hands it to who waits for it."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._state: GateState | None = None

    def publish_state(self, state: GateState) -> None:
        with self._news:
            self._state = state
            self._news.notify_all()

    def reply(self, cmd_id: str, reply: Reply) -> None:
        return

    def await_state(self, holds: Callable[[GateState], bool], what: str) -> None:
        with self._news:
            if not self._news.wait_for(lambda: self._state is not None and holds(self._state), PATIENCE_S):
                raise BenchError(f"waited {PATIENCE_S:g} s for {what}; the gate's last state was {self._state}")


class BenchLane:
    """One lane, ready for vehicles once made. `close` ends it.

    make_eyes  makes vision; it is given where to put news, and the spool's folder
    """

    def __init__(
        self,
        folder: Path,
        direction: Literal["entry", "exit"],
        make_eyes: Callable[[Callable[[object], None], Path], Eyes],
    ) -> None:
        self.spool = folder / "spool"
        self.spool.mkdir(parents=True)
        clock = GateClock(uuid7())
        try:
            self.recorder = Recorder(Journal.open(folder / "journal.db", gate="bench", at=clock.moment()))
        except JournalError as error:
            raise BenchError(f"{error}") from error
        self.recorder.start()
        self.barrier, self.line = QuickBarrier(), LocalLine()
        news: queue.SimpleQueue = queue.SimpleQueue()
        self._scribe = Scribe(self.recorder, clock, self.spool, news.put)
        self._controller = Controller(
            self.barrier,
            self._scribe,
            make_eyes(news.put, self.spool),
            self.line,
            Panel(),
            rules=LaneRules(direction),
            timing=Timing(clear_s=0.5),
            news=news,
            wall=lambda: datetime.now(UTC),
            free_bytes=lambda: 10 << 30,
        )
        self._thread = threading.Thread(target=self._controller.run, name="controller", daemon=True)
        self._thread.start()
        self.line.await_state(lambda state: state.boom == "closed", "the boom to be closed")

    def arrive(self) -> float:
        """A vehicle comes before the boom; when the motor was told to raise it, monotonic seconds."""
        self.barrier.opening.clear()
        self.barrier.set(arming_loop=True)
        if not self.barrier.opening.wait(PATIENCE_S):
            raise BenchError(
                f"waited {PATIENCE_S:g} s for the boom to be raised: the plate was not read, or not let in"
            )
        return self.barrier.opened_at

    def leave(self) -> None:
        """That vehicle goes through; returns when the boom is down and at rest behind it."""
        self.line.await_state(lambda state: state.boom == "open", "the boom to be open")
        self._see(closing_loop=True, photocell=True)
        self._see(arming_loop=False, exit_loop=True)
        self._see(closing_loop=False, photocell=False)
        self._see(exit_loop=False)
        self.line.await_state(lambda state: state.boom == "closed" and state.visit is None, "the boom to come down")

    def _see(self, **levels: bool) -> None:
        self.barrier.set(**levels)
        self.line.await_state(lambda state: all(state.inputs[name] is level for name, level in levels.items()), "loops")

    def close(self) -> None:
        self._controller.stop()
        self._thread.join()
        self._scribe.close()
        self.recorder.stop()
