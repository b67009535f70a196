"""How well and how fast plates are read, over the last hour. Time is an argument."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

HOUR_S = 3600.0
MOST_VISITS = 2000
LATEST = 256


@dataclass(slots=True)
class Readings:
    """Counts since the start, and the latest reads and visits.

    reads    frames with a plate
    read_ms  the latest one's time from exposure to its read, milliseconds
    """

    reads: int = 0
    read_ms: float = 0.0
    _latest_ms: deque[float] = field(default_factory=lambda: deque(maxlen=LATEST))
    _visits: OrderedDict[str, list] = field(default_factory=OrderedDict)

    def note(self, seen_at: float, now: float) -> None:
        """A frame exposed at `seen_at` was read."""
        self.reads += 1
        self.read_ms = round(max(0.0, now - seen_at) * 1000, 1)
        self._latest_ms.append(self.read_ms)

    def watched(self, visit: str, now: float) -> None:
        """A vehicle's plate is to be read; said again for the same visit, it counts once."""
        if visit not in self._visits:
            self._visits[visit] = [now, False]
            if len(self._visits) > MOST_VISITS:
                self._visits.popitem(last=False)

    def accepted(self, visit: str) -> None:
        """That vehicle's plate was accepted."""
        if visit in self._visits:
            self._visits[visit][1] = True

    def rate(self, now: float) -> float | None:
        """Vehicles of the last hour whose plate was accepted, as a share of all; None for no vehicle."""
        while self._visits and now - next(iter(self._visits.values()))[0] > HOUR_S:
            self._visits.popitem(last=False)
        if not self._visits:
            return None
        return round(sum(read for _, read in self._visits.values()) / len(self._visits), 3)

    def percentile_ms(self, share: float) -> float | None:
        """The latency that this share of the latest reads did not exceed, milliseconds; None where there was none."""
        if not self._latest_ms:
            return None
        ordered = sorted(self._latest_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
