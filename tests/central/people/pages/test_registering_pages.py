"""Registering and a password set anew on pages; what they tell a stranger."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from central.store.schema import OneTimeCode
from tests.central.people.drivers import EMAIL, code
from tests.central.people.pages.meera import FORM, PASSWORD, anew
from tests.central.web.people import send


def test_a_driver_registers_and_lands_on_their_page(meera):
    page = meera.get("/me").text
    assert "Welcome, Meera Iyer" in page and "Add a vehicle" in page
    assert meera.get("/").location == "/me" and meera.get("/login").location == "/me"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("contact", "12345", "expected one such as 98100 12345"),
        ("contact", "meera@", "expected NAME@DOMAIN"),
        ("password", "Password@123", "first that are tried"),
        ("password", "short", "at least 8 characters"),
        ("again", "rain on tin", "two passwords differ"),
        ("name", "M", "between 2 and 80"),
        ("language", "xx", "Not a valid choice"),
    ],
)
def test_a_bad_answer_is_refused_with_what_is_expected(client, park, field, value, said):
    answer = send(client, "/register", **FORM | {field: value})
    assert answer.status_code == 422 and said in answer.text
    with park.db.read() as session:
        assert session.scalar(select(OneTimeCode)) is None


def test_a_stranger_learns_from_no_page_who_has_an_account(app, park, meera):
    anew(park)
    for path, fields in (("/register", FORM), ("/forgot", {})):
        pages = []
        for contact in (EMAIL, "nobody@example.org"):
            stranger = app.test_client()
            answer = send(stranger, path, **fields | {"contact": contact})
            shown = stranger.get(answer.location).text
            wrong = send(stranger, answer.location, code="000000", password=PASSWORD, again=PASSWORD)
            pages.append([answer.status_code, *(_plain(page) for page in (shown, wrong.text)), wrong.status_code])
            anew(park)
        assert pages[0] == pages[1], path


def _plain(page: str) -> str:
    """A page without what differs each time: tokens, and the masked address, which the visitor typed."""
    return re.sub(r'value="[^"]+"|[mn]•••@example.org', "", page)


def test_codes_are_not_sent_without_end(client):
    for n in range(5):
        send(client, "/forgot", contact=f"x{n}@example.org")
    assert send(client, "/forgot", contact="x9@example.org").status_code == 429


def test_a_forgotten_password_is_set_anew_and_the_old_one_is_worth_nothing(app, park, meera):
    anew(park)
    visitor = app.test_client()
    send(visitor, "/forgot", contact="MEERA@example.org")
    new = "monsoon in the hills"
    answer = send(visitor, "/forgot/code", code=code(park.db, EMAIL), password=new, again=new)
    assert answer.location == "/login"
    assert meera.get("/me").status_code == 303, "every device is logged out"
    assert send(visitor, "/login", email=EMAIL, password=PASSWORD).status_code == 401
    assert send(visitor, "/login", email=EMAIL, password=new).location == "/me"


def test_staff_choose_a_long_password_also_after_forgetting_one(app, park, sign_in):
    sign_in("manager")
    visitor = app.test_client()
    send(visitor, "/forgot", contact="manager@example.org")
    typed = {"code": code(park.db, "manager@example.org"), "password": "kpW7#xq2", "again": "kpW7#xq2"}
    answer = send(visitor, "/forgot/code", **typed)
    assert answer.status_code == 422 and "at least 12 characters" in answer.text
