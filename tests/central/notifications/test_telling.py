"""Each fact is told once, to whom it concerns and to nobody else, however often it is applied."""

from __future__ import annotations

import threading

import pytest

from central.actions import (
    recipients,
    violation_raising,
    violation_rules,
    violations,
    wallet,
)
from central.actions.told_choices import give_contact
from central.store.schema import Account, AccountVehicle, User
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered
from tests.central.car_park import SITE, CarPark, minutes, plate
from tests.central.ledger.books import Psp
from tests.central.notifications.people import holder
from tests.central.notifications.post import told, words
from tests.central.visits import PLATE, enter, leave, request

ALL = ("inbox", "email", "sms", "push")


def events(park: CarPark, **where: str) -> list[str]:
    return [row.event for row in told(park.db, **where)]


def guest(park: CarPark, stay_id: str, at: float = 0, email: str = "guest@example.org", more: bool = False) -> None:
    with park.db.begin() as session:
        give_contact(session, stay_id, email, "", "en", more, minutes(at))


def test_a_visit_is_told_to_the_account_of_exactly_its_plate_and_to_no_other(park: CarPark):
    account, other = holder(park), holder(park, "DL1CAB1235", email="other@example.org")
    stay_id, _ = enter(park)
    request(park, 45)
    park.pay(park.dues(stay_id)[0].id, minutes(46))
    leave(park, 47, session=stay_id)
    assert [(row.event, row.channel) for row in told(park.db, recipient=f"account/{account}")] == [
        ("entered", "inbox"), ("paid", "inbox"), ("paid", "email"), ("exited", "inbox"),
    ]  # fmt: skip
    assert events(park, recipient=f"account/{other}") == []
    facts = told(park.db, event="exited")[0].facts
    assert facts["paid_paise"] == 170_00 and facts["receipt"] and "owed_paise" not in facts


def test_a_vehicle_with_no_account_and_no_address_is_told_to_nobody(park: CarPark):
    stay_id, _ = enter(park)
    request(park, 45)
    park.pay(park.dues(stay_id)[0].id, minutes(46))
    leave(park, 47, session=stay_id)
    assert told(park.db) == []


def test_an_event_of_a_gate_that_comes_twice_or_hours_late_is_no_second_news(park: CarPark):
    holder(park)
    facts = Entered(plate=plate(PLATE), ticket=park.entry.new_ticket())
    message = park.entry.report(facts, minutes(0), uuid7())
    for _ in range(3):
        park.hear(message, now=minutes(0))
    assert events(park) == ["entered"]
    late = park.entry.report(Entered(plate=plate("DL1CAB7777"), ticket=park.entry.new_ticket()), minutes(5), uuid7())
    holder(park, "DL1CAB7777")
    park.hear(late, now=minutes(5 + 7 * 60))
    assert events(park) == ["entered"]


