"""Rendered approaches: the same for a seed, with a truth that fits the picture."""

from __future__ import annotations

import numpy as np
import pytest

from edge.vision.training.approach import KINDS, approach_at


def width(plate) -> float:
    return float(np.hypot(*(plate.corners[1] - plate.corners[0])))


def test_the_same_seed_gives_the_same_frames_and_another_gives_others():
    one, again, other = (next(approach_at(seed, "rain", 0, fonts=()).frames()).image for seed in (3, 3, 4))
    assert np.array_equal(one, again) and not np.array_equal(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_begins_with_a_whole_picture_and_tells_what_it_shows(kind):
    clip = approach_at(5, kind, 1, fonts=())
    still = next(clip.frames())
    assert still.image.shape == (480, 640, 3) and still.image.dtype == np.uint8
    assert 1.0 <= clip.lasts_s <= 7.0
    for plate in still.plates:
        assert plate.corners.shape == (4, 2) and 0.05 < plate.seen <= 1.0
    assert all(turn.from_s <= turn.loop_s < turn.until_s <= clip.lasts_s + 1 for turn in clip.turns)


def test_a_plate_grows_from_far_to_near_and_its_text_never_changes():
    stills = [still for still in approach_at(2, "day", 0, fonts=()).frames() if still.at_s <= 1.6]
    widths = [width(still.plates[0]) for still in stills]
    assert 45 <= widths[0] <= 75 and widths[-1] > 1.5 * widths[0] and widths == sorted(widths)
    assert len({still.plates[0].text for still in stills}) == 1


def test_of_a_pair_both_plates_are_seen_at_once_and_each_has_its_turn():
    clip = approach_at(1, "pair", 0, fonts=())
    stills = list(clip.frames())
    assert [turn.who for turn in clip.turns] == [0, 1]
    assert any({plate.who for plate in still.plates} == {0, 1} for still in stills)
    assert stills[0].at_barrier == 0 and stills[-1].at_barrier == 1


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(ValueError, match="there is no approach 'flood'; expected one of day, night"):
        approach_at(1, "flood", 0)
    with pytest.raises(ValueError, match="0 or more"):
        approach_at(-1, "day", 0)
