"""Prepaid wallets: filled through the provider, spent at the exit for exactly its own plates, never below nothing."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from central.actions import accounts, credit_notes, guest, wallet
from central.actions.errors import Refused
from central.payments import account_refunds
from central.rules import wallet as rules
from central.rules.wallet import AtExit
from central.store.schema import Attempt, Receipt, Stay
from edge.protocol.ids import uuid7
from edge.protocol.messages import ExitRequested
from tests.central.car_park import SITE, START, CarPark, minutes
from tests.central.car_park import plate as seen
from tests.central.ledger.books import Psp, balances
from tests.central.visits import PLATE, enter, leave, request


def account(park: CarPark, *plates: str, on: bool = True) -> str:
    """An account with these vehicles; its id."""
    with park.db.begin() as session:
        made = accounts.open_account(session, SITE, "Asha Rao", START, "office")
        for plate in plates:
            vehicle = accounts.register(session, made.id, plate, START, "office")
            accounts.switch(session, made.id, vehicle.id, on, START, "holder")
        return made.id


def fill(park: CarPark, account_id: str, paise: int, at: float = 0, psp: Psp | None = None) -> str:
    """Tops the wallet up; the due's id."""
    psp = psp or Psp()
    with park.db.begin() as session:
        due_id = wallet.top_up(session, account_id, paise, minutes(at)).id
    event = psp.event(psp.begin(park.db, due_id, minutes(at)), "captured", minutes(at))
    assert psp.hear(park.db, event, minutes(at)) == "captured"
    return due_id


def holds(park: CarPark, account_id: str) -> int:
    with park.db.read() as session:
        return wallet.balance(session, account_id)


def test_a_top_up_is_in_the_books_and_no_invoice_is_made_of_it(park):
    mine = account(park, PLATE)
    assert holds(park, mine) == 0
    fill(park, mine, 500_00)
    assert holds(park, mine) == 500_00
    assert balances(park.db) == {"psp_clearing": 500.0, "wallet": -500.0}
    with park.db.read() as session:
        assert session.scalar(select(Receipt.id)) is None


def test_at_the_exit_the_wallet_pays_and_the_barrier_is_told(park):
    mine = account(park, PLATE)
    fill(park, mine, 500_00)
    stay_id, _ = enter(park)
    request(park, 45)
    assert park.stay(stay_id).status == "paid" and park.told(stay_id).status == "paid"
    assert holds(park, mine) == 330_00
    assert balances(park.db) == {
        "psp_clearing": 500.0, "wallet": -330.0, "revenue": -144.06, "cgst": -12.97, "sgst": -12.97,
    }  # fmt: skip
    with park.db.read() as session:
        assert session.scalars(select(Receipt)).one().total_paise == 170_00
    leave(park, 46, session=stay_id)
    assert park.stay(stay_id).status == "closed"


@pytest.mark.parametrize("filled", [0, 169_99])
def test_too_little_is_never_taken_and_the_driver_pays_otherwise(park, filled):
    mine = account(park, PLATE)
    if filled:
        fill(park, mine, filled)
    stay_id, _ = enter(park)
    request(park, 45)
    assert park.stay(stay_id).status == "quoted" and holds(park, mine) == filled


def test_it_pays_to_the_last_paisa(park):
    mine = account(park, PLATE)
    fill(park, mine, 170_00)
    stay_id, _ = enter(park)
    request(park, 45)
    assert park.stay(stay_id).status == "paid" and holds(park, mine) == 0


def test_who_has_not_switched_it_on_is_asked(park):
    mine = account(park, PLATE, on=False)
    fill(park, mine, 500_00)
    stay_id, _ = enter(park)
    request(park, 45)
    assert park.stay(stay_id).status == "quoted" and holds(park, mine) == 500_00


@pytest.mark.parametrize("read", ["DL1CAB1Z34", "DL1CA81234", None])
def test_a_plate_read_otherwise_at_the_exit_never_takes_from_a_wallet(park, read):
    mine = account(park, PLATE)
    fill(park, mine, 500_00)
    stay_id, _ = enter(park)
    request(park, 45, read, session=stay_id if read is None else None)
    assert holds(park, mine) == 500_00
    with park.db.read() as session:
        assert not session.scalars(select(Stay.id).where(Stay.status == "paid")).all()


def test_a_visit_told_again_takes_once(park):
    mine = account(park, PLATE)
    fill(park, mine, 500_00)
    enter(park)
    asked = request(park, 45)
    for at in (45.5, 46, 46.5):
        request(park, at, asked=asked)
    assert holds(park, mine) == 330_00


