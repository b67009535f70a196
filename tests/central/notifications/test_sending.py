"""What is due goes out once: by a real mail server and a real webhook receiver, that fail as real ones do."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from central import jobs
from central.actions import recipients
from central.actions.telling import tell, tell_address
from central.notifications import sender
from central.notifications.channels import Channels
from central.rules.telling import Event
from central.settings import NotificationSettings, SettingsError
from central.store.schema import Notification
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.mqtt_gate import wait_for
from tests.central.notifications.people import holder
from tests.central.notifications.post import Receiver, deliver, mailbox, told, with_channels, words

PAID = {"amount_paise": 170_00, "for": "stay"}


def say(park: CarPark, account_id: str, event: Event = Event.PAID, at: float = 0, key: str = "k", **facts) -> None:
    with park.db.begin() as session:
        to = recipients.of_account(session, account_id)
        tell(session, event, key, to, SITE, minutes(at), **(facts or PAID))


def fault(park: CarPark, key: str = "k") -> None:
    """A site's own webhook is told of a fault."""
    facts = {"gate": "exit-1", "gate_name": "exit-1", "fault": "stop_pressed", "since_at": minutes(0)}
    with park.db.begin() as session:
        tell(session, Event.FAULT, key, recipients.of_site(session, SITE), SITE, minutes(0), **facts)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What central's processes would write to their log."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield text
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def test_an_e_mail_arrives_once_with_what_mail_programs_want_of_it(park: CarPark, settings):
    account_id, box = holder(park), mailbox()
    with box.open():
        say(park, account_id)
        say(park, account_id)
        for at in (0, 1, 60):
            deliver(park.db, with_channels(settings, email=box.url), minutes(at))
    [letter] = box.letters
    assert letter["Subject"] == "Paid: ₹170, Delhi"
    assert letter["To"] == "asha@example.org" and letter["From"] == "parking@example.org"
    [row] = told(park.db, channel="email")
    assert letter["Message-ID"] == f"<{row.id}@127.0.0.1>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].strip().startswith("<http://127.0.0.1:8000/told/")
    plain, rich = letter.get_body(("plain",)).get_content(), letter.get_body(("html",)).get_content()
    assert "₹170 is paid" in plain and "₹170 is paid" in rich and "/told/" in plain and "/told/" in rich
    assert words(park.db) == [("paid", "inbox", "sent"), ("paid", "email", "sent")]


def test_a_message_in_hindi_is_whole_in_every_part(park: CarPark, settings):
    box = mailbox()
    with box.open():
        with park.db.begin() as session:
            tell_address(session, Event.CODE, "k", "asha@example.org", minutes(0), language="hi", code="204816")
        deliver(park.db, with_channels(settings, email=box.url), minutes(0))
    [letter] = box.letters
    assert letter["Subject"] == "आपका कोड 204816 है" and letter["Content-Language"] == "hi"
    for kind in ("plain", "html"):
        body = letter.get_body((kind,))
        assert body.get_content_charset() == "utf-8" and "यह दस मिनट तक और एक बार चलेगा" in body.get_content()
    assert told(park.db)[0].facts == {}, "a code is not kept once it is sent"
    assert letter["List-Unsubscribe"] is None, "what somebody asked for can't be unsubscribed from"


def test_a_server_that_is_down_is_tried_again_until_it_is_up(park: CarPark, settings):
    account_id, box = holder(park), mailbox()
    ways = with_channels(settings, email=box.url)
    say(park, account_id)
    deliver(park.db, ways, minutes(0))
    [row] = told(park.db, channel="email")
    assert (row.state, row.tries) == ("waiting", 1) and row.reason.startswith("no answer")
    assert timedelta(seconds=22) <= row.due_at - minutes(0) <= timedelta(seconds=38)
    deliver(park.db, ways, minutes(0) + timedelta(seconds=20))
    assert told(park.db, channel="email")[0].tries == 1, "not before its time"
    with box.open():
        deliver(park.db, ways, minutes(1))
        deliver(park.db, ways, minutes(30))
    assert len(box.letters) == 1
    assert [(row.state, row.tries) for row in told(park.db, channel="email")] == [("sent", 2)]


