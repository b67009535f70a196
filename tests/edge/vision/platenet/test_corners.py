"""From the detector's cells to plates: each once, with its own corners; what can be no plate is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.platenet.corners import (
    LIKELY,
    STRIDE,
    across_px,
    down_px,
    is_plate_shaped,
    peaks,
    plates_of,
    same_plate,
    share_inside,
    shared_area,
)
from tests.edge.vision.platenet.made import box, cell_of, cells_of

PLATE = box(200, 200, 160, 40)


def test_a_plate_is_seen_once_with_its_corners_and_score():
    (seen,) = plates_of(cells_of([(PLATE, 0.8)], fading=0.9))
    assert np.allclose(seen.corners, PLATE, atol=1e-3) and seen.score == pytest.approx(0.8)


def test_an_empty_lane_has_no_plate():
    assert plates_of(np.zeros((60, 80, 9), np.float32)) == []


def test_the_likeliest_comes_first_and_what_is_unlikely_not_at_all():
    cells = cells_of([(PLATE, 0.5), (box(20, 20, 100, 30), 0.9), (box(400, 400, 100, 30), LIKELY - 0.01)])
    assert [round(seen.score, 2) for seen in plates_of(cells)] == [0.9, 0.5]


def test_two_middles_of_one_plate_are_one_and_of_neighbours_two():
    doubled = cells_of([(PLATE, 0.9), (PLATE + np.float32([18, 2]), 0.8)])
    assert [round(seen.score, 2) for seen in plates_of(doubled)] == [0.9]
    assert len(plates_of(cells_of([(PLATE, 0.9), (PLATE + np.float32([0, 50]), 0.8)]))) == 2


def test_a_plate_within_another_is_the_same_one():
    cells = cells_of([(box(100, 100, 300, 150), 0.9), (box(120, 120, 120, 60), 0.8)])
    assert len(plates_of(cells)) == 1


def test_two_neighbouring_cells_that_are_equally_sure_are_one_plate():
    cells = cells_of([(PLATE, 0.7)], fading=1.0)
    assert len(plates_of(cells)) == 1


@pytest.mark.parametrize(
    "corners, what",
    [
        (box(100, 100, 160, 40)[[0, 2, 1, 3]], "crossed"),
        (box(100, 100, 160, 40)[::-1], "the wrong way round"),
        (np.float32([(100, 100), (260, 100), (170, 115), (100, 140)]), "bent inwards"),
        (box(100, 100, 8, 4), "too small to be read"),
        (box(100, 100, 200, 3), "hardly a line"),
        (box(100, 100, 400, 20), "far too long"),
        (np.float32([(100, 100), (260, 100), (200, 140), (160, 140)]), "slanted beyond any camera's place"),
        (np.full((4, 2), 100.0, np.float32), "a point"),
        (np.float32([(np.nan, 0), (100, 0), (100, 40), (0, 40)]), "no numbers"),
        (np.float32([(np.inf, 0), (100, 0), (100, 40), (0, 40)]), "beyond all numbers"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_can_be_no_plate_is_refused(corners, what):
    assert not is_plate_shaped(corners)
    cells = cells_of([(PLATE, 0.9)])
    row, column = cell_of(PLATE)
    cells[row, column, 1:] = (corners - np.float32([(column + 0.5) * STRIDE, (row + 0.5) * STRIDE])).ravel()
    assert plates_of(cells) == []


def test_a_plate_that_leaves_the_picture_is_refused_and_one_at_its_edge_is_not():
    assert plates_of(cells_of([(box(-70, 200, 160, 40), 0.9)])) == []
    assert len(plates_of(cells_of([(box(-10, 200, 160, 40), 0.9)]))) == 1


def test_a_turned_plate_keeps_its_own_top_left_first():
    turned = np.float32([(300, 200), (330, 260), (300, 276), (270, 216)])
    (seen,) = plates_of(cells_of([(turned, 0.9)]))
    assert np.allclose(seen.corners, turned, atol=1e-3)
    assert across_px(turned) == pytest.approx(67.1, abs=0.1) and down_px(turned) == pytest.approx(34.0, abs=0.1)


def test_scores_that_are_no_numbers_are_no_peaks():
    scores = np.full((6, 8), np.nan, np.float32)
    assert peaks(scores, 0.3) == []


sizes = st.tuples(st.floats(30, 200), st.floats(12, 90))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), sizes), max_size=9, unique_by=lambda p: p[:2]))
def test_plates_apart_are_all_seen_whatever_their_number_and_size(places):
    plates = [box(213 * x + 5, 160 * y + 20, w, h) for x, y, (w, h) in places if 1 / 10 <= w / h <= 10]
    seen = plates_of(cells_of([(plate, 0.9) for plate in plates], fading=0.8))
    assert len(seen) == len(plates)
    for plate in plates:
        assert min(float(np.abs(one.corners - plate).max()) for one in seen) < 1e-2


@given(st.integers(0, 2**32 - 1))
def test_no_cells_whatever_give_a_plate_that_lies_on_another_or_outside(seed):
    dice = np.random.default_rng(seed)
    cells = dice.normal(0, 40, (15, 20, 9)).astype(np.float32)
    cells[..., 0] = dice.random((15, 20))
    seen = plates_of(cells)
    for number, one in enumerate(seen):
        assert LIKELY <= one.score <= 1 and is_plate_shaped(one.corners) and share_inside(one.corners, 160, 120) >= 0.8
        assert not any(same_plate(one.corners, other.corners) for other in seen[:number])
    assert [one.score for one in seen] == sorted((one.score for one in seen), reverse=True)


@given(sizes, sizes, st.floats(-100, 100), st.floats(-100, 100))
def test_the_shared_area_of_boxes_is_what_arithmetic_says(one, other, x, y):
    a, b = box(100, 100, *one), box(100 + x, 100 + y, *other)
    wide = min(100 + one[0], 100 + x + other[0]) - max(100, 100 + x)
    high = min(100 + one[1], 100 + y + other[1]) - max(100, 100 + y)
    expected = max(0.0, wide) * max(0.0, high)
    assert shared_area(a, b) == pytest.approx(expected, abs=0.02 * expected + 0.5)
