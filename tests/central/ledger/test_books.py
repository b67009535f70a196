"""What happens to stays and payments, as the books tell it: on both databases, whatever comes first."""

from __future__ import annotations

import pytest

from central.actions import billing, upkeep
from central.actions.records import hold, lock_site
from edge.protocol.messages import ExitHow
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances, kinds
from tests.central.visits import back_away, enter, leave, request

# Rs 170 with 18 % GST in it
EARNED = {"revenue": -144.06, "cgst": -12.97, "sgst": -12.97}


@pytest.fixture
def psp() -> Psp:
    return Psp()


def due_at_exit(park: CarPark, at: float = 45) -> tuple[str, str]:
    session, _ = enter(park)
    request(park, at)
    return session, park.dues(session)[0].id


def test_a_price_that_is_only_asked_is_not_in_the_books(park):
    due_at_exit(park)
    assert balances(park.db) == {}


def test_a_capture_is_revenue_and_tax_and_is_with_the_provider(park, psp):
    _, due = due_at_exit(park)
    event = psp.event(psp.begin(park.db, due, minutes(45)), "captured", minutes(46))
    for _ in range(3):
        psp.hear(park.db, event, minutes(46))
    assert balances(park.db) == {"psp_clearing": 170.0, **EARNED}
    assert kinds(park.db) == ["paid_by_upi"]


def test_who_leaves_without_paying_owes_and_pays_later(park, psp):
    session, due = due_at_exit(park)
    leave(park, 46, session=session, how=ExitHow.OPEN_AND_BILL)
    assert balances(park.db) == {"receivable": 170.0, **EARNED}
    psp.hear(park.db, psp.event(psp.begin(park.db, due, minutes(900)), "captured", minutes(901)), minutes(901))
    assert balances(park.db) == {"psp_clearing": 170.0, **EARNED}
    assert park.stay(session).status == "closed"


def test_an_exit_told_again_or_an_entry_told_late_owes_the_same(park):
    session, _ = due_at_exit(park)
    for at in (46, 47):
        leave(park, at, session=session, how=ExitHow.OPERATOR)
    assert balances(park.db) == {"receivable": 170.0, **EARNED}


def test_a_duplicate_is_the_payers_until_it_is_given_back(park, psp):
    _, due = due_at_exit(park)
    first = psp.begin(park.db, due, minutes(45))
    psp.hear(park.db, psp.event(first, "failed", minutes(45), payment="declined"), minutes(45))
    second = psp.begin(park.db, due, minutes(46))
    psp.hear(park.db, psp.event(second, "captured", minutes(47)), minutes(47))
    psp.hear(park.db, psp.event(first, "captured", minutes(48)), minutes(48))
    psp.hear(park.db, psp.event(second, "captured", minutes(48), payment="other_phone"), minutes(48))
    assert balances(park.db) == {"psp_clearing": 510.0, "customer_credit": -340.0, **EARNED}
    psp.give_back(park.db, minutes(50))
    psp.give_back(park.db, minutes(51))
    assert balances(park.db) == {"psp_clearing": 170.0, **EARNED}
    assert kinds(park.db).count("refunded_by_upi") == 2


def test_another_amount_than_was_asked_is_kept_for_the_payer(park, psp):
    _, due = due_at_exit(park)
    psp.hear(
        park.db, psp.event(psp.begin(park.db, due, minutes(45)), "captured", minutes(46), paise=9_900), minutes(46)
    )
    assert balances(park.db) == {"psp_clearing": 99.0, "customer_credit": -99.0}


def test_an_old_amount_paid_after_leaving_settles_its_part_and_the_rest_is_owed(park, psp):
    session, due = due_at_exit(park, 20)
    old = psp.begin(park.db, due, minutes(21))
    back_away(park, 23, park.stay(session).exit_request)
    with park.db.begin() as db:
        upkeep.expire_quote(db, due, minutes(40))
    request(park, 620)
    leave(park, 621, session=session, how=ExitHow.OPEN_AND_BILL)
    assert balances(park.db)["receivable"] == 600
    psp.hear(park.db, psp.event(old, "captured", minutes(700)), minutes(700))
    after = balances(park.db)
    assert (after["psp_clearing"], after["receivable"]) == (120, 480)
    assert after["revenue"] + after["cgst"] + after["sgst"] == -600


def waive(park: CarPark, stay_id: str, by: str) -> None:
    with park.db.begin() as session:
        lock_site(session, SITE)
        billing.waive_unpaid(session, hold(session, stay_id), minutes(60), "a good reason", by)


@pytest.mark.parametrize(("by", "left"), [("asha@example.org", {"write_off": 170.0, **EARNED}), ("central", {})])
def test_what_a_person_waives_is_written_off_and_what_was_never_owed_is_taken_back(park, by, left):
    session, _ = due_at_exit(park)
    leave(park, 46, session=session, how=ExitHow.OPEN_AND_BILL)
    waive(park, session, by)
    assert balances(park.db) == left


def test_money_for_a_waived_due_goes_back(park, psp):
    session, due = due_at_exit(park)
    reference = psp.begin(park.db, due, minutes(45))
    leave(park, 46, session=session, how=ExitHow.OPEN_AND_BILL)
    waive(park, session, "asha@example.org")
    psp.hear(park.db, psp.event(reference, "captured", minutes(61)), minutes(61))
    psp.give_back(park.db, minutes(62))
    assert balances(park.db) == {"write_off": 170.0, **EARNED}


def test_a_plate_that_comes_in_again_takes_its_old_exit_back_out_of_the_books(park):
    session, _ = enter(park)
    leave(park, 100, how=ExitHow.OPEN_AND_BILL)
    assert balances(park.db)["receivable"] > 0
    newer, _ = enter(park, 60)  # told late: the exit was this one's
    owed = sum(due.amount_paise for due in park.dues(newer) if due.state in billing.UNPAID) / 100
    assert park.stay(session).status == "closed_by_system"
    assert balances(park.db).get("receivable", 0) == owed
