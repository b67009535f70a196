"""Plates count where the site says the stop line's vehicle is seen; who queues behind it is not read for it."""

from __future__ import annotations

import numpy as np
import pytest

from edge.rules.plate.plate import PlateRead
from edge.vision.view import View


class Painted:
    """A reader that finds a plate wherever the picture has a white pixel, and remembers what it was shown."""

    name = "painted"

    def read(self, frame, seen_at, thorough=False):
        self.shown = frame.shape
        spots = np.argwhere(frame[:, :, 0] == 255)
        return [
            PlateRead(
                "MH12AB1234", (1.0,) * 10, ((x - 5, y - 2), (x + 5, y - 2), (x + 5, y + 2), (x - 5, y + 2)), seen_at
            )
            for y, x in spots.tolist()
        ]


def picture(*spots: tuple[int, int]) -> np.ndarray:
    image = np.zeros((100, 200, 3), np.uint8)
    for x, y in spots:
        image[y, x] = 255
    return image


def test_a_plate_above_the_view_is_the_queue_and_does_not_count():
    (plate,) = View(top=0.5).read(Painted(), picture((60, 45), (90, 70)), 1.0)
    assert np.mean(plate.box, axis=0).tolist() == [90.0, 70.0]


def test_a_plate_on_the_edge_is_shown_whole_to_the_reader():
    reader = Painted()
    assert len(View(left=0.25, top=0.5).read(reader, picture((60, 50)), 1.0)) == 1
    assert reader.shown[:2] == (62, 162)


def test_the_whole_picture_is_the_view_by_default():
    reader = Painted()
    assert len(View().read(reader, picture((0, 0), (199, 99)), 1.0)) == 2
    assert reader.shown[:2] == (100, 200)


def test_a_view_is_written_as_four_shares():
    assert View.of("0,0.5,1,1") == View(top=0.5) and View.of(str(View(0.1, 0.2, 0.9, 1.0))) == View(0.1, 0.2, 0.9, 1.0)


@pytest.mark.parametrize(
    "text", ["", "0,0,1", "a,b,c,d", "0,0,0,1", "0,0.5,1,0.5", "0,0,1,1.5", "-1,0,1,1", "nan,0,1,1"]
)
def test_a_view_that_is_none_is_refused_with_what_is_expected(text):
    with pytest.raises(ValueError, match="expected"):
        View.of(text)
