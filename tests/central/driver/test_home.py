"""From a driver's first page everything about their parking is one step away, and every page leads back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from central.actions import recipients, telling
from central.notifications.examples import FACTS
from central.rules.telling import Event
from central.rules.violations import Kind
from central.store.schema import Account
from edge.protocol.ids import uuid7
from edge.protocol.messages import ExitRequested
from tests.central.car_park import SITE, plate
from tests.central.driver.parked import claim, enter, pay_and_leave, somebody_else
from tests.central.violations.notices import watch
from tests.central.web.people import body_of, send
from tests.central.web.town import now


@pytest.fixture
def noticed(park, meera) -> str:
    """Meera's vehicle stands at the exit after too long a stay, and has a notice for it; the stay."""
    watch(park, Kind.OVERSTAY)
    stay, ticket = enter(park, ago=timedelta(minutes=100))
    claim(meera, ticket)
    park.hear(park.exit.report(ExitRequested(request=uuid7(), plate=plate("DL1CAB1234")), now(), None), now=now())
    return stay


def test_a_stay_is_paid_made_longer_or_said_to_be_wrong_from_there(park, meera, links):
    stay, ticket = enter(park)
    claim(meera, ticket)
    page, pay = body_of(meera.get("/me").text), f"/p/{links.pay_token(stay)}"
    assert f'href="{pay}"' in page and f'href="{pay}/ahead"' in page and f'href="{pay}/wrong"' in page
    send(meera, f"{pay}/wrong", reason="I was never here")
    page = body_of(meera.get("/me").text)
    assert "The office looks at" in page and "/wrong" not in page


def test_what_is_parked_is_sent_again_only_once_it_has_changed(park, meera):
    stay, ticket = enter(park)
    claim(meera, ticket)
    first = meera.get("/me/now")
    assert "₹170" in first.text and "<html" not in first.text
    pay_and_leave(park, stay)
    again = meera.get("/me/now", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200 and "None of your vehicles" in again.text
    assert meera.get("/me/now", headers={"If-None-Match": again.headers["ETag"]}).status_code == 304


def test_who_is_not_parked_can_book_on_their_account(park, meera):
    assert "Add a vehicle" in body_of(meera.get("/me").text) and "/book" not in body_of(meera.get("/me").text)
    _, ticket = enter(park)
    claim(meera, ticket)
    book = body_of(meera.get("/me").text).split("/book")[0].rsplit('"', 1)[1] + "/book"
    assert 'value="DL1CAB1234"' in meera.get(book).text


def test_a_notice_is_on_the_first_page_until_it_has_ended_and_in_the_list_for_ever(noticed, meera):
    for path in ("/me", "/me/notices"):
        page = body_of(meera.get(path).text)
        assert "₹500" in page
    notice = page.split('href="/v/')[1].split('"')[0]
    assert "This is not right" in meera.get(f"/v/{notice}").text


def test_notices_are_nobody_elses(noticed, app, park):
    other = somebody_else(app, park)
    assert "None. That is good." in other.get("/me/notices").text
    assert "/v/" not in other.get("/me").text


def test_messages_of_all_accounts_are_in_one_list_and_are_read_at_once(park, meera, app):
    assert "Add your vehicle" in meera.get("/me/messages").text
    _, ticket = enter(park)
    claim(meera, ticket)
    with park.db.begin() as session:
        (account,) = session.scalars(select(Account.id))
        to = recipients.of_account(session, account)
        telling.tell(session, Event.LOW_WALLET, "a key", to, SITE, now(), **FACTS[Event.LOW_WALLET])
    page = body_of(meera.get("/me/messages").text)
    assert "wallet" in page and "/told/" in page and "1<span" in page
    send(meera, "/me/messages/read", page="/me/messages")
    page = body_of(meera.get("/me/messages").text)
    assert "wallet" in page and "I have read all of them" not in page and "1<span" not in page
    assert "Add your vehicle" in somebody_else(app, park).get("/me/messages").text


def test_pages_behind_a_link_lead_a_driver_back_to_theirs_and_a_guest_to_help(park, meera, client, links):
    stay, _ = enter(park)
    pay = f"/p/{links.pay_token(stay)}"
    assert 'href="/me"' in meera.get(pay).text and 'href="/help"' in client.get(pay).text
    assert 'href="/me"' not in client.get(pay).text
    assert "Do not pay again" in client.get("/help").text and 'href="/me"' in meera.get("/help").text


def test_a_guest_is_sent_to_log_in_and_staff_are_told_that_they_have_no_vehicles(client, sign_in):
    staff = sign_in()
    for path in ("/me", "/me/stays", "/me/notices", "/me/messages"):
        assert client.get(path).location.startswith("/login")
        assert staff.get(path).status_code == 403
    assert 'href="/me/messages"' not in staff.get("/me/profile").text
