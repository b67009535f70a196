"""A notice's money has an account and a tax word of its own: penalties apart from parking, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from central.actions import violation_rules
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.payments import refunds
from central.rules import ledger as rules
from central.rules.invoice import recompute
from central.rules.ledger import Split
from central.rules.ledger_accounts import Account
from central.rules.violations import Kind
from central.store.schema import LedgerDaySum, LedgerPosting, Receipt, Violation
from edge.protocol.messages import ExitHow
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.ledger.unguarded import unguarded
from tests.central.violations.notices import FINE, raised, watch
from tests.central.visits import enter, leave, request


def overstay(park: CarPark, **values) -> Violation:
    """A vehicle that stayed 100 minutes where an hour is allowed, paid ₹270 for it and has left."""
    watch(park, Kind.OVERSTAY, **values)
    stay, _ = enter(park)
    request(park, 100, session=stay)
    park.pay(park.dues(stay)[0].id, minutes(101))
    leave(park, 102, session=stay)
    return raised(park)[-1]


def pay(park: CarPark, due_id: str, at: float) -> Receipt:
    """Through the provider, as a driver does."""
    psp = Psp()
    reference = psp.begin(park.db, due_id, minutes(at))
    psp.hear(park.db, psp.event(reference, "captured", minutes(at)), minutes(at))
    with park.db.read() as session:
        return session.scalars(select(Receipt).where(Receipt.due_id == due_id)).one()


def give_back(park: CarPark, receipt: Receipt, paise: int, at: float) -> None:
    with park.db.begin() as session:
        refunds.give_back(session, receipt.id, paise, minutes(at), by="vera", reason="it was not so")


def parking(park: CarPark) -> dict[str, float]:
    return {name: paise for name, paise in balances(park.db).items() if name in ("revenue", "refunds")}


def test_a_penalty_is_no_parking_revenue_and_its_receipt_says_that_it_is_outside_gst(park):
    notice = overstay(park)
    before = parking(park)
    receipt = pay(park, notice.due_id, 200)
    assert balances(park.db)["penalties"] == -FINE / 100 and parking(park) == before
    assert (receipt.sac, receipt.tax_rate_bp, receipt.taxable_paise, receipt.total_paise) == ("", 0, FINE, FINE)
    assert receipt.lines[0]["text"].startswith("Penalty: stayed longer than allowed")
    give_back(park, receipt, FINE, 300)
    assert "penalties" not in balances(park.db) and parking(park) == before


def test_where_a_site_taxes_penalties_the_receipt_names_their_sac_and_the_tax_is_owed(park):
    notice = overstay(park, tax_rate_bp=1_800)
    before = balances(park.db)
    receipt = pay(park, notice.due_id, 200)
    assert (receipt.sac, receipt.tax_rate_bp) == ("999794", 1_800)
    after = balances(park.db)
    assert after["penalties"] == -receipt.taxable_paise / 100 == -423.72
    assert round(after["cgst"] - before["cgst"], 2) == -receipt.cgst_paise / 100 and agrees_with_its_lines(receipt)
    give_back(park, receipt, 20_000, 300)
    give_back(park, receipt, 30_000, 301)
    left = balances(park.db)
    assert "penalties" not in left and left["cgst"] == before["cgst"]


def agrees_with_its_lines(receipt: Receipt) -> bool:
    totals = recompute(lines_from_json(receipt.lines), receipt.tax_rate_bp, receipt.tax_included)
    return (totals.taxable_paise, totals.total_paise) == (receipt.taxable_paise, receipt.total_paise)


def test_a_notice_keeps_the_sac_of_the_day_it_was_raised(park):
    notice = overstay(park, tax_rate_bp=1_800, sac="999799")
    with park.db.begin() as session:
        violation_rules.drop_rule(session, SITE, "overstay", minutes(150), "meena")
    assert pay(park, notice.due_id, 200).sac == "999799"


@pytest.mark.parametrize("sac", ["", "9997", "996743x", "123456", "<b>"])
def test_what_is_no_sac_is_refused(park, sac):
    with pytest.raises(Refused, match=r"SAC .*: expected 6 digits that begin with 99, such as 999794"):
        watch(park, Kind.OVERSTAY, sac=sac)


def test_who_leaves_to_be_billed_owes_parking_and_not_a_penalty(park):
    watch(park, Kind.UNPAID_EXIT)
    stay, _ = enter(park)
    leave(park, 45, session=stay, how=ExitHow.OPEN_AND_BILL)
    owed = balances(park.db)
    assert owed["receivable"] == 170.0 and owed["revenue"] == -144.06 and "penalties" not in owed
    receipt = pay(park, park.dues(stay)[0].id, 60)
    assert receipt.sac == "996743" and "penalties" not in balances(park.db)


def test_a_notice_of_before_that_was_booked_as_revenue_goes_back_from_there_and_its_receipt_stays(park):
    notice = overstay(park)
    receipt = pay(park, notice.due_id, 200)
    with park.db.begin() as session, unguarded(session):  # as it was booked then, and what its receipt said
        session.execute(update(LedgerPosting).where(LedgerPosting.account == "penalties").values(account="revenue"))
        session.execute(delete(LedgerDaySum).where(LedgerDaySum.account == "penalties"))
        revenue = session.scalars(select(LedgerDaySum).where(LedgerDaySum.account == "revenue")).one()
        revenue.credit_paise += FINE
        session.get_one(Receipt, receipt.id).sac = "996743"
    before = parking(park)
    give_back(park, receipt, FINE, 300)
    after = balances(park.db)
    assert "penalties" not in after and (after["revenue"], after["refunds"]) == (before["revenue"], FINE / 100)
    with park.db.read() as session:
        assert session.get_one(Receipt, receipt.id).sac == "996743"


splits = st.builds(Split, *(st.integers(0, 10**9) for _ in range(4)), st.integers(-99, 99))


@given(splits.filter(lambda split: split.total_paise > 0))
def test_a_penalty_differs_from_parking_in_nothing_but_its_income(split):
    parking, penalty = rules.charged(split), rules.charged(split, penalty=True)
    assert sum(line.paise for line in penalty) == 0
    as_parking = {Account.PENALTIES: Account.REVENUE}
    assert [(as_parking.get(one.account, one.account), one.paise) for one in penalty] == [
        (one.account, one.paise) for one in parking
    ]
    back = rules.together(penalty, rules.credited(split, penalty=True))
    assert {one.account for one in back} <= {Account.RECEIVABLE, Account.CUSTOMER_CREDIT}
