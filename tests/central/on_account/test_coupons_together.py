"""Which coupons count where stays turn out to be one: no limit is broken, and none is lost needlessly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from central.rules.coupons import Kind, Terms, together

terms = st.builds(
    Terms,
    code=st.sampled_from(["AAA", "BBB", "CCC"]),
    kind=st.just(Kind.AMOUNT),
    value=st.just(100),
    vehicle_classes=st.sampled_from([(), ("car",), ("bike",)]),
    stackable=st.booleans(),
    per_stay=st.integers(1, 2),
)


@st.composite
def on_stays(draw) -> list[tuple[Terms, bool]]:
    """Uses of a few coupons, each code always of the same terms."""
    book = {one.code: one for one in draw(st.lists(terms, min_size=1, unique_by=lambda one: one.code))}
    return draw(st.lists(st.tuples(st.sampled_from(sorted(book)).map(book.get), st.booleans()), max_size=8))


@given(on_stays(), st.sampled_from(["car", "bike"]))
def test_those_that_count_keep_every_limit_and_one_that_does_not_would_break_one(coupons, vehicle_class):
    counts = together(coupons, vehicle_class)
    kept = [one for one, fits in zip(coupons, counts, strict=True) if fits]
    for one, was_paid in kept:
        assert sum(other.code == one.code for other, _ in kept) <= one.per_stay
        assert all(other.code == one.code or (other.stackable and one.stackable) for other, _ in kept)
        assert was_paid or not one.vehicle_classes or vehicle_class in one.vehicle_classes
    for (one, was_paid), fits in zip(coupons, counts, strict=True):
        full = sum(other.code == one.code for other, _ in kept) >= one.per_stay
        alone = any(other.code != one.code and not (other.stackable and one.stackable) for other, _ in kept)
        of_another_class = not was_paid and one.vehicle_classes and vehicle_class not in one.vehicle_classes
        assert fits or full or alone or of_another_class


@given(on_stays())
def test_what_was_paid_with_goes_before_what_was_not(coupons):
    counts = together(coupons, "car")
    paid = [pair for pair in coupons if pair[1]]
    assert [fits for pair, fits in zip(coupons, counts, strict=True) if pair[1]] == together(paid, "car")
