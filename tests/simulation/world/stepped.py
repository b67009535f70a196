"""The threads of a gate's process without their threads: each does one step when the world says so."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.journal.recorder import Recorder
from edge.protocol.messages import Clock
from edge.rules.records import Moment
from edge.uplink.link import Nudge
from tests.simulation.world.timeline import Timeline


@dataclass(slots=True)
class WallClock:
    """A machine's clock: how far it is off the true time, and how far the kernel believes it."""

    off: timedelta = timedelta()
    trust: Clock = Clock.SYNCED


class GateClock:
    """What `edge.clock.GateClock` is to a gate, by the world's time."""

    def __init__(self, boot: str, timeline: Timeline, wall_clock: WallClock, offline: Callable[[], bool]) -> None:
        self.boot, self._timeline, self._wall_clock, self._offline = boot, timeline, wall_clock, offline
        self._started = timeline.now

    def wall(self) -> datetime:
        return self._timeline.utc + self._wall_clock.off

    def moment(self) -> Moment:
        mono_ms = int((self._timeline.now - self._started) * 1000)
        return Moment(self.wall(), mono_ms, self.boot, self._wall_clock.trust, self._offline())


class SteppedRecorder(Recorder):
    """The recorder without its thread: does one request at each `step`.

    asked  told of each new request;  done: after each that was carried out
    """

    asked: Callable[[], None] = staticmethod(lambda: None)
    done: Callable[[], None] = staticmethod(lambda: None)

    def submit(self, do) -> Future:
        answer = super().submit(do)
        self.asked()
        return answer

    def step(self) -> bool:
        try:
            request = self._requests.get_nowait()
        except queue.Empty:
            return False
        if request is None:
            return False
        before = self._journal.grown
        self._answer(*request)
        if self._journal.grown != before:
            for grown in self._watchers:
                grown()
        self.done()
        return True


class SteppedNudge(Nudge):
    """Wakes nobody: the world is told that there is something to do."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self._tell = tell

    def __call__(self) -> None:
        self._tell()
