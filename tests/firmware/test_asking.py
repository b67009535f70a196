"""What the update script asks a gate: whether it may be stopped, and whether it came up well."""

from __future__ import annotations

import http.server
import json
import threading

import pytest

from edge.life import asking
from edge.life.asking import NO, SILENT, USAGE, YES, GateIs
from edge.life.new_life import main as new_life
from tests.firmware.gate_root import GateRoot

# as /status.json tells it, all in one; as /api/v1/status does, the process by itself
FLAT = {"boom": "closed", "visit": None, "boot": "b1", "version": "1.0", "vision": "ready"}
NESTED = {"boom": "closed", "visit": None, "process": {"boot": "b1", "version": "1.0", "vision": "ready"}}


@pytest.mark.parametrize("told", [FLAT, NESTED])
def test_both_shapes_of_the_status_are_understood(told):
    assert GateIs.of(told) == GateIs("closed", False, "b1", "1.0", True)


@pytest.mark.parametrize(
    "changes, why",
    [
        ({}, ""),
        ({"boom": "fault"}, ""),
        ({"boom": "opening"}, "the boom is opening: expected closed or fault"),
        ({"boom": "open"}, "the boom is open: expected closed or fault"),
        ({"boom": None}, "the boom is not known yet: expected closed or fault"),
        ({"visit": "0192"}, "a vehicle is in the lane"),
    ],
)
def test_a_gate_may_be_stopped_only_while_nothing_moves_and_nobody_is_there(changes, why):
    assert GateIs.of(FLAT | changes).busy() == why


@pytest.mark.parametrize(
    "changes, why",
    [
        ({}, ""),
        ({"boot": "b0"}, "the gate has not been started anew"),
        ({"version": "0.9"}, "the gate is version 0.9: expected 1.0"),
        ({"boom": "boot"}, "the gate does not know its boom yet"),
        ({"vision": "down"}, "the gate does not read plates yet"),
    ],
)
def test_a_gate_is_well_when_the_new_version_knows_its_boom_and_reads(changes, why):
    assert GateIs.of(FLAT | changes).unwell("1.0", "b0", True) == why


class Older(http.server.BaseHTTPRequestHandler):
    """A gate of a version that had /status.json alone."""

    def do_GET(self) -> None:
        good = self.headers["Authorization"] == "Bearer hush"
        known = self.path == "/status.json"
        self.send_response((200 if good else 401) if known else 404)
        self.end_headers()
        if good and known:
            self.wfile.write(json.dumps(FLAT).encode())

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture
def older(folder, pattern):
    made = GateRoot(folder, like=pattern)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Older) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        made.port = server.server_address[1]
        made.fill_in_settings()
        yield made
        server.shutdown()
        thread.join()


def test_a_gate_of_an_older_version_is_asked_by_its_older_page(older, capsys):
    config = ["--config", str(older.config)]
    assert asking.main(["idle", *config]) == YES and capsys.readouterr().out == "idle\n"
    assert asking.main(["boot", *config]) == YES and capsys.readouterr().out == "b1\n"
    assert asking.main(["vision", *config]) == YES
    assert asking.main(["well", *config, "--version", "2.0"]) == NO
    assert "expected 2.0" in capsys.readouterr().out


def test_a_wrong_token_is_named_and_a_missing_one_too(older, capsys):
    wrong = older.folder / "wrong"
    wrong.write_text("loud\n")
    config = ["--config", str(older.config)]
    assert asking.main(["idle", *config, "--token-file", str(wrong)]) == SILENT
    assert "401" in capsys.readouterr().out
    older.config.write_text(older.config.read_text().replace('token_file = "update.token"', ""))
    assert asking.main(["idle", *config]) == USAGE
    assert "no http.token_file" in capsys.readouterr().err


def test_a_gate_that_does_not_run_is_silent(folder, pattern, capsys):
    made = GateRoot(folder, like=pattern)
    made.fill_in_settings()
    assert asking.main(["idle", "--config", str(made.config)]) == SILENT
    assert "the gate does not answer" in capsys.readouterr().out


def test_what_is_no_journal_gets_no_new_life(tmp_path, capsys):
    (tmp_path / "journal.db").write_text("not one")
    assert new_life([str(tmp_path / "journal.db")]) == 1
    assert new_life([str(tmp_path / "none.db")]) == 1
    assert capsys.readouterr().err.count("\n") == 2
    assert new_life([]) == 2
