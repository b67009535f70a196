"""The gate's pages: what a driver sees, what stays shut, and that a hostile plate is only text."""

from __future__ import annotations

import json
import socket
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from edge.http import words as display_words
from edge.http.app import HttpError, HttpServer, HttpSettings, create_app, qr
from edge.journal.journal import Journal
from edge.panel import Panel
from edge.protocol.messages import GateNotice
from edge.rules.access import Reason
from edge.rules.display import Display, Screen
from tests.edge.journal_makers import at, entered

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
TICKET = Display(Screen.TICKET, plate="MH12AB1234", ticket="ABCDEFGHJKMNPQRSTUVWXYZ234")
PAY = Display(
    Screen.PAY,
    plate="MH12AB1234",
    amount_paise=12345650,
    pay_url="https://park.example.org/t/x",
    entered_at=NOW - timedelta(hours=2, minutes=5),
    stopped_at=NOW,
)
STAFF = {"Authorization": "Bearer hush"}


@pytest.fixture
def settings(tmp_path):
    return HttpSettings(
        gate="exit-1",
        site="main",
        name="South exit",
        lane="exit",
        journal=tmp_path / "journal.db",
        token="hush",
        public_url="https://park.example.org",
        languages=("en", "hi"),
    )


@pytest.fixture
def panel():
    return Panel()


@pytest.fixture
def client(settings, panel):
    return create_app(settings, panel, lambda: {"connected": True}).test_client()


def test_an_entry_shows_the_ticket_as_a_code_to_scan(client, panel):
    panel.display = TICKET
    shown = client.get("/display.json").json
    assert shown["ticket_url"] == f"https://park.example.org/t/{TICKET.ticket}"
    page = client.get("/display").text
    assert "<svg" in page and "MH 12 AB 1234" in page and "Please drive in" in page and "कृपया अंदर जाएँ" in page


def test_an_exit_shows_amount_time_and_a_code_to_pay(client, panel):
    panel.display = PAY
    page = client.get("/display").text
    assert "₹1,23,456.50" in page and "2 h 05 min" in page and "<svg" in page
    assert client.get("/display.json").json["pay_url"] == PAY.pay_url


def test_the_display_is_asked_again_for_nothing_while_it_is_the_same(client, panel):
    first = client.get("/display.json")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/display.json", headers=tag).status_code == 304
    panel.display = PAY
    assert client.get("/display.json", headers=tag).status_code == 200


def test_the_page_works_without_javascript_and_runs_nothing_inline(client, panel):
    for display in (Display(), TICKET, PAY):
        panel.display = display
        answer = client.get("/display")
        assert '<noscript><meta http-equiv="refresh"' in answer.text
        assert "style=" not in answer.text and "<style" not in answer.text and "onclick" not in answer.text
        assert answer.text.count("<script") == answer.text.count("<script src=")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "{{7*7}}", "';--"])
def test_a_hostile_plate_is_only_text(client, panel, hostile):
    panel.display = replace(PAY, plate=hostile, note=hostile)
    page = client.get("/display").text
    assert "<script>" not in page and "<img" not in page and "49" not in page
    assert "nosniff" in client.get("/display.json").headers["X-Content-Type-Options"]


@pytest.mark.parametrize("page", ["/status.json", "/snapshot.jpg", "/journal.json"])
def test_all_but_the_display_needs_the_token(client, settings, panel, page):
    assert client.get(page).status_code == 401
    assert client.get(page, headers={"Authorization": "Bearer wrong"}).status_code == 401
    shut = create_app(replace(settings, token=None), panel, dict).test_client()
    assert shut.get(page, headers={"Authorization": "Bearer "}).status_code == 403


def test_a_gate_may_serve_no_display(settings, panel):
    client = create_app(replace(settings, display=False), panel, dict).test_client()
    assert client.get("/display").status_code == 404
    assert client.get("/display.json").status_code == 404


def test_status_tells_staff_what_the_gate_knows_of_itself(client, panel):
    panel.figures = {"reads": 7}
    status = client.get("/status.json", headers=STAFF).json
    assert status["gate"] == "exit-1" and status["reads"] == 7 and status["connected"] is True


