from hypothesis import given
from hypothesis import strategies as st

from central.rules.money import half_up, rupees, taxed, untaxed

amounts = st.integers(0, 10**9)
rates = st.integers(0, 10_000)


def test_rupees_are_grouped_in_lakhs():
    written = {0: "₹0", 5: "₹0.05", 12000: "₹120", 99_999: "₹999.99", 100_000: "₹1,000", 12_345_678: "₹1,23,456.78"}
    assert {paise: rupees(paise) for paise in written} == written
    assert rupees(10**12) == "₹10,00,00,00,000" and rupees(-1_050) == "-₹10.50"


def test_halves_go_up():
    assert [half_up(number, 2) for number in (1, 2, 3, 5)] == [1, 1, 2, 3]
    assert [half_up(number, 4) for number in (1, 2, 5, 6)] == [0, 1, 1, 2]


def test_eighteen_per_cent_inside_and_on_top():
    assert (taxed(118_00, 1_800, included=True).taxable_paise, taxed(118_00, 1_800, included=True).tax_paise) == (
        10000,
        1800,
    )
    assert taxed(100_00, 1_800, included=False).gross_paise == 118_00


@given(amounts, rates)
def test_tax_falls_into_two_equal_halves_and_leaves_the_amount_whole(amount, rate):
    inside = taxed(amount, rate, included=True)
    assert inside.gross_paise == amount and inside.tax_paise % 2 == 0 and inside.taxable_paise >= 0
    on_top = taxed(amount, rate, included=False)
    assert on_top.taxable_paise == amount and on_top.tax_paise % 2 == 0
    assert abs(on_top.tax_paise * 10_000 - amount * rate) <= 10_000


@given(amounts, rates)
def test_taking_tax_off_again_gives_the_value_back(amount, rate):
    assert abs(untaxed(taxed(amount, rate, included=False).gross_paise, rate) - amount) <= 1
