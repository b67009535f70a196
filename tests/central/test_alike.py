"""A plate at the exit that is only like that of a vehicle inside: shown a price, and never let out for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from central.actions import access, gates, settling
from central.store.schema import Stay
from edge.protocol.messages import ExitHow, SessionStatus
from tests.central.car_park import SITE, START, CarPark, Reporter, minutes
from tests.central.visits import PLATE, back_away, enter, leave, request

ALIKE = "DL1CA81234"
AIRPORT = Path("config/tariffs/airport.toml").read_text()


def test_a_near_match_is_quoted_and_goes_to_review(park):
    session, _ = enter(park, text="DL1CAB1234")
    request(park, 45, text="DL1CA81234")
    told = park.told(session)
    assert told.status is SessionStatus.QUOTED
    assert park.stay(session).review == "plate read as DL1CA81234 at the exit"


def test_a_near_plate_that_has_just_passed_closes_nothing_by_itself(park):
    session, _ = enter(park, text="DL1CAB1234")
    leave(park, 45, text="DL1CA81234", how=ExitHow.OPERATOR)
    assert park.stay(session).status == "open"
    [unmatched] = [stay for stay in park.stays() if stay.id != session]
    assert (unmatched.status, unmatched.review) == ("unmatched", "an exit that no entry fits")


def not_let_out(park: CarPark, session: str, asked: str) -> None:
    """The visit is a record of its own, for a person; the stay it is like knows nothing of it."""
    told = park.told(asked)
    assert (told.status, told.permit_until, told.quote.request) == (SessionStatus.UNMATCHED, None, asked)
    assert f"like {PLATE}" in park.stay(asked).review
    assert (park.stay(session).exit_request, park.stay(session).review) == (None, None)


def test_one_like_a_pass_holder_is_not_let_out_on_the_pass(park):
    with park.db.begin() as db:
        access.set_rule(db, SITE, PLATE, "pass", minutes(0), "tests")
    session, _ = enter(park)
    not_let_out(park, session, request(park, 30, ALIKE))
    assert park.stay(session).status == "exempt"


def test_one_like_a_paid_vehicle_is_not_let_out_and_the_paid_one_is(park):
    session, _ = enter(park)
    with park.db.begin() as db:
        due = settling.pay_quote(db, db.get_one(Stay, session), minutes(20))
    park.pay(due.id, minutes(20))
    asked = request(park, 22, ALIKE)
    not_let_out(park, session, asked)
    leave(park, 23, ALIKE, request=asked, how=ExitHow.OPERATOR)
    assert park.stay(session).status == "paid"
    leave(park, 25, session=session)
    assert (park.stay(session).status, park.stay(asked).status) == ("closed", "unmatched")


def test_one_like_a_vehicle_in_its_free_minutes_is_not_let_out(databases, settings):
    park = CarPark(databases, settings, AIRPORT)
    session, _ = enter(park)
    not_let_out(park, session, request(park, 3, ALIKE))


def test_a_vehicle_that_stands_at_one_exit_keeps_its_answer_when_one_like_it_comes_to_another(park):
    second = Reporter("exit-2")
    with park.db.begin() as db:
        gates.add_gate(db, SITE, "exit-2", START, "tests", lane="exit")
    session, _ = enter(park)
    own = request(park, 20)
    other = request(park, 21, ALIKE, gate=second)
    assert (park.told(session).quote.request, park.told(session).quote.gate) == (own, "exit-1")
    assert park.told(other).status is SessionStatus.UNMATCHED
    assert "stands at exit-1" in park.stay(other).review


@pytest.mark.parametrize("again", [False, True])
def test_a_pass_given_while_one_alike_stands_at_the_exit_lets_only_its_own_vehicle_out(park, again):
    session, _ = enter(park)
    asked = request(park, 20, ALIKE)
    if again:
        request(park, 22, ALIKE, asked=asked)
    with park.db.begin() as db:
        access.set_rule(db, SITE, PLATE, "pass", minutes(23), "tests")
    assert park.told(session).status is SessionStatus.QUOTED
    back_away(park, 24, asked)
    assert park.told(session).status is SessionStatus.EXEMPT
    request(park, 25)
    assert park.told(session).status is SessionStatus.EXEMPT


@pytest.mark.parametrize("how", [ExitHow.OPERATOR, ExitHow.OPEN_AND_BILL, ExitHow.TAILGATED])
def test_one_alike_that_leaves_without_paying_neither_ends_nor_bills_the_stay_it_is_like(park, how):
    session, _ = enter(park)
    asked = request(park, 20, ALIKE)
    leave(park, 21, ALIKE, request=asked, how=how)
    leave(park, 22, ALIKE, request=asked, how=how)
    assert (park.stay(session).status, park.stay(session).stopped_at) == ("open", None)
    [other] = [stay for stay in park.stays() if stay.id != session]
    assert (other.id, other.status, other.exited_at, other.exit_how) == (asked, "unmatched", minutes(21), str(how))
    assert "has left without paying" in park.stay(session).review
    request(park, 45)
    assert park.told(session).quote.amount_paise == 17_000


def test_one_alike_that_leaves_while_the_stays_own_vehicle_is_at_another_exit_does_not_end_it(park):
    second = Reporter("exit-2")
    with park.db.begin() as db:
        gates.add_gate(db, SITE, "exit-2", START, "tests", lane="exit")
    session, _ = enter(park)
    other = request(park, 20, ALIKE)
    own = request(park, 21, gate=second)
    park.pay(park.dues(session)[-1].id, minutes(22))
    leave(park, 23, ALIKE, request=other, how=ExitHow.OPERATOR)
    assert (park.stay(session).status, park.stay(session).exit_request) == ("paid", own)
    assert park.stay(other).status == "unmatched"


def test_one_alike_that_has_paid_for_the_stay_ends_it(park):
    session, _ = enter(park)
    asked = request(park, 20, ALIKE)
    park.pay(park.dues(session)[0].id, minutes(21))
    leave(park, 22, ALIKE, request=asked, how=ExitHow.OPERATOR)
    assert park.stay(session).status == "closed"
