"""Simulated time: what happens next and when. One clock for everybody, nothing waits for real."""

from __future__ import annotations

import hashlib
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
LAST_EVENTS = 40


class Timeline:
    """What is to happen, in order of its time; what is due at once happens in the order it was asked for.

    now    monotonic seconds of every machine
    last   the latest world events, for a failure's report
    count  world events so far
    """

    def __init__(self) -> None:
        self.now = 100.0
        self.last: deque[str] = deque(maxlen=LAST_EVENTS)
        self.count = 0
        self._next: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._trace = hashlib.sha256()

    @property
    def utc(self) -> datetime:
        """The true time of day."""
        return START + timedelta(seconds=self.now)

    @property
    def trace(self) -> str:
        """A hash of every world event so far: two runs of a seed have the same."""
        return self._trace.hexdigest()

    def after(self, delay_s: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._next, (self.now + delay_s, next(self._order), do))

    def follow(self, story: Iterator[float]) -> None:
        """Runs a story told as a generator, which yields how many seconds it waits."""

        def go_on() -> None:
            wait_s = next(story, None)
            if wait_s is not None:
                self.after(wait_s, go_on)

        self.after(0.0, go_on)

    def turn(self) -> None:
        """The next thing happens."""
        self.now, _, do = heapq.heappop(self._next)
        do()

    def note(self, what: str) -> None:
        """A world event, for the report of a failure."""
        line = f"{self.now:9.2f}  {what}"
        self.count += 1
        self.last.append(line)
        self._trace.update(line.encode() + b"\n")
