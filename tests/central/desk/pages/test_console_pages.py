"""The mock provider's console: answers and outages over its own HTTP, for administrators alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import requests

from central.actions import staff
from central.web import passwords
from tests.central.web.people import PASSWORD, send, token_on
from tests.central.web.town import now, until


@pytest.fixture
def visitor(town):
    """An administrator, of the application whose provider is really served."""
    told = {"email": "admin@example.org", "name": "Admin", "role": "administrator"}
    with town.park.db.begin() as session:
        staff.add_user(session, now(), "tests", password_hash=passwords.hashed(PASSWORD), **told)
    made = town.app.test_client()
    assert send(made, "/login", email=told["email"], password=PASSWORD).status_code == 303
    return made


@pytest.fixture
def order(town, visitor) -> str:
    """A driver has begun to pay; the order's page on the console."""
    stay, _ticket = town.enter(timedelta(minutes=40))
    driver = requests.Session()
    token = token_on(driver.get(town.pay_page(stay)).text)
    begun = driver.post(f"{town.pay_page(stay)}/pay", data={"csrf_token": token}, allow_redirects=False)
    assert begun.status_code == 303
    return re.search(r'href="(/mock-payments/[0-9a-f-]{36})"', visitor.get("/mock-payments").text).group(1)


def test_a_payment_is_approved_and_takes_its_ordinary_way(visitor, order):
    page = visitor.get(order).text
    assert "No real money" in page and "Nobody has answered yet" in page
    assert send(visitor, order, payer="success", do="approve").status_code == 303
    until(lambda: "Here it is</dt><dd>Paid" in visitor.get(order).text)
    again = send(visitor, order, page="/mock-payments", payer="success", do="approve")
    assert again.status_code == 422 and "is paid, or a payment of it is pending" in again.text


def test_a_payment_is_declined_as_the_payers_bank_would(visitor, order):
    assert send(visitor, order, payer="pin", do="approve").status_code == 303
    page = visitor.get(order).text
    assert "ZM, Wrong UPI PIN, pin@mock" in page and "Approve" in page


def test_an_outage_is_commanded_seen_and_ended(visitor, order):
    assert send(visitor, "/mock-payments/trouble", page="/mock-payments", kind="down", minutes="1").status_code == 303
    assert "out of order, as commanded" in visitor.get(order).text
    assert send(visitor, "/mock-payments/trouble", page="/mock-payments", kind="none", minutes="1").status_code == 303
    assert "Nobody has answered yet" in visitor.get(order).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "fire", "minutes": "5"}, "Choose how the provider is to be"),
        ({"kind": "down", "minutes": "61"}, "expected a whole number from 1 to 60"),
        ({"kind": "down", "minutes": "\u0665"}, "expected a whole number from 1 to 60"),
    ],
)
def test_a_bad_command_says_what_was_expected(visitor, fields, said):
    answer = send(visitor, "/mock-payments/trouble", page="/mock-payments", **fields)
    assert answer.status_code == 422 and said in answer.text


def test_a_bad_answer_and_an_unknown_order_are_refused(visitor, order):
    assert "Choose a payer" in send(visitor, order, page="/mock-payments", payer="nobody", do="approve").text
    assert visitor.get("/mock-payments/nothing").status_code == 404


def test_nobody_but_an_administrator_comes_in(sign_in):
    visitor = sign_in("manager")
    assert visitor.get("/mock-payments").status_code == 403
    assert send(visitor, "/mock-payments/trouble", page="/lanes", kind="down", minutes="1").status_code == 403


def test_a_provider_that_does_not_run_is_said_so(sign_in):
    answer = send(
        sign_in("administrator"), "/mock-payments/trouble", page="/mock-payments", kind="down", minutes="1"
    )  # fmt: skip
    assert answer.status_code == 422 and "does not answer" in answer.text
