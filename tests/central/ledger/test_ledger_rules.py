"""Every fact of business gives postings that sum to zero, whatever the amounts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules import credit_note, ledger
from central.rules.ledger import TABLE, Fact, Split
from central.rules.ledger_accounts import KINDS, Account
from central.rules.money import taxed

PAISE = st.integers(0, 10**9)
PAID_BY = [fact for fact in Fact if fact.startswith("paid_by_")]


@st.composite
def splits(draw) -> Split:
    """An invoice as pricing makes one."""
    parts = taxed(
        draw(st.integers(100, 10**8)), draw(st.sampled_from([0, 500, 1800, 2800])), included=draw(st.booleans())
    )
    rounding = draw(st.integers(-50, 50))
    if draw(st.booleans()):
        return Split(parts.taxable_paise, igst_paise=parts.tax_paise, rounding_paise=rounding)
    half = parts.tax_paise // 2
    return Split(parts.taxable_paise, parts.tax_paise - half, half, 0, rounding)


@st.composite
def amounts(draw, fact: Fact) -> dict[str, int]:
    """Parts that such a fact may have."""
    named = {part for side in TABLE[fact] for _, part in side}
    if "taxable" in named:
        return draw(splits()).parts()
    if "gross" in named:
        net, fee, gst = draw(PAISE), draw(PAISE), draw(PAISE)
        return {"net": net, "fee": fee, "fee_gst": gst, "gross": net + fee + gst}
    return {"total": draw(PAISE)}


@pytest.mark.parametrize("fact", list(Fact))
@given(st.data())
def test_each_fact_sums_to_zero_and_can_be_taken_back(fact, data):
    lines = ledger.postings(fact, "shift", **data.draw(amounts(fact)))
    assert sum(line.paise for line in lines) == 0
    assert ledger.together(lines, ledger.undone(lines)) == ()
    assert len(lines) != 1 and all(line.paise for line in lines)


def test_the_table_knows_every_fact_and_every_account_has_a_kind():
    assert set(TABLE) == set(Fact) and set(KINDS) == set(Account)


@given(splits(), splits(), st.sampled_from(PAID_BY), st.booleans())
def test_what_is_paid_is_earned_once_whatever_was_owed_before(split, other, by, owed_before):
    owed = ledger.charged(other) if owed_before else ()
    after = {line.account: line.paise for line in ledger.together(owed, ledger.paid(split, by, owed, "shift"))}
    assert sum(after.values()) == 0 and Account.RECEIVABLE not in after
    assert -after.get(Account.REVENUE, 0) == split.taxable_paise
    taxes = (Account.CGST, Account.SGST, Account.IGST)
    assert -sum(after.get(account, 0) for account in taxes) == split.tax_paise


@given(st.sampled_from(PAID_BY), splits())
def test_only_drawers_and_terminals_name_a_shift(by, split):
    named = {line.account for line in ledger.paid(split, by, (), "shift") if line.shift}
    assert named <= {Account.CASH_DRAWER, Account.CARD_CLEARING}
    assert bool(named) == (by in (Fact.PAID_BY_CASH, Fact.PAID_BY_CARD))


@pytest.mark.parametrize(
    ("fact", "parts", "says"),
    [
        (Fact.WAIVED, {}, "expected the parts total"),
        (Fact.WAIVED, {"total": 1, "tax": 1}, "got tax, total"),
        (Fact.WAIVED, {"total": -1}, "expected 0 or more"),
        (Fact.SETTLED, {"net": 1, "fee": 1, "fee_gst": 1, "gross": 4}, "differ by -1 paise"),
    ],
)
def test_a_fact_with_wrong_amounts_is_refused_by_name(fact, parts, says):
    with pytest.raises(ValueError, match=f"{fact}.*{says}"):
        ledger.postings(fact, **parts)


@given(splits(), st.lists(st.integers(100, 10**7), max_size=6))
def test_credit_notes_of_an_invoice_come_to_its_very_paise(invoice, wishes):
    before, taken = 0, []
    for wish in [*wishes, invoice.total_paise]:
        left = invoice.total_paise - before
        amount = wish if wish + 100 <= left else left
        if amount:
            taken.append(credit_note.credit(invoice, before, amount))
            assert taken[-1].total_paise == amount
            assert sum(line.paise for line in ledger.credited(taken[-1])) == 0
            before += amount
    sums = [
        sum(getattr(one, f"{part}_paise") for one in taken) for part in ("taxable", "cgst", "sgst", "igst", "rounding")
    ]
    assert Split(*sums) == invoice


@given(splits(), st.integers(0, 10**9))
def test_no_credit_note_goes_beyond_its_invoice(invoice, beyond):
    with pytest.raises(ValueError, match="left of the invoice"):
        credit_note.credit(invoice, 0, invoice.total_paise + 1 + beyond)
    with pytest.raises(ValueError, match="left of the invoice"):
        credit_note.credit(invoice, invoice.total_paise, 0)
