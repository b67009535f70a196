"""The rules of firms' accounts: limits, taxes, months of a site's calendar, and how money is spread."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules import corporate as rules
from central.rules import corporate_months as months
from central.rules.corporate import AtExit, Supply
from central.rules.corporate_months import Month
from central.rules.invoice import SERIAL_MAX, FinancialYear, serial
from central.rules.money import taxed
from tests.central.corporate.firms import GSTIN, PLATE, terms

KOLKATA = ZoneInfo("Asia/Kolkata")
money = st.integers(0, 10**9)


@given(money, st.integers(-(10**6), 10**9), st.integers(0, 10**9), st.booleans(), st.booleans(), st.booleans())
def test_never_more_than_the_limit_goes_on_account_and_only_for_exactly_the_plate(
    due, owes, limit, alike, begun, suspended
):
    at = AtExit(PLATE, PLATE, alike, begun, suspended, due, owes, limit)
    goes, why = rules.goes_on_account(at)
    assert goes == (not (alike or begun or suspended) and due > 0 and owes + due <= limit)
    assert not (goes and why)
    for read in (None, "DL1CAB1Z34"):
        assert rules.goes_on_account(replace(at, read=read)) == (False, "")


@given(st.integers(100, 10**9), st.sampled_from([0, 500, 1800, 2800]), st.booleans(), st.sampled_from(Supply))
def test_the_tax_is_of_equal_halves_within_a_state_and_igst_across_and_comes_to_the_same(paise, rate, included, supply):
    tax = taxed(paise, rate, included=included)
    split = rules.split(tax.taxable_paise, tax.tax_paise, 0, supply, "07", "27")
    assert split.total_paise == tax.gross_paise and split.tax_paise == tax.tax_paise
    if supply is Supply.SITE:
        assert split.cgst_paise == split.sgst_paise and not split.igst_paise
    else:
        assert split.igst_paise == tax.tax_paise and not split.cgst_paise + split.sgst_paise


def test_a_site_that_has_not_told_its_state_supplies_where_it_is():
    assert rules.places(Supply.RECIPIENT, "", "27") == ("00", "00")
    assert rules.places(Supply.RECIPIENT, "07", "27") == ("07", "27")
    assert rules.places(Supply.SITE, "07", "27") == ("07", "07")


def test_the_check_digit_of_a_gstin_is_checked():
    assert rules.sound_gstin(GSTIN)
    assert not any(rules.sound_gstin(GSTIN[:-1] + digit) for digit in "0123456789ABCDEFGHIJKLMNOPQRSTUWXYZ")
    assert not rules.sound_gstin("99" + GSTIN[2:]) and not rules.sound_gstin(GSTIN.lower())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"legal_name": " "}, "legal name ' ': expected 2 to 120 characters|legal name '': expected"),
        ({"gstin": "27AAPFU0939F1ZX"}, "GSTIN '27AAPFU0939F1ZX': expected 15 characters"),
        ({"gstin": GSTIN, "state_code": "07"}, "state code 07: the GSTIN is of state 27"),
        ({"state_code": "39"}, "state code '39': expected a GST state code"),
        ({"supply": Supply.RECIPIENT}, "a firm without a GSTIN is supplied where the car park is"),
        ({"credit_limit_paise": -1}, "credit limit -₹0.01: expected ₹0 to"),
        ({"invoice_day": 32}, "invoice day 32: expected 1 to 31"),
        ({"payment_days": 181}, "payment days 181: expected 0 to 180"),
        ({"address": "x" * 301}, "billing address: 301 characters, expected 300"),
    ],
)
def test_terms_that_can_not_be_are_refused_by_name(wrong, says):
    with pytest.raises(ValueError, match=says):
        rules.checked(terms(**({"limit": wrong.pop("credit_limit_paise")} if "credit_limit_paise" in wrong else wrong)))


def test_the_state_is_the_gstins_where_it_is_not_told():
    assert rules.checked(terms(gstin=" 27aapfu0939f1zv ", state_code="")).state_code == "27"


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), max_size=6))
def test_money_settles_invoices_in_order_and_none_is_lost(paise, owed):
    parts, left = rules.spread(paise, [(str(number), one) for number, one in enumerate(owed)])
    assert sum(part for _, part in parts) + left == paise and left >= 0
    assert all(0 < part <= owed[int(name)] for name, part in parts)
    assert left == 0 or sum(part for _, part in parts) == sum(owed)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2040, 12, 31)), st.integers(1, 31))
def test_no_unfinished_month_is_invoiced_and_none_is_left_out(now, day):
    now, last = now.replace(tzinfo=UTC), Month(2023, 11)
    found = list(months.to_invoice(last, now, KOLKATA, day))
    assert found == [last.moved(count + 1) for count in range(len(found))]
    assert all(one.end(KOLKATA) <= now for one in found)
    following = (found or [last])[-1].moved(1)
    assert following.end(KOLKATA) > now or following.invoice_date(day) > now.astimezone(KOLKATA).date()


@pytest.mark.parametrize(
    ("month", "ends", "on"),
    [
        ("2026-11", "2026-12-01T00:00:00+05:30", date(2026, 12, 31)),
        ("2026-12", "2027-01-01T00:00:00+05:30", date(2027, 1, 31)),
        ("2027-01", "2027-02-01T00:00:00+05:30", date(2027, 2, 28)),
        ("2028-01", "2028-02-01T00:00:00+05:30", date(2028, 2, 29)),
        ("2028-02", "2028-03-01T00:00:00+05:30", date(2028, 3, 31)),
        ("2027-03", "2027-04-01T00:00:00+05:30", date(2027, 4, 30)),
    ],
)
def test_a_month_ends_by_the_sites_clock_and_the_31st_is_the_last_of_a_shorter_one(month, ends, on):
    read = Month.read(month)
    assert str(read) == month and read.end(KOLKATA) == datetime.fromisoformat(ends)
    assert read.invoice_date(31) == on
    before = read.end(KOLKATA) - timedelta(microseconds=1)
    assert Month.of(before, KOLKATA) == read and Month.of(read.end(KOLKATA), KOLKATA) == read.moved(1)


def test_a_month_that_is_none_is_refused():
    for text in ("2026-13", "2026-1", "26-11", "november"):
        with pytest.raises(ValueError, match="expected one such as 2026-11"):
            Month.read(text)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2098, 12, 31)), st.integers(1, 999_999))
def test_a_serial_is_short_and_of_the_financial_year_that_the_site_is_in(at, number):
    at = at.replace(tzinfo=UTC)
    made = serial("DELH", at, KOLKATA, number)
    assert len(made) <= SERIAL_MAX and f"/{FinancialYear.of(at, KOLKATA).short}/" in made


def test_the_financial_year_turns_at_midnight_of_the_first_of_april_in_india():
    turn = datetime.fromisoformat("2027-04-01T00:00:00+05:30")
    assert serial("DELH", turn - timedelta(seconds=1), KOLKATA, 7) == "DELH/2627/000007"
    assert serial("DELH", turn, KOLKATA, 1) == "DELH/2728/000001"