@pytest.mark.parametrize(
    "says, state",
    [("550 no such mailbox", "dead"), ("451 try later", "waiting"), ("535 who are you", "waiting")],
)
def test_a_mail_servers_final_word_is_final_and_any_other_is_not(park: CarPark, settings, says, state):
    account_id, box = holder(park), mailbox()
    box.says = says
    with box.open():
        say(park, account_id)
        deliver(park.db, with_channels(settings, email=box.url), minutes(0))
    [row] = told(park.db, channel="email")
    assert (row.state, row.reason) == (state, f"answered {says[:3]}")


@pytest.mark.parametrize(
    "status, state", [(404, "dead"), (410, "dead"), (503, "waiting"), (429, "waiting"), (401, "waiting")]
)
def test_a_webhooks_4xx_is_final_and_its_5xx_is_tried_again(park: CarPark, settings, status, state):
    with Receiver(status).open() as receiver:
        ways = with_channels(settings, webhook=f"json://127.0.0.1:{receiver.port}/hook")
        fault(park)
        deliver(park.db, ways, minutes(0))
        [row] = told(park.db, channel="webhook")
        assert (row.state, row.reason) == (state, f"answered {status}")
        receiver.status = 200
        deliver(park.db, ways, minutes(5))
        deliver(park.db, ways, minutes(10))
    assert len(receiver.got) == (1 if state == "dead" else 2)
    path, said = receiver.got[0]
    assert path == "/hook" and said["title"] == "exit-1, Delhi: stop pressed"
    assert said["message"].endswith("/lanes")


def test_what_is_refused_too_often_is_given_up_with_its_reason(park: CarPark, settings):
    with Receiver(500).open() as receiver:
        ways = with_channels(settings, webhook=f"json://127.0.0.1:{receiver.port}/hook")
        fault(park)
        for day in range(12):
            deliver(park.db, ways, minutes(day * 24 * 60))
    [row] = told(park.db, channel="webhook")
    assert (row.state, row.tries, row.reason) == ("dead", 8, "answered 500")
    assert len(receiver.got) == 8


def test_after_a_crash_an_e_mail_is_sent_once_more_with_the_same_id_and_nothing_else_is(park: CarPark, settings):
    account_id, box = holder(park), mailbox()
    with Receiver().open() as receiver, box.open():
        ways = with_channels(
            settings, email=box.url, webhook=f"json://127.0.0.1:{receiver.port}/hook", sms=f"json://127.0.0.1:{receiver.port}/sms/{{to}}",
        )  # fmt: skip
        say(park, account_id)
        fault(park)
        deliver(park.db, ways, minutes(0))
        with park.db.begin() as session:  # as if the sender had ended before it wrote down that it had sent
            for row in session.query(Notification).filter(Notification.channel != "inbox"):
                row.state, row.sent_at, row.claimed_until = "sending", None, minutes(0) + sender.CLAIM_LASTS
        deliver(park.db, ways, minutes(4))
        assert len(box.letters) == 1, "another may be sending it still"
        deliver(park.db, ways, minutes(6))
        deliver(park.db, ways, minutes(60))
    assert [letter["Message-ID"] for letter in box.letters] == [
        f"<{told(park.db, channel='email')[0].id}@127.0.0.1>"
    ] * 2
    assert len(receiver.got) == 1
    [row] = told(park.db, channel="webhook")
    assert row.state == "dead" and "may have arrived" in row.reason


