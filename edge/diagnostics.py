"""How the gate is: what its wires report, its health once a minute, and its card for Home Assistant."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass

from edge.protocol.messages import GateHealth, GateNotice
from edge.protocol.topics import GateTopics
from edge.rules.signals import Inputs

#   input            code when it becomes active, and when it ends
WIRES: dict[str, tuple[str, str]] = {
    "detached":      ("boom_detached",  "boom_attached"),
    "fire":          ("fire",           "fire_over"),
    "mains_failed":  ("mains_failed",   "mains_back"),
}  # fmt: skip


def wire_notices(before: Inputs, after: Inputs) -> list[GateNotice]:
    """What changed on the wires that a person should know; both debounced."""
    notices = [
        GateNotice(code=codes[0] if getattr(after, wire) else codes[1])
        for wire, codes in WIRES.items()
        if getattr(before, wire) is not getattr(after, wire)
    ]
    if before.valid is not after.valid:
        code = "inputs_back" if after.valid else "inputs_invalid"
        notices.append(GateNotice(code=code, detail="" if after.valid else "the barrier's inputs can't be read"))
    return notices


def faults(inputs: Inputs, boom_fault: str | None, tripped: str | None, others: Iterable[str]) -> tuple[str, ...]:
    """Codes of everything wrong at this moment, sorted."""
    active = {codes[0] for wire, codes in WIRES.items() if getattr(inputs, wire)}
    if inputs.stop:
        active.add("stop_pressed")
    if not inputs.valid:
        active.add("inputs_invalid")
    if boom_fault:
        active.add(boom_fault)
    if tripped:
        active.add(f"interlock_{tripped}")
    return tuple(sorted(active | set(others)))


@dataclass(slots=True)
class Readings:
    """How reading goes: counts since the start and the latest time from a frame to its read, milliseconds."""

    reads: int = 0
    read_ms: float = 0.0

    def note(self, seen_at: float, now: float) -> None:
        self.reads += 1
        self.read_ms = round(max(0.0, now - seen_at) * 1000, 1)


def health(uptime_s: float, outbox: int, vision: str, free_bytes: int, readings: Readings) -> GateHealth:
    """The minute's report."""
    return GateHealth(
        uptime_s=round(uptime_s, 1),
        outbox=outbox,
        vision=vision,
        rss_bytes=_rss_bytes(),
        disk_free_bytes=free_bytes,
        reads=readings.reads,
        read_ms=readings.read_ms,
    )


def discovery(topics: GateTopics, name: str, version: str) -> tuple[str, bytes]:
    """Topic and payload of Home Assistant's device discovery (MQTT integration, `homeassistant/device/.../config`)."""
    unique = f"parkmeter-{topics.site}-{topics.gate}"

    def part(key: str, platform: str, title: str, template: str, **more: str) -> tuple[str, dict]:
        fields = {"p": platform, "name": title, "unique_id": f"{unique}-{key}", "state_topic": topics.state}
        return key, fields | {"value_template": template} | more

    on_off = {"payload_on": "True", "payload_off": "False"}
    parts = [
        part("boom", "sensor", "Boom", "{{ value_json.boom }}"),
        part("mode", "sensor", "Mode", "{{ value_json.mode }}"),
        part("outbox", "sensor", "Events waiting", "{{ value_json.outbox }}", state_class="measurement"),
        part("vehicle", "binary_sensor", "Vehicle waiting", "{{ value_json.inputs.arming_loop }}", **on_off),
        part(
            "fault", "binary_sensor", "Fault", "{{ value_json.faults | length > 0 }}", device_class="problem", **on_off
        ),
    ]
    card = {
        "dev": {"ids": unique, "name": f"{name} ({topics.site})", "mf": "ParkMeter", "sw": version},
        "o": {"name": "ParkMeter", "sw": version},
        "avty": [
            {"topic": topics.status, "value_template": "{{ 'online' if value_json.state == 'online' else 'offline' }}"}
        ],
        "cmps": dict(parts),
    }
    return f"homeassistant/device/{topics.site}-{topics.gate}/config", json.dumps(card).encode()


def _rss_bytes() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
