"""What `read --draw` draws: every character over its own confidence, within the picture, on small and large photos."""

from __future__ import annotations

import numpy as np
import pytest

from edge.rules.plate.plate import PlateRead
from edge.vision.drawing import SHADES, SURE, UNSURE, draw_reads, enlarged, label_of, shade_of, summary_of

GREEN, AMBER, RED = (colour for _, colour in SHADES)


def read_at(left: float, top: float, right: float, bottom: float, *, probability: float = 0.97, low: float = 0.95):
    box = ((left, top), (right, top), (right, bottom), (left, bottom))
    shares = (0.99, 0.7, 0.2) + (low,) * 7
    return PlateRead("MH12AB1234", shares, box, 0.0, format="civil", probability=probability, loose=False, evidence=5.0)


def picture(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


def middle_colours(drawn: np.ndarray, read: PlateRead, share: int = 1) -> list[tuple[int, ...]]:
    """The colour in the corner of each cell that holds a confidence."""
    label = label_of(drawn.shape, read, np.round(np.array(read.box) * share).astype(int))
    y = label.top + 2 * label.cell - 2
    return [tuple(int(v) for v in drawn[y, label.left + i * label.cell + 1]) for i in range(label.cells)]


@pytest.mark.parametrize("width, height", [(640, 480), (1280, 720), (4000, 3000)])
def test_each_characters_confidence_has_its_colour_below_it(width, height):
    read = read_at(0.4 * width, 0.5 * height, 0.6 * width, 0.55 * height)
    drawn = draw_reads(picture(width, height), [read])
    assert drawn.shape == (height, width, 3)
    assert middle_colours(drawn, read) == [GREEN, AMBER, RED] + [GREEN] * 7


def test_a_small_photo_is_enlarged_so_that_its_numbers_can_be_read():
    read = read_at(50, 60, 110, 75)
    drawn = draw_reads(picture(160, 120), [read])
    assert enlarged(picture(160, 120)) == 3 and drawn.shape == (360, 480, 3)
    assert middle_colours(drawn, read, 3)[:3] == [GREEN, AMBER, RED]
    assert label_of(drawn.shape, read, np.array(read.box) * 3).cell >= 28


@pytest.mark.parametrize("box", [(0, 0, 60, 12), (600, 2, 640, 14), (620, 470, 640, 480), (300, 240, 420, 270)])
def test_a_label_stays_within_the_picture_and_off_its_plate(box):
    read = read_at(*box)
    label = label_of((480, 640, 3), read, np.array(read.box))
    assert label.left >= 0 and label.left + label.width <= 640 and label.top >= 0 and label.bottom <= 480
    assert label.bottom <= box[1] or label.top >= box[3]


def test_a_flat_picture_still_takes_a_label():
    read = read_at(10, 4, 200, 20)
    assert draw_reads(picture(900, 24), [read]).shape == (24, 900, 3)


def test_accepted_and_not_accepted_are_said_and_coloured():
    sure, unsure = read_at(100, 200, 200, 220), read_at(100, 200, 200, 220, probability=0.41)
    assert summary_of(sure) == "accepted 97% civil" and summary_of(unsure) == "not accepted 41% civil"
    for read, colour in ((sure, SURE), (unsure, UNSURE)):
        drawn = draw_reads(picture(640, 480), [read])
        label = label_of(drawn.shape, read, np.array(read.box))
        assert tuple(drawn[label.foot + 2, label.left + 1]) == colour
        assert (drawn[199:222, 98:203] == colour).all(axis=2).any()


def test_the_photo_itself_is_left_alone_and_no_read_changes_nothing():
    photo = picture(640, 480)
    assert (draw_reads(photo, []) == photo).all()
    draw_reads(photo, [read_at(100, 200, 200, 220)])
    assert (photo == 128).all()


def test_numbers_outside_their_range_still_have_a_colour():
    assert shade_of(-0.1) == RED and shade_of(1.2) == GREEN and shade_of(float("nan")) == RED
