"""Complaints about money that was paid: paid twice, paid and not let out, shown failed, undone by a refund."""

from __future__ import annotations

import re
from datetime import timedelta

from central import outgoing
from edge.protocol.messages import Exited, ExitHow
from edge.rules.access import Open, Request
from tests.central.web.town import PLATE, now, until
from tests.complaints.people import Driver, Gate, approve, provider_books, webhook, work

PARKED = timedelta(minutes=50)  # Rs 170


def paid_twice(town, stay_id: str) -> tuple[Driver, list[str]]:
    """Two phones pay one amount, the first through a bank that answers late; the driver, and both references."""
    first, second = Driver(town, stay_id), Driver(town, stay_id)
    loaded_before = second.page()
    provider_page, reference = first.begin()
    approve(provider_page, "late@mock")
    first.sees("Waiting for your bank")
    other_page, other = second.begin(loaded_before)
    assert other != reference
    approve(other_page)
    second.sees("Paid. Thank you.")
    second.phone.close()
    until(lambda: provider_books(town).count(("payment", "170.00")) == 2)
    until(lambda: first.page() and (work(town) or ("refund", "170.00") in provider_books(town)))
    return first, [reference, other]


def test_who_pays_twice_gets_one_payment_back_and_has_one_receipt(town):
    stay_id, _ = town.enter(PARKED)
    town.ask_to_leave()
    driver, _ = paid_twice(town, stay_id)
    with driver:
        assert provider_books(town) == [("payment", "170.00"), ("payment", "170.00"), ("refund", "170.00")]
        work(town)
        work(town)
        assert provider_books(town).count(("refund", "170.00")) == 1, "given back once"
        assert len(driver.receipts()) == 1


def test_who_pays_one_code_from_two_phones_gets_the_second_payment_back(town):
    stay_id, _ = town.enter(PARKED)
    town.ask_to_leave()
    with Driver(town, stay_id) as driver:
        _, reference = driver.begin()
        assert webhook(town, reference, 17_000, "captured", "00", "pay_1") == "captured"
        assert webhook(town, reference, 17_000, "captured", "00", "pay_2") == "duplicate"
        assert webhook(town, reference, 17_000, "captured", "00", "pay_1") == "known already"
        assert len(driver.receipts()) == 1


def test_who_has_paid_is_let_out_at_once_by_the_gate_itself(town, gate):
    stay_id, _ = town.enter(PARKED)
    assert isinstance(gate.decides(PLATE), Request)
    town.ask_to_leave()
    with Driver(town, stay_id) as driver:
        driver.pay()
        # by the provider's webhook alone: no page is looked at
        until(lambda: isinstance(gate.decides(PLATE), Open))
    assert gate.decides(PLATE) == Open(stay_id, ExitHow.PERMIT)


def test_who_paid_before_walking_back_to_the_vehicle_is_let_out_until_the_grace_is_over(town, gate):
    stay_id, _ = town.enter(PARKED)
    with Driver(town, stay_id) as driver:
        driver.pay()
        driver.sees("The exit opens for you until")
    over = gate.knows(stay_id).permit_until
    assert gate.decides(PLATE, over - timedelta(seconds=1)) == Open(stay_id, ExitHow.PERMIT)
    assert isinstance(gate.decides(PLATE, over + timedelta(seconds=1)), Request)


def test_a_gate_with_a_new_disk_lets_out_who_has_paid(town, gate, tmp_path):
    stay_id, _ = town.enter(PARKED)
    with Driver(town, stay_id) as driver:
        driver.pay()
        driver.sees("Paid. Thank you.")
    gate.listen()
    outgoing.repeat_everything(town.park.db, now())
    new = Gate(town, tmp_path / "new.db")
    assert new.decides(PLATE) == Open(stay_id, ExitHow.PERMIT)
    new.close()


def test_nobody_is_told_that_no_money_was_taken_while_the_bank_has_not_said_so(town, gate):
    stay_id, _ = town.enter(PARKED)
    with Driver(town, stay_id) as driver:
        driver.pay("late@mock")
        page = driver.sees("Waiting for your bank")
        assert "No money was taken" not in page and "Do not pay again" in page
        pages = []
        until(lambda: pages.append(driver.page()) or "Paid. Thank you." in pages[-1])
        assert not [page for page in pages if "No money was taken" in page]
        assert isinstance(gate.decides(PLATE), Open)


def test_money_that_was_taken_after_all_is_shown_as_paid_whatever_was_said_before_or_after(town, gate):
    stay_id, _ = town.enter(PARKED)
    with Driver(town, stay_id) as driver:
        _, reference = driver.begin()
        webhook(town, reference, 17_000, "failed", "U30")
        assert "No money was taken" in driver.page(), "so the bank said"
        webhook(town, reference, 17_000, "captured", "00")
        assert "Paid. Thank you." in driver.page()
        webhook(town, reference, 17_000, "failed", "U30", "pay_2")
        webhook(town, reference, 17_000, "pending", "RB")
        page = driver.page()
        assert "Paid. Thank you." in page and "No money was taken" not in page and len(driver.receipts()) == 1
    assert isinstance(gate.decides(PLATE), Open)


def test_giving_a_second_payment_back_leaves_the_first_as_good_as_it_was(town, gate):
    stay_id, _ = town.enter(PARKED)
    town.ask_to_leave()
    driver, references = paid_twice(town, stay_id)
    with driver:
        assert "Paid. Thank you." in driver.page()
        [receipt] = driver.receipts()
        assert "₹170" in receipt
        assert gate.decides(PLATE) == Open(stay_id, ExitHow.PERMIT)
        for reference in references:
            webhook(town, reference, 17_000, "failed", "U30", "pay_late_word")
        assert gate.decides(PLATE) == Open(stay_id, ExitHow.PERMIT)
        town.park.hear(town.park.exit.report(Exited(plate=None), now(), stay_id), now=now())
        page = driver.page()
        assert "This parking has ended" in page and "Pay with UPI" not in page
        serial = re.search(r"[A-Z]+/\d{4}/\d{6}", receipt).group()
        [still] = driver.receipts()
        assert serial in still and "₹170" in still
