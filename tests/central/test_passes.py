"""Passes: a stay is exempt for as long as its plate has one, and owes again when it has none."""

from __future__ import annotations

from datetime import timedelta

from central.actions import access, guest, settling
from central.rules.money import rupees
from central.store.schema import Stay
from edge.protocol.messages import ExitHow, SessionStatus
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.visits import PLATE, back_away, enter, leave, request

GRACE = timedelta(minutes=15)


def give_pass(park: CarPark, at: float, until: float | None = None) -> None:
    with park.db.begin() as db:
        ends = None if until is None else minutes(until)
        access.set_rule(db, SITE, PLATE, "pass", minutes(at), "tests", valid_until=ends)


def test_a_pass_holder_is_let_out_and_owes_nothing(park):
    with park.db.begin() as db:
        access.set_rule(db, SITE, "dl 1c-ab 1234", "pass", minutes(-5), "tests")
    session, _ = enter(park)
    assert park.told(session).status is SessionStatus.EXEMPT
    leave(park, 600, session=session)
    assert (park.stay(session).status, park.dues(session)) == ("closed", [])


def test_a_pass_that_ended_while_its_vehicle_was_parked_exempts_it_no_longer(park):
    give_pass(park, 0, until=60)
    session, _ = enter(park)
    assert (park.told(session).status, park.told(session).permit_until) == (SessionStatus.EXEMPT, minutes(60))
    asked = request(park, 59)
    assert park.told(session).permit_until == minutes(59) + GRACE, "who came in time gets through in time"
    back_away(park, 60, asked)
    month = 30 * 24 * 60
    request(park, month)
    told = park.told(session)
    assert (told.status, told.permit_until) == (SessionStatus.QUOTED, None)
    assert rupees(told.quote.amount_paise) == "₹18,000"


def test_who_came_to_the_exit_on_a_pass_and_had_to_wait_there_is_still_let_out(park):
    give_pass(park, 0, until=60)
    session, _ = enter(park)
    asked = request(park, 59)
    request(park, 90, asked=asked)
    told = park.told(session)
    assert (told.status, told.permit_until, park.dues(session)) == (SessionStatus.EXEMPT, minutes(90) + GRACE, [])


def test_who_leaves_after_the_end_of_the_pass_owes(park):
    give_pass(park, 0, until=60)
    session, _ = enter(park)
    leave(park, 100, session=session, how=ExitHow.OPERATOR)
    assert (park.stay(session).status, rupees(park.dues(session)[0].amount_paise)) == ("left_owing", "₹270")


def test_a_driver_whose_pass_has_ended_is_told_the_price_and_can_pay(park):
    give_pass(park, 0, until=60)
    session, _ = enter(park)
    with park.db.read() as db:
        assert guest.bill(db, session, minutes(30)).permitted(minutes(30))
        assert not guest.bill(db, session, minutes(100)).permitted(minutes(100))
    with park.db.begin() as db:
        due = settling.pay_quote(db, db.get_one(Stay, session), minutes(100))
    assert rupees(due.amount_paise) == "₹270"


def test_a_pass_taken_away_is_taken_from_the_vehicle_inside(park):
    give_pass(park, 0)
    session, _ = enter(park)
    with park.db.begin() as db:
        access.remove_rule(db, SITE, PLATE, minutes(10), "tests")
    assert (park.told(session).status, park.stay(session).exempt) == (SessionStatus.OPEN, False)
    request(park, 45)
    assert rupees(park.dues(session)[0].amount_paise) == "₹170"


def test_a_pass_given_to_a_vehicle_that_waits_at_the_exit_lets_it_out(park):
    session, _ = enter(park)
    request(park, 45)
    give_pass(park, 46)
    assert park.told(session).status is SessionStatus.EXEMPT
    assert [due.state for due in park.dues(session)] == ["waived"]
    with park.db.begin() as db:
        access.set_rule(db, SITE, PLATE, "denied", minutes(47), "tests")
    assert (park.told(session).status, rupees(park.told(session).quote.amount_paise)) == (SessionStatus.QUOTED, "₹170")