@pytest.mark.parametrize("how", ["one payment", "32 payments"])
def test_32_captures_at_once_of_one_due_are_one_notification_of_payment(park: CarPark, how):
    account, psp, (stay_id, _) = holder(park), Psp(), enter(park)
    request(park, 45)
    due_id = park.dues(stay_id)[0].id
    captures = []
    for number in range(32 if how == "32 payments" else 1):
        reference = psp.begin(park.db, due_id, minutes(45))
        captures.append(psp.event(reference, "captured", minutes(46), payment=f"pay_{number}"))
        if how == "32 payments":
            psp.hear(park.db, psp.event(reference, "failed", minutes(45), payment=f"no_{number}"), minutes(45))
    captures = captures * (32 // len(captures))
    ready = threading.Barrier(32)

    def hear(event) -> None:
        ready.wait(30)
        psp.hear(park.db, event, minutes(46))

    threads = [threading.Thread(target=hear, args=(event,)) for event in captures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert words(park.db, event="paid") == [("paid", "inbox", "sent"), ("paid", "email", "waiting")]
    assert {row.recipient for row in told(park.db, event="paid")} == {f"account/{account}"}
    psp.give_back(park.db, minutes(47))
    psp.give_back(park.db, minutes(48))
    given_back = told(park.db, event="refunded", channel="email")
    assert len(given_back) == (31 if how == "32 payments" else 0)
    assert all(row.facts["twice"] for row in given_back)


def test_a_payment_that_fails_is_told_with_the_banks_code_once(park: CarPark):
    holder(park)
    psp, (stay_id, _) = Psp(), enter(park)
    request(park, 45)
    reference = psp.begin(park.db, park.dues(stay_id)[0].id, minutes(45))
    for payment in ("a", "b"):
        psp.hear(park.db, psp.event(reference, "failed", minutes(46), payment=payment), minutes(46))
    [row] = told(park.db, event="payment_failed", channel="email")
    assert row.facts["code"] == "00" and row.facts["amount_paise"] == 170_00


def test_a_guest_gets_the_receipts_of_the_stay_at_the_address_given_and_no_more_than_was_ticked(park: CarPark):
    stay_id, _ = enter(park)
    request(park, 45)
    park.pay(park.dues(stay_id)[0].id, minutes(46))
    guest(park, stay_id, 47)
    guest(park, stay_id, 48)
    assert words(park.db) == [("paid", "email", "waiting")], "what was paid before is sent, once"
    guest(park, stay_id, 49, email="mistyped@example.org")
    assert words(park.db) == [("paid", "email", "waiting")] * 2, "and again to another address"
    leave(park, 50, session=stay_id)
    assert len(told(park.db)) == 2


def test_who_has_an_account_and_types_the_same_address_is_told_once(park: CarPark):
    holder(park)
    stay_id, _ = enter(park)
    guest(park, stay_id, email="asha@example.org", more=True)
    request(park, 45)
    park.pay(park.dues(stay_id)[0].id, minutes(46))
    assert words(park.db, event="paid") == [("paid", "inbox", "sent"), ("paid", "email", "waiting")]


def test_a_violation_and_what_was_decided_about_it_are_told_also_to_who_appealed(park: CarPark):
    holder(park)
    stay_id, _ = enter(park)
    with park.db.begin() as session:
        more = {"amount_paise": 500_00, "tax_rate_bp": 0, "wait_minutes": 60, "pay_within_days": 15, "sure_percent": 80}
        violation_rules.set_rule(session, SITE, "overstay", minutes(0), "tests", **more)
    with park.db.begin() as session:
        made = violation_raising.raise_by_hand(session, stay_id, "overstay", "seen by us", minutes(90), "tests")
    with park.db.begin() as session:
        violations.appeal(session, made.id, "I was stuck in the lift", "driver@example.org", minutes(95))
    with park.db.begin() as session:
        violations.uphold(session, made.id, "the lift was working", minutes(99), "tests")
    assert len(told(park.db, event="violation", channel="email")) == 1
    decided = told(park.db, event="decision", channel="email")
    assert len(decided) == 2 and {row.recipient.split("/")[0] for row in decided} == {"account", "notice"}
    assert decided[0].facts["why"] == "the lift was working"


def test_money_put_into_a_wallet_is_told(park: CarPark):
    account, psp = holder(park), Psp()
    with park.db.begin() as session:
        due = wallet.top_up(session, account, 500_00, minutes(0))
    psp.hear(park.db, psp.event(psp.begin(park.db, due.id, minutes(1)), "captured", minutes(2)), minutes(2))
    [row] = told(park.db, event="paid", channel="email")
    assert row.facts["for"] == "wallet"


def test_a_wallet_that_falls_below_what_was_wished_is_told_once_for_each_time(park: CarPark):
    account, psp = holder(park), Psp()

    def fill(at: float) -> None:
        with park.db.begin() as session:
            due = wallet.top_up(session, account, 500_00, minutes(at))
        psp.hear(park.db, psp.event(psp.begin(park.db, due.id, minutes(at)), "captured", minutes(at)), minutes(at))

    fill(0)
    with park.db.begin() as session:
        wallet.tell_below(session, account, 400_00, minutes(1), "holder")
        for vehicle in session.query(AccountVehicle):
            vehicle.pays_itself = True
    for at in (10, 110, 1000, 1100):
        stay_id, _ = enter(park, at)
        asked = request(park, at + 45)
        leave(park, at + 46, session=stay_id, request=asked, how="permit")
        if at == 110:
            fill(200)
    lows = [(row.created_at, row.facts["holds_paise"]) for row in told(park.db, event="low_wallet", channel="inbox")]
    assert lows == [(minutes(55), 330_00), (minutes(1145), 320_00)]


def test_an_account_that_a_driver_has_is_told_where_its_driver_logs_in_and_in_that_language(park: CarPark):
    account = holder(park, phone="", email="")
    user = User(
        id=uuid7(), phone="+919810012345", role="driver", language="hi", active=True, created_at=minutes(0),
        name="Asha", login_count=0,
    )  # fmt: skip
    with park.db.begin() as session:
        session.add(user)
        session.flush()
        session.get_one(Account, account).user_id = user.id
    stay_id, _ = enter(park)
    request(park, 45)
    park.pay(park.dues(stay_id)[0].id, minutes(46))
    assert [row.channel for row in told(park.db, event="paid")] == ["inbox", "sms"]
    with park.db.read() as session:
        to = recipients.find(session, f"account/{account}")
    assert (to.phone, to.language) == ("+919810012345", "hi")
