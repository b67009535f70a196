"""What firms pay: by UPI, transfer and cheque, in part and too much; overdue, suspended, lifted, given up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from central.actions import corporate_invoices, corporate_payments, corporate_standing
from central.actions.corporate_parts import open_invoices
from central.actions.errors import Refused
from central.settings import Settings
from central.store.schema import CorporateLine, CorporatePayment, CorporateTerms
from tests.central.car_park import CarPark
from tests.central.conftest import emptied
from tests.central.corporate.firms import (
    NEXT_MONTH,
    PLATE,
    at_exit,
    firm,
    invoice,
    invoices,
    owes,
    sound,
    transfer,
    visit,
)
from tests.central.ledger.books import Psp, balances

# the invoice of 1 December is to be paid until the 16th
OVERDUE = NEXT_MONTH + timedelta(days=16)


def billed(park: CarPark, *, visits: int = 1, **more) -> tuple[str, str]:
    """A firm with an invoice of Rs 170 a visit; the account's id and the invoice's."""
    acme = firm(park, PLATE, **more)
    for number in range(visits):
        visit(park, number * 100)
    return acme, invoice(park, acme)


def pay_by_upi(park: CarPark, account_id: str, paise: int, invoice_id: str | None, psp: Psp, at=NEXT_MONTH) -> str:
    with park.db.begin() as session:
        due_id = corporate_payments.ask(session, account_id, paise, at, invoice_id=invoice_id).id
    event = psp.event(psp.begin(park.db, due_id, at), "captured", at)
    return psp.hear(park.db, event, at)


def standing(park: CarPark, account_id: str) -> CorporateTerms:
    with park.db.read() as session:
        return session.get_one(CorporateTerms, account_id)


def suspend_late(park: CarPark, account_id: str, now, days: int = 15) -> None:
    with park.db.begin() as session:
        corporate_standing.suspend_late(session, account_id, now, days)


def test_an_invoice_is_paid_by_upi_through_the_provider(park):
    acme, bill_id = billed(park)
    psp = Psp()
    assert pay_by_upi(park, acme, 170_00, bill_id, psp) == "captured"
    assert invoices(park)[0].open_paise == 0 and owes(park, acme) == 0
    assert balances(park.db) == {"psp_clearing": 170.0, "revenue": -144.06, "cgst": -12.97, "sgst": -12.97}
    [order] = psp.orders.values()
    assert order.note == "Parking invoice"
    sound(park)


def test_a_code_that_is_paid_twice_is_kept_once_and_goes_back_once(park):
    acme, bill_id = billed(park)
    psp = Psp()
    with park.db.begin() as session:
        due_id = corporate_payments.ask(session, acme, 170_00, NEXT_MONTH, invoice_id=bill_id).id
    reference = psp.begin(park.db, due_id, NEXT_MONTH)
    for payment in ("one", "two", "one"):
        psp.hear(park.db, psp.event(reference, "captured", NEXT_MONTH, payment=payment), NEXT_MONTH)
    psp.give_back(park.db, NEXT_MONTH)
    assert owes(park, acme) == 0 and [paise for _, paise in psp.refunds.values()] == [170_00]
    sound(park)


def test_an_amount_asked_anew_gives_up_the_one_before_and_late_money_for_that_goes_back(park):
    acme, bill_id = billed(park)
    psp = Psp()
    with park.db.begin() as session:
        first = corporate_payments.ask(session, acme, 100_00, NEXT_MONTH, invoice_id=bill_id).id
    reference = psp.begin(park.db, first, NEXT_MONTH)
    pay_by_upi(park, acme, 170_00, bill_id, psp)
    assert psp.hear(park.db, psp.event(reference, "captured", NEXT_MONTH), NEXT_MONTH) == "duplicate"
    psp.give_back(park.db, NEXT_MONTH)
    assert owes(park, acme) == 0 and [paise for _, paise in psp.refunds.values()] == [100_00]
    sound(park)


def test_parts_of_an_invoice_add_up_and_what_is_too_much_is_kept(park):
    acme, bill_id = billed(park)
    transfer(park, acme, 100_00, ref="UTR1001")
    assert invoices(park)[0].open_paise == 70_00
    pay_by_upi(park, acme, 50_00, bill_id, Psp())
    transfer(park, acme, 100_00, ref="UTR1002")
    assert invoices(park)[0].open_paise == 0 and owes(park, acme) == -80_00
    assert balances(park.db)["bank"] == 200 and balances(park.db)["psp_clearing"] == 50
    sound(park)


def test_money_for_one_invoice_settles_that_first_and_the_oldest_otherwise(park):
    acme, first = billed(park)
    later = NEXT_MONTH + timedelta(days=2)
    assert park.stay(at_exit(park, later)).status == "paid"
    with park.db.begin() as session:
        [second] = corporate_invoices.make_due(session, acme, NEXT_MONTH + timedelta(days=31))
    transfer(park, acme, 170_00, ref="UTR1001", invoice_id=second.id)
    assert [(one.id, one.open_paise) for one in invoices(park)] == [(first, 170_00), (second.id, 0)]
    transfer(park, acme, 20_00, ref="UTR1002")
    assert [one.open_paise for one in invoices(park)] == [150_00, 0]
    sound(park)


def test_the_same_transfer_is_recorded_once(park):
    acme, _ = billed(park)
    transfer(park, acme, 50_00, key="pay-key-1")
    transfer(park, acme, 50_00, key="pay-key-1")
    assert owes(park, acme) == 120_00
    for more, why in (({}, "transfer UTR0001 is recorded already"), ({"key": "pay-key-1", "ref": "UTR2"}, "^409")):
        with pytest.raises(Refused, match=why):
            transfer(park, acme, 50_00, **more)
    sound(park)


def test_a_cheque_that_is_returned_is_owed_again_and_its_number_may_come_again(park):
    acme, bill_id = billed(park)
    with park.db.begin() as session:
        cheque = corporate_payments.record(session, acme, 200_00, "cheque", " 000123 ", NEXT_MONTH, "manager").id
    assert owes(park, acme) == -30_00
    with park.db.begin() as session:
        corporate_payments.take_back(session, cheque, "returned by the bank", NEXT_MONTH, "manager")
    assert invoices(park)[0].open_paise == 170_00 and owes(park, acme) == 170_00
    assert "bank" not in balances(park.db)
    with pytest.raises(Refused, match="was taken back before"), park.db.begin() as session:
        corporate_payments.take_back(session, cheque, "once more", NEXT_MONTH, "manager")
    with park.db.begin() as session:
        corporate_payments.record(session, acme, 170_00, "cheque", "000123", NEXT_MONTH, "manager")
    assert owes(park, acme) == 0 and bill_id
    sound(park)


def test_what_is_given_up_is_in_the_books_with_its_reason_and_can_be_owed_again(park):
    acme, bill_id = billed(park)
    with park.db.begin() as session:
        part = corporate_payments.write_off(session, bill_id, 70_00, "agreed on the phone", NEXT_MONTH, "manager")
        corporate_payments.write_off(session, bill_id, None, "cannot be had", NEXT_MONTH, "manager")
    assert balances(park.db)["write_off"] == 170 and owes(park, acme) == 0
    with park.db.begin() as session:
        corporate_payments.take_back(session, part.id, "they pay after all", NEXT_MONTH, "manager")
    assert owes(park, acme) == 70_00 and balances(park.db)["write_off"] == 100
    sound(park)


def test_a_stay_taken_back_of_an_invoice_that_was_given_up_leaves_the_firm_no_credit(park):
    acme, bill_id = billed(park, visits=2)
    with park.db.begin() as session:
        corporate_payments.write_off(session, bill_id, None, "cannot be had", NEXT_MONTH, "manager")
        line = session.query(CorporateLine).order_by(CorporateLine.id).first()
        corporate_invoices.credit_stay(session, line.id, NEXT_MONTH, "manager", "was never theirs")
    assert owes(park, acme) == 0 and balances(park.db)["write_off"] == 170
    sound(park)


def test_what_can_not_be_paid_is_refused_by_name(park):
    acme, bill_id = billed(park)
    other = firm(park)

    def refused(why: str, act, *args, **more) -> None:
        with pytest.raises(Refused, match=why), park.db.begin() as session:
            act(session, *args, **more)

    record, now = corporate_payments.record, (NEXT_MONTH, "manager")
    refused("amount ₹0.99: expected ₹1 to ₹1,00,000 by UPI", corporate_payments.ask, acme, 99, NEXT_MONTH)
    refused("no such invoice of this firm", corporate_payments.ask, other, 100, NEXT_MONTH, invoice_id=bill_id)
    refused("way of payment 'gold': expected transfer or cheque", record, acme, 100, "gold", "UTR1", *now)
    refused("reference 'A': expected the bank's", record, acme, 100, "transfer", "a", *now)
    refused("amount ₹0: expected", record, acme, 0, "transfer", "UTR1", *now)
    refused("write-off of ₹171: ₹170 of DELH/2627/000001 is open", corporate_payments.write_off, bill_id, 171_00,
            "a reason", *now)  # fmt: skip
    refused("say why", corporate_payments.write_off, bill_id, None, " ", *now)
    refused("there is no such account", record, "nobody", 100, "transfer", "UTR1", *now)
    refused("there is no such invoice", corporate_payments.write_off, "none", None, "a reason", *now)
    pay_by_upi(park, acme, 170_00, bill_id, Psp())
    with park.db.read() as session:
        upi = session.query(CorporatePayment).filter_by(how="upi").one().id
    refused("a payment by UPI is final", corporate_payments.take_back, upi, "a reason", *now)
    sound(park)


def test_who_is_overdue_for_too_long_pays_at_the_exit_until_it_has_paid(park):
    acme, _ = billed(park)
    suspend_late(park, acme, OVERDUE + timedelta(days=14))
    assert standing(park, acme).suspended_at is None
    late = OVERDUE + timedelta(days=15)
    suspend_late(park, acme, late)
    suspended = standing(park, acme)
    assert (suspended.suspended_by, suspended.suspended_why) == ("central", "₹170 overdue since 2026-12-16")
    stay = at_exit(park, late)
    assert park.stay(stay).status == "quoted"
    assert park.stay(stay).review == f"{PLATE} not on account: the account is suspended"
    transfer(park, acme, 170_00, late)
    assert standing(park, acme).suspended_at is None
    assert park.stay(at_exit(park, late + timedelta(hours=3))).status == "paid"
    sound(park)


def test_staff_lift_a_suspension_and_the_rule_leaves_it_alone_until_then(park):
    acme, _ = billed(park)
    late = OVERDUE + timedelta(days=20)
    suspend_late(park, acme, late)
    with park.db.begin() as session:
        with pytest.raises(Refused, match="until '2026-13-01': expected a day such as 2027-01-06"):
            corporate_standing.lift(session, acme, "2026-13-01", "they promised", late, "manager")
        with pytest.raises(Refused, match="expected 2027-01-06 to 2027-04-06"):
            corporate_standing.lift(session, acme, "2027-05-01", "they promised", late, "manager")
        corporate_standing.lift(session, acme, "2027-01-10", "they promised", late, "manager")
    suspend_late(park, acme, late + timedelta(days=4))
    assert standing(park, acme).suspended_at is None
    suspend_late(park, acme, late + timedelta(days=5))
    assert standing(park, acme).suspended_by == "central"


def test_what_a_person_suspended_is_not_lifted_by_paying_and_a_rule_of_0_days_suspends_nobody(park):
    acme, _ = billed(park)
    suspend_late(park, acme, OVERDUE + timedelta(days=300), days=0)
    assert standing(park, acme).suspended_at is None
    with park.db.begin() as session:
        corporate_standing.suspend(session, acme, "contract ended", NEXT_MONTH, "manager")
    transfer(park, acme, 170_00)
    assert standing(park, acme).suspended_by == "manager"


steps = st.lists(
    st.tuples(st.sampled_from(["visit", "bill", "pay", "upi", "back", "off", "credit"]), st.integers(1, 400_00)),
    min_size=3, max_size=10,
)  # fmt: skip


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_parked_paid_given_up_and_taken_back_the_accounts_are_true(sqlite, tmp_path_factory, steps):
    park = CarPark(emptied(sqlite), Settings(data_dir=tmp_path_factory.getbasetemp()))
    acme, psp = firm(park, PLATE, limit=2_000_00), Psp()
    months = 0
    for at, (what, paise) in enumerate(steps, 1):
        now = NEXT_MONTH + timedelta(days=31 * months)
        if what == "visit":
            visit(park, at * 200)
        elif what == "upi":
            pay_by_upi(park, acme, max(paise, 100), None, psp, now)
        else:
            try:
                with park.db.begin() as session:
                    _do(session, what, acme, paise, at, now)
                months += what == "bill"
            except Refused:
                pass
        sound(park)


def _do(session, what: str, acme: str, paise: int, at: int, now) -> None:
    match what:
        case "bill":
            corporate_invoices.make_due(session, acme, now)
        case "pay":
            corporate_payments.record(session, acme, max(paise, 100), "transfer", f"UTR{at:04d}", now, "manager")
        case "back":
            for one in session.query(CorporatePayment).filter(CorporatePayment.how != "upi").limit(1):
                corporate_payments.take_back(session, one.id, "a mistake", now, "manager")
        case "off":
            for one in open_invoices(session, acme)[-1:]:
                corporate_payments.write_off(session, one.id, min(paise, one.open_paise), "given up", now, "manager")
        case "credit":
            for one in session.query(CorporateLine).filter(CorporateLine.invoice_id.is_not(None)).limit(1):
                corporate_invoices.credit_stay(session, one.id, now, "manager", "never theirs")