def test_two_vehicles_at_two_exits_never_take_more_than_there_is(park):
    plates = [f"DL1CAB{1000 + n}" for n in range(4)]
    mine = account(park, *plates)
    fill(park, mine, 400_00)
    for plate in plates:
        enter(park, 0, plate)
    messages = []
    for plate in plates:
        messages.append(park.exit.report(ExitRequested(request=uuid7(), plate=seen(plate)), minutes(45)))
    threads = [threading.Thread(target=park.hear, args=(one,), kwargs={"now": minutes(45)}) for one in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert holds(park, mine) == 400_00 - 2 * 170_00
    assert sorted(stay.status for stay in park.stays()) == ["paid", "paid", "quoted", "quoted"]
    assert balances(park.db)["wallet"] == -60


def test_a_payment_that_is_under_way_is_waited_for(park):
    mine, psp = account(park, PLATE), Psp()
    fill(park, mine, 500_00)
    stay_id, _ = enter(park)
    with park.db.begin() as session:
        due = guest.ask_price(session, stay_id, minutes(44))
    reference = psp.begin(park.db, due.id, minutes(44))
    request(park, 45)
    assert park.stay(stay_id).status == "quoted" and holds(park, mine) == 500_00
    psp.hear(park.db, psp.event(reference, "captured", minutes(46)), minutes(46))
    assert park.stay(stay_id).status == "paid" and holds(park, mine) == 500_00


def test_a_refund_of_what_a_wallet_paid_goes_back_into_it(park):
    mine = account(park, PLATE)
    fill(park, mine, 500_00)
    enter(park)
    request(park, 45)
    with park.db.begin() as session:
        receipt_id = session.scalar(select(Receipt.id))
        note, refund = credit_notes.issue(session, receipt_id, 70_00, minutes(50), by="office", reason="slow exit")
    assert refund.state == "done" and note.total_paise == 70_00
    assert holds(park, mine) == 400_00
    assert balances(park.db)["wallet"] == -400


def test_what_a_wallet_holds_goes_back_to_where_it_came_from_the_latest_first(park):
    mine, psp = account(park, PLATE), Psp()
    fill(park, mine, 200_00, 0, psp)
    fill(park, mine, 300_00, 1, psp)
    enter(park, 2)
    request(park, 47)
    assert holds(park, mine) == 330_00
    with pytest.raises(Refused, match="the wallet holds ₹330"), park.db.begin() as session:
        account_refunds.empty_wallet(session, mine, 331_00, minutes(60), by="office", reason="moved away")
    for _sent_twice in range(2):
        with park.db.begin() as session:
            account_refunds.empty_wallet(
                session, mine, 330_00, minutes(60), by="office", reason="moved away", key="pay-out-1"
            )
    assert holds(park, mine) == 0 and balances(park.db)["customer_credit"] == -330
    psp.give_back(park.db, minutes(61))
    assert sorted(paise for _, paise in psp.refunds.values()) == [30_00, 300_00]
    assert balances(park.db)["psp_clearing"] == 170
    with park.db.read() as session:
        theirs = select(Attempt.provider).where(Attempt.applied)
        assert sorted(session.scalars(theirs)) == ["mock_upi", "mock_upi", "wallet"]


def test_what_can_not_be_is_refused_by_name(park):
    mine, other = account(park, PLATE), account(park)
    with park.db.begin() as session:
        for paise, why in ((99_99, "₹99.99: expected ₹100 to ₹20,000"), (20_001_00, "expected ₹100 to ₹20,000")):
            with pytest.raises(Refused, match=why):
                wallet.top_up(session, mine, paise, START)
        with pytest.raises(Refused, match="registered to another account"):
            accounts.register(session, other, PLATE, START, "office")
        with pytest.raises(Refused, match="there is no such account"):
            wallet.top_up(session, "nobody", 200_00, START)
        vehicle = accounts.vehicle_of(session, SITE, PLATE)
        with pytest.raises(Refused, match="there is no such vehicle"):
            accounts.switch(session, other, vehicle.id, False, START, "holder")
        first = wallet.top_up(session, mine, 200_00, START, key="top-up-01")
        assert wallet.top_up(session, mine, 200_00, START, key="top-up-01").id == first.id
        with pytest.raises(Refused, match=r"^409"):
            wallet.top_up(session, mine, 300_00, START, key="top-up-01")
        wallet.top_up(session, mine, 300_00, START)
        assert first.state == "waived", "of two that nobody paid the earlier is given up"


def test_a_wallet_holds_no_more_than_it_may(park):
    mine = account(park)
    for at in range(2):
        fill(park, mine, rules.MOST_PAISE, at)
    with pytest.raises(Refused, match="it can hold ₹50,000 at most"), park.db.begin() as session:
        wallet.top_up(session, mine, 10_000_01, minutes(3))


money = st.integers(0, 1_000_00)


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), money, money)
def test_a_wallet_pays_itself_only_for_exactly_its_plate_and_never_below_nothing(same, alike, on, under_way, due, has):
    known = AtExit(PLATE, PLATE if same else "DL1CAB1235", alike, on, under_way, due, has)
    if rules.pays_itself(known):
        assert same and not alike and on and not under_way and 0 < due <= has
    unread = AtExit(None, None, alike, on, under_way, due, has)
    assert not rules.pays_itself(unread)


@given(st.integers(-5, 500), st.lists(st.integers(0, 200), max_size=5))
def test_what_goes_back_adds_up_and_takes_from_no_top_up_more_than_is_left_of_it(paise, left):
    top_ups = [(str(number), of_it) for number, of_it in enumerate(left)]
    if not 0 < paise <= sum(left):
        with pytest.raises(ValueError, match="to go back"):
            rules.shares(paise, top_ups)
        return
    given_back = rules.shares(paise, top_ups)
    assert sum(part for _, part in given_back) == paise
    assert all(0 < part <= dict(top_ups)[name] for name, part in given_back)
