"""Parts vehicles share: paint, glass, wheels and the plate with its holder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edge.simulation.scene.solids import Colour, Shell, Solid, above, box, join, tube

GLASS: Colour = (66, 58, 50)
BLACK: Colour = (30, 29, 28)
RUBBER: Colour = (38, 37, 36)
TRIM: Colour = (52, 50, 48)
CHROME: Colour = (188, 186, 182)
LAMP: Colour = (236, 240, 242)
AMBER: Colour = (40, 140, 240)
SKIN: Colour = (92, 122, 168)


@dataclass(frozen=True, slots=True)
class Vehicle3D:
    """A vehicle as the camera can see it, its nose at x = 0.

    solid   its faces
    plate   its plate's corners, clockwise from top left as the camera sees them, (4, 3)
    lamps   where its headlamps are, (n, 3)
    shadow  half width and length of its shadow on the ground
    """

    solid: Solid
    plate: np.ndarray
    lamps: np.ndarray
    shadow: tuple[float, float]


def plate_at(x: float, z: float, lines: int, share: float = 1.0, lean: float = 0.0) -> np.ndarray:
    """Corners of a plate whose middle is at (x, 0, z); `share` of a car's size; lean moves its top back."""
    wide, high = (0.34, 0.2) if lines == 2 else (0.5, 0.12)
    half, up = wide * share / 2, high * share / 2
    return np.array([[x - lean, -half, z + up], [x - lean, half, z + up], [x, half, z - up], [x, -half, z - up]])


def plate_holder(plate: np.ndarray) -> Solid:
    """The dark holder behind a plate."""
    grown = plate.mean(axis=0) + (plate - plate.mean(axis=0)) * np.array([1.0, 1.05, 1.14])
    low, high = grown.min(axis=0), grown.max(axis=0)
    return above(box([low[0] - 0.03, low[1], low[2]], [low[0] - 0.006, high[1], high[2]], BLACK, 0.2), 4)


def wheel(x: float, y: float, radius: float, wide: float = 0.2, hub_share: float = 0.6) -> Solid:
    inner, outer = (y - wide / 2, y + wide / 2)
    tyre = tube([x, inner, radius], [x, outer, radius], radius, RUBBER, sides=20)
    hub = tube([x, outer, radius], [x, outer + 0.02, radius], radius * hub_share, (140, 138, 136), gloss=0.4, sides=14)
    return join(tyre, hub)


def cabin_paint(paint: Colour, low: float, high: float, front: float) -> Callable:
    """Colours a cabin: painted, with side windows between low and high behind `front`."""

    def colour(middle: np.ndarray, normal: np.ndarray) -> np.ndarray:
        x, _, z = middle.T
        window = (np.abs(normal[:, 1]) > 0.75) & (z > low) & (z < high) & (x < front)
        return np.where(window[:, None], np.array(GLASS, float), np.array(paint, float))

    return colour


def windscreen(cabin: Shell, half: float, low: float, high: float, taper: float) -> list[Solid]:
    """Glass with a dark edge, and the sky's pale streak across it."""
    edge, streak = 0.025, half * 0.25
    panes = [  # left, right, margin, colour, gloss
        (-half, half, 0.0, BLACK, 0.3),
        (-half + edge, half - edge, edge, GLASS, 0.6),
        (-streak * 2.6, -streak, edge, (92, 84, 76), 0.6),
    ]
    return [
        cabin.decal(left, right, low + margin, high - margin, colour, gloss, 0, 20, 0, taper, number, rows=3)
        for number, (left, right, margin, colour, gloss) in enumerate(panes, start=2)
    ]