def test_hostile_facts_can_not_write_headers_nor_markup(park: CarPark, settings):
    box = mailbox()
    account_id = holder(park, email="asha@example.org")
    plate = "DL1\r\nBcc: everybody@example.org\r\n\u202e<b>&\u200b"
    with box.open():
        say(park, account_id, Event.ENTERED, plate=plate, entered_at=minutes(0), stay=account_id)
        with park.db.begin() as session:
            tell(session, Event.VIOLATION, "v", recipients.of_account(session, account_id), SITE, minutes(0),
                 violation=account_id, plate=plate, kind="<i>", happened_at=minutes(0))  # fmt: skip
        deliver(park.db, with_channels(settings, email=box.url), minutes(0))
    [letter] = box.letters
    assert letter["Bcc"] is None and letter["Subject"] == "Notice about DL1 Bcc: everybody@example.org <b>&, Delhi"
    rich = letter.get_body(("html",)).get_content()
    assert "<b>&," not in rich and "&lt;b&gt;&amp;" in rich and "\u202e" not in rich


def test_a_way_that_is_not_set_up_drops_what_would_go_there_and_says_so(park: CarPark, settings):
    say(park, holder(park))
    deliver(park.db, settings, minutes(0))
    [row] = told(park.db, channel="email")
    assert (row.state, row.reason) == ("dropped", "no way to send email is set up")


def test_what_is_of_no_use_any_more_is_not_sent(park: CarPark, settings):
    account_id, box = holder(park), mailbox()
    with park.db.begin() as session:
        to = recipients.of_account(session, account_id)
        facts = {"stay": account_id, "until_at": minutes(15)}
        tell(session, Event.EXPIRING, "k", to, SITE, minutes(0), useful_until=minutes(15), **facts)
    with box.open():
        deliver(park.db, with_channels(settings, email=box.url), minutes(16))
    assert box.letters == [] and told(park.db, channel="email")[0].reason == "too late to be of use"


def test_no_secret_of_an_address_is_logged_or_kept(park: CarPark, settings, tmp_path):
    secret = tmp_path / "hook"
    with Receiver(500).open() as receiver:
        secret.write_text(f"json://office:hunter2@127.0.0.1:{receiver.port}/s3cret-path")
        secret.chmod(0o600)
        ways = settings.model_copy(
            update={"notifications": NotificationSettings(webhook_url_file=secret, most_tries=1)}
        )
        fault(park)
        with logged() as log:
            deliver(park.db, ways, minutes(0))
    assert receiver.got[0][0] == "/s3cret-path"
    said = log.getvalue() + told(park.db, channel="webhook")[0].reason
    assert "given up" in said and "hunter2" not in said and "s3cret" not in said


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"email_url": "mailto://mail.example.org?from=a@example.org"}, "expected {to} where the recipient belongs"),
        ({"webhook_url": "nonsense://hush/{to}"}, "expected an address that apprise knows"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused_by_the_name_of_its_setting_and_not_shown(wrong, said):
    with pytest.raises(SettingsError) as refused:
        Channels.of(NotificationSettings(**wrong))
    assert said in str(refused.value) and "hush" not in str(refused.value) and "\n" not in str(refused.value)


def test_many_senders_beside_one_another_send_each_message_once(park: CarPark, settings):
    account_id, box = holder(park), mailbox()
    for number in range(24):
        say(park, account_id, key=str(number))
    with box.open():
        ways = with_channels(settings, email=box.url)
        senders = [threading.Thread(target=deliver, args=(park.db, ways, minutes(0))) for _ in range(6)]
        for each in senders:
            each.start()
        for each in senders:
            each.join()
    assert len(box.letters) == 24 and len({letter["Message-ID"] for letter in box.letters}) == 24
    assert {row.state for row in told(park.db, channel="email")} == {"sent"}


def test_the_jobs_process_sends_by_itself(park: CarPark, settings):
    account_id, box, stop = holder(park), mailbox(), threading.Event()
    say(park, account_id)
    with box.open():
        working = threading.Thread(target=jobs.run, args=(with_channels(settings, email=box.url), park.db, stop))
        working.start()
        try:
            wait_for(lambda: box.letters)
        finally:
            stop.set()
            working.join()
    wait_for(lambda: words(park.db)[1] == ("paid", "email", "sent"))
