"""Which stays may have been the same visit: ranked, with what speaks for each."""

from hypothesis import given
from hypothesis import strategies as st

from central.rules.candidates import FURTHEST, SHOWN, Candidate, ranked
from central.rules.matching import OpenStay

plates = st.text("ABDO0128", min_size=4, max_size=9)
stays = st.lists(
    st.builds(OpenStay, st.uuids().map(str), st.none() | plates, st.sampled_from(["car", "bike"])), max_size=9
)


def of(plate: str | None, *others: str | None) -> list[tuple[str, float | None]]:
    found = ranked(OpenStay("asked", plate), [OpenStay(str(other), other) for other in others])
    return [(one.id, one.apart) for one in found]


def test_the_nearest_plate_comes_first_and_one_that_was_not_read_last():
    others = (None, "DL1CAB9934", "DL1CA81234", "DL1CAB1234")
    assert of("DL1CAB1234", *others) == [("DL1CAB1234", 0), ("DL1CA81234", 0.5), ("DL1CAB9934", 2), ("None", None)]


def test_a_plate_that_is_simply_another_is_none():
    assert of("DL1CAB1234", "MH12XY9876", "DL1") == []


def test_a_character_that_a_reader_left_out_is_one_difference():
    assert of("DL1CAB1234", "DL1CAB124") == [("DL1CAB124", 1)]


def test_what_speaks_for_a_candidate_names_the_characters():
    (found,) = ranked(OpenStay("asked", "OL1CAB1234"), [OpenStay("one", "DL1CAB1239", "bike")])
    assert found == Candidate("one", 1.5, (("O", "D"),), 1, same_class=False)


@given(st.none() | plates, stays)
def test_candidates_are_few_near_and_in_order(plate, others):
    found = ranked(OpenStay("asked", plate), others)
    aparts = [one.apart for one in found if one.apart is not None]
    assert len(found) <= SHOWN and len({one.id for one in found}) == len(found)
    assert aparts == sorted(aparts) and all(apart <= FURTHEST for apart in aparts)
    assert not plate or all(one.apart == len(one.alike) / 2 + one.other for one in found if one.apart is not None)


@given(plates, stays)
def test_the_very_plate_is_always_among_them_and_first(plate, others):
    others = [*[one for one in others if one.plate != plate], OpenStay("it", plate)]
    assert ranked(OpenStay("asked", plate), others)[0].id == "it"
