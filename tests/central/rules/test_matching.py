from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules.matching import LOOK_ALIKES, Ambiguous, Exact, Near, OpenStay, Unmatched, confusable, match

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
plates = st.text(ALPHABET, min_size=4, max_size=10)
stays = st.lists(
    st.builds(OpenStay, st.uuids().map(str), st.none() | plates, st.sampled_from(["car", "bike"])), max_size=8
)
INSIDE = (OpenStay("one", "DL1CAB1234"), OpenStay("two", "MH12DE1433"), OpenStay("three", None))


def test_the_very_plate_is_exact_whatever_its_class():
    assert match("MH12DE1433", INSIDE, "bike") == Exact("two")


def test_one_look_alike_apart_is_near_and_says_which():
    assert match("DL1CA81234", INSIDE) == Near("one", 1, 5, "8", "B")


def test_a_near_plate_of_another_class_is_no_match():
    assert match("DL1CA81234", INSIDE, "bike") == Unmatched()
    assert match("DL1CA81234", INSIDE, "car") == Near("one", 1, 5, "8", "B")


def test_two_near_plates_are_for_a_person():
    assert match("DL1CA81234", [*INSIDE, OpenStay("four", "DL1CA31234")]) == Ambiguous(("one", "four"))


def test_an_exact_plate_wins_over_near_ones():
    assert match("DL1CA81234", [*INSIDE, OpenStay("four", "DL1CA81234")]) == Exact("four")


def test_the_same_plate_open_twice_is_for_a_person():
    assert match("MH12DE1433", [*INSIDE, OpenStay("four", "MH12DE1433")]) == Ambiguous(("two", "four"))


@pytest.mark.parametrize(
    "read",
    ["DL1CA91234", "DL1CA812B4", "DL1CAB123", "DL1CAB12345", "", None],
    ids=["no look-alike", "two apart", "one missing", "one more", "empty", "unread"],
)
def test_anything_else_matches_nothing(read):
    assert match(read, INSIDE) == Unmatched()


@pytest.mark.parametrize("group", ["0ODQ", "1IL", "2Z", "5S", "8B", "6G", "4A", "7T", "MNH", "VY"])
def test_the_known_look_alikes_are_confusable(group):
    assert all(confusable(one, other) for one, other in product(group, group) if one != other)


def test_every_group_of_look_alikes_has_its_reason():
    assert all(len(set(group)) > 1 and reason for group, reason in LOOK_ALIKES)


@given(st.sampled_from(ALPHABET), st.sampled_from(ALPHABET))
def test_look_alikes_go_both_ways_and_nothing_looks_like_itself(one, other):
    assert confusable(one, other) == confusable(other, one)
    assert not confusable(one, one)


@given(plates, stays, st.none() | st.sampled_from(["car", "bike"]))
def test_a_match_is_an_open_stay_and_the_only_one_that_fits(plate, inside, vehicle_class):
    found = match(plate, inside, vehicle_class)
    by_id = {stay.id: stay for stay in inside}
    match found:
        case Exact(stay_id):
            assert [stay.id for stay in inside if stay.plate == plate] == [stay_id]
        case Near(stay_id, 1, position, read, stored):
            assert by_id[stay_id].plate == plate[:position] + stored + plate[position + 1 :]
            assert plate[position] == read and confusable(read, stored)
            assert vehicle_class in (None, by_id[stay_id].vehicle_class)
        case Ambiguous(ids):
            assert len(ids) > 1 and set(ids) <= by_id.keys()


@given(stays, st.data())
def test_a_plate_inside_is_always_found(inside, data):
    read = [stay for stay in inside if stay.plate]
    if read:
        stay = data.draw(st.sampled_from(read))
        found = match(stay.plate, inside)
        assert found == Exact(stay.id) or stay.id in found.ids
