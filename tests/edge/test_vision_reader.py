"""The reader reads drawn plates; real networks, no files but rapidocr's own."""

from __future__ import annotations

import numpy as np
import pytest

from edge.vision import onnx_models
from edge.vision.ctc import slots_of
from edge.vision.errors import EngineMissing, UnknownEngine
from edge.vision.reader import open_reader
from tests.edge.vision_pictures import empty_picture, plate_picture


@pytest.fixture(scope="module")
def reader():
    return open_reader("rapidocr", ["in"])


@pytest.mark.parametrize("text", ["MH12AB1234", "DL3CAY2231", "22BH1234AA", "KL01AU585"])
def test_a_plate_of_one_row_is_read_surely(reader, text):
    best = reader.read(plate_picture(text), seen_at=7.5)[0]
    assert best.text == text and best.is_sure() and best.seen_at == 7.5
    assert len(best.confidence) == len(text) and min(best.confidence) > 0.5


def test_a_plate_of_two_rows_is_read_in_reading_order(reader):
    assert reader.read(plate_picture("KA05HS", "4495"), 0.0)[0].text == "KA05HS4495"


@pytest.mark.parametrize("degrees", [-12, 12])
def test_a_turned_plate_is_read_and_its_box_turns_with_it(reader, degrees):
    best = reader.read(plate_picture("MH12AB1234", turned_deg=degrees), 0.0)[0]
    assert best.text == "MH12AB1234"
    left, right = np.array(best.box[0]), np.array(best.box[1])
    assert np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0])) == pytest.approx(-degrees, abs=4)


def test_the_box_lies_around_the_plates_text(reader):
    corners = np.array(reader.read(plate_picture("MH12AB1234"), 0.0)[0].box)
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    assert 150 < left < 200 and 440 < right < 490 and 275 < top < 305 and 320 < bottom < 350


def test_an_empty_lane_has_no_plate(reader):
    assert reader.read(empty_picture(), 0.0) == []


def test_a_sign_that_is_no_plate_is_not_sure(reader):
    assert not any(read.is_sure() for read in reader.read(plate_picture("NO PARKING"), 0.0))


@pytest.mark.parametrize("shape", [(16, 16, 3), (16, 900, 3), (900, 16, 3)])
def test_frames_of_odd_shape_are_read_too(reader, shape):
    assert reader.read(np.zeros(shape, np.uint8), 0.0) == []


def test_an_engine_that_does_not_exist_is_named():
    with pytest.raises(UnknownEngine, match="no reading engine 'abacus'; expected one of rapidocr"):
        open_reader("abacus", ["in"])


def test_an_engine_that_is_not_installed_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(onnx_models, "find_spec", lambda name: None)
    with pytest.raises(
        EngineMissing, match="rapidocr is not installed; install it with: python -m pip install rapidocr"
    ):
        open_reader("rapidocr", ["in"])


def test_steps_that_agree_are_one_character_and_a_blank_parts_two():
    steps = np.full((7, 38), 1e-6, np.float32)
    for step, column in enumerate([0, 5, 5, 0, 5, 7, 0]):
        steps[step, column] = 0.99
    tops = [max(slot, key=slot.__getitem__) for slot in slots_of(steps)]
    assert tops == ["4", "4", "6"]


def test_a_blank_that_is_doubted_leaves_a_weak_place():
    steps = np.full((5, 38), 1e-6, np.float32)
    steps[:, 0] = 0.99
    steps[2, 0], steps[2, 5] = 0.7, 0.29
    (weak,) = slots_of(steps)
    assert weak[""] > weak["4"] > 0.1


def test_a_character_that_fades_in_and_out_leaves_no_weak_place_beside_itself():
    steps = np.full((5, 38), 1e-6, np.float32)
    steps[:, 0] = 0.99
    steps[1] = steps[3] = np.eye(38)[0] * 0.7 + np.eye(38)[5] * 0.29
    steps[2, 0], steps[2, 5] = 0.01, 0.98
    assert len(slots_of(steps)) == 1
