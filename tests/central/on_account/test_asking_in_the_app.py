"""Money is asked for in the app of a saved UPI ID: when its owner presses, and where the provider does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from central.actions import accounts, prepaid, saved_upi, wallet
from central.payments.asking import ask_in_app
from central.payments.provider import CollectRefused, ProviderUnavailable
from central.store.reads import own_stays
from central.store.schema import Attempt, Due
from tests.central.car_park import SITE, START, CarPark, minutes
from tests.central.ledger.books import Psp
from tests.central.visits import PLATE, enter, leave, request


@dataclass
class Asking(Psp):
    """Asks in apps; `says` is what it raises instead."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    says: Exception | None = None

    def collect(self, order_ref: str, payer: str) -> None:
        if self.says is not None:
            raise self.says
        self.asked.append((order_ref, payer))


@pytest.fixture
def ravi(park) -> str:
    with park.db.begin() as session:
        made = accounts.open_account(session, SITE, "Ravi", START, "office").id
        accounts.register(session, made, PLATE, START, "office")
        saved_upi.save(session, made, "ravi@okaxis", START, "holder")
        return made


def asked_for(park: CarPark, account: str) -> str:
    with park.db.begin() as session:
        return wallet.top_up(session, account, 500_00, minutes(1)).id


def ask(park: CarPark, psp: Asking, due_id: str, at: float = 1):
    with park.db.read() as session:
        account = session.get_one(Due, due_id).account_id
        default = saved_upi.default_of(session, account)
    return ask_in_app(park.db, psp, due_id, default.upi_id, "http://r", timedelta(minutes=10), minutes(at))


def kept(park: CarPark) -> list[tuple[str, str]]:
    with park.db.read() as session:
        return [tuple(row) for row in session.execute(select(Attempt.state, Attempt.asked_upi).order_by(Attempt.id))]


def test_the_default_id_is_asked_once_however_often_it_is_pressed_and_kept_masked_alone(park, ravi):
    psp, due = Asking(), asked_for(park, ravi)
    offer = ask(park, psp, due)
    again = ask(park, psp, due, 2)
    assert psp.asked == [(f"order_{offer.attempt_id.replace('-', '')}", "ravi@okaxis")]
    assert offer.asked == again.asked == "r****i@okaxis" and again.attempt_id == offer.attempt_id
    assert kept(park) == [("pending", "r****i@okaxis")]


def test_who_approves_in_the_app_has_paid(park, ravi):
    psp, due = Asking(), asked_for(park, ravi)
    reference = ask(park, psp, due).attempt_id.replace("-", "")
    assert psp.hear(park.db, psp.event(reference, "captured", minutes(2)), minutes(2)) == "captured"
    with park.db.read() as session:
        assert wallet.balance(session, ravi) == 500_00


def test_where_the_provider_does_not_ask_the_payment_is_open_by_code_as_ever(park, ravi):
    psp, due = Asking(says=CollectRefused("ended")), asked_for(park, ravi)
    with pytest.raises(CollectRefused):
        ask(park, psp, due)
    assert kept(park) == [("pending", "")]
    psp.says = None
    assert ask(park, psp, due, 2).asked == "r****i@okaxis", "pressed again, it is asked after all"
    assert len(psp.orders) == 1


def test_a_provider_that_is_away_is_asked_again_with_the_same_order(park, ravi):
    psp, due = Asking(says=ProviderUnavailable("away")), asked_for(park, ravi)
    with pytest.raises(ProviderUnavailable):
        ask(park, psp, due)
    psp.says = None
    ask(park, psp, due, 2)
    assert len(psp.orders) == len(psp.asked) == 1


def own(park: CarPark, account: str) -> list[str]:
    with park.db.read() as session:
        shown = [row.id for row in own_stays.own_stays(session, account)]
        assert all(own_stays.is_own(session, account, one) for one in shown)
        return shown


def test_an_account_may_pay_for_its_own_vehicles_and_bookings_and_for_nothing_else(park, ravi):
    mine, _ = enter(park)
    theirs, _ = enter(park, 1, "MH12DE5678")
    with park.db.begin() as session:
        theirs_booked = prepaid.book(session, SITE, PLATE, "car", minutes(600), timedelta(hours=1), minutes(1))
        by = own_stays.booked_by(ravi)
        booked = prepaid.book(session, SITE, "DL9XX0001", "car", minutes(600), timedelta(hours=1), minutes(1), by)
    assert set(own(park, ravi)) == {mine, booked}
    with park.db.read() as session:
        assert not any(own_stays.is_own(session, ravi, one) for one in (theirs, theirs_booked, "nothing"))
    request(park, 45, session=mine)
    park.pay(park.dues(mine)[0].id, minutes(46))
    leave(park, 47, session=mine)
    assert own(park, ravi) == [booked]


def test_a_plate_that_is_but_like_the_accounts_is_not_its_own(park, ravi):
    enter(park, 0)
    request(park, 45, "DL1CAB1Z34")  # read with one character that is easily confused
    [stay] = [row for row in park.stays() if row.plate == PLATE]
    assert stay.exit_alike and own(park, ravi) == []
