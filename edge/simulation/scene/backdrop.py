"""The empty lane as the camera sees it: road, kerbs, hedge and wall, made once from code."""

from __future__ import annotations

import random
from functools import lru_cache

import cv2
import numpy as np

from edge.simulation.scene.lens import HEIGHT_PX, WIDTH_PX, Lens, paint
from edge.simulation.scene.solids import Solid, above, ball, box, join, tube
from edge.simulation.world.traffic import ARMING, STOP_LINE_M

_PX_PER_M = 80
_NEAR_M, _FAR_M, _HALF_WIDTH_M = 2.2, -42.0, 9.0
KERB_M = 1.95
YELLOW, DARK = (40, 190, 235), (48, 46, 46)


@lru_cache(maxsize=4)
def draw_backdrop(lens: Lens, daylight: float) -> np.ndarray:
    """BGR uint8 (720, 1280, 3), shared: copy it before drawing on it."""
    canvas = _ground(lens, daylight)
    paint(canvas, lens, _furniture(), daylight)
    _leaves(canvas)
    return cv2.GaussianBlur(canvas, (0, 0), 0.7)


def _ground(lens: Lens, daylight: float) -> np.ndarray:
    length = _NEAR_M - _FAR_M
    size = (round(length * _PX_PER_M), round(2 * _HALF_WIDTH_M * _PX_PER_M))
    noise = np.random.default_rng(7)
    grey = np.full(size, 128.0, np.float32)
    for cell, strength in ((400, 5), (60, 4), (9, 4), (2, 7)):
        coarse = noise.normal(0, strength, (size[0] // cell + 2, size[1] // cell + 2)).astype(np.float32)
        grey += cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
    road = np.clip(grey[..., None] * np.array([1.0, 1.0, 0.985], np.float32), 0, 255)

    def at(x_m: float, y_m: float) -> tuple[int, int]:
        return round((y_m + _HALF_WIDTH_M) * _PX_PER_M), round((_NEAR_M - x_m) * _PX_PER_M)

    def slab(x0: float, x1: float, y0: float, y1: float, colour: tuple[int, int, int], share: float) -> None:
        (left, top), (right, bottom) = at(max(x0, x1), min(y0, y1)), at(min(x0, x1), max(y0, y1))
        area = road[top:bottom, left:right]
        area += (np.array(colour, np.float32) - area) * share

    for side in (-1, 1):  # pavement beyond the kerbs
        slab(_NEAR_M, _FAR_M, side * KERB_M, side * _HALF_WIDTH_M, (128, 138, 146), 0.75)
    for wheel in (-0.75, 0.75):  # where tyres run
        slab(_NEAR_M, _FAR_M, wheel - 0.22, wheel + 0.22, (74, 74, 76), 0.25)
    slab(_NEAR_M, _FAR_M, -0.12, 0.12, (58, 58, 60), 0.2)
    slab(STOP_LINE_M + 0.25, STOP_LINE_M + 0.55, -1.75, 1.75, (232, 234, 234), 0.85)
    for x in (ARMING.start_m, ARMING.end_m):  # the loop's saw cuts
        slab(x - 0.02, x + 0.02, -1.1, 1.1, (44, 42, 42), 0.9)
    for y in (-1.1, 1.1):
        slab(ARMING.start_m, ARMING.end_m, y - 0.02, y + 0.02, (44, 42, 42), 0.9)
    for x in (-9.0, -19.0):  # arrows towards the boom
        arrow = [at(x + 1.2, 0), at(x + 0.3, -0.4), at(x + 0.3, -0.12), at(x - 1.8, -0.12)]
        arrow += [at(x - 1.8, 0.12), at(x + 0.3, 0.12), at(x + 0.3, 0.4)]
        cv2.fillPoly(road, [np.array(arrow, np.int32)], (214, 216, 216))
    corners = np.array([[_NEAR_M, -4.0, 0], [_NEAR_M, 4.0, 0], [-30.0, 9.0, 0], [-30.0, -9.0, 0]], float)
    seen, _ = lens.project(corners)
    flat = np.array([at(x, y) for x, y, _ in corners], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, seen.astype(np.float32))
    light = 0.88 * daylight + 0.15 * (1 - daylight)
    view = cv2.warpPerspective(road * light, matrix, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_AREA)
    if daylight < 1:
        view *= 1 + (1 - daylight) * 2.2 * _pool_of_light()
    return np.clip(view, 0, 255).astype(np.uint8)


def _pool_of_light() -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    return np.exp(-(((x - 640) / 420) ** 2 + ((y - 520) / 260) ** 2))[..., None]


def _leaves(canvas: np.ndarray) -> None:
    """Breaks up what is green into leaves."""
    blue, green, red = (canvas[..., i].astype(np.int16) for i in range(3))
    leafy = cv2.blur(((green > red + 12) & (green > blue + 12)).astype(np.float32), (3, 3))
    specks = np.random.default_rng(5).normal(0, 1, canvas.shape[:2]).astype(np.float32)
    texture = cv2.GaussianBlur(specks, (0, 0), 1.3) * 0.75 + cv2.GaussianBlur(specks, (0, 0), 5) * 1.6
    canvas[:] = np.clip(canvas * (1 + leafy * texture)[..., None], 0, 255).astype(np.uint8)


def _furniture() -> Solid:
    dice = random.Random(11)
    parts: list[Solid] = []
    for side in (-1, 1):
        for number in range(34):
            x = 2.0 - number
            low, high = sorted((side * KERB_M, side * (KERB_M + 0.18)))
            parts.append(box([x - 1.0, low, 0], [x, high, 0.16], YELLOW if number % 2 else DARK, 0.1))
    for number in range(46):  # a hedge on the left
        x, green = -3.2 - number * 0.62, dice.uniform(0.75, 1.15)
        size = [0.6, dice.uniform(0.42, 0.6), dice.uniform(0.5, 0.7)]
        parts.append(ball([x, -3.1 + dice.uniform(-0.1, 0.1), 0.55], size, (44 * green, 98 * green, 58 * green), 0.05))
    for number in range(8):  # a compound wall with pillars on the right
        x = -2.5 - number * 4.0
        parts.append(box([x - 4.0, 3.3, 0], [x, 3.5, 1.7], (150, 186, 204), 0.05))
        parts.append(box([x - 0.35, 3.2, 0], [x, 3.55, 1.95], (120, 142, 168), 0.05))
        parts.append(box([x - 4.0, 3.25, 1.7], [x, 3.55, 1.78], (206, 214, 220), 0.05))
    for number in range(12):  # and a building's wall behind it, with windows
        x = 1.0 - number * 4.0
        parts.append(box([x - 4.0, -4.5, 0], [x, -4.3, 4.6], (178, 204, 222), 0.05))
        parts.append(box([x - 4.0, -4.3, 0], [x, -4.26, 0.9], (96, 118, 150), 0.05))
        parts.append(box([x - 2.9, -4.3, 1.5], [x - 1.1, -4.27, 2.9], (236, 238, 240), 0.1))
        parts.append(above(box([x - 2.8, -4.28, 1.6], [x - 1.2, -4.26, 2.8], (92, 80, 70), 0.9), 1))
    for x in (-9.0, -21.0):
        parts.append(tube([x, -2.6, 0], [x, -2.6, 5], 0.06, (120, 120, 118), gloss=0.3))
    for x, y in ((-14.0, 5.2), (-24.0, -5.0), (-30.0, 4.8)):
        parts.append(tube([x, y, 0], [x, y, 3.0], 0.22, (58, 78, 98), 0.16))
        for _ in range(7):
            place = [x + dice.uniform(-1, 1), y + dice.uniform(-1.2, 1.2), dice.uniform(2.2, 3.6)]
            parts.append(ball(place, [1.2, 1.2, 0.9], (44, 104 * dice.uniform(0.8, 1.1), 62), 0.05))
    parts.append(box([-60, -14, 0], [-40, 14, 7], (176, 190, 198), 0.05))
    return join(*parts)
