"""The terms of coupons, and who may take one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules.coupons import VALUES, CouponError, Kind, Taken, Terms, normal_code, priced, why_not
from central.rules.invoice import agrees, invoice
from central.rules.pricing import price
from central.rules.quote import LineKind, PricedStay
from central.rules.tariff_text import tariff_from_toml

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
DELHI = ZoneInfo("Asia/Kolkata")
TARIFF = tariff_from_toml(Path("config/tariffs/delhi-example.toml").read_text())


def terms(code: str = "FEST50", kind: Kind = Kind.AMOUNT, value: int = 5_000, **more) -> Terms:
    return Terms(code, kind, value, **more)


def test_a_code_is_read_however_it_is_typed():
    assert normal_code(" fest-50 ab") == "FEST50AB"


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"code": "AB"}, "code 'AB': expected 3 to 24"),
        ({"code": "<B>1"}, "code '<B>1': expected"),
        ({"value": 0}, "amount 0: expected 0.01 to 1,00,000 rupees"),
        ({"kind": Kind.PERCENT, "value": 10_001}, "percent 10001: expected 0.01 to 100 %"),
        ({"kind": Kind.FREE_UNTIL, "value": 1_441}, "free until 1441: expected 00:01 to 24:00"),
        ({"valid_from": NOW, "valid_to": NOW}, "valid until: expected a moment after"),
        ({"per_code": 0}, "uses in all: 0"),
        ({"per_day": 0}, "uses a day: 0"),
        ({"per_stay": 0}, "uses a stay: 0"),
    ],
)
def test_terms_that_can_not_be_are_refused_by_name(wrong, said):
    with pytest.raises(CouponError, match=said):
        terms(**wrong)


@pytest.mark.parametrize(
    "more, taken, said",
    [
        ({}, Taken(), ""),
        ({"valid_from": NOW + timedelta(seconds=1)}, Taken(), "is not valid yet"),
        ({"valid_from": NOW}, Taken(), ""),
        ({"valid_to": NOW}, Taken(), "is over"),
        ({"vehicle_classes": ("bike", "scooty")}, Taken(), "is not for a car: it is for bike, scooty"),
        ({"per_code": 3}, Taken(in_all=3), "has been used up"),
        ({"per_day": 2}, Taken(in_all=9, today=2), "has been used up for today"),
        ({"per_day": 2}, Taken(in_all=9, today=1), ""),
        ({}, Taken(by_stay=1), "is on this parking already"),
        ({"per_stay": 2}, Taken(by_stay=1), ""),
    ],
)
def test_who_may_take_a_coupon(more, taken, said):
    assert why_not(terms(**more), "car", NOW, taken) == said


@pytest.mark.parametrize("one, other, together", [(1, 1, True), (1, 0, False), (0, 1, False), (0, 0, False)])
def test_coupons_go_together_where_both_say_so(one, other, together):
    held = terms("FIRST", stackable=bool(one))
    why = why_not(terms("SECOND", stackable=bool(other)), "car", NOW, Taken(), [held])
    assert why == ("" if together else "can't be used together with FIRST")


def test_free_until_is_a_time_of_the_day_of_entry_by_the_sites_clock():
    until = priced(terms(kind=Kind.FREE_UNTIL, value=14 * 60), NOW, DELHI).until
    assert until == datetime(2026, 11, 24, 14, tzinfo=DELHI)
    midnight = priced(terms(kind=Kind.FREE_UNTIL, value=24 * 60), NOW, DELHI).until
    assert midnight == datetime(2026, 11, 25, tzinfo=DELHI)
    late = datetime(2026, 11, 24, 20, tzinfo=UTC)  # half past one in the night of the 25th at Delhi
    assert priced(terms(kind=Kind.FREE_UNTIL, value=60), late, DELHI).until == datetime(2026, 11, 25, 1, tzinfo=DELHI)


any_terms = st.sampled_from(list(Kind)).flatmap(
    lambda kind: st.builds(Terms, st.just(f"C{kind[:3].upper()}"), st.just(kind), st.integers(*VALUES[kind][:2]))
)


@given(st.lists(any_terms, max_size=4), st.integers(0, 5 * 1_440), st.integers(0, 100_000))
def test_whatever_coupons_there_are_the_lines_give_the_total_and_the_invoice_recomputes(held, minutes, paid):
    coupons = tuple(priced(one, NOW, DELHI) for one in held)
    stay = PricedStay(NOW, coupons=coupons, paid_paise=paid)
    end = NOW + timedelta(minutes=minutes)
    quote = price(TARIFF, stay, end)
    bare = price(TARIFF, PricedStay(NOW, paid_paise=paid), end)
    assert 0 <= quote.total_paise <= bare.total_paise
    assert quote.total_paise == sum(line.amount_paise for line in quote.lines)
    assert agrees(invoice(quote, "DELH/2627/000001", end, "07", "07"))
    codes = [line.element for line in quote.lines if line.kind is LineKind.COUPON]
    assert set(codes) <= {one.code for one in held} and all(codes)
