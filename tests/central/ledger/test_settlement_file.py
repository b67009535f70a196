"""A settlement file is believed only where every figure of it adds up; what is wrong is named with its line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.payments.mock_psp import settlement as theirs
from central.payments.settlement_file import COLUMNS, SettlementRefused, read
from tests.central.ledger.books import settlement_csv

GOOD = settlement_csv(
    "2026-11-24",
    [("payment", "a" * 32, "pay_1", "", 17_000, 50), ("refund", "b" * 32, "pay_1", "rfnd_1", 5_000, 0)],
)


def test_a_file_is_read_to_the_paise():
    found = read(GOOD)
    assert (found.day, found.utr, found.net_paise) == (date(2026, 11, 24), "UTR1", 17_000 - 60 - 5_000)
    payment, refund = found.lines
    assert (payment.number, payment.fee_paise, payment.fee_gst_paise, payment.net_paise) == (2, 50, 10, 16_940)
    assert (refund.refund_ref, refund.net_paise) == ("rfnd_1", -5_000)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (b"date,type", b"day,type", "expected the columns date,type,"),
        (b"170.00", b"170.0", "line 2: amount '170.0': expected rupees such as 170.00"),
        (b"170.00", b"1,70.00", "line 2: 11 columns: expected 10"),
        (b"170.00", b"171.00", "line 2: net 169.40: expected 170.40"),
        (b"2026-11-24,refund", b"2026-11-25,refund", "of 2 days and 1 UTRs"),
        (b"2026-11-24,payment", b"24/11/2026,payment", "line 2: date '24/11/2026'"),
        (b"24,refund,", b"24,chargeback,", "line 3: type 'chargeback': expected payment or refund"),
        (b"rfnd_1", b"", "line 3: refund '': expected"),
        (b"pay_1,,", b"pay_1,rfnd_9,", "line 2: a payment with a refund's id"),
        (b"pay_1", b"pay 1", "line 2: payment 'pay 1'"),
        (b"0.50", b"-0.50", "line 2: an amount or fee below 0"),
        (b"UTR1", b"UTR\xff", "expected CSV in UTF-8"),
    ],
)
def test_what_does_not_add_up_is_refused_by_its_line(before, after, says):
    with pytest.raises(SettlementRefused, match=says):
        read(GOOD.replace(before, after, 1))


@pytest.mark.parametrize("raw", [b"", b"\r\n", ",".join(COLUMNS).encode(), b"x" * 2_000_001, b'"' * 99, b"\0" * 9])
def test_what_is_no_such_file_is_refused_in_one_line(raw):
    with pytest.raises(SettlementRefused) as refused:
        read(raw)
    assert "\n" not in str(refused.value) and "expected" in str(refused.value)


@given(st.binary(max_size=300))
def test_nothing_else_ever_comes_of_any_bytes(raw):
    try:
        read(raw)
    except SettlementRefused:
        return
    raise AssertionError("random bytes were believed")


@given(st.lists(st.integers(100, 10**7), min_size=1, max_size=20), st.lists(st.integers(100, 10**7), max_size=5))
def test_what_the_mock_provider_writes_is_read_back(payments, refunds):
    day = date(2026, 11, 24)
    paid = [{"id": f"pay_{n}", "reference": f"{n:032}", "amount_paise": paise} for n, paise in enumerate(payments)]
    back = [
        {"id": f"rfnd_{n}", "reference": f"r{n}", "payment_id": "pay_0", "amount_paise": paise}
        for n, paise in enumerate(refunds)
    ]
    found = read(theirs.statement(day, paid, back).encode())
    assert [line.amount_paise for line in found.lines] == [*payments, *refunds]
    assert theirs.COLUMNS == COLUMNS
