"""The edge API: what was once on the wire decodes for ever, and what is not of it is refused by name."""

from __future__ import annotations

import json
import pathlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edge.protocol import ids, messages, signing, topics

FROZEN = sorted(pathlib.Path(__file__).parent.joinpath("frozen").glob("*.json"))


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_a_frozen_example_still_decodes_to_the_values_it_had(path):
    model = getattr(messages, path.stem.split("-")[0])
    example = json.loads(path.read_text())
    decoded = model.decode(json.dumps(example["wire"]))
    assert at_that_time(json.loads(decoded.encode()), example["means"]) == example["means"]
    if isinstance(decoded, messages.Event):
        decoded.facts()


def at_that_time(told, then):
    """What is told without the fields that the API has got since: those are only ever added."""
    if isinstance(told, dict) and isinstance(then, dict):
        return {key: at_that_time(value, then[key]) for key, value in told.items() if key in then}
    return told


def test_every_message_of_the_api_has_a_frozen_example():
    frozen = {path.stem.split("-")[0] for path in FROZEN}
    assert {"Event", "Ack", "Status", "About", "GateState", "SessionState", "AccessList", "Command", "Reply"} <= frozen
    assert {"FaultState", "LogLine", "VehicleTold", "GateHealth"} <= frozen
    types = {json.loads(path.read_text())["wire"]["type"] for path in FROZEN if path.stem.startswith("Event-")}
    assert types == set(messages.EVENTS)


def test_unknown_keys_are_ignored():
    assert messages.Reply.decode(b'{"verdict":"done","colour":"red"}') == messages.Reply(verdict="done")


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        (b"", "Reply"),
        (b"[]", "Reply"),
        (b'{"verdict":"perhaps"}', "verdict"),
        (b'{"verdict":"done","reason":7}', "reason"),
    ],
)
def test_a_bad_message_says_which_field_is_wrong(payload, names):
    with pytest.raises(messages.BadMessage, match=names):
        messages.Reply.decode(payload)


@given(st.binary(max_size=64))
def test_no_bytes_at_all_do_more_than_raise_bad_message(payload):
    for model in (messages.Event, messages.SessionState, messages.Command):
        with pytest.raises(messages.BadMessage):
            model.decode(payload)


def test_topics_are_taken_apart_as_they_were_made():
    gate = topics.GateTopics("campus", "entry-1")
    event = gate.event(topics.Stream.MONEY, "vehicle.entered")
    assert topics.parse(event) == topics.FromGate("campus", "entry-1", "event", "vehicle.entered", topics.Stream.MONEY)
    assert topics.parse(gate.status).kind == "status"
    assert topics.parse(gate.reply("abc")).leaf == "abc"
    assert topics.parse(gate.fault("too_hot")) == topics.FromGate("campus", "entry-1", "fault", "too_hot")
    assert topics.parse(gate.ask("open")) == topics.FromGate("campus", "entry-1", "ask", "open")
    assert [topics.parse(topic).kind for topic in (gate.health, gate.log, gate.vehicle)] == ["health", "log", "vehicle"]


@pytest.mark.parametrize("bad", ["", "A", "-a", "a/b", "a+", "#", "a" * 33, "ä"])
def test_a_name_that_would_break_a_topic_is_refused(bad):
    with pytest.raises(topics.TopicError):
        topics.GateTopics(bad, "g1")
    with pytest.raises(topics.TopicError):
        topics.session("campus", bad)


@pytest.mark.parametrize(
    "topic",
    [
        "parking/v1/campus/entry-1",
        "parking/v2/campus/entry-1/status",
        "parking/v1/campus/entry-1/event/gold/vehicle.entered",
        "parking/v1/campus/entry-1/event/money/x",
        "parking/v1/campus/entry-1/cmd/open",
        "parking/v1/campus/entry-1/diag/fault",
        "parking/v1/campus/entry-1/diag/fault/Too Hot",
        "parking/v1/campus/entry-1/diag/secrets",
        "parking/v1/campus/entry-1/ask/open/wide",
    ],
)
def test_a_topic_no_gate_publishes_is_refused(topic):
    with pytest.raises(topics.TopicError):
        topics.parse(topic)


@pytest.fixture(scope="module")
def signer():
    return signing.Signer(Ed25519PrivateKey.generate())


@pytest.fixture
def verifier(signer):
    return signing.Verifier([signing.public_from_text(signer.public)])


def test_a_signed_message_opens_on_its_own_topic_and_on_no_other(signer, verifier):
    payload = signer.sign("a/b", '{"x":1}')
    assert verifier.open("a/b", payload) == '{"x":1}'
    with pytest.raises(signing.SignatureRefused, match="signature"):
        verifier.open("a/c", payload)


def test_a_message_of_another_key_is_refused(verifier):
    stranger = signing.Signer(Ed25519PrivateKey.generate())
    with pytest.raises(signing.SignatureRefused, match="unknown key"):
        verifier.open("a", stranger.sign("a", "{}"))


@given(st.data())
def test_no_changed_body_keeps_its_signature(signer, data):
    payload = json.loads(signer.sign("t", "the body"))
    other = data.draw(st.text(max_size=12).filter(lambda text: text != "the body"))
    verifier = signing.Verifier([signing.public_from_text(signer.public)])
    with pytest.raises(signing.SignatureRefused):
        verifier.open("t", json.dumps(payload | {"body": other}).encode())


@given(st.binary(max_size=80))
def test_garbage_is_refused_not_crashed_on(signer, payload):
    verifier = signing.Verifier([signing.public_from_text(signer.public)])
    with pytest.raises(signing.SignatureRefused):
        verifier.open("t", payload)


@pytest.mark.parametrize("payload", [b"[" * 100_000, b'{"key":"k","sig":"","body":"\\ud800"}'])
def test_deep_nesting_and_half_a_character_are_refused_not_crashed_on(verifier, payload):
    with pytest.raises(signing.SignatureRefused):
        verifier.open("t", payload)


@given(st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=10))
def test_uuid7_carries_its_time_version_and_variant(ms, random):
    text = ids.uuid7(ms, random)
    assert int(text.replace("-", "")[:12], 16) == ms
    assert text[14] == "7" and text[19] in "89ab"


def test_tickets_fit_the_entered_message_and_do_not_repeat():
    made = {ids.ticket() for _ in range(100)}
    assert len(made) == 100
    for ticket in made:
        messages.Entered(plate=None, ticket=ticket)
