"""What the detector is taught of a scene: where plates lie, and what it shall not be asked."""

from __future__ import annotations

import numpy as np
import pytest

from edge.vision.training.learning.detector_task import SIZE, UNIT_PX, overlap, targets
from edge.vision.training.samples import Label, samples

CELL = 8


def plate(corners: list[tuple[float, float]], seen: float = 1.0) -> Label:
    return Label("MH12AB1234", ("MH12AB1234",), np.float32(corners), np.zeros((0, 4, 2), np.float32), "in-one", seen)


SQUARE_ON = [(200, 200), (300, 204), (300, 226), (200, 222)]


def corners_taught(corners: np.ndarray, row: int, column: int) -> np.ndarray:
    middle = (np.array([column, row]) + 0.5) * CELL
    return corners[:, row, column].reshape(4, 2) * UNIT_PX + middle


def test_each_cell_that_learns_corners_learns_those_of_its_plate():
    heat, corners, weight = targets((plate(SQUARE_ON),), SIZE)
    assert (weight > 0).any()
    for row, column in np.argwhere(weight > 0):
        assert corners_taught(corners, row, column) == pytest.approx(np.float32(SQUARE_ON), abs=1e-3)
    assert (heat == 1).sum() == 1 and heat[213 // CELL, 250 // CELL] == 1


def test_a_plate_half_hidden_is_neither_taught_as_one_nor_as_nothing():
    heat, _, weight = targets((plate(SQUARE_ON, seen=0.6),), SIZE)
    assert not weight.any() and heat.max() == 0
    assert heat[213 // CELL, 250 // CELL] == -1


def test_the_smallest_plate_has_a_cell_of_its_own():
    heat, _, weight = targets((plate([(100, 100), (106, 100), (106, 103), (100, 103)]),), SIZE)
    assert (heat == 1).sum() == 1 and (weight > 0).sum() >= 1


def test_every_plate_in_full_sight_of_rendered_scenes_is_taught_once():
    for sample, _ in zip(samples(3, fonts=()), range(12), strict=False):
        heat, _, _ = targets(sample.plates, SIZE)
        assert (heat == 1).sum() <= sum(label.seen >= 0.9 for label in sample.plates)
        assert (heat.max() == 1) == any(label.seen >= 0.9 for label in sample.plates)


def test_overlap_is_one_on_itself_and_none_with_what_is_crossed():
    square = np.float32([(0, 0), (10, 0), (10, 10), (0, 10)])
    assert overlap(square, square) == pytest.approx(1)
    assert overlap(square, square + 5) == pytest.approx(25 / 175)
    assert overlap(square, square[[0, 2, 1, 3]]) == 0
