"""The technician's terminal: what gates tell becomes a table, and orders go out signed and well formed."""

from __future__ import annotations

import io
import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from edge.diag import order, pages
from edge.diag.__main__ import USAGE, main
from edge.diag.order import OrderError
from edge.diag.site import GateView, Site, shown
from edge.protocol.ids import uuid7
from edge.protocol.messages import About, Command, FaultState, GateHealth, GateState, LogLine, Reply, Status
from edge.protocol.signing import Verifier, public_from_text
from edge.protocol.topics import GateTopics
from tests.edge.journal_makers import BOOT

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
TOPICS = GateTopics("college", "entry-1")
STATE = GateState(boom="closed", mode="normal", inputs={"arming_loop": True, "valid": True}, outbox=3, wall=NOW)
STOP = FaultState(code="stop_pressed", severity="fault", since=NOW - timedelta(hours=2), detail="wire 12")


def heard(*messages) -> Site:
    site = Site()
    for topic, message in messages:
        site.hear(topic, message if isinstance(message, bytes) else message.encode(), True, NOW)
    return site


def printed(page) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(page)
    return console.file.getvalue()


def test_a_gate_is_shown_as_it_tells_of_itself():
    site = heard(
        (TOPICS.status, Status(state="online", boot=BOOT)),
        (TOPICS.state, STATE),
        (TOPICS.health, GateHealth(uptime_s=90, outbox=3, vision="ready", temperature_c=61.4, read_rate=0.97,
                                   read_p50_ms=180.2, read_p95_ms=300.0, oldest_s=120)),
        (TOPICS.fault("stop_pressed"), STOP),
    )  # fmt: skip
    [view] = site.gates
    line = printed(pages.overview(site.gates, NOW))
    for word in ("college/entry-1", "online", "closed", "stop_pressed", "3 (2 min)", "61", "97%", "180/300"):
        assert word in line
    page = printed(pages.details(view, NOW))
    assert "wire 12" in page and "release the stop" in page and "arming_loop" in page


def test_a_fault_that_is_over_is_shown_no_more():
    site = heard((TOPICS.fault("stop_pressed"), STOP), (TOPICS.fault("stop_pressed"), b""))
    assert site.gates[0].codes == []


def test_what_nobody_can_understand_changes_nothing_and_is_counted():
    site = heard((TOPICS.state, STATE), (TOPICS.state, b"{"), ("parking/v1/x", b""), (TOPICS.ack, b"{}"))
    assert site.gates[0].state == STATE and site.strange == 3


def test_a_hostile_text_does_not_move_the_cursor():
    evil = "\x1b[2J\x1b]0;owned\x07" + "x" * 500
    site = heard(
        (TOPICS.state, STATE.model_copy(update={"message": evil, "boom": evil})),
        (TOPICS.about, About(version=evil, lane="entry", name=evil)),
        (TOPICS.log, LogLine(wall=NOW, level="error", logger=evil, text=evil)),
    )
    page = printed(pages.details(site.gates[0], NOW))
    assert "\x1b" not in page and "\x07" not in page
    assert shown("a\nb\r[red]c") == "a?b?[red]c"


def test_markup_in_a_name_is_shown_as_it_is():
    site = heard((TOPICS.about, About(version="1", lane="entry", name="[red]Gate[/red]")))
    assert "[red]Gate[/red]" in printed(pages.details(site.gates[0], NOW))


def test_a_gate_is_well_when_it_is_there_and_nothing_is_wrong():
    view = GateView("college", "entry-1")
    assert not view.well
    view.status = Status(state="online", boot=BOOT)
    assert view.well
    view.state = STATE.model_copy(update={"faults": ("disk_full",)})
    assert not view.well and view.codes == ["disk_full"]


def test_a_key_is_made_once_for_its_owner_alone_and_signs_what_a_gate_accepts(tmp_path):
    path = tmp_path / "key.pem"
    public = order.make_key(path).public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(OrderError, match="exists"):
        order.make_key(path)
    args = order.arguments(["level=debug", "minutes=5"], "why")
    cmd_id, topic, payload = order.signed(TOPICS, BOOT, "log_level", args, "ravi", order.read_key(path), NOW)
    command = Command.decode(Verifier([public_from_text(public)]).open(topic, payload))
    assert (command.cmd_id, command.boot, command.by) == (cmd_id, BOOT, "ravi")
    assert command.args == {"level": "debug", "minutes": 5, "reason": "why"}
    assert timedelta(0) < command.not_after - NOW < timedelta(minutes=1)


@pytest.mark.parametrize(
    "name, words, wrong",
    [
        ("open", ["fast=yes"], "unknown argument 'fast'"),
        ("log_level", ["level=loud"], "level"),
        ("log_level", ["5"], "expected NAME=VALUE"),
        ("fly", [], "unknown command"),
    ],
)
def test_an_order_that_no_gate_would_take_is_refused_before_it_is_sent(tmp_path, name, words, wrong):
    signer = order.make_key(tmp_path / "key.pem")
    with pytest.raises(OrderError, match=wrong):
        order.signed(TOPICS, BOOT, name, order.arguments(words, "why"), "ravi", signer, NOW)


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_named(tmp_path, content):
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    with pytest.raises(OrderError, match=r"key\.pem.*expected an Ed25519"):
        order.read_key(path)


@pytest.mark.parametrize(
    "words, wrong",
    [
        (["--broker", "http://x"], "expected mqtt://host"),
        (["--broker", "mqtt://127.0.0.1:1"], "can't be reached"),
        (["--site", "#"], "site '#'"),
        (["--json"], "--json needs --once"),
        (["fault", "gremlins"], "no fault 'gremlins'"),
        (["send", "open", "--reason", "x", "--key", "nowhere"], "expected --site and --gate"),
        (["--site", "a", "--gate", "b", "send", "open", "--reason", "x", "--key", "nowhere"], "can't be read"),
    ],
)
def test_what_it_can_not_do_it_says_in_a_line(capsys, words, wrong):
    assert main(words) == USAGE
    said = capsys.readouterr().err
    assert wrong in said and said.count("\n") == 1


def test_the_catalogue_is_there_without_a_broker(capsys):
    assert main(["fault", "stop_pressed"]) == 0
    assert "emergency stop" in capsys.readouterr().out


def test_the_view_for_programs_is_plain_json():
    done = (TOPICS.reply(uuid7()), Reply(verdict="done"))
    site = heard((TOPICS.state, STATE), (TOPICS.fault("stop_pressed"), STOP), done)
    told = json.loads(json.dumps(pages.as_json(site.gates[0])))
    assert told["state"]["outbox"] == 3 and told["faults"]["stop_pressed"]["detail"] == "wire 12"
