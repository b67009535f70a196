"""The pages around messages, as a guest, a holder, a mail program and staff use them."""

from __future__ import annotations

import html
from datetime import timedelta

from central.actions import recipients
from central.actions.telling import tell
from central.actions.told_choices import choose
from central.notifications.doors import Doors
from central.rules.telling import Event
from central.settings import NotificationSettings
from central.store.schema import GuestContact, Notification, NotificationChoice
from central.web import create_app
from tests.central.car_park import SITE, CarPark
from tests.central.notifications.people import holder
from tests.central.notifications.post import told
from tests.central.web.fields import wrong
from tests.central.web.people import send
from tests.central.web.town import now


def doors(links) -> Doors:
    return Doors.beside(links)


def say(park: CarPark, ref: str, event: Event = Event.PAID, ago: timedelta = timedelta(), key: str = "k") -> None:
    with park.db.begin() as session:
        facts = {"amount_paise": 170_00, "for": "wallet"} if event is Event.PAID else {"fault": "stop_pressed"}
        facts |= {"gate": "exit-1", "gate_name": "exit-1", "since_at": now()} if event is Event.FAULT else {}
        tell(session, event, key, [recipients.find(session, ref)], SITE, now() - ago, **facts)


def test_a_guest_types_an_address_and_the_receipt_goes_there(park, client, town):
    stay_id, _ = town.enter(timedelta(minutes=45))
    pay = f"/p/{town.links.pay_token(stay_id)}"
    assert "Send me the receipt" in client.get(pay).text
    for name, typed, said in (
        ("email", "nonsense", "expected NAME@DOMAIN"),
        ("phone", "12345", "expected one such as 98100 12345"),
        ("email", "", "expected an e-mail address or a mobile number"),
    ):
        answer = send(client, f"{pay}/receipt-to", **{name: typed})
        [field] = wrong(answer.text)
        assert answer.status_code == 422 and field[:2] == (name, typed) and said in field.said
    right = send(client, f"{pay}/receipt-to", email="Guest@Example.org", phone="98100 12345", more="yes")
    assert right.status_code == 303 and right.location == pay
    with park.db.read() as session:
        kept = session.query(GuestContact).one()
    assert (kept.email, kept.phone, kept.more) == ("guest@example.org", "+919810012345", True)
    page = client.get(f"{pay}/receipt-to").text
    assert "g•••@example.org" in page and "guest@example.org" not in page
    assert client.get("/p/nonsense/receipt-to").status_code == 404


def test_a_stays_page_is_no_machine_for_writing_to_strangers(park, client, town):
    stay_id, _ = town.enter(timedelta(minutes=45))
    page = f"/p/{town.links.pay_token(stay_id)}/receipt-to"
    answers = [send(client, page, email=f"a{number}@example.org").status_code for number in range(7)]
    assert answers == [303] * 5 + [422] * 2


def test_a_recipient_chooses_by_the_link_of_a_message_without_logging_in(park, app, links, web_settings):
    ref = f"account/{holder(park, email='asha@example.org')}"
    ways = NotificationSettings(email_url="mailto://mail.example.org?from=a@example.org&to={to}")
    client = create_app(web_settings.model_copy(update={"notifications": ways})).test_client()
    page = doors(links).choose(ref).removeprefix(links.public_url)
    shown = client.get(page).text
    assert 'name="paid" value="email" checked' in shown and 'name="entered" value="email" >' in shown
    assert "asha@example.org" not in shown and 'value="sms"' not in shown, "only what is set up is offered"
    refused = send(client, page, language="en", quiet_from="late")
    assert refused.status_code == 422 and "expected a time such as 22:00" in refused.text
    fields = {"language": "hi", "quiet_from": "22:00", "quiet_until": "07:00", "entered": "inbox", "paid": "inbox"}
    assert send(client, page, **fields).status_code == 303
    with park.db.read() as session:
        kept = session.get_one(NotificationChoice, ref)
        assert recipients.find(session, ref).channels(Event.REFUNDED) == ()
    assert (kept.language, kept.quiet_from, kept.quiet_until) == ("hi", 1320, 420)
    assert kept.channels["paid"] == ["inbox"] and kept.channels["refunded"] == []
    assert 'value="22:00"' in client.get(page).text


