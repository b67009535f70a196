"""Registering, a password set anew, addresses changed: each by a code, and strangers learn nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from central.actions import login, people_changes, people_codes, people_register, sessions
from central.actions.errors import Refused
from central.store.schema import Audit, Notification, OneTimeCode, User, UserSession
from tests.central.people.drivers import EMAIL, PHONE, START, VISIT, code, driver, minutes, sent


def ask(db, to=EMAIL, at=START, name="Meera Iyer"):
    with db.begin() as session:
        return people_register.ask_to_register(session, to, name, "hash", "hi", at)


def finish(db, code_id, typed, at=START):
    with db.begin() as session:
        return people_register.finish_registering(session, code_id, typed, at)


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06}"


@pytest.mark.parametrize(("to", "column"), [(EMAIL, "email"), (PHONE, "phone")])
def test_a_driver_registers_with_the_code_that_was_sent(databases, to, column):
    code_id = ask(databases, to)
    user = finish(databases, code_id, f" {code(databases, to)[:3]} {code(databases, to)[3:]} ")
    assert (getattr(user, column), user.role, user.language, user.name) == (to, "driver", "hi", "Meera Iyer")
    with databases.read() as session:
        [by] = session.scalars(select(Audit.by).where(Audit.what == "driver registered"))
    assert by == f"driver/{user.id}", "the log names drivers by a number alone"


def test_nobody_is_registered_before_the_code_comes_back_and_it_works_once(databases):
    code_id = ask(databases)
    with databases.read() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 0
        assert code(databases, EMAIL) not in session.get_one(OneTimeCode, code_id).code_hash
    assert finish(databases, code_id, code(databases, EMAIL)) is not None
    assert finish(databases, code_id, code(databases, EMAIL)) is None


def test_five_wrong_tries_end_a_code(databases):
    code_id = ask(databases)
    digits = code(databases, EMAIL)
    for _ in range(people_codes.TRIES):
        assert finish(databases, code_id, wrong(digits)) is None
    assert finish(databases, code_id, digits) is None


def test_a_code_ends_after_ten_minutes(databases):
    code_id = ask(databases)
    assert finish(databases, code_id, code(databases, EMAIL), minutes(10)) is None


def test_another_code_ends_the_one_before_and_is_not_to_be_had_at_once(databases):
    first = ask(databases)
    digits = code(databases, EMAIL)
    with pytest.raises(Refused, match="less than a minute ago"):
        ask(databases, at=START + timedelta(seconds=59))
    with databases.begin() as session:
        second = people_register.ask_again(session, first, people_register.REGISTER, minutes(2))
    assert finish(databases, first, digits, minutes(3)) is None
    assert finish(databases, second, code(databases, EMAIL), minutes(3)).name == "Meera Iyer"


def test_five_codes_an_hour_are_the_most(databases):
    for n in range(people_codes.MOST_AN_HOUR):
        ask(databases, at=minutes(n * 2))
    with pytest.raises(Refused, match="try again later"):
        ask(databases, at=minutes(30))
    ask(databases, at=minutes(61))


def test_whoever_has_an_account_is_told_so_and_the_stranger_is_not(databases):
    user = driver(databases)
    stranger = ask(databases, at=minutes(5))
    assert len(sent(databases, EMAIL)) == 1, "no second code"
    assert sent(databases, EMAIL, "security")[-1]["what"] == "registered already"
    assert not any(finish(databases, stranger, f"{n:06}", minutes(5)) for n in range(5))
    with databases.read() as session:
        assert list(session.scalars(select(User.id))) == [user.id]


def test_two_windows_of_one_person_make_one_account(databases):
    first = ask(databases)
    digits = code(databases, EMAIL)
    finish(databases, first, digits)
    with databases.begin() as session:
        row = session.get_one(OneTimeCode, first)
        row.used_at, row.facts = None, {"kind": "email", "name": "X Y", "password_hash": "h", "language": "en"}
    assert finish(databases, first, digits) is None


def test_what_was_typed_to_register_is_forgotten_when_the_code_never_comes_back(databases):
    ask(databases)
    ask(databases, "other@example.org", at=START + timedelta(days=2))
    with databases.begin() as session:
        people_codes.forget_old(session, START + timedelta(days=2))
    with databases.read() as session:
        assert list(session.scalars(select(OneTimeCode.sent_to))) == ["other@example.org"]


def test_a_password_is_set_anew_by_a_code_and_every_session_ends(databases):
    user = driver(databases)
    with databases.begin() as session:
        login.logged_in(session, user.id, minutes(5), VISIT)
        code_id = people_register.ask_to_reset(session, EMAIL.upper(), minutes(6))
    with databases.begin() as session:
        found = people_register.may_reset(session, code_id, code(databases, EMAIL), minutes(7))
        people_register.reset(session, *found, "other hash", minutes(7), VISIT)
    with databases.read() as session:
        assert session.get_one(User, user.id).password_hash == "other hash"
        assert session.scalar(select(UserSession)).ended_at == minutes(7)
    assert sent(databases, EMAIL, "security")[-1]["what"] == "password changed"


def test_an_unknown_address_gets_no_code_and_no_other_answer(databases):
    with databases.begin() as session:
        code_id = people_register.ask_to_reset(session, "nobody@example.org", START)
    with databases.begin() as session:
        assert people_codes.pending(session, code_id, START) is not None
        assert people_register.may_reset(session, code_id, "123456", START) is None
        assert session.scalar(select(func.count()).select_from(Notification)) == 0


def test_an_address_is_changed_by_a_code_to_the_new_one_and_the_old_one_is_told(databases):
    user = driver(databases)
    with databases.begin() as session:
        code_id = people_changes.ask_to_change_contact(session, user.id, "98100 12345", minutes(5))
    with databases.begin() as session:
        digits = code(databases, PHONE)
        assert not people_changes.change_contact(session, user.id, code_id, wrong(digits), minutes(6), VISIT)
        assert people_changes.change_contact(session, user.id, code_id, digits, minutes(6), VISIT)
    with databases.read() as session:
        assert login.account_of(session, "+91 98100 12345").id == user.id
    assert sent(databases, EMAIL, "security")[-1]["what"] == "phone changed"


def test_an_address_that_is_somebody_elses_is_not_given_away(databases):
    driver(databases, PHONE, "Ravi Rao")
    user = driver(databases, at=minutes(5))
    with databases.begin() as session:
        code_id = people_changes.ask_to_change_contact(session, user.id, PHONE, minutes(9))
    with databases.begin() as session:
        assert not people_changes.change_contact(session, user.id, code_id, "000000", minutes(9), VISIT)
    assert sent(databases, PHONE, "security")[-1]["what"] == "registered already"


def test_a_code_of_one_person_changes_nothing_of_another(databases):
    ravi, user = driver(databases, "ravi@example.org", "Ravi Rao"), driver(databases)
    with databases.begin() as session:
        code_id = people_changes.ask_to_change_contact(session, user.id, PHONE, minutes(5))
    with databases.begin() as session:
        assert not people_changes.change_contact(session, ravi.id, code_id, code(databases, PHONE), minutes(5), VISIT)


def test_the_last_address_can_not_be_taken_off(databases):
    user = driver(databases, PHONE)
    with pytest.raises(Refused, match="add an e-mail"), databases.begin() as session:
        people_changes.remove_phone(session, user.id, START, VISIT)


def test_a_session_is_found_by_its_token_alone_and_ends_with_time_or_by_word(databases):
    user = driver(databases)
    with databases.begin() as session:
        _, token = login.logged_in(session, user.id, START, VISIT)
        _, other = login.logged_in(session, user.id, START, VISIT)
    with databases.read() as session:
        assert token not in {row.token_hash for row in session.scalars(select(UserSession))}
        found, row = sessions.behind(session, token, minutes(1))
        assert (found.id, row.device) == (user.id, "Chrome on Android")
        assert sessions.behind(session, token, START + timedelta(days=31)) is None
    with databases.begin() as session:
        sessions.end_all(session, user.id, minutes(2), but=row.id)
    with databases.read() as session:
        assert sessions.behind(session, token, minutes(3)) and not sessions.behind(session, other, minutes(3))


def test_log_ins_that_are_long_over_are_forgotten(databases):
    user = driver(databases)
    with databases.begin() as session:
        login.logged_in(session, user.id, START, VISIT)
        login.logged_in(session, user.id, START + timedelta(days=50), VISIT)
        sessions.forget_old(session, START + timedelta(days=61))
    with databases.read() as session:
        assert list(session.scalars(select(UserSession.begun_at))) == [START + timedelta(days=50)]


def test_nobody_ends_another_persons_session(databases):
    ravi, user = driver(databases, "ravi@example.org", "Ravi Rao"), driver(databases)
    with databases.begin() as session:
        login.logged_in(session, user.id, START, VISIT)
    with databases.begin() as session:
        row = session.scalar(select(UserSession))
        with pytest.raises(Refused, match="no such log-in"):
            sessions.end(session, ravi.id, row.id, START)
