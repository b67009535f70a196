"""UPI IDs that are saved: checked, masked, one the default, and gone for good when their owner says so."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from central.actions import accounts, saved_upi
from central.actions.errors import Refused
from central.rules.upi import masked, normal_upi_id
from central.store.schema import Audit, SavedUpi
from tests.central.car_park import SITE, START, CarPark


@pytest.fixture
def mine(park) -> str:
    with park.db.begin() as session:
        return accounts.open_account(session, SITE, "Asha Rao", START, "office").id


def save(park: CarPark, account_id: str, text: str, **more) -> str:
    with park.db.begin() as session:
        return saved_upi.save(session, account_id, text, START, "holder", **more).id


def shown(park: CarPark, account_id: str) -> list[tuple[str, bool]]:
    with park.db.read() as session:
        return [(one.upi_id, one.is_default) for one in saved_upi.saved(session, account_id)]


@pytest.mark.parametrize("text", ["asha.rao@okaxis", " Asha.Rao@OKAXIS ", "9810000000@ybl", "a-b_c@upi"])
def test_an_id_is_read_however_it_is_typed(text):
    assert normal_upi_id(text) == "".join(text.split()).lower()


@pytest.mark.parametrize("text", ["", "asha", "@okaxis", "asha@", "a@b@c", "asha@okaxis.com", "a sha<b>@x", ".a@upi"])
def test_what_is_no_id_is_refused_with_an_example(park, mine, text):
    with pytest.raises(Refused, match="UPI ID: expected a UPI ID such as"):
        save(park, mine, text)
    assert shown(park, mine) == []


@given(st.from_regex(r"[a-z0-9][a-z0-9._-]{2,40}[a-z0-9]@[a-z]{2,10}", fullmatch=True))
def test_a_masked_id_keeps_two_letters_of_its_name(upi_id):
    name = normal_upi_id(upi_id).partition("@")[0]
    assert masked(upi_id).partition("@")[0] == f"{name[0]}****{name[-1]}"


def test_the_first_is_the_default_until_another_is_chosen_or_it_goes(park, mine):
    first, second = save(park, mine, "asha@okaxis"), save(park, mine, "asha@ybl")
    assert save(park, mine, "ASHA@ybl") == second, "saved twice, it is one"
    assert shown(park, mine) == [("asha@okaxis", True), ("asha@ybl", False)]
    with park.db.begin() as session:
        saved_upi.make_default(session, mine, second, START, "holder")
    assert shown(park, mine) == [("asha@okaxis", False), ("asha@ybl", True)]
    with park.db.begin() as session:
        saved_upi.remove(session, mine, second, START, "holder")
    assert shown(park, mine) == [("asha@okaxis", True)]
    with park.db.begin() as session:
        saved_upi.remove(session, mine, first, START, "holder")
        assert session.scalars(select(SavedUpi)).all() == []
        kept = json.dumps([line.detail for line in session.scalars(select(Audit))])
    assert "a****a@ybl" in kept and "asha@" not in kept, "what was removed is in no log either"


def test_an_account_has_a_few_and_none_of_anothers(park, mine):
    for number in range(saved_upi.MOST):
        last = save(park, mine, f"asha{number}@upi")
    with pytest.raises(Refused, match="5 UPI IDs are saved already"):
        save(park, mine, "one.more@upi")
    with park.db.begin() as session:
        other = accounts.open_account(session, SITE, "Ravi", START, "office").id
        with pytest.raises(Refused, match="there is no such UPI ID"):
            saved_upi.remove(session, other, last, START, "holder")


def test_the_same_key_saves_once_and_another_id_under_it_is_refused(park, mine):
    first = save(park, mine, "asha@upi", key="save-0001")
    assert save(park, mine, "asha@upi", key="save-0001") == first
    with pytest.raises(Refused, match=r"^409"):
        save(park, mine, "ravi@upi", key="save-0001")
