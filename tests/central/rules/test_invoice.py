from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules.invoice import SAC_PARKING, FinancialYear, GstSplit, agrees, gst_split, invoice, serial
from central.rules.pricing import price
from central.rules.quote import PricedStay
from central.rules.tariff import Tariff
from central.rules.tariff_parts import Element, Rounding, TimePrice

INDIA = ZoneInfo("Asia/Kolkata")
ENTERED = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def quote(minutes=200, *, included=True, rate=1_800, rounding=100, block_paise=33_33):
    tariff = Tariff(
        "t",
        "s",
        1,
        INDIA,
        date(2026, 4, 1),
        (Element("hour", (TimePrice(block_paise, 60),)),),
        tax_included=included,
        tax_rate_bp=rate,
        rounding=Rounding(rounding),
    )
    return price(tariff, PricedStay(ENTERED), ENTERED + timedelta(minutes=minutes))


def test_the_financial_year_turns_at_midnight_of_the_first_of_april_on_the_site():
    before, after = datetime(2027, 3, 31, 18, 29, tzinfo=UTC), datetime(2027, 3, 31, 18, 30, tzinfo=UTC)
    assert str(FinancialYear.of(before, INDIA)) == "2026-27"
    assert str(FinancialYear.of(after, INDIA)) == "2027-28"
    assert str(FinancialYear(2099)) == "2099-00"


def test_a_serial_names_series_year_and_number():
    assert serial("DEL", ENTERED, INDIA, 42) == "DEL/2627/000042"
    assert serial("A-1", ENTERED, INDIA, 1_234_567) == "A-1/2627/1234567"


@given(st.from_regex(r"[A-Z0-9-]{1,4}", fullmatch=True), st.integers(1, 9_999_999), st.integers(1, 9_999_999))
def test_serials_are_short_lawful_and_differ(prefix, one, other):
    try:
        first, second = serial(prefix, ENTERED, INDIA, one), serial(prefix, ENTERED, INDIA, other)
    except ValueError as refused:
        assert "longer than 16 characters" in str(refused)
        return
    assert len(first) <= 16 and set(first) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/")
    assert (first == second) == (one == other)


@pytest.mark.parametrize(
    "prefix, number", [("", 1), ("TOOLONG", 1), ("a", 1), ("A B", 1), ("A", 0), ("A", -1), ("Z\n", 1)]
)
def test_an_unlawful_serial_is_refused(prefix, number):
    with pytest.raises(ValueError, match="expected"):
        serial(prefix, ENTERED, INDIA, number)


def test_a_series_that_is_used_up_says_so():
    with pytest.raises(ValueError, match="start a series of another prefix"):
        serial("ABCD", ENTERED, INDIA, 10_000_000)


def test_within_a_state_the_tax_is_halved_and_across_states_it_is_not():
    assert gst_split(880_16, "07", "07") == GstSplit(440_08, 440_08, 0)
    assert gst_split(880_16, "07", "27") == GstSplit(0, 0, 880_16)
    assert gst_split(880_16, "07", "07", sez=True) == GstSplit(0, 0, 880_16)


def test_a_state_that_is_no_code_is_refused():
    with pytest.raises(ValueError, match="place of supply 'Delhi': expected a two-digit GST state code"):
        gst_split(100, "07", "Delhi")


def test_an_invoice_carries_what_was_quoted():
    asked = quote()
    issued = invoice(asked, "DEL/2627/000001", ENTERED, "07", "07")
    assert issued.sac == SAC_PARKING == "996743"
    assert issued.total_paise == asked.total_paise
    assert issued.gst.cgst_paise == issued.gst.sgst_paise == asked.tax_paise // 2


@given(
    st.integers(0, 50_000),
    st.booleans(),
    st.sampled_from([0, 500, 1_200, 1_800, 2_800]),
    st.sampled_from([1, 100]),
    st.integers(0, 99_999),
    st.sampled_from(["07", "27"]),
)
def test_every_invoice_recomputes_to_the_same_paise(minutes, included, rate, rounding, block_paise, state):
    asked = quote(minutes, included=included, rate=rate, rounding=rounding, block_paise=block_paise)
    issued = invoice(asked, "A/2627/000001", ENTERED, "07", state)
    assert agrees(issued)
    gst = issued.gst
    taxes = gst.cgst_paise + gst.sgst_paise + gst.igst_paise
    assert issued.taxable_paise + taxes + issued.rounding_paise == issued.total_paise


@given(
    st.integers(1, 10_000),
    st.sampled_from(["taxable_paise", "rounding_paise", "total_paise"]),
    st.sampled_from([-1, 1]),
)
def test_an_invoice_that_is_a_paise_off_is_found_out(minutes, amount, change):
    issued = invoice(quote(minutes), "A/2627/000001", ENTERED, "07", "07")
    assert not agrees(replace(issued, **{amount: getattr(issued, amount) + change}))
