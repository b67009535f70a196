"""Lettering, plates, wear and the camera hold under what is unusual."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.rules.plate.formats import ALPHABET
from edge.vision.training.camera_effects import make_conditions, take
from edge.vision.training.layouts import make_layout
from edge.vision.training.layouts_table import FORMS
from edge.vision.training.plates import draw_plate
from edge.vision.training.preview import main
from edge.vision.training.typeface import make_face, write
from edge.vision.training.typeface_glyphs import FAMILIES, SHAPES
from edge.vision.training.wear import wear


@pytest.fixture
def dice():
    return np.random.default_rng(2)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_character_is_drawn_in_every_family(family, dice):
    face = make_face(dice, family)
    for symbol in ALPHABET:
        ink = write(symbol, 40, 80, face, dice)
        assert ink.shape[0] == 40 and 0.08 < (ink > 128).mean() < (0.95 if symbol != "I" else 1.01)


@pytest.mark.parametrize("symbol", ALPHABET)
def test_each_way_of_building_a_character_differs_from_each_other_character(symbol, dice):
    face = replace(make_face(dice, "european"), stroke=0.14, width=1.0, slant=0.0, roundness=1.0, font=None)

    def drawn(other: str, choice: int) -> np.ndarray:
        ink = write(other, 40, 80, replace(face, choice=face.choice | {other: choice}), dice)
        return cv2.resize(ink, (30, 40)).astype(float) / 255

    # Plates themselves tell O from 0, I from 1 and Q from O by little or nothing.
    alike = {"O": "0QD", "0": "OQD", "D": "0OQ", "Q": "O0D", "I": "1", "1": "I"}.get(symbol, "")
    for choice in range(len(SHAPES[symbol])):
        own = drawn(symbol, choice)
        for other in set(ALPHABET) - set(symbol + alike):
            assert np.abs(own - drawn(other, 0)).mean() > 0.02, (symbol, choice, other)


def test_a_long_text_is_narrowed_until_it_fits(dice):
    face = make_face(dice, "hsrp")
    assert write("T 1219 MH 1234 AB", 30, 200, face, dice).shape[1] <= 200


def test_a_character_the_typeface_lacks_is_named(dice):
    with pytest.raises(ValueError, match="'é' isn't in the typeface"):
        write("é1", 30, 200, make_face(dice, "hsrp"), dice)


def test_a_region_without_plates_is_named(dice):
    with pytest.raises(ValueError, match="no plates of region 'xx'"):
        make_layout(dice, "xx")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_plate_of_every_form_is_drawn_small_and_large(form, dice):
    for lines in form.sizes:
        layout = make_layout(dice, form.region, lines)
        for width_px in (60, 300):
            plate = draw_plate(dice, layout, width_px)
            assert plate.art.shape[1] == width_px and len(plate.rows) == len(layout.rows)


@pytest.mark.parametrize("ground, ink", [((0, 0, 0), (0, 0, 0)), ((255,) * 3, (255,) * 3), ((0, 0, 0), (255,) * 3)])
def test_plates_of_pure_black_and_white_are_drawn_and_worn(ground, ink, dice):
    for _ in range(10):
        layout = replace(make_layout(dice), ground=ground, ink=ink)
        art = draw_plate(dice, layout, 120).art
        assert wear(art, dice).shape == art.shape


@pytest.mark.parametrize("tone", [0, 255])
def test_the_camera_takes_black_and_white_pictures(tone, dice):
    for _ in range(30):
        picture = np.full((61, 97, 3), tone, np.uint8)
        taken = take(picture, make_conditions(dice, dice.uniform(1, 60)), dice)
        assert taken.shape == picture.shape and taken.dtype == np.uint8


def test_the_preview_writes_sheets_that_can_be_opened(tmp_path, capsys):
    assert main(["--out", str(tmp_path / "look"), "--rows", "1"]) == 0
    told = capsys.readouterr().out
    for name in ("scenes.png", "crops.png"):
        assert cv2.imread(str(tmp_path / "look" / name)) is not None
        assert name in told


def test_the_preview_names_a_folder_it_cannot_write_in(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["--out", str(tmp_path / "file"), "--rows", "1"]) == 2
    assert "expected a folder to write in" in capsys.readouterr().err


def test_the_preview_says_when_it_has_nothing_to_do(capsys):
    with pytest.raises(SystemExit):
        main([])
    assert "expected --out FOLDER or --measure" in capsys.readouterr().err
