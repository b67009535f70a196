"""A gate's card for Home Assistant: device discovery of its MQTT integration, `homeassistant/device/.../config`. Pure.

States come from the gate's own topics. What it may order goes to `ask/{name}`, where central decides: nothing that is
pressed there moves a boom by itself.
"""

from __future__ import annotations

import json
from typing import Any

from edge.protocol.topics import GateTopics

_ON_OFF = {"payload_on": "True", "payload_off": "False"}
# what has no word of the cover's is "None": unknown
_COVER = (
    "{{ {'closed': 'closed', 'pause_open': 'opening', 'opening': 'opening', 'open': 'open', 'pause_close': 'closing', "
    "'closing': 'closing', 'stopped': 'stopped'}.get(value_json.boom, 'None') }}"
)
_VISION = "['camera_failed', 'engine_missing', 'vision_lost', 'vision_hung']"
_UPDATE = (
    "{{ {'installed_version': value_json.version, "
    "'latest_version': value_json.latest | default('', true) or value_json.version} | to_json }}"
)
#   key             title              class           what of the state's JSON
_BINARY: tuple[tuple[str, str, str | None, str], ...] = (
    ("vehicle",     "Vehicle waiting", "occupancy",    "value_json.inputs.arming_loop"),
    ("fault",       "Fault",           "problem",      "value_json.faults | length > 0"),
    ("mains",       "Mains failed",    "problem",      "value_json.inputs.mains_failed"),
    ("fire",        "Fire alarm",      "safety",       "value_json.inputs.fire"),
    ("stop",        "Emergency stop",  "safety",       "value_json.inputs.stop"),
    ("detached",    "Boom detached",   "problem",      "value_json.inputs.detached"),
    ("camera",      "Camera trouble",  "problem",      f"value_json.faults | select('in', {_VISION}) | list != []"),
)  # fmt: skip
#   key             title              what of the health's JSON               more
_FIGURES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("temperature", "Temperature",     "value_json.temperature_c",
     {"device_class": "temperature", "unit_of_measurement": "°C"}),
    ("read_rate",   "Plates read",     "(value_json.read_rate * 100) | round(1) if value_json.read_rate is not none",
     {"unit_of_measurement": "%"}),
    ("read_time",   "Time to read",    "value_json.read_p50_ms",
     {"device_class": "duration", "unit_of_measurement": "ms"}),
    ("disk",        "Disk free",       "(value_json.disk_free_bytes / 1000000) | round(0)",
     {"device_class": "data_size", "unit_of_measurement": "MB"}),
)  # fmt: skip
#   command           title
_BUTTONS = {
    "self_test":      "Self-test",
    "snapshot":       "Snapshot",
    "reset_fault":    "Reset fault",
    "restart_vision": "Restart vision",
}  # fmt: skip


def discovery(topics: GateTopics, name: str, version: str) -> tuple[str, bytes]:
    """Topic and payload of the card."""
    unique = f"parkmeter-{topics.site}-{topics.gate}"
    card = {
        "device": {
            "identifiers": [unique],
            "name": f"{name} ({topics.site})",
            "manufacturer": "ParkMeter",
            "model": "Gate",
            "sw_version": version,
        },
        "origin": {"name": "ParkMeter", "sw_version": version},
        "availability": [
            {
                "topic": topics.status,
                "value_template": "{{ 'online' if value_json.state == 'online' else 'offline' }}",
            }
        ],
        "components": {
            key: {"platform": platform, "unique_id": f"{unique}-{key}"} | fields
            for key, platform, fields in [*_boom(topics), *_sensors(topics), *_orders(topics)]
        },
    }
    return f"homeassistant/device/{topics.site}-{topics.gate}/config", json.dumps(card, ensure_ascii=False).encode()


Part = tuple[str, str, dict[str, Any]]


def _boom(topics: GateTopics) -> list[Part]:
    cover = {
        "name": "Barrier",
        "device_class": "gate",
        "state_topic": topics.state,
        "value_template": _COVER,
        "command_topic": topics.ask("boom"),
        "payload_open": "open",
        "payload_close": "close",
        "payload_stop": None,  # a stop by radio is no emergency stop, and must not look like one
    }
    return [("barrier", "cover", cover)]


def _sensors(topics: GateTopics) -> list[Part]:
    diagnostic = {"entity_category": "diagnostic"}
    state, health = {"state_topic": topics.state}, {"state_topic": topics.health}
    parts: list[Part] = [
        ("boom", "sensor", {"name": "Boom", "value_template": "{{ value_json.boom }}"} | state | diagnostic),
        ("mode", "sensor", {"name": "Mode", "value_template": "{{ value_json.mode }}"} | state),
    ]
    waiting = {"name": "Events waiting", "value_template": "{{ value_json.outbox }}", "state_class": "measurement"}
    parts.append(("outbox", "sensor", waiting | state | diagnostic))
    for key, title, kind, value in _BINARY:
        fields = {"name": title, "device_class": kind, "value_template": f"{{{{ {value} }}}}"}
        parts.append((key, "binary_sensor", fields | _ON_OFF | state))
    for key, title, value, more in _FIGURES:
        fields = {"name": title, "value_template": f"{{{{ {value} }}}}", "state_class": "measurement"}
        parts.append((key, "sensor", fields | more | health | diagnostic | {"expire_after": 180}))
    seen = {"name": "Vehicle", "event_types": ["entered", "exited", "refused"], "state_topic": topics.vehicle}
    return [*parts, ("passage", "event", seen)]


def _orders(topics: GateTopics) -> list[Part]:
    parts: list[Part] = [
        (
            command,
            "button",
            {
                "name": title,
                "command_topic": topics.ask(command),
                "payload_press": command,
                "entity_category": "config" if command == "reset_fault" else "diagnostic",
            },
        )
        for command, title in _BUTTONS.items()
    ]
    update = {
        "name": "Software",
        "device_class": "firmware",
        "state_topic": topics.about,
        "value_template": _UPDATE,
        "command_topic": topics.ask("update"),
        "payload_install": "update",
    }
    return [*parts, ("software", "update", update)]
