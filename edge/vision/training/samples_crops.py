"""Rectified plate crops for the reader: drawn at the size a camera would see, cut by corners that are a little off."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.training.camera_effects import make_conditions, take
from edge.vision.training.layouts import make_layout
from edge.vision.training.plates import draw_plate
from edge.vision.training.scenes_backdrops import make_backdrop, put
from edge.vision.training.scenes_signs import blotch, board, grille
from edge.vision.training.wear import wear

_KINDS = ("plate", "empty", "partial", "sign", "grille", "backdrop")
_SHARES = (0.8, 0.03, 0.04, 0.06, 0.03, 0.04)


@dataclass(frozen=True, slots=True)
class Crop:
    """What the reader is shown.

    image  BGR uint8 (h, w, 3)
    text   rows in reading order with a line break between: "MH12AB\\n1234"; "" when there is no whole plate to read
    kind   form and arrangement, or empty, partial, sign, grille, backdrop
    """

    image: np.ndarray
    text: str
    kind: str


def make_crop(dice: np.random.Generator, size: tuple[int, int], fonts: tuple[str, ...], plain: bool = False) -> Crop:
    """A crop of `size` (width, height); one in five has no whole plate in it.

    plain  near, hardly worn and clearly seen: what a reader begins with
    """
    kind = _KINDS[dice.choice(len(_KINDS), p=_SHARES)]
    across = int(np.exp(dice.uniform(np.log(150 if plain else 60), np.log(230))))
    text, letter_px = "", 14.0
    if kind in ("plate", "empty", "partial"):
        layout = make_layout(dice)
        plate = draw_plate(dice, layout, across, fonts, kind == "empty")
        art, letter_px = wear(plate.art, dice, 0.2 if plain else 1.0), across * 0.1
        if len(plate.rows):
            letter_px = float(min(row[3, 1] - row[0, 1] for row in plate.rows))
        if kind == "plate":
            kind = layout.kind
            text = "\n".join("".join(c for c in row.text if c.isalnum()) for row in layout.rows)
    else:
        high = int(across * dice.uniform(0.2, 0.7))
        art = {"sign": board, "grille": grille, "backdrop": _patch}[kind](dice, across, high)
    picture, corners = _seen(dice, art)
    if not plain:
        seen = make_conditions(dice, letter_px)
        if seen.light != "day":
            picture = _dim(dice, picture, corners)
        picture = take(picture, seen, dice)
    cut = _cut(dice, corners, kind == "partial")
    return Crop(rectify(picture, cut, size), text, kind)


def rectify(picture: np.ndarray, corners: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """What lies between the corners (float (4, 2), clockwise from top left), straightened to `size`."""
    wide, high = size
    box = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    move = cv2.getPerspectiveTransform(corners.astype(np.float32), box)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return cv2.warpPerspective(
        picture, np.linalg.inv(half) @ move @ half, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _patch(dice: np.random.Generator, wide: int, high: int) -> np.ndarray:
    return np.ascontiguousarray(make_backdrop(dice, max(wide, 64), max(high, 48), 0)[:high, :wide])


def _seen(dice: np.random.Generator, art: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The art askew on something plain, and its corners there."""
    high, wide = art.shape[:2]
    margin = round(0.22 * wide + 0.1 * high)
    canvas = blotch(dice, wide + 2 * margin, high + 2 * margin)
    if dice.random() < 0.5:
        canvas //= 3  # most plates sit in a dark recess
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], float)
    corners += dice.normal(0, 0.05, (4, 2)) * high
    middle = corners.mean(axis=0)
    turn = np.radians(dice.normal(0, 4))
    spin = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    lean = np.array([(1, dice.normal(0, 0.04)), (dice.normal(0, 0.08), 1)])
    corners = (corners - middle) @ lean @ spin + middle + margin
    put(canvas, art, corners, high * dice.uniform(0, 0.13))
    return canvas, corners


def _cut(dice: np.random.Generator, corners: np.ndarray, partial: bool) -> np.ndarray:
    """The corners as a detector finds them: off by a few hundredths; a partial one misses a quarter or more."""
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    off = np.clip(dice.normal(0, 0.022, (4, 2)), -0.06, 0.06)
    grown = dice.normal(0.012, 0.025, 2)
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    # Outwards a detector may stray far, inwards hardly: what is cut off can't be read.
    shares = np.clip(signs * np.maximum(grown, -0.012) + off * (0.7, 1.6), -0.12, 0.12)
    shares = np.where(signs * shares < -0.02, -0.02 * signs, shares)
    if partial:
        slide = dice.uniform(0.3, 0.5) * dice.choice([-1, 1])
        shares = shares + ([slide, 0.0] if dice.random() < 0.7 else [0.0, slide * 1.2])
    return corners + shares[:, :1] * across + shares[:, 1:] * down


def _dim(dice: np.random.Generator, picture: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """At night the plate throws back more light than what is round it."""
    rest = dice.uniform(0.15, 0.7)
    dark = cv2.convertScaleAbs(picture, alpha=rest)
    lit = cv2.convertScaleAbs(picture, alpha=dice.uniform(max(rest, 0.5), 1.2))
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(corners * 16 - 8).astype(np.int32), 255, cv2.LINE_8, shift=4)
    cv2.copyTo(lit, mask, dark)
    return dark
