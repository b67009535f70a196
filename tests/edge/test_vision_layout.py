"""Text lines are put together as plates carry them."""

from __future__ import annotations

import numpy as np

from edge.vision.detector import TextLine, clockwise, lines_of
from edge.vision.layout import around, arrangements


def line(left: float, top: float, width: float, height: float, turned_deg: float = 0.0) -> TextLine:
    corners = np.float32([[left, top], [left + width, top], [left + width, top + height], [left, top + height]])
    angle = np.radians(turned_deg)
    turn = np.float32([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return TextLine((corners @ turn).astype(np.float32), 0.9)


def test_a_line_alone_is_a_plate_of_its_own():
    assert list(arrangements([line(0, 0, 200, 40)])) == [(0,)]


def test_pieces_of_one_row_are_joined_from_left_to_right():
    right, left = line(130, 2, 100, 40), line(0, 0, 110, 40)
    assert (1, 0) in set(arrangements([right, left])) and (0, 1) not in set(arrangements([right, left]))


def test_three_pieces_of_a_row_are_joined():
    assert (0, 1, 2) in set(arrangements([line(0, 0, 60, 40), line(80, 0, 40, 40), line(140, 0, 100, 40)]))


def test_two_rows_are_joined_from_top_to_bottom():
    lower, upper = line(0, 50, 120, 40), line(0, 0, 130, 42)
    assert (1, 0) in set(arrangements([lower, upper])) and (0, 1) not in set(arrangements([lower, upper]))


def test_two_rows_on_a_turned_plate_are_joined():
    for degrees in (-20, -8, 8, 20):
        lines = [line(0, 50, 120, 40, degrees), line(0, 0, 130, 42, degrees)]
        assert (1, 0) in set(arrangements(lines)), degrees


def test_an_upper_row_in_two_pieces_is_read_before_the_lower_row():
    assert (0, 1, 2) in set(arrangements([line(0, 0, 50, 40), line(70, 0, 50, 40), line(0, 50, 120, 40)]))


def test_a_left_stack_is_read_before_the_large_number_beside_it():
    assert (0, 1, 2) in set(arrangements([line(0, 0, 50, 28), line(0, 32, 50, 28), line(65, 0, 160, 60)]))


def test_lines_far_apart_stay_apart():
    assert set(arrangements([line(0, 0, 100, 30), line(0, 200, 100, 30), line(400, 0, 100, 30)])) == {(0,), (1,), (2,)}


def test_a_small_sticker_beside_a_plate_is_not_joined_to_its_row():
    assert (0, 1) not in set(arrangements([line(0, 0, 200, 60), line(210, 20, 40, 12)]))


def test_the_rectangle_around_two_rows_holds_both():
    box = around([line(0, 0, 100, 40), line(0, 50, 120, 40)])
    assert np.allclose(box, [[0, 0], [120, 0], [120, 90], [0, 90]], atol=1)


def test_corners_are_put_clockwise_from_the_top_left():
    assert clockwise(np.float32([[90, 5], [1, 40], [92, 45], [0, 0]])).tolist() == [[0, 0], [90, 5], [92, 45], [1, 40]]


def test_a_bright_bar_in_the_detectors_map_is_one_line_grown_to_the_full_height_of_its_letters():
    ink = np.zeros((160, 320), np.float32)
    ink[70:84, 100:220] = 0.9
    (found,) = lines_of(ink, 2.0, 2.0)
    assert found.box[0][0] < 200 and found.box[1][0] > 438 and found.score > 0.8
    assert 30 < found.height_px < 70


def test_noise_and_faint_text_are_no_lines():
    ink = np.zeros((160, 320), np.float32)
    ink[10, 10] = 0.9
    ink[70:84, 100:220] = 0.25
    assert lines_of(ink, 1.0, 1.0) == []
