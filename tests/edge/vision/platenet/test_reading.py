"""The reader's steps become slots, half by half, and a plate that is as sure as it is whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.plate.formats import ALPHABET
from edge.vision.ctc import slots_of, softened
from edge.vision.platenet.reading import STEPS, Reading, as_whole
from tests.edge.vision.platenet.made import reading_of, steps_of

texts = st.text(ALPHABET, max_size=14)


def tops(reading: Reading) -> str:
    return "".join(max(slot, key=slot.__getitem__) for slot in reading.slots())


@given(texts, texts)
def test_whatever_stands_in_the_halves_is_spelt_in_their_order(upper, lower):
    assert tops(reading_of(upper, lower)) == upper + lower


def test_the_same_character_at_the_end_of_one_half_and_the_start_of_the_next_is_two():
    steps = steps_of("", "")
    for step in (STEPS - 1, STEPS):
        steps[step] = np.eye(37)[1 + ALPHABET.index("1")]
    assert tops(Reading(steps, 1.0)) == "11"


@pytest.mark.parametrize(
    "upper, lower, rows",
    [("MH12AB1234", "", 1), ("", "MH12AB1234", 1), ("MH12AB", "1234", 2), ("", "", 0), ("M", "", 0), ("MH", "HQ", 2)],
)
def test_rows_are_counted_by_where_characters_stand(upper, lower, rows):
    assert reading_of(upper, lower).rows() == rows


def test_a_row_that_slides_from_the_upper_half_into_the_lower_is_one():
    steps = steps_of("MH12", "")
    late = steps_of("", "")
    for number, character in enumerate("AB1234"):
        late[STEPS + 12 + 2 * number] = steps_of(character)[1]
    steps[STEPS:] = late[STEPS:]
    reading = Reading(steps, 1.0)
    assert reading.rows() == 1 and tops(reading) == "MH12AB1234"


def test_a_plate_is_decoded_over_the_formats_with_every_characters_confidence():
    decoded = reading_of("MH12AB", "1234").decoded(["in"])
    assert (decoded.text, decoded.format) == ("MH12AB1234", "civil")
    assert len(decoded.per_char) == 10 and min(decoded.per_char) > 0.9


def test_a_plate_is_no_surer_than_that_it_is_a_whole_one():
    whole, cut = reading_of("MH12AB1234", whole=1.0), reading_of("MH12AB1234", whole=0.5)
    sure, unsure = whole.decoded(["in"]), cut.decoded(["in"])
    assert unsure.confidence == pytest.approx(sure.confidence / 2)
    assert unsure.evidence == pytest.approx(sure.evidence - math.log(2))
    assert unsure.alternatives[0] == (sure.text, pytest.approx(sure.alternatives[0][1] / 2))
    assert as_whole(sure, 0.0).confidence < 1e-5


@pytest.mark.parametrize("reading", [reading_of(""), reading_of("M"), reading_of("A" * 10, "B" * 10)])
def test_too_little_or_too_much_text_is_no_plate(reading):
    assert reading.decoded(["in"]) is None


def test_a_character_it_doubts_is_settled_by_the_format():
    steps = steps_of("MHI2AB1234")
    place = 1 + 2 * 2
    steps[place, 1 + ALPHABET.index("I")], steps[place, 1 + ALPHABET.index("1")] = 0.55, 0.4
    steps[place] /= steps[place].sum()
    decoded = Reading(steps, 1.0).decoded(["in"])
    assert (
        decoded.raw == "MHI2AB1234"
        and decoded.text == "MH12AB1234"
        and decoded.per_char[2] == pytest.approx(0.42, abs=0.01)
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.floats(0.2, 5))
def test_softened_probabilities_sum_to_one_keep_their_order_and_give_the_same_places(seed, count, exponent):
    dice = np.random.default_rng(seed)
    steps = dice.dirichlet(np.full(37, 0.2), count).reshape(count, 37)
    steps = np.sort(steps, axis=1)[:, dice.permutation(37)]
    soft = softened(steps, exponent)
    assert np.allclose(soft.sum(axis=1), 1)
    assert (np.diff(soft[:, np.argsort(steps[:1], axis=1)[0]] if count else soft, axis=1) >= 0).all()
    assert len(slots_of(steps, exponent)) == len(slots_of(steps))
    for slot in slots_of(steps, exponent):
        assert 0.99 < sum(slot.values()) <= 1 + 1e-6 and "" in slot


def test_an_exponent_below_one_doubts_more():
    assert slots_of(steps_of("A", sure=0.95), 0.5)[0]["A"] < slots_of(steps_of("A", sure=0.95))[0]["A"]
