"""The card for Home Assistant against the fields its MQTT integration documents, and its templates against states."""

from __future__ import annotations

import json

import jinja2
import pytest

from edge.diagnostics.discovery import discovery
from edge.protocol.maintenance import COMMANDS
from edge.protocol.messages import About, GateHealth, GateState, VehicleTold
from edge.protocol.topics import GateTopics, parse
from edge.rules.boom_words import BoomState
from edge.rules.signals import Inputs
from tests.edge.journal_makers import NOON

TOPICS = GateTopics("main", "entry-1")
TOPIC, PAYLOAD = discovery(TOPICS, "Main entrance", "1.0")
CARD = json.loads(PAYLOAD)
PARTS = CARD["components"]

# https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload and the page of each platform there
COMMON = {"platform", "unique_id", "name", "device_class", "entity_category", "value_template", "state_topic", "qos"}
FIELDS: dict[str, tuple[set[str], set[str], set[str | None]]] = {
    # platform       must have                         may have besides COMMON                        device classes
    "cover": ({"command_topic"}, {"payload_open", "payload_close", "payload_stop", "retain"}, {"gate"}),
    "binary_sensor": ({"state_topic"}, {"payload_on", "payload_off", "expire_after"},
                      {"occupancy", "problem", "safety"}),
    "sensor": ({"state_topic"}, {"state_class", "unit_of_measurement", "expire_after"},
               {None, "temperature", "duration", "data_size"}),
    "event": ({"state_topic", "event_types"}, set(), {None}),
    "update": (set(), {"state_topic", "command_topic", "payload_install"}, {"firmware"}),
    "button": ({"command_topic"}, {"payload_press", "retain"}, {None}),
}  # fmt: skip
UNITS = {"temperature": "°C", "duration": "ms", "data_size": "MB"}

home_assistant = jinja2.Environment(undefined=jinja2.StrictUndefined)
home_assistant.filters["to_json"] = json.dumps


def shown(key: str, message) -> str:
    template = home_assistant.from_string(PARTS[key]["value_template"])
    return template.render(value_json=json.loads(message.encode()))


def state(**changes) -> GateState:
    inputs = dict.fromkeys(Inputs.__dataclass_fields__, False)
    fields = {"boom": "closed", "mode": "normal", "inputs": inputs, "outbox": 3, "wall": NOON} | changes
    return GateState(**fields)


def test_the_card_is_a_device_with_an_origin_and_is_away_when_the_gate_is():
    assert TOPIC == "homeassistant/device/main-entry-1/config"
    assert set(CARD) == {"device", "origin", "availability", "components"}
    assert set(CARD["device"]) <= {"identifiers", "name", "manufacturer", "model", "sw_version"}
    assert CARD["device"]["identifiers"] and CARD["origin"]["name"]
    [availability] = CARD["availability"]
    assert set(availability) == {"topic", "value_template"} and availability["topic"] == TOPICS.status
    template = home_assistant.from_string(availability["value_template"])
    said = {word: template.render(value_json={"state": word}) for word in ("online", "lost", "stopped")}
    assert said == {"online": "online", "lost": "offline", "stopped": "offline"}


@pytest.mark.parametrize("key", PARTS)
def test_each_part_has_only_fields_that_home_assistant_knows(key):
    part = PARTS[key]
    must, may, classes = FIELDS[part["platform"]]
    assert {"platform", "unique_id", "name"} | must <= set(part) <= COMMON | must | may
    assert part.get("device_class") in classes
    assert part.get("entity_category") in (None, "config", "diagnostic")
    if part.get("device_class") in UNITS:
        assert part["unit_of_measurement"] == UNITS[part["device_class"]]


def test_every_part_is_its_own_and_all_that_was_promised_are_there():
    assert len({part["unique_id"] for part in PARTS.values()}) == len(PARTS)
    kinds = {key: part["platform"] for key, part in PARTS.items()}
    assert set(kinds.values()) == set(FIELDS)
    assert {key for key, kind in kinds.items() if kind == "binary_sensor"} == {
        "vehicle", "fault", "mains", "fire", "stop", "detached", "camera",
    }  # fmt: skip
    assert {key for key, kind in kinds.items() if kind == "sensor"} == {
        "boom", "mode", "outbox", "temperature", "read_rate", "read_time", "disk",
    }  # fmt: skip


def test_what_it_may_order_is_asked_of_central_and_is_a_command():
    for key, part in PARTS.items():
        if "command_topic" not in part:
            continue
        asked = parse(part["command_topic"])
        assert (asked.site, asked.gate, asked.kind) == ("main", "entry-1", "ask"), key
        names = [part["payload_open"], part["payload_close"]] if asked.leaf == "boom" else [asked.leaf]
        assert set(names) <= set(COMMANDS)
        assert part.get("retain", False) is False


@pytest.mark.parametrize("boom", BoomState)
def test_the_cover_shows_each_state_of_the_boom_in_its_own_words(boom):
    assert shown("barrier", state(boom=boom.value)) in {"open", "opening", "closed", "closing", "stopped", "None"}


def test_wires_and_faults_are_shown_as_they_are():
    calm, wires = state(), state().inputs
    fire = state(inputs=wires | {"fire": True}, faults=("camera_failed", "fire"))
    for key in ("vehicle", "mains", "stop", "detached"):
        assert shown(key, calm) == shown(key, fire) == "False"
    for key in ("fire", "fault", "camera"):
        assert (shown(key, calm), shown(key, fire)) == ("False", "True")
    assert (shown("boom", calm), shown("mode", calm), shown("outbox", calm)) == ("closed", "normal", "3")


def test_figures_come_from_the_health_and_are_unknown_where_they_are():
    full = GateHealth(uptime_s=1, outbox=0, vision="ready", temperature_c=51.5, read_rate=0.985, read_p50_ms=180.4,
                      disk_free_bytes=9_000_000_000)  # fmt: skip
    assert [shown(key, full) for key in ("temperature", "read_rate", "read_time", "disk")] == [
        "51.5", "98.5", "180.4", "9000.0",
    ]  # fmt: skip
    bare = GateHealth(uptime_s=1, outbox=0, vision="down")
    assert [shown(key, bare) for key in ("temperature", "read_rate", "read_time")] == ["None", "", "None"]


def test_vehicles_are_told_in_the_words_of_the_event_entity():
    types = VehicleTold.model_fields["event_type"].annotation.__args__
    assert PARTS["passage"]["event_types"] == list(types) and PARTS["passage"]["state_topic"] == TOPICS.vehicle


@pytest.mark.parametrize("latest, offered", [("", "1.0"), ("1.1", "1.1")])
def test_the_software_shows_what_is_installed_and_what_is_offered(latest, offered):
    about = About(version="1.0", lane="entry", name="Main", latest=latest)
    assert json.loads(shown("software", about)) == {"installed_version": "1.0", "latest_version": offered}
