"""Complaints about money that goes back: twice by two ways, of another amount, by one press too many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from argon2 import PasswordHasher

from central.actions import ledger, staff
from central.web import passwords
from edge.rules.access import Open, Request
from tests.central.car_park import SITE
from tests.central.web.people import PASSWORD, token_on
from tests.central.web.town import PLATE, Town, now, until
from tests.complaints.people import Driver, approve, provider_books, webhook, work

PARKED = timedelta(minutes=50)  # Rs 170


class Office:
    """A member of the staff at a browser."""

    def __init__(self, town: Town, role: str) -> None:
        self.url, self.browser = town.url, requests.Session()
        email = f"{role}@example.org"
        with town.park.db.begin() as session:
            staff.add_user(
                session, now(), "tests", email=email, name=role, password_hash=passwords.hashed(PASSWORD), role=role
            )
        assert self.send("/login", email=email, password=PASSWORD).ok

    def page(self, path: str) -> str:
        return self.browser.get(self.url + path).text

    def send(self, path: str, page: str = "", **fields: str) -> requests.Response:
        """Fills in the form of a page and sends it, with the key that the page gave it."""
        loaded = self.page(page or path)
        key = re.search(r'name="key" value="([^"]+)"', loaded)
        form = {"csrf_token": token_on(loaded)} | ({"key": key.group(1)} if key else {}) | fields
        return self.browser.post(self.url + path, data=form)


@pytest.fixture
def office(town, monkeypatch) -> Iterator[Office]:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys.cache_clear()
    made = Office(town, "supervisor")
    yield made
    made.browser.close()


def sound(town: Town) -> bool:
    with town.park.db.read() as session:
        return ledger.check(session) == []


def test_who_paid_by_card_and_by_upi_gets_each_back_once_and_never_both_twice(town, gate, office):
    stay_id, _ = town.enter(PARKED)
    town.ask_to_leave()
    office.send("/money/shift/open", page="/money/shift", site=SITE, float="0")
    with Driver(town, stay_id) as driver:
        provider_page, _ = driver.begin()
        asked = office.send(f"/money/shift/ask/{stay_id}", page="/money/shift").url.removeprefix(town.url)
        office.send(asked, amount="170", by="card_terminal", slip="004711")
        assert isinstance(gate.decides(PLATE), Open)
        approve(provider_page)
        until(lambda: work(town) or ("refund", "170.00") in provider_books(town))
        [receipt] = driver.receipts()
        serial = re.search(r"[A-Z]+/\d{4}/\d{6}", receipt).group()
        here = f"/money/refunds?receipt={serial}"
        action = re.search(r'action="(/money/refunds/[^"]+)"', office.page(here)).group(1)
        given = {"amount": "170", "reason": "a complaint", "rrn": "612345678901", "key": "one-form-sent-twice"}
        for _ in range(2):
            assert "Total given back" in office.send(action, page=here, **given).text
        assert "All of it has been given back" in office.page(here)
        again = office.send(action, page=here, **given | {"rrn": "612345678902", "key": "another-form"})
        assert again.status_code == 422
        work(town)
        assert provider_books(town) == [("payment", "170.00"), ("refund", "170.00")]
    assert sound(town)


def test_who_paid_too_little_is_asked_for_the_rest_alone_and_then_let_out(town, gate, office):
    stay_id, _ = town.enter(PARKED)
    town.ask_to_leave()
    with Driver(town, stay_id) as driver:
        _, reference = driver.begin()
        assert webhook(town, reference, 15_000, "captured", "00") == "mismatch"
        assert "No money was taken" not in driver.page()
        assert isinstance(gate.decides(PLATE), Request), "nothing opens for a part"
        action = re.search(r'action="(/money/odd/[^"]+)"', office.page("/money/odd")).group(1)
        assert office.send(action, page="/money/odd", way="part", reason="rang the driver").ok
        page = driver.page()
        assert "₹20" in page and isinstance(gate.decides(PLATE), Request)
        driver.pay()
        driver.sees("Paid. Thank you.")
        assert isinstance(gate.decides(PLATE), Open)
        assert len(driver.receipts()) == 2
        assert provider_books(town) == [("payment", "20.00")], "nothing but the rest was asked for again"
    assert sound(town)


def test_who_paid_too_much_is_let_out_and_gets_the_difference_back_by_one_press_however_often(town, gate, office):
    stay_id, _ = town.enter(PARKED)
    town.ask_to_leave()
    with Driver(town, stay_id) as driver:
        _, reference = driver.begin()
        assert webhook(town, reference, 20_000, "captured", "00") == "mismatch"
        action = re.search(r'action="(/money/odd/[^"]+)"', office.page("/money/odd")).group(1)
        for _ in range(2):
            sent = office.send(action, page="/money/reconciliation", way="taken", reason="the bank's slip", key="k" * 9)
            assert sent.ok
        assert isinstance(gate.decides(PLATE), Open)
        [receipt] = driver.receipts()
        assert "₹170" in receipt and "₹200" not in receipt
        assert "₹30" in office.page("/money/odd?decided=1")
    assert sound(town)
