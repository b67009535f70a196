"""Stays of a wished length, paid ahead; paid time that ends; and ghosts nobody saw leaving. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from central.actions import prepaid, stay_fixes, sweeps
from central.actions.errors import Refused
from central.payments import standing
from central.store.schema import CreditNote, Refund, StayEvent
from edge.protocol.messages import SessionStatus
from tests.central.car_park import SITE, minutes
from tests.central.corrections.desk import ATTENDANT, do, sound, undo
from tests.central.ledger.books import Psp
from tests.central.visits import PLATE, enter, leave, request

HOUR = timedelta(hours=1)


def booked(park, at: float = 60, length: timedelta = HOUR, now: float = 0, text: str = PLATE) -> str:
    with park.db.begin() as session:
        return prepaid.book(session, SITE, text, "car", minutes(at), length, minutes(now))


def paid(park, stay: str, at: float) -> Psp:
    """As a driver pays it: through the provider."""
    psp = Psp()
    due = next(due for due in park.dues(stay) if due.state == "quoted")
    psp.hear(park.db, psp.event(psp.begin(park.db, due.id, minutes(at)), "captured", minutes(at)), minutes(at))
    sound(park)
    return psp


def ahead(park, stay: str, length: timedelta, now: float) -> int:
    with park.db.begin() as session:
        return prepaid.pay_ahead(session, stay, length, minutes(now)).amount_paise


def test_a_vehicle_inside_pays_for_a_wished_length_and_the_exit_opens_until_then(park):
    stay, _ = enter(park)
    assert ahead(park, stay, 2 * HOUR, 5) == 27_000
    paid(park, stay, 6)
    assert (park.told(stay).status, park.told(stay).permit_until) == (SessionStatus.PAID, minutes(135))
    leave(park, 134, session=stay)
    assert park.stay(stay).status == "closed"


def test_paid_time_can_be_made_longer_for_the_difference(park):
    stay, _ = enter(park)
    ahead(park, stay, HOUR, 5)
    paid(park, stay, 6)
    assert ahead(park, stay, 2 * HOUR, 30) == 10_000
    paid(park, stay, 31)
    assert park.told(stay).permit_until == minutes(135)


@pytest.mark.parametrize(
    ("length", "why"),
    [(timedelta(minutes=1), "expected 15 minutes"), (HOUR, "over already"), (90 * 24 * HOUR, "30 days")],
)
def test_a_length_that_can_not_be_paid_for_is_refused(park, length, why):
    stay, _ = enter(park)
    with pytest.raises(Refused, match=why), park.db.begin() as session:
        prepaid.pay_ahead(session, stay, length, minutes(70))


def test_a_booking_that_is_paid_is_taken_by_its_plate_and_leaves_without_paying_again(park):
    ahead_of = booked(park)
    assert [due.amount_paise for due in park.dues(ahead_of)] == [17_000]
    paid(park, ahead_of, 1)
    assert park.stay(ahead_of).status == "prepaid"
    stay, _ = enter(park, 65)
    assert (park.told(stay).status, park.told(stay).permit_until) == (SessionStatus.PAID, minutes(65 + 60 + 15))
    assert (park.stay(ahead_of).status, park.stay(ahead_of).joined_to) == ("void", stay)
    leave(park, 120, session=stay)
    assert park.stay(stay).status == "closed"
    sound(park)


def test_who_stays_longer_than_was_booked_owes_only_the_difference(park):
    paid(park, booked(park), 1)
    stay, _ = enter(park, 60)
    request(park, 60 + 100, session=stay)
    assert [due.amount_paise for due in park.dues(stay) if due.state == "quoted"] == [10_000]


@pytest.mark.parametrize(("text", "at"), [("DL1CAB1Z34", 60), (PLATE, 29), (PLATE, 121)])
def test_a_plate_but_alike_or_outside_the_window_takes_no_booking(park, text, at):
    paid(park, booked(park), 1)
    stay, _ = enter(park, at, text)
    assert park.stay(stay).status == "open"


def test_a_booking_nobody_has_paid_is_not_taken_and_ends(park):
    ahead_of = booked(park)
    stay, _ = enter(park, 59)
    assert park.stay(stay).status == "open"
    standing.end_bookings(park.db, minutes(60), 100)
    assert (park.stay(ahead_of).status, park.stay(ahead_of).closed_reason) == ("void", "nobody paid")
    assert [due.state for due in park.dues(ahead_of)] == ["waived"]


@pytest.mark.parametrize(("percent", "back"), [(100, 17_000), (50, 8_500), (0, None)])
def test_who_does_not_come_gets_back_what_the_site_gives(park, percent, back):
    ahead_of = booked(park)
    psp = paid(park, ahead_of, 1)
    standing.end_bookings(park.db, minutes(119), percent)
    assert park.stay(ahead_of).status == "prepaid"
    for _ in range(2):
        standing.end_bookings(park.db, minutes(121), percent)
    psp.give_back(park.db, minutes(122))
    with park.db.read() as session:
        assert session.scalar(select(Refund.amount_paise)) == back
        assert session.scalar(select(CreditNote.total_paise)) == back
    assert park.stay(ahead_of).closed_reason == "nobody came"
    sound(park)


def test_gates_are_told_nothing_of_a_booking(park):
    ahead_of = booked(park)
    assert park.stay(ahead_of).version == 0 and park.stay(ahead_of).cleared_at is not None


def test_paid_time_that_is_over_makes_a_stay_overstayed_with_the_difference_due_and_gates_are_told(park):
    stay, _ = enter(park)
    ahead(park, stay, HOUR, 5)
    paid(park, stay, 6)
    standing.end_overstayed(park.db, minutes(74))
    assert park.stay(stay).status == "paid"
    version = park.stay(stay).version
    for _ in range(2):
        standing.end_overstayed(park.db, minutes(80))
    assert (park.stay(stay).status, park.told(stay).status) == ("overstayed", SessionStatus.OPEN)
    assert park.stay(stay).version == version + 1
    assert [due.amount_paise for due in park.dues(stay) if due.state == "quoted"] == [10_000]
    # it had left within what was paid, which is told late
    leave(park, 70, session=stay)
    assert park.stay(stay).status == "closed" and [due.state for due in park.dues(stay)] == ["paid", "waived"]
    sound(park)


def test_who_waits_at_the_exit_after_paying_is_not_overstayed(park):
    stay, _ = enter(park)
    request(park, 45, session=stay)
    paid(park, stay, 46)
    standing.end_overstayed(park.db, minutes(300))
    assert park.stay(stay).status == "paid"


def test_a_ghost_is_closed_by_system_never_charged_and_listed_and_may_be_brought_back(park):
    ghost, _ = enter(park)
    fresh, _ = enter(park, 60 * 24 * 29, "MH12DE5678")
    now = 60 * 24 * 30 + 1
    standing.end_ghosts(park.db, minutes(now), 30)
    row = park.stay(ghost)
    assert (row.status, row.review) == ("closed_by_system", "closed by system: no sign of life for 30 days")
    assert park.dues(ghost) == [] and park.stay(fresh).status == "open"
    undo(park, now=minutes(now + 1))
    assert park.stay(ghost).status == "open"
    standing.end_ghosts(park.db, minutes(now + 2), 30)
    assert park.stay(ghost).status == "open"


def test_a_payment_a_pass_or_a_persons_word_is_a_sign_of_life(park):
    day = 60 * 24
    paying, _ = enter(park, 0, "MH12DE5678")
    seen, _ = enter(park, 0, "KA05AB1111")
    ahead(park, paying, timedelta(days=20), 10 * day)
    paid(park, paying, 10 * day)
    do(park, stay_fixes.vehicle_class, seen, "bike", now=minutes(10 * day), who=ATTENDANT)
    with park.db.read() as session:
        assert sweeps.ghosts(session, minutes(31 * day), 30) == []
        assert [event.kind for event in session.scalars(select(StayEvent).where(StayEvent.stay_id == seen))][-1]
