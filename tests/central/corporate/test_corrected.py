"""A stay on account is set right: it comes off, by a credit note once it is invoiced, and undoing brings it back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.actions import disputes, stay_fixes, stay_joins
from central.store.schema import CorporateCreditNote
from tests.central.car_park import minutes
from tests.central.corporate.firms import (
    NEXT_MONTH,
    firm,
    invoice,
    invoices,
    lines,
    owes,
    sound,
    transfer,
    visit,
)
from tests.central.corrections.desk import do, undo
from tests.central.ledger.books import balances
from tests.central.visits import PLATE, enter, request

OTHER = "MH12DE5678"


def notes(park) -> list[CorporateCreditNote]:
    with park.db.read() as session:
        return list(session.scalars(select(CorporateCreditNote).order_by(CorporateCreditNote.id)))


def live(park) -> list[tuple[str, int, bool]]:
    """Plate, amount and whether it is invoiced, of what is on account."""
    return [(line.plate, line.total_paise, line.invoice_id is not None) for line in lines(park) if not line.credit_id]


@pytest.mark.parametrize("invoiced", [False, True])
def test_a_stay_struck_out_is_owed_by_nobody_and_undoing_brings_it_back(park, invoiced):
    acme = firm(park, PLATE)
    stay_id = visit(park)
    if invoiced:
        invoice(park, acme)
    do(park, stay_fixes.strike_out, stay_id, now=NEXT_MONTH)
    assert owes(park, acme) == 0 and live(park) == [] and park.stay(stay_id).status == "void"
    assert [note.total_paise for note in notes(park)] == ([170_00] if invoiced else [])
    sound(park)
    undo(park, now=NEXT_MONTH)
    assert owes(park, acme) == 170_00 and live(park) == [(PLATE, 170_00, False)]
    assert park.stay(stay_id).status == "closed"
    sound(park)


@pytest.mark.parametrize("invoiced", [False, True])
def test_a_plate_corrected_to_anothers_owes_for_itself_and_undoing_brings_it_back(park, invoiced):
    acme = firm(park, PLATE)
    stay_id = visit(park)
    if invoiced:
        invoice(park, acme)
    do(park, stay_fixes.plate, stay_id, OTHER, now=NEXT_MONTH)
    assert owes(park, acme) == 0 and park.stay(stay_id).status == "left_owing"
    assert [due.state for due in park.dues(stay_id)] == ["waived", "quoted"]
    sound(park)
    undo(park, now=NEXT_MONTH)
    assert owes(park, acme) == 170_00 and park.stay(stay_id).status == "closed"
    assert [due.state for due in park.dues(stay_id)] == ["on_account", "waived"]
    sound(park)


def test_a_plate_corrected_inside_goes_on_account_at_the_exit_and_undoing_takes_it_off(park):
    acme = firm(park, PLATE)
    stay_id, _ = enter(park, 0, "DL1CAB1Z34")
    do(park, stay_fixes.plate, stay_id, PLATE, now=minutes(10))
    request(park, 45)
    assert park.stay(stay_id).status == "paid" and owes(park, acme) == 170_00
    undo(park, now=minutes(46))
    assert owes(park, acme) == 0 and park.stay(stay_id).status == "quoted"
    assert [due.state for due in park.dues(stay_id)] == ["waived", "quoted"]
    sound(park)


def test_a_class_corrected_at_the_exit_is_priced_anew_on_the_account(park):
    acme = firm(park, PLATE)
    stay_id, _ = enter(park)
    request(park, 45)
    do(park, stay_fixes.vehicle_class, stay_id, "bike", now=minutes(46))
    assert park.stay(stay_id).status == "paid"
    [on_account] = [due for due in park.dues(stay_id) if due.state == "on_account"]
    assert owes(park, acme) == on_account.amount_paise
    undo(park, now=minutes(47))
    assert owes(park, acme) == 170_00 and park.stay(stay_id).status == "paid"
    sound(park)


@pytest.mark.parametrize("invoiced", [False, True])
def test_two_stays_that_were_one_visit_are_charged_as_one_and_undoing_charges_what_it_was(park, invoiced):
    acme = firm(park, PLATE)
    misread, _ = enter(park, 0, OTHER)
    stay_id = visit(park, 20, length=30)
    if invoiced:
        invoice(park, acme)
    assert owes(park, acme) == 120_00
    do(park, stay_joins.merge, stay_id, misread, now=NEXT_MONTH)
    assert live(park) == [(PLATE, 170_00, False)] and park.stay(stay_id).status == "closed"
    assert owes(park, acme) == 170_00
    assert [note.total_paise for note in notes(park)] == ([120_00] if invoiced else [])
    sound(park)
    undo(park, now=NEXT_MONTH)
    assert live(park) == [(PLATE, 120_00, False)] and park.stay(misread).status == "open"
    assert owes(park, acme) == 120_00
    sound(park)


def test_an_exit_that_was_anothers_is_taken_off(park):
    acme = firm(park, PLATE)
    stay_id = visit(park)
    do(park, stay_joins.split_exit, stay_id, OTHER, now=minutes(60))
    assert owes(park, acme) == 0 and park.stay(stay_id).status == "open"
    undo(park, now=minutes(61))
    assert owes(park, acme) == 170_00 and park.stay(stay_id).status == "closed"
    sound(park)


def test_who_never_left_is_charged_for_all_of_its_time_later(park):
    acme = firm(park, PLATE)
    stay_id = visit(park)
    do(park, stay_fixes.reopen, stay_id, now=minutes(60))
    assert owes(park, acme) == 0 and park.stay(stay_id).status == "open"
    request(park, 130)
    assert owes(park, acme) == 370_00
    sound(park)


@pytest.mark.parametrize("owed", [True, False])
def test_a_dispute_takes_it_off_only_where_it_was_never_owed(park, owed):
    acme = firm(park, PLATE)
    stay_id = visit(park)
    do(park, disputes.dispute, stay_id, now=minutes(60))
    assert owes(park, acme) == 170_00
    do(park, disputes.resolve, stay_id, now=minutes(61), owed=owed)
    assert owes(park, acme) == (170_00 if owed else 0) and park.stay(stay_id).status == "closed"
    sound(park)


def test_a_credit_note_after_the_invoice_is_paid_is_taken_off_the_next_one(park):
    acme = firm(park, PLATE)
    first, _ = visit(park, 0), visit(park, 100)
    invoice(park, acme)
    transfer(park, acme, 340_00)
    do(park, stay_fixes.strike_out, first, now=NEXT_MONTH)
    assert owes(park, acme) == -170_00 and balances(park.db)["corporate"] == -170
    [bill], [note] = invoices(park), notes(park)
    assert (bill.open_paise, bill.credited_paise, bill.settled_paise) == (0, 170_00, 170_00)
    assert note.serial == "DELH/2627/C00001" and note.invoice_id == bill.id
    sound(park)
