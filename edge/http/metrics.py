"""The gate's figures for Prometheus, once somebody asks: a gate that nobody scrapes need not hold that library."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib.util import find_spec

from edge.panel import Panel

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

if find_spec("prometheus_client") is None:  # told at the start, and not to the first who asks
    raise ModuleNotFoundError("No module named 'prometheus_client'", name="prometheus_client")


class Metrics:
    """Takes what `edge.http.collector.GateCollector` takes."""

    def __init__(
        self,
        labels: dict[str, str],
        panel: Panel,
        facts: Callable[[], dict],
        inside: Callable[[], int | None],
        viewers: Callable[[], int],
    ) -> None:
        self._asked = labels, panel, facts, inside, viewers

    def text(self) -> bytes:
        """All figures as they are now."""
        from edge.http.collector import exposition

        return exposition(self._registry)

    @cached_property
    def _registry(self):
        from edge.http.collector import GateCollector, registry

        return registry(GateCollector(*self._asked))
