"""The minute's report of a gate, from what its controller and its lookout have gathered."""

from __future__ import annotations

import os
from datetime import datetime

from edge.diagnostics.surroundings import Surroundings
from edge.gauges import Gauges
from edge.protocol.messages import GateHealth


def health(gauges: Gauges, now: float, vision: str, wall: datetime, boot: str | None) -> GateHealth:
    """The report at monotonic time `now`. vision: "ready" or "down"."""
    readings, around = gauges.readings, gauges.around or Surroundings()
    return GateHealth(
        uptime_s=round(now - gauges.started, 1),
        outbox=gauges.depths.outbox,
        vision=vision,
        rss_bytes=_rss_bytes(),
        disk_free_bytes=gauges.depths.free_bytes,
        reads=readings.reads,
        read_ms=readings.read_ms,
        read_p50_ms=readings.percentile_ms(0.5),
        read_p95_ms=readings.percentile_ms(0.95),
        read_rate=readings.rate(now),
        oldest_s=around.oldest_s,
        decision_to_relay_ms=gauges.decision_to_relay_ms,
        latest_tick_ms=round(gauges.latest_ms, 1),
        cpu_percent=around.cpu_percent,
        temperature_c=around.temperature_c,
        complaints=around.complaints,
        connected_since=around.connected_since,
        clock=around.clock,
        boot=boot,
        wall=wall,
    )


def _rss_bytes() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
