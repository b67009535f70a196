"""Decoding over the formats, and the vote over many frames."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.plate.decode import raw_text, spell
from edge.rules.plate.formats import ALPHABET, PLACES, REGIONS, STATES
from edge.rules.plate.plate import PlateRead, decode, normalise, vote
from edge.rules.plate.trie import trie


def read(
    text: str, probability: float = 0.95, rivals: tuple[tuple[str, float], ...] = (), loose: bool = False
) -> PlateRead:
    return PlateRead(
        text=text,
        confidence=(0.95,) * len(text),
        box=((0, 0), (100, 0), (100, 20), (0, 20)),
        seen_at=1.0,
        raw=text,
        format="civil",
        probability=probability,
        loose=loose,
        evidence=5.0,
        alternatives=((text, probability), *rivals),
    )


def text_of(pattern: str, draw: random.Random) -> str:
    """A text that follows the pattern; of rare characters none."""
    text = ""
    for place in pattern.replace("^^", "^"):
        text += draw.choice(sorted(STATES)) if place == "^" else draw.choice(_common(place))
    return text


def _common(place: str) -> str:
    usual = max(PLACES[place].values())
    return "".join(c for c, share in PLACES[place].items() if share == usual)


@pytest.mark.parametrize(
    "text, name",
    [
        ("MH12AB1234", "civil"),
        ("DL3CAY2231", "civil"),
        ("DL7CN5617", "civil"),
        ("KL7BZ99", "civil"),
        ("HR696969", "civil"),
        ("KL01AU585", "civil"),
        ("MH15TC554", "trade"),
        ("22BH1234AA", "bharat"),
        ("T0123MH1234AB", "temporary"),
        ("MH20TC830C", "trade"),
        ("03D153874H", "defence"),
        ("77CD123", "diplomatic"),
        ("12UN34", "diplomatic"),
        ("MHVAAB1234", "vintage"),
    ],
)
def test_every_kind_of_indian_mark_is_read_as_it_stands(text, name):
    decoded = decode(spell(text), ["in"])
    assert (decoded.text, decoded.format, decoded.loose) == (text, name, False)
    assert decoded.confidence > 0.5


@pytest.mark.parametrize(
    "text, region",
    [("6LSU216", "us"), ("CYZ5139", "us"), ("RK865AC", "eu"), ("1Z75233", "eu"), ("WOBVW4", "eu"), ("PJT4884", "br"),
     ("BRA2E19", "br"), ("84KJS7", "nl"), ("VBJ87T", "nl"), ("KV57CKC", "oth")],
)  # fmt: skip
def test_marks_of_other_regions_are_read_as_they_stand(text, region):
    decoded = decode(spell(text), [region])
    assert decoded.text == text and not decoded.loose


@pytest.mark.parametrize("name", sorted(REGIONS))
@given(seed=st.integers(0, 2**32))
def test_any_text_of_a_telling_format_that_is_clearly_read_comes_out_unchanged(name, seed):
    draw = random.Random(seed)
    pattern = draw.choice([p for family in REGIONS[name] if not family.loose for p in family.patterns])
    text = text_of(pattern, draw)
    assert decode(spell(text, 0.9999), [name]).text == text


@given(st.lists(st.dictionaries(st.sampled_from([*ALPHABET, ""]), st.floats(0, 0.2), max_size=5), max_size=16))
def test_whatever_a_reader_says_the_answer_is_a_format_or_nothing(slots):
    decoded = decode(slots, ["in", "eu"])
    assert 0.0 <= decoded.confidence <= 1.0
    assert len(decoded.per_char) == len(decoded.text)
    assert normalise(decoded.text) == decoded.text
    assert all(0.0 <= share <= 1.0 for share in decoded.per_char)
    assert sum(p for _, p in decoded.alternatives) <= 1.0 + 1e-6
    if decoded.text:
        assert decoded.alternatives[0][0] == decoded.text and math.isfinite(decoded.evidence)


def test_a_confusable_character_follows_the_readers_own_doubt():
    slots = spell("MH12AB1234")
    slots[2] = {"I": 0.6, "1": 0.35, "": 0.05}  # a digit must stand here
    doubted = decode(slots, ["in"])
    assert doubted.text == "MH12AB1234" and doubted.raw == "MHI2AB1234"
    assert doubted.per_char[2] == pytest.approx(0.35)


def test_a_character_the_reader_never_thought_of_is_never_put_in():
    slots = spell("MH12AB1234")
    slots[2] = {"I": 0.99, "": 0.01}
    assert decode(slots, ["in"]).text != "MH12AB1234"


def test_a_reader_in_doubt_is_less_sure_than_one_without():
    slots = spell("MH12AB1234")
    slots[9] = {"4": 0.5, "1": 0.45, "": 0.05}
    assert decode(slots, ["in"]).confidence < 0.6 < decode(spell("MH12AB1234"), ["in"]).confidence


@pytest.mark.parametrize("written", ["INDMH12AB1234", "IND MH 12 AB 1234", "MH12AB1234IND"])
def test_the_country_word_beside_the_mark_is_dropped(written):
    assert decode(spell(written), ["in"]).text == "MH12AB1234"


def test_a_bolt_read_as_a_faint_character_is_passed_over():
    slots = spell("MH12AB1234")
    slots.insert(4, {"O": 0.4, "": 0.55})
    assert decode(slots, ["in"]).text == "MH12AB1234"


@pytest.mark.parametrize("word", ["TOYOTA", "9876543210", "STOP", "WWWSHOPCOM", "HORNOKPLEASE"])
def test_words_and_telephone_numbers_are_no_indian_plate(word):
    decoded = decode(spell(word), ["in"])
    assert not decoded.text or decoded.evidence < 0


def test_a_plate_weighs_more_than_a_date_or_a_word_of_the_same_region():
    plate = decode(spell("6LSU216"), ["us"])
    for other in ("20140424", "142445", "SUBURBAN"):
        assert plate.evidence > decode(spell(other), ["us"]).evidence


def test_a_short_number_is_trusted_less_for_it_may_be_the_rest_of_a_longer_one():
    whole, rest = decode(spell("MH20CS1941"), ["in"]), decode(spell("MH20CS19"), ["in"])
    assert whole.confidence > 0.9 > 0.8 > rest.confidence > 0.5


def test_an_unknown_region_is_named():
    with pytest.raises(ValueError, match=r"unknown plate region 'xx'; expected one or more of in, us"):
        decode(spell("MH12AB1234"), ["xx"])
    with pytest.raises(ValueError, match="no plate region given"):
        decode(spell("MH12AB1234"), [])


def test_the_formats_of_each_region_share_out_at_most_everything():
    for families in REGIONS.values():
        assert sum(share for family in families for share in family.patterns.values()) <= 1.0 + 1e-9
        assert all(set(pattern) <= set(PLACES) | {"^"} for family in families for pattern in family.patterns)
    assert trie(("in",)) is trie(("in",))


def test_every_state_code_opens_a_mark():
    assert {decode(spell(f"{state}12AB1234"), ["in"]).text[:2] for state in STATES} == STATES


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)
    assert set(normalise(text)) <= set(ALPHABET)


def test_normalising_drops_separators_and_case():
    assert normalise("MH 12-ab 1234") == "MH12AB1234"
    assert raw_text(spell("MH 12")) == "MH12"


def test_no_frame_gives_no_plate():
    assert vote([]).text == "" and not vote([]).accepted


def test_one_frame_is_never_enough():
    assert not vote([read("MH12AB1234", 0.999)]).accepted


def test_two_frames_that_agree_are_accepted():
    result = vote([read("MH12AB1234"), read("MH12AB1234")])
    assert (result.text, result.frames, result.accepted) == ("MH12AB1234", 2, True)


def test_two_frames_that_disagree_are_not():
    assert not vote([read("MH12AB1234"), read("MH12AB1284")]).accepted


def test_many_doubtful_frames_of_one_mistake_do_not_make_it_certain():
    doubtful = read("MH12AB1234", 0.5, (("MH12AB1284", 0.45),))
    assert not vote([doubtful] * 10).accepted


def test_a_text_each_frame_thought_second_beats_texts_each_thought_of_alone():
    frames = [
        read("MH12AB1234", 0.5, (("MH12AB1284", 0.4),)),
        read("MH12AB1204", 0.5, (("MH12AB1284", 0.4),)),
        read("MH12AB1264", 0.5, (("MH12AB1284", 0.4),)),
    ]
    assert vote(frames).text == "MH12AB1284"


def test_loose_reads_are_never_accepted():
    assert not vote([read("SUBURBAN", 0.99, loose=True)] * 3).accepted


def test_a_character_the_reader_hardly_saw_leaves_a_read_unsure():
    plate = read("MH12AB1234", 0.99)
    assert plate.is_sure()
    faint = PlateRead(
        "MH12AB1234", (0.05, *plate.confidence[1:]), plate.box, 1.0, probability=0.99, loose=False, evidence=5
    )
    assert not faint.is_sure()


reads = st.lists(
    st.builds(
        lambda text, p, other: read(text, p, ((other, (1 - p) / 2),)),
        st.sampled_from(["MH12AB1234", "MH12AB1284", "KA05HS4495"]),
        st.floats(0.05, 0.99),
        st.sampled_from(["MH12AB1235", "KA05HS4496"]),
    ),
    min_size=1,
    max_size=8,
)


@given(reads, st.randoms())
def test_the_order_of_frames_does_not_matter(frames, shuffle):
    mixed = list(frames)
    shuffle.shuffle(mixed)
    a, b = vote(frames), vote(mixed)
    assert (a.text, a.frames, a.accepted) == (b.text, b.frames, b.accepted)
    assert a.confidence == pytest.approx(b.confidence)


@given(reads)
def test_a_vote_is_a_probability_and_what_it_accepts_was_read_twice(frames):
    result = vote(frames)
    assert 0.0 <= result.confidence <= 1.0
    assert result.frames == sum(frame.text == result.text for frame in frames)
    assert not result.accepted or (result.frames >= 2 and result.confidence >= 0.9)


@given(reads, st.integers(1, 4), st.floats(0.5, 0.999))
def test_asking_for_more_never_accepts_more(frames, agreeing, threshold):
    strict = vote(frames, agreeing + 1, min(1.0, threshold + 0.05))
    assert not strict.accepted or vote(frames, agreeing, threshold).accepted
