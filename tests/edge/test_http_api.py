"""The API as its document tells it: each operation is asked over a real socket and its answer held to its schema."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families

from edge.http import openapi
from edge.http.operations import ACTIONS, OPERATIONS, PREFIX, Operation
from edge.protocol.maintenance import COMMANDS
from edge.protocol.messages import Reply, SessionStatus
from edge.rules.records import Fact
from tests.edge.http_gate import JPEG, LEVELS, NOW, STATE, serving
from tests.edge.journal_makers import at, entered, state

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/api/edge-openapi.json"
SESSION = "0193c000-0000-7000-8000-00000000000a"


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("gate")) as served:

        def write(journal):
            journal.record_all([Fact(entered(), SESSION)], at=at())
            journal.mirror.apply_session(state(SESSION, 1, SessionStatus.QUOTED, request=SESSION), at().wall)

        served.recorder.submit(write).result(10)
        yield served


def ask(gate, operation: Operation, who: str, query: str = ""):
    if operation.body is not None:
        return gate.order(operation.path.rsplit("/", 1)[1], who, reason="the boom is stuck")
    return gate.ask(PREFIX + operation.path + query, who)


def schema_of(operation: Operation, answer) -> dict:
    said = openapi.document()["paths"][PREFIX + operation.path][operation.method.lower()]["responses"]
    return said[str(answer.status)]["content"][answer.media_type].get("schema", {})


def hold(answer, schema: dict) -> None:
    whole = schema | {"components": openapi.document()["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json)


def test_the_checked_in_document_is_what_the_models_say():
    assert DOCUMENT.read_text(encoding="utf-8") == openapi.text(), "run python -m edge.http.openapi again"


def test_every_schema_of_the_document_is_a_json_schema():
    for schema in openapi.document()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.id != "live"], ids=lambda one: one.id)
def test_every_operation_answers_as_the_document_says(gate, operation):
    who = "viewer" if operation.scope == "live" else "mender"
    answer = ask(gate, operation, who)
    assert answer.status == 200
    schema = schema_of(operation, answer)
    if answer.media_type == "application/json":
        hold(answer, schema)
    else:
        assert answer.body


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_every_operation_is_shut_without_a_token_and_with_another_scope(gate, operation):
    wrong = {"read": "viewer", "live": "reader", "maintain": "reader"}[operation.scope]
    for who, status in ((None, 401), (wrong, 403)):
        answer = ask(gate, operation, who)
        assert answer.status == status and answer.media_type == "application/problem+json"
        hold(answer, schema_of(operation, answer))
        assert operation.scope in answer.json["detail"] or "Bearer TOKEN" in answer.json["detail"]
        assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_the_document_over_http_is_the_checked_in_one(gate):
    assert gate.ask("/api/v1/openapi.json", "reader").json == json.loads(DOCUMENT.read_text(encoding="utf-8"))


def test_the_status_says_what_the_gate_does_and_whether_it_is_idle(gate):
    status = gate.ask("/api/v1/status", "reader").json
    assert status["boom"] == "closed" and status["faults"] == ["mains_failed"] and status["outbox"] == 7
    assert status["figures"]["reads"] == 7 and status["process"]["complaints"] == ["too_hot"]
    assert status["idle"] is False  # somebody is in the lane


def test_a_plate_is_masked_but_for_who_may_see_plates(gate):
    assert gate.ask("/api/v1/status", "reader").json["plate"] == {"text": "MH••••••34", "confidence": 0.98}
    assert gate.ask("/api/v1/status", "police").json["plate"]["text"] == "MH12AB1234"
    older = gate.ask("/status.json", "hush")
    assert older.json["plate"]["text"] == "MH••••••34" and "12AB" not in older.body.decode()
    assert "I2AB" not in older.body.decode()


def test_an_input_tells_since_when_it_has_its_level(gate):
    before = {one["name"]: one for one in gate.ask("/api/v1/inputs", "reader").json["inputs"]}
    assert set(before) == set(LEVELS) and before["arming_loop"] == {
        "name": "arming_loop",
        "active": True,
        "since": None,
    }
    later = NOW + timedelta(seconds=5)
    gate.panel.state = STATE.model_copy(update={"inputs": LEVELS | {"photocell": True}, "wall": later})
    gate.panel.state = STATE.model_copy(
        update={"inputs": LEVELS | {"photocell": True}, "wall": later + timedelta(seconds=9), "outbox": 8}
    )
    after = {one["name"]: one for one in gate.ask("/api/v1/inputs", "reader").json["inputs"]}
    assert after["photocell"] == {"name": "photocell", "active": True, "since": "2026-11-24T06:30:05Z"}
    assert after["arming_loop"]["since"] is None
    gate.panel.state = STATE


def test_the_snapshot_is_the_newest_picture(gate):
    answer = gate.ask("/api/v1/snapshot", "viewer")
    assert answer.body == JPEG and answer.media_type == "image/jpeg"
    kept, gate.panel.snapshot = gate.panel.snapshot, None
    assert gate.ask("/api/v1/snapshot", "viewer").status == 404
    gate.panel.snapshot = kept


def test_figures_are_told_to_prometheus_in_base_units(gate):
    answer = gate.ask("/api/v1/metrics", "reader")
    told = {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }
    assert told["parkmeter_plate_reads_total", ()] == 7.0
    assert told["parkmeter_plate_read_seconds", ()] == pytest.approx(0.1805)
    assert told["parkmeter_boom_state", ("closed",)] == 1.0 and told["parkmeter_boom_state", ("open",)] == 0.0
    assert told["parkmeter_input_active", ("arming_loop",)] == 1.0
    assert told["parkmeter_fault_active", ("mains_failed",)] == 1.0
    assert told["parkmeter_vehicles_inside", ()] == 1.0 and told["parkmeter_broker_connected", ()] == 1.0
    assert told["parkmeter_gate_info", ("0.1.0", "exit", "exit-1", "main")] == 1.0
    assert told["process_resident_memory_bytes", ()] > 0


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_is_a_command_and_is_given_with_who_and_why(gate, name):
    assert name in COMMANDS
    gate.given.clear()
    answer = gate.order(name, reason="  a cable was changed  ")
    assert answer.status == 200 and answer.json == {"verdict": "done", "reason": "", "result": None}
    [given] = gate.given
    assert (given.name, given.by) == (name, "http mender: a cable was changed")
    noted = gate.recorder.submit(lambda journal: journal.seen_command(given.cmd_id)).result(10)
    assert noted


def test_what_an_action_found_and_that_it_goes_on_are_told(gate):
    gate.replies["self_test"] = Reply(verdict="done", result={"checks": [["journal", True, ""]]})
    gate.replies["snapshot"] = Reply(verdict="accepted", reason="not done within 5 s")
    assert gate.order("self_test", reason="monthly check", flash=False).json["result"]["checks"]
    assert gate.given[-1].args["flash"] is False
    assert gate.order("snapshot", reason="monthly check").status == 202


def test_a_refused_action_says_why(gate):
    gate.replies["close"] = Reply(verdict="rejected", reason="a vehicle is under the boom")
    answer = gate.order("close", reason="end of the day")
    assert answer.status == 409 and answer.json["detail"] == "close was refused: a vehicle is under the boom"
