"""The second factor: switched on with the app's first code, each code taken once, recovery codes for a lost phone."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from central.actions import login, sessions, totp
from central.actions.errors import Refused
from central.store.schema import Audit, User, UserSession
from tests.central.people.drivers import EMAIL, START, VISIT, driver, member, minutes, sent

KEY = b"k" * 64


def app_code(secret: str, at) -> str:
    return pyotp.TOTP(secret).at(at)


@pytest.fixture
def enrolled(databases):
    """A driver with the second factor on: their id, the secret, and the recovery codes."""
    user = driver(databases)
    with databases.begin() as session:
        login.logged_in(session, user.id, START, VISIT)
        secret = totp.begin(session, user.id, KEY)
        here = session.scalar(select(UserSession.id))
        codes = totp.confirm(session, user.id, app_code(secret, START), KEY, START, VISIT, here)
    return user.id, secret, codes


def checks(db, user_id, typed, at) -> bool:
    with db.begin() as session:
        return totp.check(session, user_id, typed, KEY, at, VISIT)


def test_it_is_on_once_the_first_code_is_right_and_its_person_is_told(databases):
    user = driver(databases)
    with databases.begin() as session:
        secret = totp.begin(session, user.id, KEY)
        assert totp.begin(session, user.id, KEY) == secret, "the page can be loaded again"
        wrong = f"{(int(app_code(secret, START)) + 1) % 1_000_000:06}"
        assert totp.confirm(session, user.id, wrong, KEY, START, VISIT, "") is None
        codes = totp.confirm(session, user.id, app_code(secret, START), KEY, START, VISIT, "")
    assert len(set(codes)) == totp.RECOVERY_CODES
    with databases.read() as session:
        row = session.get_one(User, user.id)
        assert row.totp_since == START and secret.encode() not in row.totp_sealed
    assert sent(databases, EMAIL, "security")[-1]["what"] == "second factor on"


def test_a_code_is_taken_once(databases, enrolled):
    user_id, secret, _ = enrolled
    at = minutes(5)
    assert checks(databases, user_id, app_code(secret, at), at)
    assert not checks(databases, user_id, app_code(secret, at), at)
    assert not checks(databases, user_id, app_code(secret, at - timedelta(seconds=30)), at), "nor one of before"


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_off_by_one_step(databases, enrolled, seconds, taken):
    user_id, secret, _ = enrolled
    at = minutes(5)
    assert checks(databases, user_id, app_code(secret, at + timedelta(seconds=seconds)), at) is taken


def test_a_recovery_code_lets_in_once_however_it_is_typed(databases, enrolled):
    user_id, _, codes = enrolled
    assert checks(databases, user_id, codes[3].upper().replace("-", " "), minutes(1))
    assert not checks(databases, user_id, codes[3], minutes(2))
    with databases.read() as session:
        assert totp.left(session, user_id) == totp.RECOVERY_CODES - 1
    assert sent(databases, EMAIL, "security")[-1]["what"] == "recovery code used"


def test_new_recovery_codes_end_those_of_before(databases, enrolled):
    user_id, _, codes = enrolled
    with databases.begin() as session:
        made = totp.new_recovery_codes(session, user_id)
    assert not checks(databases, user_id, codes[0], minutes(1))
    assert checks(databases, user_id, made[0], minutes(1))


def test_guessing_is_stopped_for_a_while_and_then_the_right_code_is_taken(databases, enrolled):
    user_id, secret, _ = enrolled
    for _ in range(8):
        assert not checks(databases, user_id, "no such code", minutes(5))
    with pytest.raises(Refused, match="quarter of an hour"):
        checks(databases, user_id, app_code(secret, minutes(6)), minutes(6))
    assert checks(databases, user_id, app_code(secret, minutes(21)), minutes(21))


def test_with_another_key_no_code_is_right_and_an_administrator_helps(databases, enrolled):
    user_id, secret, _ = enrolled
    with databases.begin() as session:
        assert not totp.check(session, user_id, app_code(secret, minutes(5)), b"other", minutes(5), VISIT)
    with databases.begin() as session:
        _, token = login.logged_in(session, user_id, minutes(5), VISIT)
        totp.turn_off(session, user_id, minutes(6), "boss@example.org")
    with databases.read() as session:
        assert session.get_one(User, user_id).totp_since is None
        assert sessions.behind(session, token, minutes(7)) is None
        assert session.scalar(select(Audit.by).where(Audit.what == "second factor off")) == "boss@example.org"


def test_staff_are_named_by_e_mail_in_the_log(databases):
    user = member(databases, "manager")
    with databases.begin() as session:
        secret = totp.begin(session, user.id, KEY)
        totp.confirm(session, user.id, app_code(secret, START), KEY, START, VISIT, "")
    with databases.read() as session:
        assert session.scalar(select(Audit.by).where(Audit.what == "second factor on")) == "manager@example.org"
