"""How often a page may ask the payment provider about one attempt, however often a driver loads it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

GAP_S = 2.0
_REMEMBERED = 1_000


class Polls:
    """Counts in this process alone: a few workers ask a few times as often. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: dict[str, float] = {}
        self._lock = threading.Lock()

    def may(self, attempt_id: str) -> bool:
        """True, and counted, where the last time is long enough ago."""
        now = self._clock()
        with self._lock:
            if now - self._asked.get(attempt_id, float("-inf")) < GAP_S:
                return False
            if len(self._asked) >= _REMEMBERED:
                self._asked = {key: at for key, at in self._asked.items() if now - at < GAP_S}
            self._asked[attempt_id] = now
            return True
