"""A plate is followed by where it is and how it moves as well as by what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.plate.tracks import MOST_READS, Track, Way, edits, follow
from tests.edge.vision.approach.reads import read, shaky

PLATE, OTHER, NEXT_OF_FLEET = "MH12AB1234", "KA05HS4495", "MH12AB1235"
SEEDS = st.integers(0, 2**32 - 1)


def followed(frames) -> list[Track]:
    tracks, number = [], 1
    for reads in frames:
        tracks, number = follow(tracks, reads, number)
    return tracks


def approach(
    dice, text: str, step_s: float = 0.2, frames: int = 10, away_m: float = 8.0, rows: int = 1, miss: float = 0.2
):
    """Frames of one who drives up: the plate grows and sinks, and now and then it can't be read."""
    for number in range(frames):
        far = 3.5 + away_m * (1 - number / (frames - 1)) ** 1.6
        if dice.random() >= miss:
            yield [shaky(dice, text, number * step_s, 320 + 200 / far, 100 + 700 / far, 600 / far, rows)]
        else:
            yield []


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([0.1, 0.2, 0.4]), st.sampled_from([1, 2]))
def test_one_vehicle_driving_up_is_one_track_whatever_is_misread(seed, step_s, rows):
    dice = np.random.default_rng(seed)
    assert len(followed(approach(dice, PLATE, step_s, rows=rows))) <= 1


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([OTHER, NEXT_OF_FLEET]), st.booleans())
def test_two_vehicles_close_behind_one_another_are_never_mixed_even_when_their_numbers_are_alike(
    seed, behind, both_first
):
    dice = np.random.default_rng(seed)
    frames = []
    for number, (first,) in enumerate(approach(dice, PLATE, miss=0.0)):
        far = 7.0 + 8.0 * (1 - number / 9) ** 1.6
        seen = [shaky(dice, behind, number * 0.2, 320 + 200 / far, 100 + 700 / far, 600 / far)]
        if (both_first and number < 2) or dice.random() < 0.7:
            seen.append(first)
        frames.append(seen)
    for track in followed(frames):
        near = {min((PLATE, behind), key=lambda text: edits(text, r.text)) for r in track.reads if r.is_sure()}
        assert len(near) <= 1


def test_the_next_vehicle_in_the_same_place_is_another_track():
    first = [[read(PLATE, number / 5)] for number in range(3)]
    then = [[read(OTHER, 0.6 + number / 5)] for number in range(3)]
    assert [track.text for track in followed(first + then)] == [PLATE, OTHER]


def test_the_next_vehicle_of_a_fleet_is_another_track_when_it_comes_from_afar():
    first = [[read(PLATE, number / 5, y=380, width=180)] for number in range(3)]
    then = [[read(NEXT_OF_FLEET, 0.8 + number / 5, y=220, width=70)] for number in range(3)]
    assert [track.text for track in followed(first + then)] == [PLATE, NEXT_OF_FLEET]


def test_a_plate_seen_in_part_belongs_to_the_plate_that_lies_there():
    tracks = followed(
        [[read(PLATE, 0.0, rows=2)], [read("MH12AB", 0.2, y=285, width=100, sure=0.5)], [read(PLATE, 0.4, rows=2)]]
    )
    assert len(tracks) == 1 and tracks[0].text == PLATE


def test_the_same_number_twice_in_a_frame_is_two_tracks():
    frames = [[read(PLATE, at), read(PLATE, at, y=120, width=90)] for at in (0.0, 0.2, 0.4)]
    assert [len(track.reads) for track in followed(frames)] == [3, 3]


@pytest.mark.parametrize("grows, way", [(1.15, Way.APPROACHING), (1.0, Way.STANDING), (0.88, Way.LEAVING)])
def test_a_plate_that_grows_comes_and_one_that_shrinks_leaves(grows, way):
    (track,) = followed([[read(PLATE, number / 5, width=100 * grows**number)] for number in range(5)])
    assert track.way is way


def test_two_reads_say_nothing_about_the_way():
    (track,) = followed([[read(PLATE, 0.0, width=100)], [read(PLATE, 0.2, width=140)]])
    assert track.way is Way.UNKNOWN


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_a_loose_box_on_a_standing_plate_seldom_looks_like_leaving(seed):
    dice = np.random.default_rng(seed)
    frames = [[shaky(dice, PLATE, number / 5, 320, 300, 150)] for number in range(12)]
    (track,) = followed(frames)
    assert track.way in (Way.STANDING, Way.UNKNOWN)


def test_a_vehicle_that_stands_for_an_hour_does_not_fill_the_memory():
    (track,) = followed([[read(PLATE, number / 5)] for number in range(200)])
    assert len(track.reads) == MOST_READS and track.last_s == pytest.approx(199 / 5)
