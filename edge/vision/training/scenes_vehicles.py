"""Fronts and backs of vehicles, drawn flat with a place for the plate, and the simulation's solid ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from edge.simulation.scene.bodyparts import Vehicle3D
from edge.simulation.scene.bodywork import PAINTS, build
from edge.vision.training.scenes_backdrops import put
from edge.vision.training.scenes_signs import board, grille
from edge.vision.training.wear import clouds

SOLID_KINDS = ("car", "van", "auto", "truck", "bus", "bike", "scooty")
_MAKES = 3  # of each kind; a solid takes milliseconds to build, so they are kept


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a vehicle seen straight on.

    art    BGR uint8 (h, w, 3)
    body   its outline in the art, the rest is not drawn, float32 (n, 2)
    plate  where the plate is screwed on: left, top, width it may take, height it may take, px
    """

    art: np.ndarray
    body: np.ndarray
    plate: tuple[float, float, float, float]


@lru_cache(maxsize=64)
def solid_vehicle(kind: str, make: int, lines: int) -> Vehicle3D:
    """The simulation's vehicle of that kind (SOLID_KINDS); make is any number, few differ."""
    return build(kind, f"training {make % _MAKES}", lines)


def make_side(dice: np.random.Generator) -> Side:
    """The front or back of a car, a truck or bus, an auto-rickshaw or a motorcycle."""
    return SIDES[dice.choice(len(SIDES), p=(0.35, 0.2, 0.22, 0.11, 0.12))](dice)


def _paint(dice: np.random.Generator, high: int, wide: int) -> np.ndarray:
    """Painted metal: darker below, soft reflections."""
    colour = np.array(PAINTS[dice.integers(len(PAINTS))]) if dice.random() < 0.6 else dice.integers(10, 235, 3)
    light = np.linspace(dice.uniform(1.0, 1.25), dice.uniform(0.6, 0.95), high, dtype=np.float32)[:, None]
    light = light + clouds(dice, high, wide, 5) * np.float32(0.07)
    return cv2.merge([cv2.convertScaleAbs(light, alpha=float(tone)) for tone in colour])


def _rounded(left: float, top: float, right: float, bottom: float, round_px: float) -> np.ndarray:
    turn = np.radians(np.arange(0, 91, 15))
    arcs = [
        (left + round_px, top + round_px, 180), (right - round_px, top + round_px, 270),
        (right - round_px, bottom - round_px, 0), (left + round_px, bottom - round_px, 90),
    ]  # fmt: skip
    return np.vstack([
        np.stack([x + round_px * np.cos(turn + np.radians(a)), y + round_px * np.sin(turn + np.radians(a))], 1)
        for x, y, a in arcs
    ])  # fmt: skip


def _fill(art: np.ndarray, outline: np.ndarray, colour) -> None:
    points = np.round(outline * 16).astype(np.int32)
    cv2.fillPoly(art, [points], [int(c) for c in colour], cv2.LINE_AA, shift=4)


def _car_back(dice: np.random.Generator) -> Side:
    wide, high = 520, 400
    art = _paint(dice, high, wide)
    _fill(art, _rounded(90, 14, 430, 120, 26), (52, 46, 40))
    _fill(art, _rounded(120, 22, 300, 60, 18), (96, 88, 80))
    red = (20 + dice.integers(30), 20 + dice.integers(30), 130 + dice.integers(90))
    tall, across = dice.uniform(36, 110), dice.uniform(50, 110)
    for left in (16, 504 - across):
        _fill(art, _rounded(left, 140, left + across, 140 + tall, 12), red)
        _fill(art, _rounded(left + 8, 150, left + across * 0.5, 140 + tall * 0.4, 6), (120, 150, 235))
    cv2.line(art, (20, 128), (500, 128), (40, 40, 40), 2, cv2.LINE_AA)
    bumper = dice.uniform(280, 310)
    _fill(art, _rounded(4, bumper, 516, 396, 24), dice.choice([(46, 44, 42), (60, 58, 58)]) if dice.random() < 0.5
          else np.median(art[::8, ::8], axis=(0, 1)) * 0.9)  # fmt: skip
    if dice.random() < 0.6:
        put(art, board(dice, 90, 16), _box(dice.uniform(130, 300), 134, 90, 16))
    low = dice.random() < 0.35
    top = bumper + 6 if low else dice.uniform(165, 200)
    _fill(art, _rounded(145, top - 8, 375, top + (84 if low else 90), 8), np.median(art[::8, ::8], axis=(0, 1)) * 0.55)
    return Side(art, _rounded(2, 2, 518, 398, 46), (160, top, 200, 74))


