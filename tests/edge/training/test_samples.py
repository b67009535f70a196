"""What training reads is the same every time, holds every kind of plate, and says what a plate may say."""

from __future__ import annotations

import re
from itertools import islice

import numpy as np
import pytest

from edge.rules.plate.formats import PLACES, REGIONS, STATES
from edge.vision.training.layouts_table import FORMS
from edge.vision.training.samples import crop_at, crops, sample_at, samples

SMALL = (160, 120)
REGION_OF = {form.name: form.region for form in FORMS}
NEGATIVES = {"empty", "partial", "sign", "grille", "backdrop"}


@pytest.fixture(scope="module")
def three_hundred():
    return list(islice(crops(7, fonts=()), 300))


@pytest.fixture(scope="module")
def small_scenes():
    return list(islice(samples(7, SMALL, fonts=()), 120))


def spellable(region: str) -> re.Pattern[str]:
    """Everything a region's formats let a plate say."""

    def place(letter: str) -> str:
        return f"[{''.join(PLACES[letter])}]"

    patterns = {pattern for form in REGIONS[region] for pattern in form.patterns}
    states = f"(?:{'|'.join(STATES)})"
    told = [p.replace("^^", "^") for p in patterns]
    return re.compile("|".join("".join(states if c == "^" else place(c) for c in p) for p in told))


def form_of(kind: str) -> str:
    return kind.rsplit("-", 1)[0]


def test_the_same_seed_and_number_give_the_same_bytes():
    for number in (0, 5):
        one, again = sample_at(3, number), sample_at(3, number)
        assert one.image.tobytes() == again.image.tobytes()
        assert [p.text for p in one.plates] == [p.text for p in again.plates]
        assert all(
            np.array_equal(a.corners, b.corners) and np.array_equal(a.row_corners, b.row_corners)
            for a, b in zip(one.plates, again.plates, strict=True)
        )
        assert crop_at(3, number).image.tobytes() == crop_at(3, number).image.tobytes()


def test_another_seed_gives_other_pictures():
    assert sample_at(3, 0, SMALL).image.tobytes() != sample_at(4, 0, SMALL).image.tobytes()
    assert crop_at(3, 0).image.tobytes() != crop_at(4, 0).image.tobytes()


def test_two_workers_together_draw_what_one_draws():
    alone = [crop.image.tobytes() for crop in islice(crops(9), 8)]
    even = [crop.image.tobytes() for crop in islice(crops(9, first=0, step=2), 4)]
    odd = [crop.image.tobytes() for crop in islice(crops(9, first=1, step=2), 4)]
    assert [one for pair in zip(even, odd, strict=True) for one in pair] == alone


def test_pictures_are_of_the_size_asked_for():
    assert sample_at(1, 0).image.shape == (480, 640, 3)
    assert sample_at(1, 0, (320, 256)).image.shape == (256, 320, 3)
    assert crop_at(1, 0).image.shape == (64, 128, 3)
    assert crop_at(1, 0, (160, 48)).image.shape == (48, 160, 3)
    assert sample_at(1, 0).image.dtype == np.uint8 and crop_at(1, 0).image.dtype == np.uint8


def test_every_form_of_plate_comes_up_in_three_hundred_crops(three_hundred):
    drawn = {form_of(crop.kind) for crop in three_hundred if crop.kind not in NEGATIVES}
    assert drawn == set(REGION_OF)


def test_every_arrangement_and_every_negative_comes_up(three_hundred):
    kinds = {crop.kind for crop in three_hundred}
    assert kinds >= NEGATIVES
    assert {kind.rsplit("-", 1)[1] for kind in kinds - NEGATIVES} == {"one", "two", "stacked"}


def test_plates_say_what_their_region_may_say(three_hundred, small_scenes):
    may = {region: spellable(region) for region in REGIONS}
    said = [(crop.kind, crop.text.replace("\n", "")) for crop in three_hundred if crop.kind not in NEGATIVES]
    said += [(p.kind, p.text) for scene in small_scenes for p in scene.plates if p.kind != "empty"]
    wrong = [(kind, text) for kind, text in said if not may[REGION_OF[form_of(kind)]].fullmatch(text)]
    assert len(said) > 300 and not wrong


def test_rows_joined_are_the_text_and_each_has_its_corners(small_scenes):
    for plate in (plate for scene in small_scenes for plate in scene.plates):
        assert "".join(plate.rows) == plate.text
        assert plate.corners.shape == (4, 2) and plate.corners.dtype == np.float32
        assert plate.row_corners.shape == (len(plate.rows), 4, 2) and plate.row_corners.dtype == np.float32
        assert 0.0 <= plate.seen <= 1.0


def test_what_is_no_whole_plate_has_nothing_to_read(three_hundred, small_scenes):
    assert all(crop.text == "" for crop in three_hundred if crop.kind in NEGATIVES)
    assert all(crop.text for crop in three_hundred if crop.kind not in NEGATIVES)
    empty = [plate for scene in small_scenes for plate in scene.plates if plate.kind == "empty"]
    assert empty and all(plate.text == "" and plate.rows == () for plate in empty)
    assert any(not scene.plates for scene in small_scenes)
    assert any(len(scene.plates) == 2 for scene in small_scenes)


def test_plates_run_from_sixty_pixels_upwards():
    across = []
    for number in range(30):
        for plate in sample_at(11, number, fonts=()).plates:
            top, bottom = plate.corners[1] - plate.corners[0], plate.corners[2] - plate.corners[3]
            across.append((np.hypot(*top) + np.hypot(*bottom)) / 2)
    assert min(across) > 40 and min(across) < 90 and max(across) > 180


@pytest.mark.parametrize(
    "ask, told",
    [
        (lambda: sample_at(-1, 0), "seed -1, expected a whole number"),
        (lambda: sample_at(1, 2.5), "number 2.5, expected a whole number"),
        (lambda: sample_at(1, 0, (64, 48)), "scene of 64 x 48 pixels, expected at least 160 x 120"),
        (lambda: crop_at(1, 0, (8, 8)), "crop of 8 x 8 pixels, expected at least 32 x 16"),
        (lambda: next(samples(1, step=0)), "step 0, expected"),
        (lambda: next(crops(1, first=-3)), "first -3, expected"),
    ],
)
def test_a_wrong_question_is_told_what_was_expected(ask, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        ask()
