"""Two-wheelers and their riders."""

from __future__ import annotations

import random

import numpy as np

from edge.simulation.scene.bodyparts import (
    AMBER,
    BLACK,
    CHROME,
    LAMP,
    SKIN,
    TRIM,
    Vehicle3D,
    plate_at,
    plate_holder,
    wheel,
)
from edge.simulation.scene.solids import Colour, Rib, Shell, Solid, ball, box, join, tube


def _rider(dice: random.Random, x: float, seat: float) -> list[Solid]:
    shirt = dice.choice([(160, 110, 60), (60, 70, 170), (170, 170, 168), (70, 120, 80), (50, 50, 56)])
    helmet = dice.choice([(40, 38, 36), (44, 40, 170), (210, 210, 208), (150, 90, 30)])
    trousers = (92, 76, 60)
    parts = [
        ball([x, 0, seat + 0.33], [0.15, 0.22, 0.34], shirt),
        ball([x + 0.06, 0, seat + 0.80], [0.15, 0.13, 0.16], helmet, 0.8),
        ball([x + 0.14, 0, seat + 0.80], [0.09, 0.10, 0.065], (52, 48, 44), 0.9),
    ]
    for side in (-1, 1):
        parts += [
            tube([x, side * 0.2, seat + 0.52], [x + 0.2, side * 0.33, seat + 0.26], 0.06, shirt, 0.05),
            tube([x + 0.2, side * 0.33, seat + 0.26], [x + 0.5, side * 0.3, seat + 0.22], 0.05, SKIN, 0.04),
            tube([x, side * 0.12, seat], [x + 0.4, side * 0.2, seat - 0.1], 0.085, trousers, 0.075),
            tube([x + 0.4, side * 0.2, seat - 0.1], [x + 0.28, side * 0.18, 0.3], 0.07, trousers, 0.05),
            ball([x + 0.36, side * 0.18, 0.27], [0.13, 0.05, 0.05], BLACK),
        ]
    return parts


def bike(dice: random.Random, paint: Colour, lines: int, _: bool) -> Vehicle3D:
    parts = _rider(dice, -1.05, 0.82)
    parts += [
        wheel(-0.38, 0, 0.31, 0.09, 0.25),
        wheel(-1.65, 0, 0.31, 0.11, 0.25),
        ball([-0.36, 0, 0.58], [0.28, 0.075, 0.09], paint, 0.6),
        ball([-0.78, 0, 0.88], [0.26, 0.16, 0.13], paint, 0.7),
        box([-1.1, -0.12, 0.32], [-0.62, 0.12, 0.6], TRIM, 0.3),
        ball([-0.36, 0, 1.0], [0.13, 0.14, 0.13], paint, 0.6),
        ball([-0.26, 0, 0.99], [0.05, 0.10, 0.09], LAMP, 0.8, 0.12),
        tube([-0.5, -0.36, 1.08], [-0.5, 0.36, 1.08], 0.016, BLACK),
    ]
    for side in (-1, 1):
        parts += [
            tube([-0.38, side * 0.09, 0.31], [-0.5, side * 0.09, 1.0], 0.024, CHROME, gloss=0.7),
            tube([-0.5, side * 0.26, 1.08], [-0.46, side * 0.38, 1.28], 0.008, BLACK),
            ball([-0.45, side * 0.4, 1.31], [0.015, 0.065, 0.045], BLACK, 0.7),
            ball([-0.36, side * 0.2, 0.93], [0.03, 0.035, 0.025], AMBER, 0.6),
        ]
    plate = plate_at(-0.12, 0.74, lines, 0.80 if lines == 1 else 0.9, 0.02)
    parts.append(plate_holder(plate))
    return Vehicle3D(join(*parts), plate, np.array([[-0.2, 0.0, 0.99]]), (0.36, 2.0))


def scooty(dice: random.Random, paint: Colour, lines: int, _: bool) -> Vehicle3D:
    apron = Shell(
        [
            Rib(-0.3, 0.12, 0.52, 0.9, 3), Rib(-0.36, 0.2, 0.45, 0.98, 3),
            Rib(-0.5, 0.25, 0.3, 1.0, 3), Rib(-0.56, 0.25, 0.3, 1.0, 3),
        ]
    )  # fmt: skip
    parts = _rider(dice, -1.0, 0.78)
    parts += [
        apron.skin(paint, 0.6),
        wheel(-0.32, 0, 0.22, 0.1, 0.4),
        ball([-0.30, 0, 0.36], [0.24, 0.09, 0.11], paint, 0.6),
        ball([-0.46, 0, 1.06], [0.12, 0.22, 0.09], paint, 0.6),
        ball([-0.37, 0, 1.06], [0.05, 0.11, 0.06], LAMP, 0.8, 0.12),
        tube([-0.52, -0.36, 1.1], [-0.52, 0.36, 1.1], 0.018, BLACK),
        box([-1.6, -0.17, 0.35], [-0.85, 0.17, 0.76], paint, 0.5),
        box([-0.85, -0.2, 0.26], [-0.5, 0.2, 0.32], TRIM, 0.1),
    ]
    for side in (-1, 1):
        parts += [
            tube([-0.5, side * 0.26, 1.1], [-0.46, side * 0.36, 1.27], 0.008, BLACK),
            ball([-0.45, side * 0.38, 1.3], [0.015, 0.06, 0.05], BLACK, 0.7),
            apron.decal(side * 0.15 - 0.04, side * 0.15 + 0.04, 0.84, 0.9, AMBER, 0.6, cells=4),
        ]
    plate = plate_at(-0.2, 0.70, lines, 0.80 if lines == 1 else 0.9)
    parts.append(plate_holder(plate))
    return Vehicle3D(join(*parts), plate, np.array([[-0.32, 0.0, 1.06]]), (0.34, 1.8))
