"""A frame fitted for the detector, plates straightened for the reader, rows cut for a line reader: nothing is lost."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.platenet.crops import HEIGHT_PX, WIDTH_PX, crops_of
from edge.vision.platenet.picture import fit
from edge.vision.platenet.rows import one_row, two_rows
from edge.vision.training.samples_crops import rectify
from tests.edge.vision.platenet.made import box


@pytest.mark.parametrize(
    "frame, picture",
    [
        ((480, 640), (480, 640)),
        ((1080, 1920), (384, 640)),
        ((1920, 1080), (640, 384)),
        ((100, 160), (224, 320)),
        ((1, 1), (32, 32)),
        ((3, 4000), (32, 640)),
    ],
)
def test_a_frame_becomes_a_picture_of_whole_blocks_never_more_than_twice_as_large(frame, picture):
    fitted = fit(np.zeros((*frame, 3), np.uint8))
    assert fitted.picture.shape == (*picture, 3) and fitted.picture.dtype == np.uint8
    assert min(fitted.scale) >= 0.5 and fitted.picture.flags["C_CONTIGUOUS"]


@given(st.integers(1, 2500), st.integers(1, 2500))
def test_a_frames_own_corners_come_back_to_where_they_were(width, height):
    frame = np.zeros((height, width, 3), np.uint8)
    fitted = fit(frame)
    inside = np.float32([round(width / fitted.scale[0]), round(height / fitted.scale[1])])
    assert np.allclose(fitted.in_frame(inside), (width, height), atol=1e-2)
    assert (inside <= fitted.picture.shape[1::-1]).all() and max(inside) <= 640


def test_what_is_marked_in_the_frame_is_found_at_the_same_place_of_the_picture():
    frame = np.zeros((1080, 1920, 3), np.uint8)
    frame[600:660, 900:1020] = 255
    fitted = fit(frame)
    rows, columns = np.nonzero(fitted.picture[:360, :, 0] > 127)
    corners = np.float32([(columns.min(), rows.min()), (columns.max() + 1, rows.max() + 1)])
    assert np.allclose(fitted.in_frame(corners), [(900, 600), (1020, 660)], atol=1.5)


def striped(width: int, height: int) -> np.ndarray:
    """A frame whose every pixel tells its column and row."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=-1).astype(np.uint8)


def test_a_crop_is_what_training_cuts_with_the_same_rim():
    frame, plate = striped(640, 480), np.float32([(200, 200), (330, 215), (326, 256), (196, 240)])
    grown = plate + 0.012 * np.float32([(-134, -56), (126, -26), (134, 56), (-126, 26)])
    (crop,) = crops_of(frame, [plate])
    expected = rectify(frame, grown, (WIDTH_PX, HEIGHT_PX))
    assert crop.shape == (64, 128, 3)
    assert np.abs(crop[..., :2].astype(int) - expected[..., :2].astype(int)).max() <= 1


@pytest.mark.parametrize("wide", [60, 130, 255, 257, 700, 1800])
def test_a_plate_of_any_size_fills_its_crop(wide):
    frame = np.zeros((1080, 1920, 3), np.uint8)
    plate = box(60, 300, wide, wide / 4)
    cv2.rectangle(frame, (60, 300), (60 + wide - 1, 300 + wide // 4 - 1), (255, 255, 255), -1)
    (crop,) = crops_of(frame, [plate])
    assert crop[8:-8, 8:-8].min() > 240
    assert crop[0, 0].max() < 140 and crop[-1, -1].max() < 140


def test_fine_print_of_a_large_plate_is_blended_and_not_dropped():
    frame = np.zeros((600, 1300, 3), np.uint8)
    frame[:, ::10] = 255  # one column in ten is white: on average a tenth of white
    (crop,) = crops_of(frame, [box(10, 50, 1280, 320)])
    assert crop.mean() == pytest.approx(25.5, abs=4) and crop[20:44, 20:108].std() < 20


def test_no_plates_give_no_crops():
    assert crops_of(np.zeros((10, 10, 3), np.uint8), []).shape == (0, 64, 128, 3)


def written(rows: int, width: int = 200, height: int = 100) -> np.ndarray:
    """A white plate with `rows` rows of strokes, each a third of the height, the gap between them at its middle."""
    plate = np.full((height, width, 3), 240, np.uint8)
    places = [(height // 3, 2 * height // 3)] if rows == 1 else [(8, height // 2 - 6), (height // 2 + 6, height - 8)]
    for top, bottom in places:
        for x in range(20, width - 20, 12):
            plate[top:bottom, x : x + 5] = 20
    return plate


def test_one_row_is_cut_close_to_its_lettering():
    (row,) = one_row(written(1))
    assert 33 <= len(row) <= 50 and (row < 100).any(axis=2).sum() == (written(1) < 100).any(axis=2).sum()


def test_two_rows_are_parted_between_them_and_lose_no_stroke():
    upper, lower = two_rows(written(2))
    whole = (written(2) < 100).any(axis=2).sum()
    assert (upper < 100).any(axis=2).sum() == (lower < 100).any(axis=2).sum() == whole // 2


def test_rows_of_unlike_height_are_parted_at_their_own_gap():
    plate = np.full((120, 200, 3), 240, np.uint8)
    for x in range(20, 180, 12):
        plate[10:40, x : x + 5] = 20
        plate[50:112, x : x + 5] = 20
    upper, lower = two_rows(plate)
    assert len(upper) < 50 and len(lower) > 60


@given(st.integers(4, 300), st.integers(4, 120), st.integers(0, 2**16))
def test_plates_of_any_size_and_content_can_be_cut(width, height, seed):
    plate = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    for rows, count in ((one_row, 1), (two_rows, 2)):
        for picture in (plate, np.zeros_like(plate)):
            parts = rows(picture)
            assert len(parts) == count and all(part.shape[1] == width and len(part) >= 1 for part in parts)
            assert sum(map(len, parts)) <= height