def test_one_click_of_a_mail_program_unsubscribes_and_looking_at_the_link_does_not(park, client, links):
    ref = f"account/{holder(park)}"
    stop = doors(links).stop(ref).removeprefix(links.public_url)
    assert client.get(stop).status_code == 200
    with park.db.read() as session:
        assert session.get(NotificationChoice, ref) is None
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post(stop).status_code == 200
    with park.db.read() as session:
        assert recipients.find(session, ref).channels(Event.PAID) == ("inbox",)
    assert "You get no e-mail at all now" in client.get(stop.removesuffix("/stop")).text
    assert client.post("/told/nonsense/stop").status_code == 404


def test_a_holder_reads_the_inbox_behind_the_wallets_page_in_the_language_chosen(park, client, links):
    account = holder(park)
    ref = f"account/{account}"
    say(park, ref)
    say(park, ref, ago=-timedelta(hours=1), key="later")
    wallet = client.get(f"/wallet/{links.wallet_token(account)}").text
    inbox = f"/inbox/{doors(links).inbox_token(ref)}"
    assert inbox in wallet and doors(links).choose_token(ref) in wallet
    page = client.get(inbox).text
    assert page.count("₹170 is paid into your parking wallet") == 1 and ">new<" in page
    assert send(client, f"{inbox}/read", page=inbox).status_code == 303
    assert ">new<" not in client.get(inbox).text
    with park.db.begin() as session:
        choose(session, ref, "hi", ("", ""), {"paid": ["inbox"]}, now())
    assert "₹170 का भुगतान हो गया" in client.get(inbox).text
    choose_token = doors(links).choose_token(ref)
    assert client.get(f"/inbox/{choose_token}").status_code == 404, "a forwarded e-mail opens no inbox"


def test_an_inbox_is_read_page_by_page(park, client, links):
    ref = f"account/{holder(park)}"
    for number in range(35):
        say(park, ref, key=str(number))
    inbox = f"/inbox/{doors(links).inbox_token(ref)}"
    first = client.get(inbox).text
    older = html.unescape(first).split('rel="next" href="')[1].split('"')[0]
    assert first.count("is paid into") == 30 and client.get(older).text.count("is paid into") == 5


def test_staff_see_their_faults_the_outbox_and_try_what_was_given_up_again(park, sign_in):
    attendant, supervisor, manager = sign_in(), sign_in("supervisor"), sign_in("manager")
    for path in ("/notifications", "/notifications/mine", "/notifications/templates"):
        assert attendant.get(path).status_code == 403
    with park.db.read() as session:
        [own] = [one.ref for one in recipients.staff(session, "supervisor", SITE) if "supervisor" in one.email]
    say(park, own, Event.FAULT)
    assert "exit-1, Delhi: stop pressed" in supervisor.get("/notifications/mine").text
    say(park, f"account/{holder(park)}")
    with park.db.begin() as session:
        row = session.query(Notification).filter_by(event="paid", channel="email").one()
        row.state, row.reason, row.tries = "dead", "answered 550", 8
    page = supervisor.get("/notifications").text
    assert "answered 550" in page and "Asha Rao" in page and "Try again" not in page
    assert "Try again" in manager.get("/notifications").text
    again = f"/notifications/{row.id}/again"
    assert send(manager, again, page="/notifications").status_code == 303
    assert [(one.state, one.tries) for one in told(park.db, event="paid", channel="email")] == [("waiting", 0)]
    assert send(manager, again, page="/notifications").status_code == 422
    assert "next at" in manager.get("/notifications?state=waiting").text


def test_every_template_is_shown_in_both_languages_and_as_an_e_mail(park, sign_in):
    supervisor = sign_in("supervisor")
    page = supervisor.get("/notifications/templates").text
    assert "The paid time of DL1CAB1234 at Delhi ends" in page and "का चुकाया हुआ समय" in page
    for language in ("en", "hi"):
        letter = supervisor.get(f"/notifications/templates/refunded/{language}")
        assert letter.status_code == 200 and f'<html lang="{language}">' in letter.text and "style=" not in letter.text
    assert supervisor.get("/notifications/templates/refunded/xx").status_code == 404
