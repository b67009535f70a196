"""A member's stay at the exit goes on its firm's account: for exactly its plate, within the limit, once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from central.actions import corporate, guest
from central.store.schema import Account, Receipt
from edge.protocol.ids import uuid7
from edge.protocol.messages import ExitHow, ExitRequested
from tests.central.car_park import minutes
from tests.central.car_park import plate as seen
from tests.central.corporate.firms import firm, lines, owes, sound, visit
from tests.central.ledger.books import Psp, balances
from tests.central.visits import PLATE, back_away, enter, leave, request, timeline


def review_of(park, account_id: str) -> str | None:
    with park.db.read() as session:
        return session.get_one(Account, account_id).review


def test_at_the_exit_a_members_stay_goes_on_account_and_the_barrier_is_told(park):
    acme = firm(park, PLATE)
    stay_id, _ = enter(park)
    request(park, 45)
    assert park.stay(stay_id).status == "paid" and park.told(stay_id).status == "paid"
    assert owes(park, acme) == 170_00
    assert balances(park.db) == {"corporate": 170.0, "revenue": -144.06, "cgst": -12.97, "sgst": -12.97}
    [due] = park.dues(stay_id)
    assert (due.state, due.account_id, due.paid_at) == ("on_account", acme, None)
    with park.db.read() as session:
        assert session.scalar(select(Receipt.id)) is None, "it will be on the firm's invoice"
    leave(park, 46, session=stay_id)
    assert park.stay(stay_id).status == "closed" and "on account" in timeline(park, stay_id)
    sound(park)


def test_a_visit_told_again_is_charged_once(park):
    acme = firm(park, PLATE)
    enter(park)
    asked = request(park, 45)
    for at in (45.5, 46):
        request(park, at, asked=asked)
    assert owes(park, acme) == 170_00
    sound(park)


@pytest.mark.parametrize("read", ["DL1CAB1Z34", "DL1CA81234", None])
def test_a_plate_read_otherwise_at_the_exit_is_never_charged_to_a_firm(park, read):
    acme = firm(park, PLATE)
    stay_id, _ = enter(park)
    request(park, 45, read, session=stay_id if read is None else None)
    assert owes(park, acme) == 0 and lines(park) == []
    assert park.stay(stay_id).status != "paid"
    sound(park)


def test_above_the_limit_the_driver_is_asked_and_firm_and_staff_are_told_once(park):
    acme = firm(park, PLATE, limit=169_99)
    stay_id, _ = enter(park)
    asked = request(park, 45)
    request(park, 46, asked=asked)
    assert park.stay(stay_id).status == "quoted" and owes(park, acme) == 0
    why = f"{PLATE} not on account: ₹170 more would be above the credit limit of ₹169.99"
    assert park.stay(stay_id).review == review_of(park, acme) == why
    assert timeline(park, stay_id).count("not on account") == 1
    [due] = park.dues(stay_id)
    park.pay(due.id, minutes(47))
    assert park.stay(stay_id).status == "paid"
    sound(park)


def test_the_limit_is_used_to_the_last_paisa(park):
    acme = firm(park, PLATE, limit=340_00)
    visit(park, 0)
    visit(park, 100)
    assert owes(park, acme) == 340_00
    third, _ = enter(park, 200)
    request(park, 245)
    assert park.stay(third).status == "quoted"
    sound(park)


def test_of_two_exits_at_once_that_want_the_last_of_the_limit_one_goes_on_account(park):
    plates = [PLATE, "MH12DE5678"]
    acme = firm(park, *plates, limit=170_00)
    stays = [enter(park, 0, one)[0] for one in plates]
    messages = [park.exit.report(ExitRequested(request=uuid7(), plate=seen(one)), minutes(45)) for one in plates]
    together = threading.Barrier(2)

    def hear(message) -> None:
        together.wait()
        park.hear(message, now=minutes(45))

    threads = [threading.Thread(target=hear, args=(one,)) for one in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(park.stay(one).status for one in stays) == ["paid", "quoted"]
    assert owes(park, acme) == 170_00
    sound(park)


def test_who_stays_longer_after_the_exit_opened_puts_the_difference_on_account(park):
    acme = firm(park, PLATE)
    stay_id, _ = enter(park)
    asked = request(park, 45)
    back_away(park, 46, asked)
    request(park, 130)
    assert park.stay(stay_id).status == "paid"
    assert [due.amount_paise for due in park.dues(stay_id)] == [170_00, 200_00]
    assert owes(park, acme) == 370_00
    sound(park)


def test_who_left_while_central_was_cut_off_goes_on_account_when_it_is_heard(park):
    acme = firm(park, PLATE)
    stay_id, _ = enter(park)
    leave(park, 45, session=stay_id, how=ExitHow.OPEN_AND_BILL)
    assert park.stay(stay_id).status == "closed" and owes(park, acme) == 170_00
    assert park.stay(stay_id).review is None
    sound(park)


def test_a_member_since_later_owes_for_before_itself(park):
    acme = firm(park)
    stay_id, _ = enter(park)
    leave(park, 45, session=stay_id, how=ExitHow.OPEN_AND_BILL)
    with park.db.begin() as session:
        corporate.add_members(session, acme, PLATE, minutes(60), "manager")
    enter(park, 70)
    request(park, 115)
    assert owes(park, acme) == 170_00 and park.stay(stay_id).status == "left_owing"
    sound(park)


def test_a_payment_that_is_under_way_is_waited_for_and_one_that_comes_late_goes_back(park):
    acme, psp = firm(park, PLATE), Psp()
    stay_id, _ = enter(park)
    with park.db.begin() as session:
        due = guest.ask_price(session, stay_id, minutes(44))
    reference = psp.begin(park.db, due.id, minutes(44))
    asked = request(park, 45)
    assert park.stay(stay_id).status == "quoted" and owes(park, acme) == 0
    psp.hear(park.db, psp.event(reference, "failed", minutes(46)), minutes(46))
    request(park, 47, asked=asked)
    assert park.stay(stay_id).status == "paid" and owes(park, acme) == 170_00
    psp.hear(park.db, psp.event(reference, "captured", minutes(48), payment="late"), minutes(48))
    psp.give_back(park.db, minutes(49))
    assert [paise for _, paise in psp.refunds.values()] == [170_00]
    assert owes(park, acme) == 170_00
    sound(park)
