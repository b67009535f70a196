"""What training reads: scenes with labelled plates, and rectified plate crops with their text, as many as wanted.

Each sample has dice of its own, made of the seed and its number, so workers share the work by number and the same seed
gives the same bytes (on machines with the same fonts installed; `fonts=()` leaves them out).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.training.samples_crops import Crop, make_crop
from edge.vision.training.scenes import Placed, make_scene
from edge.vision.training.typeface_fonts import installed_fonts

__all__ = ["Crop", "Label", "Sample", "crop_at", "crops", "sample_at", "samples"]

_SCENES, _CROPS = 1, 2  # so that scene 7 and crop 7 of a seed share no dice


@dataclass(frozen=True, slots=True)
class Label:
    """One plate in a picture.

    text     A-Z and 0-9, "" for an empty plate
    rows     the text row by row, in reading order
    corners  of the plate, pixels, clockwise from its own top left, float32 (4, 2); may lie outside the picture.
             Continuous: 0 is the first pixel's outer edge
    row_corners  of each row's lettering, float32 (n, 4, 2)
    kind     form and arrangement ("in-hsrp-two"), or "empty"
    seen     share of the plate that can be seen: inside the picture, behind nothing; 0.0 to 1.0
    """

    text: str
    rows: tuple[str, ...]
    corners: np.ndarray
    row_corners: np.ndarray
    kind: str
    seen: float


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture, BGR uint8 (h, w, 3), and every plate in it."""

    image: np.ndarray
    plates: tuple[Label, ...]


def sample_at(
    seed: int, number: int, size: tuple[int, int] = (640, 480), fonts: tuple[str, ...] | None = None
) -> Sample:
    """Scene `number` of a seed; size is width and height, at least 160 x 120. ValueError when it is less."""
    wide, high = size
    if wide < 160 or high < 120:
        raise ValueError(f"scene of {wide} x {high} pixels, expected at least 160 x 120")
    dice = np.random.default_rng([_whole("seed", seed), _SCENES, _whole("number", number)])
    image, placed = make_scene(dice, size, installed_fonts() if fonts is None else fonts)
    return Sample(image, tuple(_label(plate, size) for plate in placed))


def crop_at(
    seed: int,
    number: int,
    size: tuple[int, int] = (128, 64),
    fonts: tuple[str, ...] | None = None,
    plain: bool = False,
) -> Crop:
    """Crop `number` of a seed; size is width and height, at least 32 x 16. ValueError when it is less.

    plain  near, hardly worn and clearly seen
    """
    if size[0] < 32 or size[1] < 16:
        raise ValueError(f"crop of {size[0]} x {size[1]} pixels, expected at least 32 x 16")
    dice = np.random.default_rng([_whole("seed", seed), _CROPS, _whole("number", number)])
    return make_crop(dice, size, installed_fonts() if fonts is None else fonts, plain)


def samples(
    seed: int,
    size: tuple[int, int] = (640, 480),
    first: int = 0,
    step: int = 1,
    fonts: tuple[str, ...] | None = None,
) -> Iterator[Sample]:
    """Scenes without end: numbers first, first + step, ... (worker k of n takes first=k, step=n)."""
    for number in _numbers(first, step):
        yield sample_at(seed, number, size, fonts)


def crops(
    seed: int,
    size: tuple[int, int] = (128, 64),
    first: int = 0,
    step: int = 1,
    fonts: tuple[str, ...] | None = None,
) -> Iterator[Crop]:
    """Crops without end, numbered as scenes are."""
    for number in _numbers(first, step):
        yield crop_at(seed, number, size, fonts)


def _whole(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} {value!r}, expected a whole number, 0 or more")
    return value


def _numbers(first: int, step: int) -> Iterator[int]:
    if _whole("step", step) == 0:
        raise ValueError("step 0, expected a whole number, 1 or more")
    number = _whole("first", first)
    while True:
        yield number
        number += step


def _label(plate: Placed, size: tuple[int, int]) -> Label:
    edge = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    inside, _ = cv2.intersectConvexConvex(plate.corners, edge)
    seen = float(np.clip(inside / max(cv2.contourArea(plate.corners), 1e-6), 0, 1)) * (1 - plate.hidden)
    if plate.empty:
        return Label("", (), plate.corners, plate.rows, "empty", seen)
    rows = tuple("".join(c for c in row.text if c.isalnum()) for row in plate.layout.rows)
    return Label(plate.layout.text, rows, plate.corners, plate.rows, plate.layout.kind, seen)
