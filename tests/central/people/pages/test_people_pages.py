"""Staff coming and going on pages: the second factor at the door, invitations, the page of people."""

from __future__ import annotations

import html
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import event, select

from central.store.reads import people as reads
from central.store.schema import User
from tests.central.people.drivers import PHONE, driver, member
from tests.central.web.people import EMAIL, PASSWORD, send
from tests.central.web.town import now

NEW = {"name": "New One", "password": "four quiet herons", "again": "four quiet herons"}


def log_in(app, email: str, password: str = PASSWORD):
    visitor = app.test_client()
    return visitor, send(visitor, "/login", email=email, password=password)


def enrol(visitor) -> tuple[str, list[str]]:
    """Sets up the second factor; its secret and the recovery codes."""
    page = visitor.get("/me/security/second-factor").text
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page).group(1)
    answer = send(visitor, "/me/security/second-factor", code=pyotp.TOTP(secret).at(now() - timedelta(seconds=30)))
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", answer.text)


def test_a_role_that_needs_a_second_factor_gets_only_its_page_from_the_second_log_in_on(app, sign_in):
    first = sign_in("manager")
    assert first.get("/lanes").status_code == 200, "the first log-in is the time to set it up"
    again, _ = log_in(app, "manager@example.org")
    assert again.get("/lanes").location == "/me/security/second-factor"
    enrol(again)
    assert again.get("/lanes").status_code == 200


def test_who_has_a_second_factor_is_asked_for_it_at_the_door(app, sign_in):
    secret, codes = enrol(sign_in())
    visitor, asked = log_in(app, EMAIL)
    assert asked.location == "/login/code" and visitor.get("/lanes").status_code == 303
    wrong = send(visitor, "/login/code", code="no such code")
    assert wrong.status_code == 401 and "wrong, or was used already" in wrong.text
    assert send(visitor, "/login/code", code=pyotp.TOTP(secret).at(now())).location == "/lanes"
    assert visitor.get("/lanes").status_code == 200
    visitor, _ = log_in(app, EMAIL)
    assert send(visitor, "/login/code", code=codes[0]).location == "/lanes"
    visitor, _ = log_in(app, EMAIL)
    assert send(visitor, "/login/code", code=codes[0]).status_code == 401


def test_the_second_factor_is_not_asked_without_the_password(app):
    assert app.test_client().get("/login/code").location == "/login"


def test_a_page_that_another_window_was_quicker_than_goes_back_to_ones_security(app, park, sign_in):
    visitor, begins = sign_in(), threading.Event()

    def noted(_connection, _cursor, statement: str, *_more) -> None:
        if statement == "BEGIN IMMEDIATE":
            begins.set()

    engine = app.extensions["parkmeter"].database.engine
    event.listen(engine, "before_cursor_execute", noted)
    try:
        # the other window is at it while this page, which has read that there is no second factor, waits to begin
        with ThreadPoolExecutor(1) as threads, park.db.begin() as session:
            loading = threads.submit(visitor.get, "/me/security/second-factor")
            assert begins.wait(10)
            session.scalars(select(User).where(User.email == EMAIL)).one().totp_since = now()
            session.commit()
            answer = loading.result(10)
    finally:
        event.remove(engine, "before_cursor_execute", noted)
    assert (answer.status_code, answer.location) == (303, "/me/security")


def test_it_is_switched_off_with_the_password_alone(sign_in):
    visitor = sign_in()
    enrol(visitor)
    send(visitor, "/me/security/second-factor/off", page="/me/security", current="wrong")
    assert "On since" in visitor.get("/me/security").text
    send(visitor, "/me/security/second-factor/off", page="/me/security", current=PASSWORD)
    assert "On since" not in visitor.get("/me/security").text


def test_an_administrator_takes_off_the_second_factor_of_a_lost_phone(app, park, sign_in):
    enrol(sign_in())
    boss = sign_in("administrator")
    with park.db.read() as session:
        user_id = session.scalar(select(User.id).where(User.email == EMAIL))
    send(boss, f"/people/{user_id}/second-factor/off", page=f"/people/{user_id}")
    _, answer = log_in(app, EMAIL)
    assert answer.location == "/lanes"


def test_an_invited_person_makes_their_account_once(app, sign_in):
    boss = sign_in("administrator")
    page = send(boss, "/people/invitations", page="/people", email="new@example.org", role="supervisor", site="delhi")
    path = re.search(r"/invitation/[\w-]+", html.unescape(page.text)).group(0)
    visitor = app.test_client()
    weak = send(visitor, path, **NEW | {"password": "new@example", "again": "new@example"})
    assert weak.status_code == 422
    assert send(visitor, path, **NEW).location == "/lanes"
    assert visitor.get("/claims").status_code == 200 and visitor.get("/people").status_code == 403
    assert app.test_client().get(path).status_code == 404


def test_a_withdrawn_invitation_is_worth_nothing(app, sign_in):
    boss = sign_in("administrator")
    page = send(boss, "/people/invitations", page="/people", email="new@example.org", role="attendant", site="").text
    path = re.search(r"/invitation/[\w-]+", page).group(0)
    withdraw = re.search(r"/people/invitations/[\w-]+/withdraw", page).group(0)
    send(boss, withdraw, page="/people")
    assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("fields", [{"email": "x", "role": "manager"}, {"email": "a@example.org", "role": "driver"}])
def test_a_bad_invitation_says_what_is_expected(sign_in, fields):
    answer = send(sign_in("administrator"), "/people/invitations", page="/people", site="", **fields)
    assert answer.status_code == 422 and "expected" in answer.text


def test_whoever_is_switched_off_is_out_and_the_last_administrator_stays(park, sign_in):
    visitor, boss = sign_in(), sign_in("administrator")
    with park.db.read() as session:
        ids = dict(session.execute(select(User.email, User.id)).all())
    send(boss, f"/people/{ids[EMAIL]}/active", page=f"/people/{ids[EMAIL]}", on="no")
    assert visitor.get("/lanes").status_code == 303
    own = ids["administrator@example.org"]
    refused = send(boss, f"/people/{own}/post", page=f"/people/{own}", role="attendant", site="")
    assert refused.status_code == 422 and "last administrator" in refused.text


def test_people_are_found_by_name_address_and_number_a_page_at_a_time(park, sign_in):
    for n in range(reads.PAGE + 5):
        member(park.db, "attendant", f"guard{n:03}@example.org")
    driver(park.db, PHONE, "Ravi <i>Rao</i>", at=now())
    boss = sign_in("administrator")
    first = boss.get("/people").text
    older = html.unescape(re.search(r'href="(/people\?[^"]*before=[^"]+)"', first).group(1))
    assert "guard000@example.org" not in first and "guard000@example.org" in boss.get(older).text
    found = boss.get("/people?name=guard017").text
    assert "guard017@example.org" in found and "guard018@example.org" not in found
    drivers = boss.get("/people?who=drivers&name=rao").text
    assert "Ravi &lt;i&gt;Rao" in boss.get("/people?who=drivers&name=98100").text and "guard" not in drivers
