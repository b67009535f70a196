"""The edge API's papers, made from its own models: a JSON Schema per message and one AsyncAPI 3 document.

`python -m edge.protocol.documents FOLDER` writes them. docs/api holds what it writes, and a test holds both equal.
Sources: JSON Schema 2020-12; AsyncAPI 3.0.0 with its MQTT bindings 0.2.0.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from edge.protocol import maintenance, messages
from edge.protocol.messages import EVENTS, Wire
from edge.protocol.topics import ROOT

DIALECT = "https://json-schema.org/draft/2020-12/schema"
API_VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of topic.

    address   below the API's root, with its parameters in braces
    sender    who publishes there
    models    of its payloads; for `signed` ones of the body inside the envelope
    """

    name: str
    address: str
    sender: Literal["gate", "central", "home automation"]
    models: tuple[type[Wire], ...]
    says: str
    retained: bool = False
    qos: int = 1
    signed: bool = False


CHANNELS = (
    Channel("status", "{site}/{gate}/status", "gate", (messages.Status,),
            "Whether the gate is there; `lost` is its last will.", retained=True),
    Channel("about", "{site}/{gate}/about", "gate", (messages.About,), "Who the gate is.", retained=True, qos=0),
    Channel("state", "{site}/{gate}/state", "gate", (messages.GateState,),
            "Boom, mode, inputs, faults, outbox: on every change, at most five a second.", retained=True, qos=0),
    Channel("event", "{site}/{gate}/event/{stream}/{type}", "gate", (messages.Event,),
            "Facts from the gate's outbox. Sent until central acknowledges them: each may come more than once."),
    Channel("ack", "{site}/{gate}/ack", "central", (messages.Ack,),
            "Up to where central has committed each stream of a journal without a gap.", retained=True),
    Channel("command", "{site}/{gate}/cmd/{name}", "central", (messages.Command,),
            "An order to this start of the gate. Never retained; expires in seconds.", signed=True),
    Channel("reply", "{site}/{gate}/reply/{cmd_id}", "gate", (messages.Reply,), "What became of an order."),
    Channel("health", "{site}/{gate}/diag/health", "gate", (messages.GateHealth,), "Once a minute.", qos=0),
    Channel("fault", "{site}/{gate}/diag/fault/{code}", "gate", (messages.FaultState,),
            "One fault of the catalogue while it lasts; an empty payload when it is over.", retained=True),
    Channel("log", "{site}/{gate}/diag/log", "gate", (messages.LogLine,), "Log lines, by the level ordered.", qos=0),
    Channel("vehicle", "{site}/{gate}/diag/vehicle", "gate", (messages.VehicleTold,),
            "What has just happened at the lane, without plates, for home automation.", qos=0),
    Channel("ask", "{site}/{gate}/ask/{name}", "home automation", (),
            "Asks central for a command; the payload is not looked at. Retained asks are ignored."),
    Channel("session", "{site}/session/{session}", "central", (messages.SessionState,),
            "One stay, for the mirror of every gate of the site; an empty payload takes it away.",
            retained=True, signed=True),
    Channel("access", "{site}/access", "central", (messages.AccessList,),
            "Passes, denied plates and opening hours of the site.", retained=True, signed=True),
)  # fmt: skip

PARAMETERS = {
    "site": "the car park's id",
    "gate": "the gate's id, unique in its site",
    "stream": "money, ops or diag: the order in which an outbox drains",
    "type": "the event's type, e.g. vehicle.entered",
    "name": "the command's name",
    "cmd_id": "UUID of the command",
    "code": "the fault's code in the catalogue",
    "session": "UUID of the stay",
}

SIGNED: dict[str, Any] = {
    "title": "Signed",
    "description": "A message with central's Ed25519 signature over the topic, a line feed and the body's exact text.",
    "type": "object",
    "required": ["v", "key", "sig", "body"],
    "properties": {
        "v": {"const": 1},
        "key": {"type": "string", "pattern": "^[0-9a-f]{16}$", "description": "SHA-256 of the public key, begun"},
        "sig": {"type": "string", "contentEncoding": "base64"},
        "body": {"type": "string", "contentMediaType": "application/json"},
    },
}


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema by its file's name: every message, each event with its own data, each command's arguments."""
    made = {model.__name__: _schema(model) for channel in CHANNELS for model in channel.models}
    for event_type, (_, model) in EVENTS.items():
        made[f"Event-{event_type.replace('.', '-')}"] = _event_schema(event_type, model)
    for name, kind in maintenance.COMMANDS.items():
        made[f"Args-{name.replace('_', '-')}"] = _schema(kind.args) | {"description": kind.says}
    made["Signed"] = SIGNED
    return {name: {"$schema": DIALECT} | made[name] for name in sorted(made)}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document. Messages' payloads are the schemas that stand beside it."""
    told: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "ParkMeter edge API over MQTT",
            "version": API_VERSION,
            "description": "Between the gates of a site, central and those who look after both. Works on MQTT 3.1.1.",
        },
        "defaultContentType": "application/json",
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": {},
    }
    for channel in CHANNELS:
        told["operations"][f"{channel.sender.replace(' ', '_')}_sends_{channel.name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{channel.name}"},
            "summary": channel.says,
            "bindings": {"mqtt": {"qos": channel.qos, "retain": channel.retained, "bindingVersion": "0.2.0"}},
        }
    return told


def _channel(channel: Channel) -> dict[str, Any]:
    names = [part[1:-1] for part in channel.address.split("/") if part.startswith("{")]
    if channel.name == "event":
        files = [f"Event-{event_type.replace('.', '-')}" for event_type in EVENTS]
    else:
        files = [model.__name__ for model in channel.models]
    return {
        "address": f"{ROOT}/{channel.address}",
        "description": channel.says,
        "parameters": {name: {"description": PARAMETERS[name]} for name in names},
        "messages": {name: _message(name, channel.signed) for name in files},
    }


def _message(name: str, signed: bool) -> dict[str, Any]:
    if not signed:
        return {"name": name, "payload": {"$ref": f"schemas/{name}.json"}}
    body = {"contentSchema": {"$ref": f"schemas/{name}.json"}}
    payload = {"allOf": [{"$ref": "schemas/Signed.json"}, {"properties": {"body": body}}]}
    return {"name": name, "summary": "Signed by central.", "payload": payload}


def _schema(model: type) -> dict[str, Any]:
    """As it is read: a field with a default may be absent, and unknown keys are ignored."""
    return model.model_json_schema(mode="validation")


def _event_schema(event_type: str, model: type[Wire]) -> dict[str, Any]:
    envelope, data = _schema(messages.Event), _schema(model)
    stream, _ = EVENTS[event_type]
    envelope["title"] = f"Event {event_type}"
    envelope["$defs"] = {**envelope.get("$defs", {}), **data.pop("$defs", {}), model.__name__: data}
    envelope["properties"] = envelope["properties"] | {
        "type": {"const": event_type},
        "stream": {"const": str(stream)},
        "data": {"$ref": f"#/$defs/{model.__name__}"},
    }
    return envelope


def write(folder: Path) -> list[Path]:
    """Writes everything; the files' paths. One that is no longer made is deleted."""
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    files = {folder / "schemas" / f"{name}.json": schema for name, schema in schemas().items()}
    files[folder / "asyncapi.json"] = asyncapi()
    for old in (folder / "schemas").glob("*.json"):
        if old not in files:
            old.unlink()
    for path, content in files.items():
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return sorted(files)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m edge.protocol.documents FOLDER")
    print(f"{len(write(Path(sys.argv[1])))} files written to {sys.argv[1]}")