def _car_front(dice: np.random.Generator) -> Side:
    wide, high = 520, 330
    art = _paint(dice, high, wide)
    slats = grille(dice, int(dice.uniform(190, 320)), int(dice.uniform(36, 80)))
    put(art, slats, _box(260 - slats.shape[1] / 2, 90, slats.shape[1], slats.shape[0]))
    cv2.circle(art, (260, 110), int(dice.uniform(8, 18)), (200, 200, 200), 3, cv2.LINE_AA)
    for side in (-1, 1):
        lamp = np.array([(150, 88), (240, 70), (246, 118), (170, 132)]) * (side, 1) + (260, 0)
        _fill(art, lamp, (70, 68, 66))
        _fill(art, (lamp - lamp.mean(0)) * 0.7 + lamp.mean(0), (228, 232, 236))
        cv2.circle(art, (260 + side * 200, 262), 15, (190, 196, 200), -1, cv2.LINE_AA)
    cv2.line(art, (0, 60), (520, 60), (40, 40, 40), 2, cv2.LINE_AA)
    _fill(art, _rounded(90, 232, 430, 300, 14), (36, 34, 34))
    put(art, grille(dice, 320, 46), _box(100, 245, 320, 46))
    top = dice.uniform(172, 240)
    return Side(art, _rounded(2, 2, 518, 328, 40), (155, top, 210, 66))


def _lorry(dice: np.random.Generator) -> Side:
    """The tail of a truck or bus: boards painted with words, chevrons, bumper bar."""
    wide, high = 560, 480
    art = _paint(dice, high, wide)
    for y in range(0, 330, int(dice.uniform(40, 110))):
        cv2.line(art, (0, y), (wide, y), (40, 40, 40), 2)
    for _ in range(int(dice.integers(1, 5))):
        across = int(dice.uniform(120, 420))
        left, top = dice.uniform(10, wide - across - 10), dice.uniform(10, 270)
        put(art, board(dice, across, int(across * dice.uniform(0.12, 0.3))), _box(left, top, across, across * 0.2))
    _fill(art, _rounded(0, 350, wide, 480, 4), (44, 44, 46))
    colours = ((30, 30, 200), (230, 232, 232)) if dice.random() < 0.6 else ((40, 190, 240), (34, 34, 34))
    for number, x in enumerate(range(0, wide, 40)):
        stripe = np.array([(x, 440), (x + 40, 440), (x + 20, 478), (x - 20, 478)])
        _fill(art, stripe, colours[number % 2])
    for left in (14, 476):
        _fill(art, _rounded(left, 362, left + 70, 392, 5), (34, 34, 180))
        _fill(art, _rounded(left + 8, 398, left + 62, 424, 5), (50, 150, 235))
    left = dice.choice([110, 190, 260])
    return Side(art, _rounded(0, 0, wide, high, 6), (left, 356, 190, 78))


def _auto_back(dice: np.random.Generator) -> Side:
    wide, high = 300, 380
    art = _paint(dice, high, wide)
    yellow = np.array((30, 178, 240)) * dice.uniform(0.75, 1.05)
    _fill(art, _rounded(0, 0, 300, 190, 30), yellow if dice.random() < 0.7 else (30, 30, 30))
    _fill(art, _rounded(70, 40, 230, 100, 12), (70, 62, 56))
    put(art, board(dice, 180, 36), _box(60, 120, 180, 40))
    for left in (10, 250):
        _fill(art, _rounded(left, 210, left + 40, 240, 6), (36, 34, 190))
    _fill(art, _rounded(0, 330, 300, 380, 6), (30, 30, 30))
    if dice.random() < 0.6:
        put(art, board(dice, 120, 24), _box(90, 196, 120, 24))
    return Side(art, _rounded(2, 2, 298, 378, 34), (75, dice.uniform(226, 262), 150, 62))


def _bike(dice: np.random.Generator) -> Side:
    """A motorcycle from behind or before: mudguard, lamp, wheel."""
    wide, high = 240, 380
    art = _paint(dice, high, wide)
    _fill(art, _rounded(20, 200, 220, 380, 20), (34, 34, 36))
    lamp = (40, 40, 190) if dice.random() < 0.6 else (230, 234, 236)
    _fill(art, _rounded(85, 90, 155, 140, 18), (40, 40, 40))
    _fill(art, _rounded(92, 97, 148, 133, 14), lamp)
    for x in (62, 178):
        cv2.circle(art, (x, 130), 14, (40, 140, 240), -1, cv2.LINE_AA)
    _fill(art, _rounded(100, 290, 140, 380, 10), (24, 24, 24))
    outline = np.array([(60, 30), (180, 30), (200, 140), (190, 290), (150, 380), (90, 380), (50, 290), (40, 140)])
    return Side(art, outline.astype(np.float32), (60, 170, 120, 92))


def _box(left: float, top: float, wide: float, high: float) -> np.ndarray:
    return np.array([(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)], np.float32)


SIDES: tuple[Callable[[np.random.Generator], Side], ...] = (_car_back, _car_front, _lorry, _auto_back, _bike)