def test_the_snapshot_is_the_newest_picture(client, panel, tmp_path):
    assert client.get("/snapshot.jpg", headers=STAFF).status_code == 404
    picture = tmp_path / "live.jpg"
    picture.write_bytes(b"\xff\xd8picture")
    panel.snapshot = picture
    with client.get("/snapshot.jpg", headers=STAFF) as answer:
        assert answer.data == b"\xff\xd8picture" and answer.mimetype == "image/jpeg"


def test_the_journal_is_read_page_by_page(client, settings):
    journal = Journal.open(settings.journal, gate="exit-1", at=at())
    for n in range(5):
        journal.record(GateNotice(code=f"notice_{n}"), at=at(n))
    journal.close()
    first = client.get("/journal.json?limit=2", headers=STAFF).json
    assert [line["event"]["data"]["code"] for line in first["lines"]] == ["notice_4", "notice_3"]
    rest = client.get(f"/journal.json?limit=5&before={first['next']}", headers=STAFF).json
    assert [line["event"]["data"]["code"] for line in rest["lines"]] == ["notice_2", "notice_1", "notice_0"]
    assert rest["next"] is None


@pytest.mark.parametrize("query", ["limit=0", f"limit={'1' * 5000}", "limit=x", "limit=99999", "before=-1", "limit=٣"])
def test_a_bad_question_is_refused_with_what_is_expected(client, query):
    answer = client.get(f"/journal.json?{query}", headers=STAFF)
    assert answer.status_code == 400 and "expected a whole number" in answer.json["error"]


def test_a_ticket_in_the_journal_is_masked_for_it_opens_its_stay_s_page(client, settings):
    journal = Journal.open(settings.journal, gate="exit-1", at=at())
    ticket = journal.record(what := entered(), at=at()).data["ticket"]
    journal.close()
    answer = client.get("/journal.json", headers=STAFF)
    assert answer.json["lines"][0]["event"]["data"]["ticket"] == f"{what.ticket[:4]}…"
    assert ticket == what.ticket and ticket not in answer.text


def test_an_address_too_long_for_a_code_is_shown_without_one(client, panel):
    panel.display = replace(PAY, pay_url="https://park.example.org/" + "a" * 3000)
    answer = client.get("/display")
    assert answer.status_code == 200 and "₹1,23,456.50" in answer.text and 'class="qr"' not in answer.text


def test_a_missing_journal_is_said(client):
    assert client.get("/journal.json", headers=STAFF).status_code == 503


@pytest.mark.parametrize("screen, language, reason", list(product(Screen, ("en", "hi"), [None, *Reason])))
def test_every_screen_has_words_in_every_language(screen, language, reason):
    for called in (False, True):
        headline, line = display_words.lines(Display(screen, reason=reason, called=called), language)
        assert headline and line


@pytest.mark.parametrize(
    "paise, text",
    [
        (0, "₹0"),
        (5, "₹0.05"),
        (17000, "₹170"),
        (100000, "₹1,000"),
        (12345678900, "₹12,34,56,789"),
        (9999999, "₹99,999.99"),
    ],
)
def test_rupees_are_written_as_in_india(paise, text):
    assert display_words.rupees(paise) == text


def test_times_and_plates_are_written_for_people():
    assert display_words.stayed(NOW - timedelta(days=9, hours=3), NOW) == "9 d 3 h"
    assert display_words.stayed(NOW - timedelta(minutes=7, seconds=59), NOW) == "7 min"
    assert display_words.stayed(None, NOW) == "" and display_words.stayed(NOW, NOW - timedelta(1)) == ""
    assert display_words.spaced("22BH1234AA") == "22 BH 1234 AA"


def test_a_code_is_drawn_without_inline_style():
    drawn = qr("https://park.example.org/t/x")
    assert drawn.startswith("<svg") and "style" not in drawn and 'class="qr"' in drawn


def test_the_server_serves_until_stopped_and_a_taken_port_is_said(settings, panel):
    app = create_app(settings, panel, dict)
    server = HttpServer(app, "127.0.0.1", 0)
    server.start()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/display.json", timeout=10) as answer:
        assert json.load(answer)["screen"] == "welcome"
    with pytest.raises(HttpError, match=f"port {server.port} on 127.0.0.1 can't be used"):
        HttpServer(app, "127.0.0.1", server.port)
    server.stop()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=2):
        pass
