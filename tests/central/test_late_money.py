"""Money that comes late: kept, receipted, and worth the time it was asked for, not the time it came at."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from central import jobs
from central.actions import settling, upkeep
from central.actions.errors import Refused
from central.jobs import Desk
from central.payments import service
from central.payments.provider import Order, Placed, ProviderEvent, ProviderUnavailable
from central.rules.money import rupees
from central.store.schema import Receipt, Stay
from edge.protocol.messages import ExitHow, SessionStatus
from tests.central.car_park import CarPark, minutes
from tests.central.visits import back_away, enter, leave, request


class Psp:
    """A provider that takes every order, and after a while knows nothing of it."""

    name = "psp"

    def place(self, order: Order, now: datetime) -> Placed:
        return Placed(order.reference, "upi://pay", "http://psp/pay")

    def events(self, order_ref: str) -> list[ProviderEvent]:
        raise ProviderUnavailable("payment provider answered with 404: no such order")


def begin(park: CarPark, due_id: str, at: float) -> str:
    """The driver opens the payment; its order's reference."""
    offer = service.start_attempt(park.db, Psp(), due_id, "http://r", timedelta(minutes=10), minutes(at))
    return offer.attempt_id.replace("-", "")


def say(park: CarPark, reference: str, status: str, amount_paise: int, at: float) -> str:
    event = ProviderEvent(
        f"{reference}{status}", reference, "pay1", status, "RB", amount_paise, "a@b", minutes(at), "{}"
    )
    with park.db.begin() as session:
        return service.apply_event(session, "psp", event, minutes(at))


def receipts(park: CarPark) -> list[str]:
    with park.db.read() as session:
        return [rupees(row.total_paise) for row in session.query(Receipt).order_by(Receipt.serial)]


def run_out(park: CarPark, at: float) -> None:
    with park.db.begin() as session:
        for due_id in upkeep.expired_quotes(session, minutes(at)):
            upkeep.expire_quote(session, due_id, minutes(at))


def test_an_old_amount_captured_hours_later_is_receipted_and_the_difference_is_asked(park):
    session, _ = enter(park)
    asked = request(park, 20)
    [due] = park.dues(session)
    first = begin(park, due.id, 21)
    assert say(park, first, "pending", 12_000, 22) == "unknown"
    back_away(park, 23, asked)
    run_out(park, 40)
    request(park, 620)
    assert rupees(park.told(session).quote.amount_paise) == "₹600"
    second = begin(park, due.id, 621)
    say(park, first, "captured", 12_000, 622)
    told = park.told(session)
    assert (told.status, told.permit_until, rupees(told.quote.amount_paise)) == (SessionStatus.QUOTED, None, "₹480")
    assert receipts(park) == ["₹120"]
    assert say(park, second, "captured", 60_000, 623) == "duplicate", "the old amount's due is paid: it goes back"
    say(park, begin(park, park.dues(session)[-1].id, 624), "captured", 48_000, 625)
    assert park.told(session).permit_until == minutes(640)
    assert receipts(park) == ["₹120", "₹480"]


def test_an_old_amount_nobody_asked_anew_opens_no_exit_either(park):
    session, _ = enter(park)
    asked = request(park, 20)
    reference = begin(park, park.dues(session)[0].id, 21)
    back_away(park, 23, asked)
    run_out(park, 40)
    say(park, reference, "captured", 12_000, 620)
    assert (park.told(session).status, park.told(session).permit_until) == (SessionStatus.OPEN, None)
    request(park, 621)
    assert rupees(park.told(session).quote.amount_paise) == "₹480"


def test_the_bank_may_take_its_time_while_the_vehicle_stands_there(park):
    session, _ = enter(park)
    request(park, 20)
    reference = begin(park, park.dues(session)[0].id, 21)
    run_out(park, 300)
    say(park, reference, "captured", 12_000, 301)
    assert (park.told(session).status, park.told(session).permit_until) == (SessionStatus.PAID, minutes(316))


def test_an_amount_captured_within_its_grace_is_enough(park):
    session, _ = enter(park)
    with park.db.begin() as db:
        due = settling.pay_quote(db, db.get_one(Stay, session), minutes(29))
    reference = begin(park, due.id, 29)
    request(park, 45)
    assert rupees(park.told(session).quote.amount_paise) == "₹170"
    say(park, reference, "captured", 12_000, 46)
    assert (park.told(session).status, receipts(park)) == (SessionStatus.PAID, ["₹120"])


def test_a_bill_of_who_has_left_may_be_paid_at_any_time(park):
    session, _ = enter(park)
    leave(park, 45, session=session, how=ExitHow.OPERATOR)
    say(park, begin(park, park.dues(session)[0].id, 5000), "captured", 17_000, 9000)
    assert park.stay(session).status == "closed"


def test_a_paid_due_takes_no_new_attempt(park):
    session, _ = enter(park)
    request(park, 45)
    [due] = park.dues(session)
    park.pay(due.id, minutes(46))
    with pytest.raises(Refused, match="this amount is paid"):
        begin(park, due.id, 47)


def test_a_payment_its_provider_has_forgotten_is_not_asked_after_for_ever(park):
    session, _ = enter(park)
    request(park, 45)
    begin(park, park.dues(session)[0].id, 45)
    desk = Desk(park.db, park.settings, Psp())
    asked, now = 0, minutes(46)
    while jobs.run_one(desk, now, only=jobs.OF_THE_PROVIDER):
        asked, now = asked + 1, now + timedelta(hours=6)
        assert asked < 30
    assert "does not say how a payment of ₹170 ended" in park.stay(session).review
    assert asked > 10, "a late capture may take days"
