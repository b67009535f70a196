"""Invitations of staff, changed roles, accounts switched off, and the last administrator who stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from central.actions import invitations, login, sessions, staff
from central.actions.errors import Refused
from central.store.schema import Invitation, User
from tests.central.car_park import SITE
from tests.central.people.drivers import START, VISIT, driver, member, minutes, sent

BOSS = "boss@example.org"


def invite(db, email="new@example.org", role="supervisor", site=None, at=START) -> str:
    with db.begin() as session:
        return invitations.invite(session, email, role, site, at, BOSS, "http://park.example")[1]


def accept(db, token, at=START):
    with db.begin() as session:
        return invitations.accept(session, token, at, name="New One", password_hash="hash")


def test_an_invitation_makes_one_member_of_staff(park):
    token = invite(park.db, site=SITE)
    assert sent(park.db, "new@example.org", "invitation")[-1]["url"] == f"http://park.example/invitation/{token}"
    user = accept(park.db, token)
    assert (user.email, user.role, user.site_id) == ("new@example.org", "supervisor", SITE)
    with pytest.raises(Refused, match="used"):
        accept(park.db, token)


def test_an_invitation_ends_after_three_days_when_withdrawn_and_with_the_next_one(databases):
    late = invite(databases)
    with pytest.raises(Refused, match="too old"):
        accept(databases, late, START + timedelta(hours=72))
    first, second = invite(databases), invite(databases)
    with pytest.raises(Refused):
        accept(databases, first)
    with databases.begin() as session:
        made = invitations.with_token(session, second, START)
        invitations.withdraw(session, made.id, START, BOSS)
    with pytest.raises(Refused):
        accept(databases, second)


@pytest.mark.parametrize(
    ("email", "role", "site"),
    [("nobody", "manager", None), ("a@example.org", "driver", None), ("a@example.org", "king", None),
     ("a@example.org", "manager", "nowhere"), ("manager@example.org", "manager", None)],
)  # fmt: skip
def test_a_bad_invitation_is_refused_in_one_line(databases, email, role, site):
    member(databases, "manager")
    with pytest.raises(Refused) as refused:
        invite(databases, email, role, site)
    assert "\n" not in str(refused.value)
    with databases.read() as session:
        assert session.scalar(select(Invitation)) is None


def test_with_another_role_one_logs_in_anew(databases):
    user = member(databases, "attendant")
    with databases.begin() as session:
        _, token = login.logged_in(session, user.id, START, VISIT)
        staff.set_post(session, user.id, "manager", None, minutes(1), BOSS)
    with databases.read() as session:
        assert session.get_one(User, user.id).role == "manager"
        assert sessions.behind(session, token, minutes(1)) is None


def test_the_last_administrator_stays(databases):
    first = member(databases, "administrator", "a@example.org")
    for change in (
        lambda session: staff.set_post(session, first.id, "manager", None, START, BOSS),
        lambda session: staff.switch(session, first.id, False, START, BOSS),
    ):
        with pytest.raises(Refused, match="last administrator"), databases.begin() as session:
            change(session)
    second = member(databases, "administrator", "b@example.org")
    with databases.begin() as session:
        staff.switch(session, second.id, False, START, BOSS)
    with pytest.raises(Refused, match="last administrator"), databases.begin() as session:
        staff.switch(session, first.id, False, START, BOSS)


def test_two_administrators_can_not_remove_one_another_at_once(databases):
    both = [member(databases, "administrator", f"{name}@example.org").id for name in "ab"]

    def demote(user_id: str) -> bool:
        try:
            with databases.begin() as session:
                staff.set_post(session, user_id, "attendant", None, START, BOSS)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, both)) == [False, True]


def test_whoever_is_switched_off_is_out_and_can_be_switched_on_again(databases):
    user = driver(databases)
    with databases.begin() as session:
        _, token = login.logged_in(session, user.id, START, VISIT)
        staff.switch(session, user.id, False, minutes(1), BOSS)
    with databases.begin() as session:
        assert sessions.behind(session, token, minutes(1)) is None
        assert login.account_of(session, user.email) is None
        staff.switch(session, user.id, True, minutes(2), BOSS)
        assert sessions.behind(session, token, minutes(2)) is None, "the old session does not come back"
        assert login.account_of(session, user.email) is not None


def test_a_driver_is_not_made_staff_by_a_word(databases):
    user = driver(databases)
    with pytest.raises(Refused, match="invite them"), databases.begin() as session:
        staff.set_post(session, user.id, "manager", None, START, BOSS)
