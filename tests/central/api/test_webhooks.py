"""Webhooks: told once the fact is there, signed, tried again, given up, sent again; never to where they may not go."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from central import webhooks
from central.actions import webhook_endpoints, webhooks_out
from central.actions.errors import Refused
from central.actions.queue import enqueue
from central.jobs import KINDS, STANDING, Desk, run_one
from central.payments.choose import provider
from central.settings import WebhookSettings
from central.store.schema import ApiEvent, WebhookDelivery
from edge.protocol.messages import ExitWithdrawn
from tests.central.api.receivers import Receiver, certified, receiving
from tests.central.api.test_the_door import is_problem
from tests.central.car_park import SITE, START, minutes
from tests.central.visits import enter, leave, request

ANY = [event for event in webhooks_out.EVENTS if event != "test"]


@pytest.fixture
def database(databases):
    return databases


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def send(park, web_settings, at: datetime = START) -> None:
    webhooks.send_due(park.db, web_settings, at)


def added(program, url: str, *events: str) -> dict:
    answer = program().post("/webhooks", {"url": url, "events": list(events or ANY)})
    assert answer.status_code == 201, answer.text
    return answer.json


def deliveries(program, hook: dict) -> list[dict]:
    return program().get(f"/webhooks/{hook['id']}/deliveries").json["deliveries"]


def test_an_endpoint_is_told_signed_and_once(program, park, receiver, web_settings):
    hook = added(program, receiver.url, "stay.entered")
    stay, _ = enter(park)
    for _ in range(2):
        send(park, web_settings)
    assert len(receiver.got) == 1 and receiver.signed(hook["secret"])
    headers, body = receiver.got[0]
    told = json.loads(body)
    assert (told["type"], told["subject"], told["site"]) == ("stay.entered", stay, SITE)
    assert told["data"]["plate_masked"] == "******1234" and b"DL1CAB" not in body
    assert headers["content-type"] == "application/json" and int(headers["webhook-timestamp"]) == START.timestamp()
    (one,) = deliveries(program, hook)
    assert (one["id"], one["state"], one["attempts"], one["last_status"]) == (headers["webhook-id"], "done", 1, 200)


def test_what_is_rolled_back_is_told_to_nobody(program, park):
    added(program, "https://example.org/hook")
    with pytest.raises(ZeroDivisionError), park.db.begin() as session:
        webhooks_out.queue(session, "stay.entered", SITE, "x", START)
        raise ZeroDivisionError
    with park.db.read() as session:
        assert (session.query(ApiEvent).count(), session.query(WebhookDelivery).count()) == (0, 0)


def test_a_failed_try_is_repeated_later_under_the_same_id_with_a_new_time(program, park, receiver, web_settings):
    hook = added(program, receiver.url, "stay.entered")
    receiver.answers = [500, 200]
    enter(park)
    send(park, web_settings)
    (one,) = deliveries(program, hook)
    assert (one["state"], one["attempts"]) == ("waiting", 1) and "500" in one["last_error"]
    send(park, web_settings, START + timedelta(seconds=4))
    assert len(receiver.got) == 1
    send(park, web_settings, START + timedelta(seconds=5))
    first, second = (headers for headers, _ in receiver.got)
    assert first["webhook-id"] == second["webhook-id"] and first["webhook-timestamp"] != second["webhook-timestamp"]
    assert receiver.signed(hook["secret"]) and deliveries(program, hook)[0]["state"] == "done"


def test_after_the_last_try_it_is_dead_with_the_reason_and_can_be_sent_again(program, park, receiver, web_settings):
    hook = added(program, receiver.url, "stay.entered")
    receiver.answers = [503]
    enter(park)
    at = START
    for wait in (timedelta(0), *webhook_endpoints.BACK_OFF):
        at += wait
        send(park, web_settings, at)
    (one,) = deliveries(program, hook)
    assert (one["state"], one["attempts"]) == ("dead", len(webhook_endpoints.BACK_OFF) + 1) and "503" in one[
        "last_error"
    ]
    send(park, web_settings, at + timedelta(days=9))
    tries = len(receiver.got)
    receiver.answers = [204]
    again = program().post(f"/webhooks/{hook['id']}/deliveries/{one['id']}/again")
    assert (again.status_code, again.json["state"], again.json["attempts"]) == (200, "waiting", 0)
    send(park, web_settings, datetime.now(UTC))
    assert (len(receiver.got), deliveries(program, hook)[0]["state"]) == (tries + 1, "done")


def test_one_that_is_away_does_not_hold_up_another(program, park, receiver, web_settings, monkeypatch):
    monkeypatch.setattr(webhooks, "TIMEOUT_S", 0.3)
    hook = added(program, receiver.url, "stay.entered")
    away = added(program, "http://127.0.0.1:1/", "stay.entered")
    for at in range(3):
        enter(park, at, text=f"DL1CAB{at:04}")
    send(park, web_settings, minutes(5))
    assert [one["state"] for one in deliveries(program, hook)] == ["done"] * 3
    told = deliveries(program, away)
    assert [one["attempts"] for one in told] == [0, 0, 1] and told[2]["last_error"]


def test_no_redirect_is_followed(program, park, receiver, web_settings):
    hook = added(program, receiver.url, "stay.entered")
    with receiving() as elsewhere:
        receiver.answers, receiver.location = [307], elsewhere.url
        enter(park)
        send(park, web_settings)
        assert elsewhere.got == []
    assert "redirect" in deliveries(program, hook)[0]["last_error"]


def test_who_does_not_answer_is_not_waited_for(program, park, receiver, web_settings, monkeypatch):
    monkeypatch.setattr(webhooks, "TIMEOUT_S", 0.3)
    receiver.hold = threading.Event()
    hook = added(program, receiver.url, "stay.entered")
    enter(park)
    send(park, web_settings)
    assert "no answer within" in deliveries(program, hook)[0]["last_error"]


NO_ADDRESSES = (
    "http://example.org/hook", "https://user:secret@example.org/", "https://example.org/#there", "//example.org",
    "ftp://example.org/", "https:///hook", "https://example.org:0/", "https://example.org:99999/", "https://éa.org/",
    "https://exa mple.org/", "https://example.org/\r\nX: y", "http://127.0.0.1.example.org/",
)  # fmt: skip
IN_THE_OFFICE = (
    "127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "[::ffff:10.0.0.1]", "[fd00::1]", "[fe80::1]", "[2002:7f00:1::]", "2130706433", "0x7f.1", "224.0.0.1",
)  # fmt: skip


def test_an_address_that_may_not_be_one_is_refused_when_it_is_added(program):
    made = program()
    for url in NO_ADDRESSES:
        with pytest.raises(Refused, match="webhook address"):
            webhooks.checked(url, WebhookSettings(http_on_loopback=True))
        assert made.post("/webhooks", {"url": url, "events": ANY}).status_code in (409, 422)


@pytest.mark.parametrize("host", IN_THE_OFFICE)
def test_nothing_is_sent_into_the_office_however_its_address_is_written(host):
    status, why = webhooks.post(f"https://{host}/", b"{}", {}, WebhookSettings())
    assert status is None and ("not a public address" in why or "leads nowhere" in why)


def test_http_on_this_machine_needs_its_setting(receiver):
    assert "https" in webhooks.post(receiver.url, b"{}", {}, WebhookSettings())[1]
    assert webhooks.post(receiver.url, b"{}", {}, WebhookSettings(http_on_loopback=True)) == (200, "")


def test_https_is_checked_against_the_name_and_an_authority(tmp_path, monkeypatch):
    trusted = certified(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted[0]))
    ours = WebhookSettings(http_on_loopback=True)
    with receiving(trusted) as receiver:
        at = receiver.url.replace("127.0.0.1", "localhost")
        assert webhooks.post(at, b"{}", {}, ours) == (200, "")
        assert receiver.got[0][0]["host"] == at.split("/")[2]
        assert "certificate" in webhooks.post(receiver.url, b"{}", {}, ours)[1]  # it is no certificate of 127.0.0.1
    (tmp_path / "other").mkdir()
    with receiving(certified(tmp_path / "other", "localhost")) as receiver:
        assert "certificate" in webhooks.post(receiver.url.replace("127.0.0.1", "localhost"), b"{}", {}, ours)[1]
        assert receiver.got == []


def test_a_new_secret_signs_from_then_on(program, park, receiver, web_settings):
    from central import keys

    hook = added(program, receiver.url, "stay.entered")
    with park.db.begin() as session:
        row = webhook_endpoints.new_secret(session, hook["id"], START, "asha")
    secret = webhook_endpoints.secret_of(keys.read(web_settings, keys.LINKS), row)
    enter(park)
    send(park, web_settings)
    assert secret != hook["secret"] and receiver.signed(secret)


def test_an_ended_endpoint_is_told_nothing_of_what_waits_neither(program, park, receiver, web_settings):
    hook = added(program, receiver.url, "stay.entered")
    enter(park)
    assert program().delete(f"/webhooks/{hook['id']}").status_code == 204
    send(park, web_settings)
    assert receiver.got == [] and is_problem(program().get(f"/webhooks/{hook['id']}"), 404)


def test_each_fact_of_a_visit_is_told(program, park, receiver, web_settings):
    added(program, receiver.url)
    stay, _ = enter(park)
    asked = request(park, 50)
    (due,) = park.dues(stay)
    park.pay(due.id, minutes(51))
    leave(park, 52)
    park.hear(park.exit.report(ExitWithdrawn(request=asked), minutes(53)))
    send(park, web_settings, minutes(60))
    types = [json.loads(body)["type"] for _, body in receiver.got]
    assert types == ["stay.entered", "stay.exit_requested", "payment.captured", "stay.exited"]
    paid = json.loads(receiver.got[2][1])
    assert (paid["subject"], paid["data"]["amount_paise"], paid["data"]["stay_id"]) == (due.id, 170_00, stay)


def test_a_token_for_one_site_neither_sees_nor_makes_webhooks_of_others(program, park):
    wide = added(program, "https://example.org/all")
    narrow = program(sites=(SITE,))
    assert narrow.get("/webhooks").json["webhooks"] == []
    is_problem(narrow.delete(f"/webhooks/{wide['id']}"), 404)
    own = narrow.post("/webhooks", {"url": "https://example.org/own", "events": ["stay.entered"]}).json
    assert own["sites"] == [SITE] and [one["id"] for one in narrow.get("/webhooks").json["webhooks"]] == [own["id"]]
    is_problem(narrow.post("/webhooks", {"url": "https://x.org/", "events": ["test"], "sites": ["pune"]}), 404)


def test_the_jobs_process_sends_them(park, program, receiver, web_settings):
    hook = added(program, receiver.url, "stay.entered")
    enter(park)
    desk, now = Desk(park.db, web_settings, provider(web_settings)), datetime.now(UTC)
    with park.db.begin() as session:
        enqueue(session, "send_webhooks", "send_webhooks", {}, now)
    assert "send_webhooks" in STANDING and "forget_api" in KINDS
    assert run_one(desk, now, only=("send_webhooks",)) and receiver.signed(hook["secret"])


def test_old_events_are_forgotten_and_what_still_waits_is_not(program, park, receiver, web_settings):
    hook = added(program, receiver.url, "stay.entered")
    enter(park)
    send(park, web_settings)
    added(program, "https://example.org/away", "stay.exited")
    leave(park, 5)
    with park.db.begin() as session:
        webhooks_out.forget(session, minutes(10) + webhooks_out.KEPT)
    with park.db.read() as session:
        assert [one.type for one in session.query(ApiEvent)] == ["stay.exited"]
    assert deliveries(program, hook) == []
