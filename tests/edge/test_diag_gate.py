"""A technician with a key and a real gate at a real broker: he sees how it is, and it does what he orders."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from edge.diag import order
from edge.diag.__main__ import UNANSWERED, UNWELL, WELL, main
from tests.brokers import mosquitto
from tests.edge.test_gate import Gate
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.broker]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: (folder / name, order.make_key(folder / name).public) for name in ("ours", "strangers")}


@pytest.fixture(scope="module")
def gate(keys):
    # a Unix socket's address must be short
    with mosquitto() as broker, tempfile.TemporaryDirectory(prefix="gate-") as folder:
        gate = Gate(Path(folder), "entry", f"mqtt://127.0.0.1:{broker.port}")
        staff = f'\n[maintenance]\npublic_keys = ["{keys["ours"][1]}"]\n'
        gate.config.write_text(gate.config.read_text() + staff)
        gate.broker = f"mqtt://127.0.0.1:{broker.port}"
        try:
            gate.start()
            yield gate
        finally:
            gate.close()


def seen(gate, capsys) -> dict:
    status = main(["--broker", gate.broker, "--once", "--json"])
    [view] = json.loads(capsys.readouterr().out.splitlines()[-1])["gates"]
    return view | {"exit": status}


def ordered(gate, key, *words: str, timeout: str = "20") -> int:
    where = ["--broker", gate.broker, "--site", "main", "--gate", "entry-1"]
    return main([*where, "send", *words, "--reason", "a trial", "--key", str(key), "--timeout", timeout])


def test_he_sees_how_it_is(gate, capsys):
    wait_for(lambda: (seen(gate, capsys)["state"] or {}).get("boom") == "closed", "the boom is known to be down", 30.0)
    view = seen(gate, capsys)
    assert (view["site"], view["gate"], view["status"], view["faults"]) == ("main", "entry-1", "online", {})
    assert view["exit"] == WELL and view["about"]["lane"] == "entry"
    assert main(["--broker", gate.broker, "--gate", "entry-1", "--once"]) == WELL
    assert "inputs active" in capsys.readouterr().out


def test_a_self_test_answers_part_by_part(gate, keys, capsys):
    assert ordered(gate, keys["ours"][0], "self_test", "flash=false") in (WELL, UNWELL)
    said = capsys.readouterr().out
    assert "journal" in said and "vision" in said


def test_what_he_orders_is_done_and_what_can_not_be_is_said(gate, keys, capsys):
    assert ordered(gate, keys["ours"][0], "hold") == WELL
    wait_for(lambda: seen(gate, capsys)["state"]["boom"] == "open", "the boom is up")
    assert ordered(gate, keys["ours"][0], "hold") == UNWELL
    assert "held open already" in capsys.readouterr().out
    assert ordered(gate, keys["ours"][0], "release") == WELL
    wait_for(lambda: seen(gate, capsys)["state"]["boom"] == "closed", "the boom is down")
    assert {event.data["name"] for event in gate.events("command.done")} >= {"hold", "release"}


def test_a_strangers_key_moves_nothing(gate, keys, capsys):
    assert ordered(gate, keys["strangers"][0], "hold", timeout="3") in (UNWELL, UNANSWERED)
    assert seen(gate, capsys)["state"]["boom"] == "closed"
