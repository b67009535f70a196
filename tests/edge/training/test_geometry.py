"""Labels lie where the plates were drawn."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.vision.training.layouts import make_layout
from edge.vision.training.plates import draw_plate
from edge.vision.training.samples import sample_at
from edge.vision.training.samples_crops import rectify
from edge.vision.training.scenes import screw_on
from edge.vision.training.scenes_backdrops import around, put


def furthest_apart(mask: np.ndarray, corners: np.ndarray) -> float:
    """How far the border of a white patch and the quadrilateral lie apart at most, pixels."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea)).reshape(-1, 2).astype(np.float32) + 0.5
    there = [abs(cv2.pointPolygonTest(hull, corner.tolist(), True)) for corner in corners]
    back = [abs(cv2.pointPolygonTest(corners, point.tolist(), True)) for point in hull]
    return max(there + back)


@pytest.mark.parametrize("number", range(12))
def test_corners_lie_within_two_pixels_of_the_plate_drawn(number):
    dice = np.random.default_rng(number)
    layout = replace(make_layout(dice), ground=(240, 240, 240), ink=(200, 200, 200), marks=())
    plate = draw_plate(dice, layout, 240)
    canvas = np.zeros((480, 640, 3), np.uint8)
    corners = around(dice, (330, 230), 260, 260 * plate.art.shape[0] / plate.art.shape[1], 0.2)
    put(canvas, plate.art, corners)
    drawn = (canvas.max(axis=2) > 120).astype(np.uint8)
    placed = screw_on(canvas, dice, plate, False, corners)
    assert furthest_apart(drawn, placed.corners) < 2.0


@pytest.mark.parametrize("number", range(12))
def test_letters_lie_inside_their_rows_corners_and_fill_them(number):
    dice = np.random.default_rng(number)
    layout = replace(make_layout(dice), ground=(0, 0, 0), ink=(255, 255, 255), marks=(), family="european")
    plate = draw_plate(dice, layout, 300)
    canvas = np.zeros((480, 640, 3), np.uint8)
    corners = around(dice, (320, 240), 280, 280 * plate.art.shape[0] / plate.art.shape[1], 0.15)
    put(canvas, plate.art, corners)
    move = cv2.getPerspectiveTransform(plate.corners, corners)
    # A painted letter may throw a coloured shadow beyond its row; the letter itself is white.
    ink = canvas.min(axis=2) > 240
    rows = cv2.perspectiveTransform(plate.rows.reshape(1, -1, 2), move).reshape(-1, 4, 2)
    inside = np.zeros(ink.shape, np.uint8)
    for row in rows:
        cv2.fillConvexPoly(inside, np.round(row * 16 - 8).astype(np.int32), 1, shift=4)
        flat = rectify(canvas, row, (100, 40))[..., 0] > 60
        assert flat[:4].any() and flat[-4:].any() and flat[:, :6].any() and flat[:, -6:].any()
    grown = cv2.dilate(inside, np.ones((5, 5), np.uint8))
    assert ink.any() and not (ink & (grown == 0)).any()


def test_straightening_by_the_labels_undoes_the_askew_drawing():
    dice = np.random.default_rng(5)
    plate = draw_plate(dice, make_layout(dice, "in", "one"), 320)
    canvas = np.zeros((480, 640, 3), np.uint8)
    corners = around(dice, (320, 240), 330, 80, 0.2)
    put(canvas, plate.art, corners)
    again = rectify(canvas, corners, plate.art.shape[1::-1])
    assert np.abs(again[4:-4, 4:-4].astype(int) - plate.art[4:-4, 4:-4]).mean() < 12


def test_a_plate_cut_by_the_edge_says_how_much_of_it_is_seen():
    for number in range(40):
        scene = sample_at(13, number, (160, 120), fonts=())
        for plate in scene.plates:
            inside = (plate.corners >= 0).all() and (plate.corners <= (160, 120)).all()
            if not inside:
                assert plate.seen < 1.0
