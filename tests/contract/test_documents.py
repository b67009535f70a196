"""The papers of the edge API say what its models do, and every frozen example is valid by them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from edge.protocol import documents, messages, topics
from edge.protocol.topics import GateTopics, Stream

DOCS = Path(__file__).parents[2] / "docs" / "api"
FROZEN = sorted(Path(__file__).parent.joinpath("frozen").glob("*.json"))


def test_what_is_checked_in_is_what_the_models_say(tmp_path):
    written = {path.relative_to(tmp_path): path.read_text() for path in documents.write(tmp_path)}
    files = [DOCS / "asyncapi.json", *DOCS.glob("schemas/*.json")]
    there = {path.relative_to(DOCS): path.read_text() for path in files}
    assert there == written, "run: python -m edge.protocol.documents docs/api"


@pytest.mark.parametrize("name, schema", documents.schemas().items(), ids=lambda of: of if isinstance(of, str) else "")
def test_every_schema_is_one(name, schema):
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_a_frozen_example_is_valid_by_its_schema(path):
    wire, model = json.loads(path.read_text())["wire"], path.stem.partition("-")[0]
    name = f"Event-{wire['type'].replace('.', '-')}" if model == "Event" else model
    jsonschema.validate(wire, documents.schemas()[name], cls=jsonschema.Draft202012Validator)


def test_every_message_of_the_api_is_on_a_channel():
    told = {model for channel in documents.CHANNELS for model in channel.models}
    parts = {model for _, model in messages.EVENTS.values()}
    within = {messages.Wire, messages.PlateSeen, messages.Quote, messages.AccessEntry, messages.OpeningHours}
    wires = {
        model for model in vars(messages).values() if isinstance(model, type) and issubclass(model, messages.Wire)
    }
    assert wires - told - parts - within == set()


def test_every_address_is_one_that_the_topics_make():
    gate, session = GateTopics("delhi", "exit-1"), "0190f5c2-7c1e-7000-8000-000000000001"
    made = {
        gate.status, gate.about, gate.state, gate.event(Stream.MONEY, "vehicle.entered"), gate.ack,
        gate.command("open"), gate.reply(session), gate.health, gate.fault("stop_pressed"), gate.log, gate.vehicle,
        gate.ask("open"), topics.session("delhi", session), topics.access("delhi"),
    }  # fmt: skip
    filled = {
        "site": "delhi", "gate": "exit-1", "stream": "money", "type": "vehicle.entered", "cmd_id": session,
        "name": "open", "code": "stop_pressed", "session": session,
    }  # fmt: skip
    assert {f"{topics.ROOT}/{channel.address.format(**filled)}" for channel in documents.CHANNELS} == made


def test_the_asyncapi_document_refers_to_nothing_that_is_not_there():
    document = documents.asyncapi()
    names = set(documents.schemas())

    def refs(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            for value in node.values():
                yield from refs(value)
        elif isinstance(node, list):
            for value in node:
                yield from refs(value)

    for ref in refs(document):
        if ref.startswith("#/channels/"):
            assert ref.rpartition("/")[2] in document["channels"]
        else:
            assert ref.removeprefix("schemas/").removesuffix(".json") in names
