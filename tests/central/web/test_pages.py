"""What all pages share: headers, errors, how values are written, and words for every word of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from central.rules.attempt import AttemptStatus
from central.rules.due import DueStatus
from central.rules.stay_table import Status
from central.web import create_app, pages, words
from central.web.polls import GAP_S, Polls
from edge.protocol.messages import EVENTS, EntryHow, ExitHow
from tests.central.web.fields import wrong


def test_every_page_guards_itself(client):
    headers = client.get("/ticket").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_over_https_cookies_are_bound_to_the_host(web_settings, park):
    app = create_app(web_settings.model_copy(update={"public_url": "https://park.example"}))
    answer = app.test_client().get("/ticket", base_url="https://park.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-parkmeter=") and "Domain" not in cookie
    assert all(words in cookie for words in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    app.extensions["parkmeter"].database.close()


@pytest.mark.parametrize("path", ["/ticket", "/login", "/p/x", "/nowhere", "/t/x"])
def test_no_page_carries_a_script_or_a_style_of_its_own(client, path):
    page = client.get(path).text
    assert "<style" not in page and " style=" not in page and "<script>" not in page and " on" + "click" not in page


def test_a_wrong_link_and_a_missing_page_say_what_to_do(client):
    wrong = client.get("/p/AAAA")
    assert wrong.status_code == 404 and "ask the attendant" in wrong.text and "Enter a ticket code" in wrong.text
    assert client.get("/nowhere").status_code == 404
    assert client.get("/api/v1/nowhere").json["detail"]


def test_a_forged_link_and_one_of_a_stay_that_is_gone_get_the_same_bytes(client, links):
    gone = f"/p/{links.pay_token('01a20f00-95f9-73f3-9e84-0b73d9f35e4f')}"
    assert client.get(gone).data == client.get("/p/" + "A" * 43).data


def test_a_ticket_code_that_is_none_of_ours_is_said_so_beside_its_field(client):
    token = client.get("/ticket").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post("/ticket", data={"csrf_token": token, "ticket": '"><b>22222'})
    [field] = wrong(answer.text)
    assert answer.status_code == 404 and field[:2] == ("ticket", '"><b>22222') and "<b>22222" not in answer.text
    assert "not one of ours" in field.said


def test_guessing_ticket_codes_is_stopped(client):
    token = client.get("/ticket").text.split('name="csrf_token" value="')[1].split('"')[0]
    codes = [client.post("/ticket", data={"csrf_token": token, "ticket": f"{n:026}"}).status_code for n in range(22)]
    assert codes == [404] * 20 + [429] * 2


def test_a_failure_of_ours_says_that_nothing_was_half_done(app):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.extensions["parkmeter"].database.close()
    app.extensions["parkmeter"].database.read = None
    answer = app.test_client().get("/t/x")
    assert answer.status_code == 500 and "Nothing was half done" in answer.text


@pytest.mark.parametrize(
    ("text", "shown"), [("MH12AB1234", "MH 12 AB 1234"), ("22BH1234AA", "22 BH 1234 AA"), (None, "unread"), ("A", "A")]
)
def test_a_plate_is_written_in_its_groups(text, shown):
    assert pages.plate_groups(text) == shown


def test_times_are_those_of_the_site():
    at, zone = datetime(2026, 11, 24, 20, 5, 9, tzinfo=UTC), ZoneInfo("Asia/Kolkata")
    assert pages.local(at, zone) == "25 Nov 2026, 01:35"
    assert pages.exact(at, zone) == "25 Nov, 01:35:09"
    assert pages.clock(at, zone) == "01:35"
    assert [pages.span(timedelta(minutes=m)) for m in (0, 59, 64, 60 * 51)] == [
        "under 1 min",
        "59 min",
        "1 h 4 min",
        "2 d 3 h",
    ]


def test_the_provider_is_asked_at_most_every_so_often_about_one_attempt():
    at = [0.0]
    polls = Polls(lambda: at[0])
    assert [polls.may("a"), polls.may("a"), polls.may("b")] == [True, False, True]
    at[0] = GAP_S
    assert polls.may("a")


def test_every_word_of_ours_has_one_for_people(app):
    with app.test_request_context():
        for known, table in (
            (Status, words.STAY),
            (Status, words.STAY_COLOUR),
            (DueStatus, words.DUE),
            (AttemptStatus, words.ATTEMPT),
            ((*EntryHow, *ExitHow), words.HOW),
            (EVENTS, words.EVENT),
        ):
            assert {str(word) for word in known} <= set(table)
        assert words.say(words.STAY, "a_new_word") == "a new word"
