"""A firm's monthly invoice: once, never of an unfinished month, of every stay, to the paisa."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from central import jobs
from central.actions import corporate, corporate_invoices
from central.actions.errors import Refused
from central.rules.corporate import Supply
from central.settings import Settings
from central.store.schema import CorporateMove, Receipt
from tests.central.car_park import START, minutes
from tests.central.corporate.firms import (
    GSTIN,
    NEXT_MONTH,
    firm,
    invoice,
    invoices,
    lines,
    owes,
    sound,
    terms,
    transfer,
    visit,
)
from tests.central.ledger.books import Psp, balances
from tests.central.visits import PLATE, enter, leave, request

OTHER = "MH12DE5678"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+05:30")


def in_minutes(when: datetime) -> float:
    return (when - START) / timedelta(minutes=1)


def make(park, account_id: str, now: datetime) -> list:
    with park.db.begin() as session:
        return corporate_invoices.make_due(session, account_id, now)


def test_the_months_stays_are_lines_and_come_to_the_invoices_total(park):
    acme = firm(park, PLATE, OTHER)
    visit(park, 0, PLATE)
    visit(park, 10, OTHER, length=75)
    bill_id = invoice(park, acme)
    [bill] = invoices(park)
    assert bill.id == bill_id and bill.serial == "DELH/2627/000001" and bill.month == "2026-11"
    assert bill.due_on == "2026-12-16" and bill.total_paise == 170_00 + 270_00 and bill.open_paise == bill.total_paise
    assert (bill.cgst_paise, bill.sgst_paise, bill.igst_paise) == (12_97 + 20_59, 12_97 + 20_59, 0)
    assert [(one.plate, one.minutes, one.total_paise) for one in lines(park)] == [
        (PLATE, 45, 170_00),
        (OTHER, 75, 270_00),
    ]
    assert all(one.entered_at and one.left_at > one.entered_at and one.invoice_id == bill_id for one in lines(park))
    assert owes(park, acme) == 440_00, "an invoice asks for what was owed before"
    sound(park)


def test_a_month_is_invoiced_once_however_often_and_by_however_many_it_is_asked(park):
    acme = firm(park, PLATE)
    visit(park)
    together = threading.Barrier(4)

    def run() -> None:
        together.wait()
        make(park, acme, NEXT_MONTH)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(invoices(park)) == 1 and make(park, acme, NEXT_MONTH + timedelta(days=20)) == []
    sound(park)


def test_an_unfinished_month_is_never_invoiced_neither_by_staff(park):
    acme = firm(park, PLATE)
    visit(park)
    last_second = at("2026-11-30T23:59:59")
    assert make(park, acme, last_second) == []
    with (
        pytest.raises(Refused, match="nothing to invoice up to 2026-10: 2026-11 is not over"),
        park.db.begin() as session,
    ):
        corporate_invoices.make_now(session, acme, last_second, "manager")
    assert len(make(park, acme, last_second + timedelta(seconds=1))) == 1
    sound(park)


def test_staff_make_it_before_its_day_and_the_job_does_not_make_it_again(park):
    acme = firm(park, PLATE, invoice_day=31)
    visit(park)
    assert make(park, acme, NEXT_MONTH) == []
    with park.db.begin() as session:
        [made] = corporate_invoices.make_now(session, acme, NEXT_MONTH, "manager")
    assert made.by == "manager" and make(park, acme, at("2026-12-31T10:00:00")) == []
    with pytest.raises(Refused, match="nothing to invoice"), park.db.begin() as session:
        corporate_invoices.make_now(session, acme, NEXT_MONTH, "manager")
    sound(park)


def test_a_stay_belongs_to_the_month_in_which_it_left_by_the_sites_clock(park):
    firm_since = at("2026-11-01T00:00:00")
    acme = firm(park, PLATE, OTHER, now=firm_since)
    # both come in on the 30th; 23:59:59 and 00:00:01 in India are the same day in UTC
    for text, out in ((PLATE, at("2026-11-30T23:59:59")), (OTHER, at("2026-12-01T00:00:01"))):
        stay_id, _ = enter(park, in_minutes(out) - 45, text)
        request(park, in_minutes(out), text)
        leave(park, in_minutes(out) + 1, text, session=stay_id)
    [november] = make(park, acme, at("2026-12-01T08:00:00"))
    assert [line.plate for line in lines(park) if line.invoice_id == november.id] == [PLATE]
    [december] = make(park, acme, at("2027-01-01T08:00:00"))
    assert [line.plate for line in lines(park) if line.invoice_id == december.id] == [OTHER]
    sound(park)


def test_a_leap_day_is_invoiced_with_its_february_and_march_is_numbered_in_the_new_financial_year(park):
    acme = firm(park, PLATE, now=at("2028-02-01T00:00:00"))
    for out in (at("2028-02-29T23:30:00"), at("2028-03-31T23:30:00")):
        stay_id, _ = enter(park, in_minutes(out) - 45)
        request(park, in_minutes(out))
        leave(park, in_minutes(out) + 1, session=stay_id)
    [february] = make(park, acme, at("2028-03-01T00:00:00"))
    [march] = make(park, acme, at("2028-04-01T00:00:00"))
    assert (february.month, february.serial) == ("2028-02", "DELH/2728/000001")
    assert (march.month, march.serial) == ("2028-03", "DELH/2829/000001")
    sound(park)


def test_months_that_a_job_missed_are_made_one_by_one_and_empty_ones_are_left_out(park):
    acme = firm(park, PLATE)
    visit(park)
    stay_id, _ = enter(park, in_minutes(at("2027-01-10T10:00:00")))
    request(park, in_minutes(at("2027-01-10T10:45:00")))
    leave(park, in_minutes(at("2027-01-10T10:46:00")), session=stay_id)
    assert [one.month for one in make(park, acme, at("2027-03-15T10:00:00"))] == ["2026-11", "2027-01"]
    sound(park)


def test_a_stay_told_late_is_on_the_next_invoice(park):
    acme = firm(park, PLATE, OTHER)
    visit(park)
    invoice(park, acme)
    late, _ = enter(park, 5, OTHER)
    request(park, 50, OTHER, now=NEXT_MONTH + timedelta(days=1))
    assert park.stay(late).status == "paid"
    [january] = make(park, acme, at("2027-01-01T08:00:00"))
    assert (january.month, january.total_paise) == ("2026-12", 170_00)
    sound(park)


def test_serials_are_of_one_series_with_receipts(park):
    acme = firm(park, PLATE)
    visit(park)
    stay_id, _ = enter(park, 0, OTHER)
    request(park, 45, OTHER)
    [due] = park.dues(stay_id)
    park.pay(due.id, minutes(46))
    invoice(park, acme)
    with park.db.read() as session:
        serials = {*session.scalars(select(Receipt.serial)), invoices(park)[0].serial}
    assert serials == {"DELH/2627/000001", "DELH/2627/000002"}


@pytest.mark.parametrize(("supply", "igst"), [(Supply.SITE, False), (Supply.RECIPIENT, True), (Supply.SEZ, True)])
def test_the_tax_is_what_the_terms_say(park, supply, igst):
    acme = firm(park, PLATE, gstin=GSTIN, state_code="27", supply=supply)
    visit(park)
    invoice(park, acme)
    [bill] = invoices(park)
    assert (bill.igst_paise, bill.cgst_paise) == ((25_94, 0) if igst else (0, 12_97))
    assert bill.place_of_supply == ("27" if supply is Supply.RECIPIENT else "07") and bill.buyer["gstin"] == GSTIN
    assert balances(park.db).get("igst", 0) == (-25.94 if igst else 0)
    sound(park)


def test_other_terms_give_what_is_not_invoiced_yet_their_tax(park):
    acme = firm(park, PLATE)
    visit(park)
    with park.db.begin() as session:
        corporate.set_terms(session, acme, terms(supply=Supply.SEZ), minutes(60), "manager")
    assert balances(park.db) == {"corporate": 170.0, "revenue": -144.06, "igst": -25.94}
    invoice(park, acme)
    assert invoices(park)[0].igst_paise == 25_94
    sound(park)


def test_what_was_paid_ahead_is_taken_off_the_next_invoice(park):
    acme = firm(park, PLATE)
    transfer(park, acme, 100_00, minutes(0))
    visit(park)
    invoice(park, acme)
    [bill] = invoices(park)
    assert (bill.brought_paise, bill.open_paise) == (100_00, 70_00)
    sound(park)


def test_staff_take_a_stay_back_of_an_invoice_once(park):
    acme = firm(park, PLATE)
    stay_id = visit(park)
    visit(park, 100)
    bill_id = invoice(park, acme)
    line_id = lines(park)[0].id
    with park.db.begin() as session:
        note = corporate_invoices.credit_stay(session, line_id, NEXT_MONTH, "manager", "guest of the house")
    assert (note.serial, note.total_paise, note.invoice_id) == ("DELH/2627/C00001", 170_00, bill_id)
    assert owes(park, acme) == 170_00 and park.stay(stay_id).status == "closed"
    with pytest.raises(Refused, match="taken back of the invoice before"), park.db.begin() as session:
        corporate_invoices.credit_stay(session, line_id, NEXT_MONTH, "manager", "again")
    sound(park)


def test_the_standing_job_invoices_every_firm_whose_day_has_come(park, settings: Settings):
    acme, other = firm(park, PLATE), firm(park, OTHER, invoice_day=10, legal_name="Other Limited")
    visit(park)
    visit(park, 10, OTHER)
    desk = jobs.Desk(park.db, settings, Psp())
    for _ in range(2):
        assert jobs.bill_firms(desk, {}, NEXT_MONTH) == timedelta(hours=1)
    assert [one.account_id for one in invoices(park)] == [acme]
    jobs.bill_firms(desk, {}, at("2026-12-10T00:00:00"))
    assert [one.account_id for one in invoices(park)] == [acme, other]
    with park.db.read() as session:
        kinds = list(session.scalars(select(CorporateMove.kind).where(CorporateMove.account_id == acme)))
    assert kinds == ["account_charged", "invoiced"]
    sound(park)
