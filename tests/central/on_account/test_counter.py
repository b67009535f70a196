"""Passes and top-ups over the counter: in an attendant's shift, receipted, counted, given back as they came."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.actions import accounts, counter, shifts, wallet
from central.actions.errors import Refused
from central.actions.ledger_check import CARD, CASH
from central.payments import account_refunds
from central.store.reads import tills
from central.store.schema import Attempt, Due, Pass, Receipt, Refund
from tests.central.accounts.test_passes_sold import listed, one, product, sell
from tests.central.car_park import SITE, START, CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.ledger.test_shifts import ASHA, close, opened

SLIP, RRN, OTHER_RRN = "004711", "123456789012", "210987654321"


@pytest.fixture
def ravi(park) -> str:
    with park.db.begin() as session:
        return accounts.open_account(session, SITE, "Ravi", START, "office").id


def asked(park: CarPark, account: str, rupees: int, at: float = 1) -> str:
    with park.db.begin() as session:
        return wallet.top_up(session, account, rupees * 100, minutes(at)).id


def take(park: CarPark, due_id: str, rupees: int, at: float = 2, **how: str) -> Due:
    with park.db.begin() as session:
        return counter.take(session, ASHA, due_id, rupees * 100, minutes(at), **how)


def holds(park: CarPark, account: str) -> int:
    with park.db.read() as session:
        return wallet.balance(session, account)


def pay_out(park: CarPark, account: str, rupees: int, **more: str) -> None:
    with park.db.begin() as session:
        account_refunds.empty_wallet(session, account, rupees * 100, minutes(90), by=ASHA, reason="moved away", **more)


@pytest.mark.parametrize(("by", "slip", "where"), [(CASH, "", "cash_drawer"), (CARD, SLIP, "card_clearing")])
def test_a_pass_that_is_paid_to_an_attendant_holds_and_is_receipted(park, by, slip, where):
    opened(park, 0)
    sold = sell(park, product(park), "DL1CAB1234")
    take(park, sold.due_id, 2_360, by=by, slip=slip)
    assert one(park, sold.id).state == "paid" and list(listed(park)) == ["DL1CAB1234"]
    assert balances(park.db) == {where: 2360.0, "revenue": -2000.0, "cgst": -180.0, "sgst": -180.0}
    with park.db.read() as session:
        assert session.scalars(select(Receipt)).one().total_paise == 2_360_00


def test_a_wallet_is_filled_over_the_counter_and_the_cash_up_counts_it(park, ravi):
    shift = opened(park, 100)
    take(park, asked(park, ravi, 500), 500)
    take(park, asked(park, ravi, 300), 300, 3, by=CARD, slip=SLIP)
    assert holds(park, ravi) == 800_00
    with park.db.read() as session:
        money = tills.shift_money(session, shift)
    assert (money.cash_paise, money.card_paise, len(money.takings)) == (500_00, 300_00, 2)
    closed = close(park, shift, 600)
    assert (closed.expected_paise, closed.counted_paise) == (600_00, 600_00)
    assert balances(park.db) == {"card_clearing": 300.0, "cash_safe": 500.0, "wallet": -800.0}


def test_what_can_not_be_taken_is_refused_with_the_reason(park, ravi):
    due = asked(park, ravi, 500)
    for why, how in (
        ("open your shift first", {}),
        ("expected one of cash, card_terminal", {"by": "cheque"}),
        ("the number on the terminal's slip", {"by": CARD}),
    ):
        with pytest.raises(Refused, match=why):
            take(park, due, 500, **how)
    opened(park)
    with pytest.raises(Refused, match="the amount is ₹500: ask for that"):
        take(park, due, 400)
    with pytest.raises(Refused, match="there is no pass or top-up to be paid at delhi"):
        take(park, "nothing", 500)
    take(park, due, 500)
    with pytest.raises(Refused, match="nothing is to be paid here: this amount is paid"):
        take(park, due, 500)
    assert holds(park, ravi) == 500_00


def test_the_same_press_twice_takes_it_once_and_another_amount_under_its_key_is_refused(park, ravi):
    opened(park)
    due = asked(park, ravi, 500)
    assert take(park, due, 500, key="press-0001").id == take(park, due, 500, 3, key="press-0001").id == due
    with pytest.raises(Refused, match=r"^409"):
        take(park, asked(park, ravi, 600), 600, key="press-0001")
    assert holds(park, ravi) == 500_00


def test_a_phone_that_pays_what_the_counter_took_gets_its_money_back(park, ravi):
    opened(park)
    due, psp = asked(park, ravi, 500), Psp()
    reference = psp.begin(park.db, due, minutes(1))
    take(park, due, 500)
    assert psp.hear(park.db, psp.event(reference, "captured", minutes(3)), minutes(3)) == "duplicate"
    psp.give_back(park.db, minutes(4))
    assert holds(park, ravi) == 500_00 and [paise for _, paise in psp.refunds.values()] == [500_00]
    with park.db.read() as session:
        assert session.scalars(select(Attempt.provider).where(Attempt.applied)).all() == [CASH]


def test_a_wallet_goes_back_each_part_the_way_it_came(park, ravi):
    opened(park)
    psp = Psp()
    due = asked(park, ravi, 200)
    psp.hear(park.db, psp.event(psp.begin(park.db, due, minutes(1)), "captured", minutes(1)), minutes(1))
    take(park, asked(park, ravi, 500, 2), 500, 3)
    take(park, asked(park, ravi, 300, 4), 300, 5, by=CARD, slip=SLIP)
    with pytest.raises(Refused, match=r"₹300 was paid by card: give it back on the terminal"):
        pay_out(park, ravi, 1_000)
    with pytest.raises(Refused, match=f"RRN {OTHER_RRN}: no card payment of this wallet goes back with it"):
        pay_out(park, ravi, 1_000, rrns=f"{RRN}, {OTHER_RRN}")
    assert holds(park, ravi) == 1_000_00
    pay_out(park, ravi, 1_000, rrns=RRN)
    with park.db.read() as session:
        refunds = session.execute(
            select(Attempt.provider, Refund.amount_paise, Refund.state).join(Refund).order_by(Refund.id)
        ).all()
    assert refunds == [(CARD, 300_00, "done"), (CASH, 500_00, "done"), ("mock_upi", 200_00, "requested")]
    psp.give_back(park.db, minutes(91))
    assert balances(park.db) == {"cash_drawer": 500.0, "cash_safe": -500.0}, "the float alone"


def test_cash_goes_back_only_out_of_a_drawer_that_holds_it(park, ravi):
    shift = opened(park, 0)
    take(park, asked(park, ravi, 500), 500)
    close(park, shift, 500)
    with pytest.raises(Refused, match="open your shift first"):
        pay_out(park, ravi, 500)
    opened(park, 100, 600)
    with pytest.raises(Refused, match="your drawer holds ₹100"):
        pay_out(park, ravi, 500)
    pay_out(park, ravi, 100)
    assert holds(park, ravi) == 400_00


@pytest.mark.parametrize(("by", "slip", "rrn"), [(CASH, "", ""), (CARD, SLIP, RRN)])
def test_a_pass_that_is_given_up_goes_back_as_it_was_paid(park, by, slip, rrn):
    opened(park, 0)
    sold = sell(park, product(park), "DL1CAB1234", begins=60)
    take(park, sold.due_id, 2_360, by=by, slip=slip)
    with park.db.begin() as session:
        given = {"by": ASHA, "reason": "sold the car", "rrn": rrn}
        note = account_refunds.give_up_pass(session, sold.id, minutes(30), **given)
    assert note.total_paise == 2_360_00
    assert balances(park.db) == {"revenue": -2000.0, "refunds": 2000.0}
    with park.db.read() as session:
        assert session.get_one(Pass, sold.id).state == "refunded"


def test_a_stay_is_not_taken_for_a_top_up(park):
    from tests.central.ledger.test_shifts import waiting

    opened(park)
    _, due_id = waiting(park)
    with pytest.raises(Refused, match="there is no pass or top-up"):
        take(park, due_id, 170)
    with park.db.begin() as session:
        assert shifts.take_payment(session, ASHA, due_id, 170_00, minutes(46)).total_paise == 170_00
