"""The quick walk over the formats finds what a plain one finds, to the last bit."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.plate.decode import spell
from edge.rules.plate.formats import ALPHABET, REGIONS
from edge.rules.plate.trie import trie
from edge.rules.plate.walk import spellings
from tests.edge.plain_spellings import plain_spellings

SEEN = st.dictionaries(st.sampled_from(["", *ALPHABET]), st.floats(0.0, 1.0), max_size=6)


def found(slots, regions):
    return [(one.text, one.weight, one.end, one.per_char) for one in spellings(slots, trie(regions))]


@settings(max_examples=60)
@given(st.lists(SEEN, max_size=8), st.sampled_from([*((name,) for name in REGIONS), ("in", "oth")]))
def test_whatever_a_reader_says_the_quick_walk_spells_what_the_plain_one_does(slots, regions):
    assert found(slots, regions) == plain_spellings(slots, trie(regions))


@pytest.mark.parametrize("seed", range(6))
def test_a_plate_read_with_doubt_and_noise_is_spelt_the_same_by_both(seed):
    draw = random.Random(seed)
    mark = draw.choice(["MH12AB1234", "DL3CAY2231", "22BH1234AA", "T0123MH1234AB"])
    slots = [dict(slot) for slot in spell(mark, 0.9)]
    for slot in slots:
        for other in draw.sample(ALPHABET, 4):
            slot.setdefault(other, draw.random() * 0.02)
    slots.insert(draw.randrange(len(slots)), {draw.choice(ALPHABET): 0.3, "": 0.6})
    assert found(slots, ("in",)) == plain_spellings(slots, trie(("in",)))
    assert found(slots, ("in",)), "it spells something"


def test_equally_likely_texts_come_in_the_same_order_from_both():
    slots = [dict.fromkeys(ALPHABET, 1 / 36)] * 6
    assert found(slots, ("nl",)) == plain_spellings(slots, trie(("nl",)))
