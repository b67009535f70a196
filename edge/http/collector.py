"""The gate's figures in Prometheus' text format, by its own client library: what they are and what they're called."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, StateSetMetricFamily
from prometheus_client.registry import Collector

from edge.panel import Panel
from edge.rules.boom_words import BoomState
from edge.rules.signals import Inputs

#   figure                  metric                          times   what it is
GAUGES: dict[str, tuple[str, float, str]] = {
    "uptime_s":             ("uptime_seconds",              1.0,    "Since the gate process started"),
    "images_waiting_bytes": ("images_waiting_bytes",        1.0,    "Pictures waiting for their upload"),
    "disk_free_bytes":      ("disk_free_bytes",             1.0,    "Room left on the journal's disk"),
    "unwritten":            ("unwritten_records",           1.0,    "Records that the journal would not take yet"),
    "read_ms":              ("plate_read_seconds",          0.001,  "From the latest frame to its read"),
    "decision_to_relay_ms": ("decision_to_relay_seconds",   0.001,  "From the latest grant's decision to the relay"),
    "latest_tick_ms":       ("latest_tick_seconds",         0.001,  "How late the latest tick of all came"),
}  # fmt: skip
COUNTERS: dict[str, tuple[str, str]] = {
    "reads": ("plate_reads", "Frames in which a plate was read"),
    "refused_messages": ("refused_messages", "Messages from central that were refused"),
}


class GateCollector(Collector):
    """Reads the panel when it is asked, and not before.

    labels  of every gate: site, gate, lane, version
    facts   of the rest of the process
    inside  vehicles inside, None where the journal can't be read
    viewers of the live picture
    """

    def __init__(
        self,
        labels: dict[str, str],
        panel: Panel,
        facts: Callable[[], dict],
        inside: Callable[[], int | None],
        viewers: Callable[[], int],
    ) -> None:
        self._labels, self._panel, self._facts, self._inside, self._viewers = labels, panel, facts, inside, viewers

    def collect(self) -> Iterator:
        facts, state = self._facts(), self._panel.state
        figures = self._panel.figures | facts
        about = self._labels | {"version": str(facts.get("version", ""))}
        yield InfoMetricFamily("parkmeter_gate", "Which gate this is", about)
        if state is not None:
            # one sample for each state it can be in, 1 for the one it is in
            booms = {word.value: word.value == state.boom for word in BoomState}
            yield StateSetMetricFamily("parkmeter_boom_state", "What the boom does", booms)
            inputs = GaugeMetricFamily("parkmeter_input_active", "1 while the input is active", labels=["input"])
            for name in Inputs.__slots__:
                if name in state.inputs:
                    inputs.add_metric([name], float(state.inputs[name]))
            yield inputs
            wrong = GaugeMetricFamily("parkmeter_fault_active", "1 while the fault is active", labels=["code"])
            for code in state.faults:
                wrong.add_metric([code], 1.0)
            yield wrong
            yield GaugeMetricFamily("parkmeter_outbox_events", "Events central has not acknowledged", state.outbox)
        for key, (name, times, what) in GAUGES.items():
            if isinstance(figures.get(key), int | float):
                yield GaugeMetricFamily(f"parkmeter_{name}", what, float(figures[key]) * times)
        for key, (name, what) in COUNTERS.items():
            if isinstance(figures.get(key), int | float):
                yield CounterMetricFamily(f"parkmeter_{name}", what, float(figures[key]))
        if isinstance(heat := figures.get("temperature_c"), int | float):
            yield GaugeMetricFamily("parkmeter_temperature_celsius", "Of the processor", heat)
        up = {"broker_connected": figures.get("connected") is True, "vision_ready": figures.get("vision") == "ready"}
        for name, well in up.items():
            yield GaugeMetricFamily(f"parkmeter_{name}", "1 while it is so", float(well))
        if (vehicles := self._inside()) is not None:
            yield GaugeMetricFamily("parkmeter_vehicles_inside", "As far as this gate knows", vehicles)
        yield GaugeMetricFamily("parkmeter_live_viewers", "Of the live picture", self._viewers())


def registry(collector: GateCollector) -> CollectorRegistry:
    """A registry of this gate alone, with the process' own memory, time and files."""
    made = CollectorRegistry()
    made.register(collector)
    ProcessCollector(registry=made)
    return made


def exposition(made: CollectorRegistry) -> bytes:
    """All figures as text."""
    return generate_latest(made)
