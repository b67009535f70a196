"""What the gate looks at now and then, on the controller's beat: queues, disk, a live picture, the minute's health."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from edge.diagnostics.health import health
from edge.gauges import Gauges
from edge.maintenance.desk import Desk
from edge.parts import Eyes, Helpers
from edge.protocol.messages import Wire
from edge.scribe import Scribe

GLANCE_S = 2.0  # how often queues and disk are looked at, and a live picture is taken
HEALTH_S = 60.0
FIRST_HEALTH_S = 12.0  # so that whoever has just started it need not wait for a minute
PRUNE_S = 3600.0


class Rounds:
    """Never waits. Times are monotonic seconds.

    record  writes down what is told of the gate itself
    """

    def __init__(
        self,
        scribe: Scribe,
        eyes: Eyes,
        gauges: Gauges,
        desk: Desk,
        helpers: Helpers,
        *,
        record: Callable[[list[Wire]], None],
        wall: Callable[[], datetime],
        free_bytes: Callable[[], int],
        now: float,
    ) -> None:
        self._scribe, self._eyes, self._gauges, self._desk, self._helpers = scribe, eyes, gauges, desk, helpers
        self._record, self._wall, self._free_bytes = record, wall, free_bytes
        self._glance_at = now
        self._health_at = now + FIRST_HEALTH_S
        self._prune_at = now + PRUNE_S

    def look(self, now: float, *, reading: bool) -> None:
        """Does what is due. reading: a plate is being read, and no frame may come later for a picture's sake."""
        if now < self._glance_at:
            return
        self._glance_at = now + GLANCE_S
        self._scribe.measure(self._free_bytes())
        self._scribe.retry()
        if self._eyes.ready and not reading:
            self._eyes.snapshot()
        if now >= self._prune_at:
            self._prune_at = now + PRUNE_S
            self._scribe.prune()
        if now >= self._health_at:
            self._health_at = now + HEALTH_S
            vision_is = "ready" if self._eyes.ready else "down"
            report = health(self._gauges, now, vision_is, self._wall(), self._gauges.boot)
            self._record([report])
            self._desk.minute()
            if self._helpers.bulletin:
                self._helpers.bulletin.health(report)
