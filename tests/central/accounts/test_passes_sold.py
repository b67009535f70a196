"""Passes that are sold: paid, on the list, renewed, run out, given up; and what they do to a stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from central.actions import access, pass_products, pass_sales
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.payments import account_refunds, service
from central.rules import passes as rules
from central.rules.invoice import recompute
from central.store.schema import AccessRule, Account, Due, MqttOutbox, Pass, Receipt, Reminder
from tests.central.car_park import SITE, START, CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.visits import enter, leave, request

DAY = 24 * 60
PRICE = 2_360_00


def product(park: CarPark, **terms) -> str:
    with park.db.begin() as session:
        given = {"vehicle_classes": ["car"], "plates": 2} | terms
        return pass_products.make_product(session, SITE, "Monthly car", PRICE, START, "manager", **given).id


def sell(park: CarPark, product_id: str, *plates: str, at: float = 0, begins: float = 0, **more) -> Pass:
    with park.db.begin() as session:
        named = [(plate, "car") for plate in plates]
        return pass_sales.sell(session, product_id, "Asha Rao", named, minutes(begins), minutes(at), "office", **more)


def pay(park: CarPark, sold: Pass, at: float, psp: Psp | None = None) -> None:
    psp = psp or Psp()
    event = psp.event(psp.begin(park.db, sold.due_id, minutes(at)), "captured", minutes(at))
    assert psp.hear(park.db, event, minutes(at)) == "captured"


def one(park: CarPark, pass_id: str) -> Pass:
    with park.db.read() as session:
        return session.get_one(Pass, pass_id)


def listed(park: CarPark) -> dict[str, tuple]:
    with park.db.read() as session:
        rules_ = session.scalars(select(AccessRule).where(AccessRule.kind == "pass"))
        return {rule.plate: (rule.valid_from, rule.valid_until) for rule in rules_}


def run_jobs(park: CarPark, at: float) -> None:
    with park.db.read() as session:
        over = pass_sales.over(session, minutes(at))
    for pass_id in over:
        with park.db.begin() as session:
            pass_sales.lapse(session, pass_id, minutes(at))


def test_a_pass_holds_once_it_is_paid_and_the_gates_list_follows(park):
    sold = sell(park, product(park), "dl 1c ab 1234", "MH12AB1234")
    assert listed(park) == {} and sold.state == "unpaid"
    pay(park, sold, 5)
    assert one(park, sold.id).state == "paid"
    until = START + timedelta(days=30)
    assert listed(park) == {"DL1CAB1234": (START, until), "MH12AB1234": (START, until)}
    with park.db.read() as session:
        told = session.scalars(select(MqttOutbox.body).where(MqttOutbox.topic.endswith("/access"))).all()
        receipt = session.scalars(select(Receipt)).one()
    assert "MH12AB1234" in told[-1]
    assert receipt.stay_id is None and receipt.total_paise == PRICE
    totals = recompute(lines_from_json(receipt.lines), receipt.tax_rate_bp, receipt.tax_included)
    assert (totals.total_paise, totals.taxable_paise) == (PRICE, receipt.taxable_paise) == (PRICE, 2_000_00)
    assert balances(park.db) == {"psp_clearing": 2360.0, "revenue": -2000.0, "cgst": -180.0, "sgst": -180.0}
    stay_id, _ = enter(park, 10)
    request(park, 10 + DAY)
    assert park.stay(stay_id).status == "exempt"


def test_a_pass_that_runs_out_leaves_the_list_and_the_vehicle_pays_again(park):
    sold = sell(park, product(park, days=1), "DL1CAB1234")
    pay(park, sold, 5)
    run_jobs(park, DAY - 1)
    assert one(park, sold.id).state == "paid"
    run_jobs(park, DAY)
    assert one(park, sold.id).state == "lapsed" and listed(park) == {}
    stay_id, _ = enter(park, DAY + 10)
    request(park, DAY + 50)
    assert park.stay(stay_id).status == "quoted"


def test_nobody_pays_for_a_pass_and_it_is_given_up_but_late_money_makes_it_hold(park):
    psp, sold = Psp(), sell(park, product(park), "DL1CAB1234")
    reference = psp.begin(park.db, sold.due_id, minutes(1))
    run_jobs(park, 3 * DAY)
    assert one(park, sold.id).state == "dropped"
    with park.db.read() as session:
        assert session.get_one(Due, sold.due_id).state == "waived"
    # what was given up is not owed: the money goes back
    event = psp.event(reference, "captured", minutes(3 * DAY + 5))
    assert psp.hear(park.db, event, minutes(3 * DAY + 5)) == "duplicate"
    psp.give_back(park.db, minutes(3 * DAY + 6))
    assert balances(park.db) == {} and one(park, sold.id).state == "dropped"


def test_a_pass_is_renewed_by_its_holder_and_goes_on_without_a_gap(park):
    sold = sell(park, product(park), "DL1CAB1234")
    pay(park, sold, 5)
    with park.db.begin() as session:
        assert pass_sales.remind(session, minutes(24 * DAY)) == 0
        assert pass_sales.remind(session, minutes(26 * DAY)) == 1
        assert pass_sales.remind(session, minutes(27 * DAY)) == 0
        assert session.scalars(select(Reminder.pass_id)).all() == [sold.id]
        renewed = pass_sales.renew(session, sold.id, minutes(27 * DAY))
        assert pass_sales.renew(session, sold.id, minutes(27 * DAY)).id == renewed.id, "pressed twice, it is one"
    assert renewed.valid_from == sold.valid_until
    pay(park, renewed, 28 * DAY)
    assert listed(park) == {"DL1CAB1234": (START, START + timedelta(days=60))}
    run_jobs(park, 30 * DAY)
    assert one(park, sold.id).state == "lapsed" and "DL1CAB1234" in listed(park)
    run_jobs(park, 60 * DAY)
    assert listed(park) == {} and balances(park.db)["psp_clearing"] == 2 * 2360


def test_a_renewal_given_up_leaves_the_pass_before_it_to_its_end(park):
    psp, sold = Psp(), sell(park, product(park), "DL1CAB1234")
    pay(park, sold, 5, psp)
    with park.db.begin() as session:
        renewed = pass_sales.renew(session, sold.id, minutes(20 * DAY))
    pay(park, renewed, 20 * DAY, psp)
    with pytest.raises(Refused, match="give up the renewal first"), park.db.begin() as session:
        account_refunds.give_up_pass(session, sold.id, minutes(21 * DAY), by="office", reason="moved")
    with park.db.begin() as session:
        note = account_refunds.give_up_pass(session, renewed.id, minutes(21 * DAY), by="office", reason="moved")
    assert note.total_paise == PRICE
    assert listed(park) == {"DL1CAB1234": (START, START + timedelta(days=30))}


def test_a_pass_over_for_long_can_not_be_renewed(park):
    sold = sell(park, product(park, days=1), "DL1CAB1234")
    pay(park, sold, 5)
    run_jobs(park, DAY)
    with pytest.raises(Refused, match="can't be renewed"), park.db.begin() as session:
        pass_sales.renew(session, sold.id, minutes(17 * DAY))
    with park.db.begin() as session:
        assert pass_sales.renew(session, sold.id, minutes(10 * DAY)).valid_from == minutes(10 * DAY)


def test_who_gives_a_pass_up_gets_the_days_left_back_with_a_credit_note(park):
    psp, sold = Psp(), sell(park, product(park), "DL1CAB1234")
    pay(park, sold, 5, psp)
    with park.db.begin() as session:
        note = account_refunds.give_up_pass(
            session, sold.id, minutes(10 * DAY), by="office", reason="moved away", key="give-0001"
        )
    # twenty of thirty days of Rs 2,360, whole rupees
    assert note.total_paise == 1_573_00 and note.taxable_paise + note.cgst_paise + note.sgst_paise == note.total_paise
    assert one(park, sold.id).state == "refunded" and listed(park) == {}
    psp.give_back(park.db, minutes(10 * DAY + 1))
    assert balances(park.db)["psp_clearing"] == 787
    with park.db.begin() as session:
        again = account_refunds.give_up_pass(
            session, sold.id, minutes(10 * DAY), by="office", reason="moved away", key="give-0001"
        )
        assert again.id == note.id
    with pytest.raises(Refused, match="it is refunded"), park.db.begin() as session:
        account_refunds.give_up_pass(session, sold.id, minutes(11 * DAY), by="office", reason="again")


def test_sales_that_can_not_be_are_refused_by_name(park):
    of_cars = product(park)
    with park.db.begin() as session:
        access.set_rule(session, SITE, "DL9ZZ9999", "denied", START, "manager")
        access.set_rule(session, SITE, "DL8ZZ8888", "pass", START, "manager")
    for plates, why in (
        (("DL9ZZ9999",), "plate DL9ZZ9999 is not let in here"),
        (("DL8ZZ8888",), "plate DL8ZZ8888 has another pass then"),
        (("A1", "B2", "C3"), "3 plates: expected 1 to 2"),
        ((), "0 plates"),
        (("DL 1 ??",), "expected 1 to 16 letters"),
    ):
        with pytest.raises(Refused, match=why):
            sell(park, of_cars, *plates)
    with pytest.raises(Refused, match="a 'bike': this pass is for car"), park.db.begin() as session:
        pass_sales.sell(session, of_cars, "Asha", [("DL1", "bike")], START, START, "office")
    with pytest.raises(Refused, match="expected to begin"):
        sell(park, of_cars, "DL1CAB1234", begins=200 * DAY)
    for wrong, why in (
        ({"days": 0}, "holds for no time"),
        ({"plates": 0}, "number of plates 0: expected 1 to 20"),
        ({"vehicle_classes": []}, "vehicle class none"),
        ({"vehicle_classes": ["tank"]}, "vehicle class 'tank'"),
        ({"hours": 24}, "hours 24: expected 0 to 23"),
    ):
        with pytest.raises(Refused, match=why):
            product(park, **wrong)
    with park.db.begin() as session:
        pass_products.end_product(session, of_cars, START, "manager")
    with pytest.raises(Refused, match="no longer sold"):
        sell(park, of_cars, "DL1CAB1234")


def test_a_plate_that_was_denied_before_the_pass_was_paid_stays_denied_and_a_person_looks(park):
    sold = sell(park, product(park), "DL1CAB1234", "MH12AB1234")
    with park.db.begin() as session:
        access.set_rule(session, SITE, "MH12AB1234", "denied", minutes(1), "manager")
    pay(park, sold, 5)
    assert set(listed(park)) == {"DL1CAB1234"}
    with park.db.read() as session:
        assert "MH12AB1234, which is not let in here" in session.get_one(Account, sold.account_id).review


def test_a_pass_of_a_vehicle_that_is_inside_exempts_it_at_once(park):
    stay_id, _ = enter(park)
    sold = sell(park, product(park), "DL1CAB1234")
    pay(park, sold, 20)
    assert park.stay(stay_id).status == "exempt"
    leave(park, 500, session=stay_id)
    assert park.stay(stay_id).status == "closed" and not park.dues(stay_id)


def test_the_same_key_sells_one_pass_and_another_sale_under_it_is_refused(park):
    of_cars = product(park)
    first = sell(park, of_cars, "DL1CAB1234", key="sale-0001")
    assert sell(park, of_cars, "DL1CAB1234", key="sale-0001").id == first.id
    with pytest.raises(Refused, match=r"^409"):
        sell(park, of_cars, "MH12AB1234", key="sale-0001")


def test_a_pass_is_paid_once_however_often_money_comes(park):
    psp, sold = Psp(), sell(park, product(park), "DL1CAB1234")
    one_, two = (psp.begin(park.db, sold.due_id, minutes(at)) for at in (1, 30))
    assert psp.hear(park.db, psp.event(one_, "captured", minutes(31)), minutes(31)) == "captured"
    assert psp.hear(park.db, psp.event(two, "captured", minutes(32)), minutes(32)) == "duplicate"
    with pytest.raises(Refused, match="this amount is paid"):
        service.start_attempt(park.db, psp, sold.due_id, "http://r", timedelta(minutes=10), minutes(33))
    psp.give_back(park.db, minutes(34))
    assert balances(park.db)["psp_clearing"] == 2360


@given(st.integers(100, 10_00_000_00), st.integers(1, 366), st.integers(-10, 400 * DAY))
def test_what_goes_back_of_a_pass_is_whole_rupees_never_more_than_was_paid_and_falls_with_time(price, days, at):
    begin, end = START, START + timedelta(days=days)
    now, later = (
        rules.refund_paise(price, begin, end, minutes(at)),
        rules.refund_paise(price, begin, end, minutes(at + 60)),
    )
    assert 0 <= later <= now <= price
    assert now in (price, now - now % 100)
    assert at < days * DAY or now == 0
