"""The gate's clocks: monotonic for control, the wall for records, and how far the wall can be believed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from edge.life.clock_trust import STEP, ClockSet, Evidence, Recorded, judge
from edge.life.machine_time import MachineTime
from edge.protocol.messages import Clock
from edge.rules.records import Moment

CHECK_S = 10.0


class Time(Protocol):
    """Where the time comes from, see MachineTime."""

    battery: bool

    def wall(self) -> datetime: ...
    def mono(self) -> float: ...
    def uptime(self) -> timedelta: ...
    def synced(self) -> bool: ...


class GateClock:
    """Moments of one start of the gate process. Any thread may ask.

    boot      UUID of this start
    offline   asked at every moment: is the broker out of reach?
    recorded  the latest instants that the journal has
    """

    def __init__(
        self,
        boot: str,
        offline: Callable[[], bool] = lambda: False,
        recorded: Recorded = Recorded(),  # noqa: B008  frozen
        time: Time | None = None,
    ) -> None:
        self.boot = boot
        self._offline = offline
        self._recorded = recorded
        self._time = time or MachineTime()
        self._started = self._time.mono()
        self._looked = (self._time.wall(), self._started)
        self._trust: Clock | None = None
        self._check_at = self._started
        self._tell: Callable[[ClockSet], None] = lambda told: None
        self._looking = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def on_set(self, tell: Callable[[ClockSet], None]) -> None:
        """Calls `tell` each time the clock is believed after it was not, or was put right by more than it may stray.

        On the thread that found out; it should only enqueue.
        """
        self._tell = tell

    def start(self) -> None:
        """Looks by itself from now on, so that a clock being set is told soon also where nothing happens."""
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def wall(self) -> datetime:
        """Now, aware UTC."""
        return self._time.wall()

    def label(self) -> Clock:
        """How far the wall can be believed now; looked into every few seconds."""
        if self._trust is None or self._time.mono() >= self._check_at:
            self._look()
        return self._trust or Clock.UNTRUSTED

    def moment(self) -> Moment:
        """Now, as a record wants it."""
        clock = self.label()
        return Moment(self.wall(), self._mono_ms(self._time.mono()), self.boot, clock, self._offline())

    def _mono_ms(self, mono: float) -> int:
        return int((mono - self._started) * 1000)

    def _run(self) -> None:
        while not self._stopping.wait(CHECK_S):
            self.label()

    def _look(self) -> None:
        # another thread that is looking just now will tell; until then the last answer holds
        if not self._looking.acquire(blocking=self._trust is None):
            return
        try:
            told = self._judge()
        finally:
            self._looking.release()
        if told is not None:
            self._tell(told)

    def _judge(self) -> ClockSet | None:
        wall, mono, synced = self._time.wall(), self._time.mono(), self._time.synced()
        before, self._check_at = self._trust, mono + CHECK_S
        last_wall, last_mono = self._looked
        moved = wall - last_wall - timedelta(seconds=mono - last_mono)
        self._looked = (wall, mono)
        now = judge(Evidence(wall, synced, self._time.battery, self._time.uptime(), self._recorded))
        if before is Clock.UNTRUSTED and not synced:
            now = before  # to run past what is on record does not make it right
        self._trust, self._recorded = now, self._recorded.grown(wall, now)
        was_set = before is Clock.UNTRUSTED or (before is Clock.HOLDOVER and abs(moved) > STEP)
        if was_set and now is not Clock.UNTRUSTED:
            return ClockSet(self.boot, self._mono_ms(mono), wall, moved)
        return None
