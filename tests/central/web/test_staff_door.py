"""How staff come in: the first administrator's link, log in, log out, and who is kept out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from central.actions import staff
from central.store.schema import Audit, User, UserSession
from tests.central.web.people import EMAIL, PASSWORD, send, token_on
from tests.central.web.town import now

GOOD = {"name": "Asha", "email": "Asha@Example.org", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def link(park, app) -> str:
    with park.db.begin() as session:
        return f"/setup/{staff.make_setup_link(session, now(), 'tests')}"


def test_the_set_up_link_makes_the_first_administrator_who_is_logged_in(client, park, link):
    answer = send(client, link, **GOOD)
    assert (answer.status_code, answer.location) == (303, "/lanes")
    assert "Asha" in client.get("/lanes").text
    with park.db.read() as session:
        user = session.scalar(select(User))
    assert (user.email, user.role, user.login_count) == (EMAIL, "administrator", 1)
    assert user.password_hash.startswith("$argon2id$")


def test_the_set_up_link_works_once(client, app, link):
    send(client, link, **GOOD)
    again = app.test_client().get(link)
    assert again.status_code == 404 and "set-up link is used" in again.text
    assert app.test_client().get("/setup/anything").text == again.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("password", "short", "at least 12 characters"),
        ("password", "password1234", "first that are tried"),
        ("password", "abcabcabcabc", "first that are tried"),
        ("password", "zyxwvutsrqpon", "first that are tried"),
        ("password", "asha example", "your own name"),
        ("password", "x y z" * 100, "at most 128"),
        ("again", "three red parrots", "two passwords differ"),
        ("email", "asha", "NAME@DOMAIN"),
        ("name", "", "This is needed"),
    ],
)
def test_a_bad_answer_to_the_set_up_form_is_refused_with_what_is_expected(client, park, link, field, value, said):
    answer = send(client, link, **GOOD | {field: value})
    assert answer.status_code == 422 and said in answer.text
    with park.db.read() as session:
        assert session.scalar(select(User)) is None


def test_staff_log_in_and_go_on_to_the_page_they_wanted(app, sign_in):
    sign_in()
    visitor = app.test_client()
    asked = visitor.get("/stays?status=open")
    assert asked.location == "/login?next=/stays?status%3Dopen"
    answer = send(
        visitor, "/login", page=asked.location, email=EMAIL.upper(), password=PASSWORD, next="/stays?status=open"
    )
    assert answer.location == "/stays?status=open"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x"]
)
def test_logging_in_never_leads_to_another_site(app, sign_in, elsewhere):
    sign_in()
    answer = send(app.test_client(), "/login", email=EMAIL, password=PASSWORD, next=elsewhere)
    assert answer.location == "/lanes"


def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_answer(app, sign_in, park):
    sign_in()
    answers = [
        send(app.test_client(), "/login", email=email, password="wrong wrong wrong")
        for email in (EMAIL, "a@example.org")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("do not fit an account" in answer.text for answer in answers)
    with park.db.read() as session:
        refused = list(session.scalars(select(Audit.subject).where(Audit.what == "log-in refused")))
    assert refused == [EMAIL, "unknown"]


def test_an_unknown_e_mail_costs_as_much_work_as_a_known_one(client, sign_in, monkeypatch):
    sign_in()
    hashes = []
    real = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, h, p: (hashes.append(h), real(self, h, p))[1])
    send(client, "/login", email="nobody@example.org", password="wrong wrong wrong")
    send(client, "/login", email=EMAIL, password="wrong wrong wrong")
    assert len(hashes) == 2 and len({known.rsplit("$", 2)[0] for known in hashes}) == 1


def test_an_account_that_was_switched_off_is_out_at_once(sign_in, park):
    visitor = sign_in()
    with park.db.begin() as session:
        session.scalar(select(User)).active = False
    assert visitor.get("/lanes").status_code == 303
    assert send(visitor, "/login", email=EMAIL, password=PASSWORD).status_code == 401


def test_logging_out_ends_the_session_wherever_its_cookie_went(app, sign_in):
    visitor, thief = sign_in(), app.test_client()
    stolen = visitor.get_cookie("parkmeter").value
    assert send(visitor, "/logout", page="/lanes").location == "/login"
    for someone in (visitor, thief):
        someone.set_cookie("parkmeter", stolen)
        assert someone.get("/lanes").location.startswith("/login")


def test_a_session_is_a_new_one_after_logging_in(app, sign_in):
    sign_in()
    visitor = app.test_client()
    old = {"csrf_token": token_on(visitor.get("/login").text)}
    send(visitor, "/login", email=EMAIL, password=PASSWORD)
    assert visitor.post("/logout", data=old).status_code == 400


def test_a_session_ends_after_a_shift(sign_in, park):
    visitor = sign_in()
    with park.db.begin() as session:
        session.scalar(select(UserSession)).begun_at -= timedelta(hours=12, minutes=1)
    assert visitor.get("/lanes").status_code == 303


def test_guessing_passwords_is_stopped_and_right_ones_are_not_counted(app, sign_in):
    sign_in()
    for _ in range(12):
        assert send(app.test_client(), "/login", email=EMAIL, password=PASSWORD).status_code == 303
    guesser = app.test_client()
    codes = [send(guesser, "/login", email="x@example.org", password=str(n) * 12).status_code for n in range(10)]
    assert set(codes) == {401}
    assert guesser.get("/login").status_code == 429
    assert "too many tries" in guesser.get("/login").text


@pytest.mark.parametrize(
    "path", ["/lanes", "/lanes/now", "/lanes/delhi/entry-1", "/stays", "/stays/x", "/quarantine", "/images/" + "0" * 64]
)
def test_a_guest_is_sent_to_log_in(client, path):
    answer = client.get(path)
    assert answer.status_code == 303 and answer.location.startswith("/login")


@pytest.mark.parametrize(
    "path",
    ["/lanes/delhi/entry-1/open", "/lanes/delhi/entry-1/order", "/logout", "/quarantine/1/seen", "/login", "/ticket"],
)
def test_a_form_without_its_token_is_refused(sign_in, path):
    answer = sign_in("administrator").post(path, data={"reason": "x"})
    assert answer.status_code == 400 and "form has expired" in answer.text


def test_an_attendant_may_open_but_give_no_other_order(sign_in):
    visitor = sign_in()
    page = visitor.get("/lanes/delhi/entry-1").text
    assert "Open the barrier" in page and "Other orders" not in page
    refused = send(visitor, "/lanes/delhi/entry-1/order", page="/lanes", order="hold", reason="x")
    assert refused.status_code == 403 and "supervisor" in refused.text


def test_the_front_door_leads_everyone_to_their_own_page(client, sign_in):
    assert client.get("/").location == "/ticket"
    assert sign_in().get("/").location == "/lanes"
