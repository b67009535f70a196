"""A notice from the day it is raised: told, appealed, decided, paid, given up; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from central.actions import settling, shifts, violation_raising, violation_rules, violations
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.payments import refunds
from central.rules.invoice import recompute
from central.rules.violations import Kind
from central.store.schema import Audit, Receipt, Stay, Violation
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.violations.notices import FINE, raised, watch
from tests.central.visits import enter, leave, request

WHY = "The barrier stood open and nobody was there."


def overstay(park: CarPark, **values: int) -> Violation:
    """A vehicle that stayed 100 minutes where an hour is allowed, paid for it and has left."""
    watch(park, Kind.OVERSTAY, **values)
    session, _ = enter(park)
    request(park, 100, session=session)
    park.pay(park.dues(session)[0].id, minutes(101))
    leave(park, 102, session=session)
    return raised(park)[-1]


def do(park: CarPark, action, *args):
    with park.db.begin() as session:
        return action(session, *args)


def test_the_time_to_pay_runs_from_the_first_time_its_driver_is_told(park):
    notice = overstay(park, pay_within_days=10)
    told = do(park, violations.tell, notice.id, "windscreen", minutes(200), "asha")
    assert (told.status, told.due_by) == ("notified", minutes(200) + timedelta(days=10))
    again = do(park, violations.tell, notice.id, "post", minutes(900), "asha")
    assert (again.notified_how, again.due_by, again.notified_at) == ("post", told.due_by, minutes(200))


def test_an_appeal_that_is_granted_gives_it_up_and_late_money_goes_back(park):
    notice, psp = overstay(park), Psp()
    order = psp.begin(park.db, notice.due_id, minutes(150))
    appealed = do(park, violations.appeal, notice.id, WHY, "asha@example.org", minutes(160))
    assert (appealed.status, appealed.notified_how) == ("appealed", "page")
    waived = do(park, violations.waive, notice.id, "barrier was broken", minutes(170), "vera")
    assert (waived.status, waived.decision, waived.decided_by) == ("waived", "barrier was broken", "vera")
    assert psp.hear(park.db, psp.event(order, "captured", minutes(171)), minutes(171)) == "duplicate"
    psp.give_back(park.db, minutes(172))
    assert list(psp.refunds.values()) == [(f"pay_{order[-12:]}", FINE)]
    assert raised(park)[0].status == "waived"


def test_an_appeal_that_is_turned_down_begins_the_time_to_pay_anew(park):
    notice = overstay(park, pay_within_days=15)
    do(park, violations.appeal, notice.id, WHY, "98xxx 12345", minutes(10_000))
    upheld = do(park, violations.uphold, notice.id, "seen on the picture", minutes(20_000), "vera")
    assert (upheld.status, upheld.due_by) == ("upheld", minutes(20_000) + timedelta(days=15))
    with pytest.raises(Refused, match="upheld already"):
        do(park, violations.appeal, notice.id, WHY, "98xxx 12345", minutes(20_001))


def test_paying_it_makes_a_receipt_that_recomputes_and_is_no_payment_of_the_stay(park):
    notice, psp = overstay(park, tax_rate_bp=1_800), Psp()
    before = park.stay(notice.stay_id)
    order = psp.begin(park.db, notice.due_id, minutes(150))
    assert psp.hear(park.db, psp.event(order, "captured", minutes(151)), minutes(151)) == "captured"
    [paid] = raised(park)
    assert (paid.status, paid.paid_at) == ("paid", minutes(151))
    with park.db.read() as session:
        receipt = session.scalars(select(Receipt).where(Receipt.due_id == notice.due_id)).one()
    totals = recompute(lines_from_json(receipt.lines), receipt.tax_rate_bp, receipt.tax_included)
    assert (totals.total_paise, totals.tax_paise) == (FINE, receipt.cgst_paise + receipt.sgst_paise)
    assert receipt.lines[0]["text"] == "Penalty: stayed longer than allowed (1 h 40 min)"
    after = park.stay(notice.stay_id)
    assert (after.status, after.permit_until, after.version) == (before.status, before.permit_until, before.version)


def test_paying_a_notice_opens_no_exit_for_a_stay_that_has_not_paid(park):
    watch(park, Kind.OVERSTAY)
    session, _ = enter(park)
    request(park, 100, session=session)
    [notice], psp = raised(park), Psp()
    psp.hear(
        park.db, psp.event(psp.begin(park.db, notice.due_id, minutes(101)), "captured", minutes(102)), minutes(102)
    )
    told = park.told(session)
    assert (str(told.status), told.permit_until, told.quote.amount_paise) == ("quoted", None, 27_000)
    assert raised(park)[0].status == "paid"


def test_cash_at_the_barrier_pays_it_too(park):
    notice = overstay(park)
    with park.db.begin() as session:
        shifts.open_shift(session, SITE, "asha", 0, minutes(110))
    with park.db.begin() as session:
        receipt = shifts.take_payment(session, "asha", notice.due_id, FINE, minutes(120), by="cash")
    assert receipt.total_paise == FINE and raised(park)[0].status == "paid"
    assert balances(park.db)["cash_drawer"] == 500.0


def test_what_was_paid_can_be_given_back_with_a_credit_note(park):
    notice, psp = overstay(park), Psp()
    order = psp.begin(park.db, notice.due_id, minutes(150))
    psp.hear(park.db, psp.event(order, "captured", minutes(151)), minutes(151))
    with park.db.begin() as session:
        receipt = session.scalars(select(Receipt).where(Receipt.due_id == notice.due_id)).one()
        refunds.give_back(session, receipt.id, FINE, minutes(160), by="vera", reason="we were wrong")
    psp.give_back(park.db, minutes(161))
    assert len(psp.refunds) == 1 and raised(park)[0].status == "paid"


def test_what_nobody_will_pay_is_written_off(park):
    notice = overstay(park)
    with pytest.raises(Refused, match="raised already"):
        do(park, violations.write_off, notice.id, "address unknown", minutes(200), "vera")
    do(park, violations.tell, notice.id, "post", minutes(200), "asha")
    gone = do(park, violations.write_off, notice.id, "address unknown", minutes(300), "vera")
    assert gone.status == "written_off"
    with pytest.raises(Refused, match="this amount is waived"):
        Psp().begin(park.db, notice.due_id, minutes(301))


@pytest.mark.parametrize(
    ("action", "args", "says"),
    [
        (violations.tell, ("shouting", minutes(1), "x"), "expected one of page, windscreen"),
        (violations.appeal, ("no", "a@b.c", minutes(1)), "10 to 2000 characters"),
        (violations.appeal, (WHY, "x", minutes(1)), "e-mail address or phone number"),
        (violations.waive, ("  ", minutes(1), "x"), "a reason of 3 to 200 characters"),
        (violations.uphold, ("because", minutes(1), "x"), "this notice is raised already"),
    ],
)
def test_a_step_that_can_not_be_taken_says_why_and_changes_nothing(park, action, args, says):
    notice = overstay(park)
    with pytest.raises(Refused, match=says):
        do(park, action, notice.id, *args)
    assert raised(park)[0].status == "raised"


def test_a_person_raises_what_was_but_looked_at(park):
    watch(park, Kind.WRONG_CLASS)
    session, _ = enter(park)
    made = do(
        park, violation_raising.raise_by_hand, session, "wrong_class", "a bus, on the picture", minutes(5), "vera"
    )
    assert (made.raised_by, made.confidence, made.facts) == ("vera", None, {"reason": "a bus, on the picture"})
    for kind, says in (
        ("wrong_class", "has one|for this stay before"),
        ("overstay", "nothing is set"),
        ("x", "one of"),
    ):
        with pytest.raises(Refused, match=says):
            do(park, violation_raising.raise_by_hand, session, kind, "again", minutes(6), "vera")


def test_each_step_is_in_the_audit_log_with_who_and_why(park):
    notice = overstay(park)
    do(park, violations.tell, notice.id, "windscreen", minutes(200), "asha")
    do(park, violations.waive, notice.id, "first time", minutes(210), "vera")
    with park.db.read() as session:
        rows = session.scalars(select(Audit).where(Audit.subject == notice.id).order_by(Audit.id)).all()
    assert [(row.what, row.by) for row in rows] == [
        ("violation raised", "central"), ("violation notified", "asha"), ("violation waived", "vera")
    ]  # fmt: skip
    assert rows[-1].detail == {"why": "first time"}


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        ("theft", {"amount_paise": 100}, "expected one of overstay, blocklisted"),
        ("overstay", {"amount_paise": -1}, "expected ₹0 to ₹1,00,000"),
        ("overstay", {"amount_paise": 100}, "expected how long may be stayed"),
        ("blocklisted", {"amount_paise": 50}, "₹1 and more"),
        ("blocklisted", {"amount_paise": 100, "sure_percent": 20}, "expected 50 to 100"),
        ("blocklisted", {"amount_paise": 100, "tax_rate_bp": 9_999}, "expected 0 to 2800"),
    ],
)
def test_a_setting_that_can_not_be_is_refused_with_what_is_wrong(park, kind, values, says):
    with pytest.raises(Refused, match=says):
        do(park, lambda session: violation_rules.set_rule(session, SITE, kind, minutes(0), "vera", **values))
    assert raised(park) == []


@pytest.mark.parametrize("change", [{"plate": "DL1CAB1284"}, {"status": "void"}])
def test_a_stay_that_turns_out_to_be_of_another_plate_or_none_takes_its_notices_back(park, change):
    notice = overstay(park)
    with park.db.begin() as session:
        row = session.get_one(Stay, notice.stay_id)
        for name, value in change.items():
            setattr(row, name, value)
        settling.settle(session, row, minutes(200))
    [after] = raised(park)
    assert (after.status, after.decided_by) == ("waived", "central")
    assert [due.state for due in park.dues(notice.stay_id) if due.kind == "violation"] == ["waived"]
