"""What vehicles look like: each class as solids, and where its plate sits. Deterministic by the vehicle's id."""

from __future__ import annotations

import random

import numpy as np

from edge.simulation.scene.bodyparts import (
    AMBER,
    BLACK,
    CHROME,
    GLASS,
    LAMP,
    TRIM,
    Vehicle3D,
    cabin_paint,
    plate_at,
    plate_holder,
    wheel,
    windscreen,
)
from edge.simulation.scene.riders import bike, scooty
from edge.simulation.scene.solids import Colour, Rib, Shell, above, ball, box, join, tube

# As sold in India: far more white and silver than anything else.
PAINTS: list[Colour] = [
    (206, 206, 204), (206, 206, 204), (200, 202, 204), (172, 172, 170), (150, 148, 144), (92, 88, 84), (48, 44, 42),
    (38, 34, 150), (44, 40, 172), (140, 72, 26), (120, 84, 40), (56, 92, 132), (70, 86, 40),
]  # fmt: skip


def build(kind: str, seed: str, lines: int, colour: str | None = None) -> Vehicle3D:
    """The vehicle of a class; the seed chooses paint and small differences."""
    dice = random.Random(f"vehicle {seed}")
    paint = dice.choice(PAINTS)
    if colour:
        paint = (int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16))
    return BUILDERS[kind](dice, paint, lines, colour is not None)


def car(dice: random.Random, paint: Colour, lines: int, _: bool) -> Vehicle3D:
    tall = dice.uniform(-0.03, 0.08)
    wide = 0.85 + dice.uniform(-0.02, 0.03)
    body = Shell(
        [
            Rib(0.0, wide - 0.26, 0.36, 0.60, 5), Rib(-0.05, wide - 0.12, 0.27, 0.67, 5),
            Rib(-0.16, wide - 0.05, 0.22, 0.74, 5), Rib(-0.45, wide - 0.01, 0.20, 0.84, 5),
            Rib(-1.0, wide, 0.20, 0.94, 5), Rib(-2.2, wide + 0.01, 0.2, 0.95, 6), Rib(-3.3, wide, 0.2, 0.95, 6),
            Rib(-3.75, wide - 0.06, 0.26, 0.92, 5), Rib(-3.9, wide - 0.2, 0.4, 0.85, 5),
        ]
    )  # fmt: skip
    roof = 1.47 + tall
    cabin = Shell(
        [
            Rib(-0.80, wide - 0.12, 0.895, 0.92, 5), Rib(-1.05, wide - 0.13, 0.91, 1.09, 5),
            Rib(-1.5, wide - 0.18, 0.92, roof - 0.07, 5), Rib(-1.8, wide - 0.2, 0.92, roof, 5),
            Rib(-2.9, wide - 0.21, 0.92, roof - 0.01, 5), Rib(-3.5, wide - 0.16, 0.92, 1.2, 5),
        ]
    )  # fmt: skip
    parts = [body.skin(paint, 0.55), above(cabin.skin(cabin_paint(paint, 0.98, roof - 0.12, -1.55), 0.6), 1)]
    parts += windscreen(cabin, wide - 0.16, 0.955, roof - 0.075, 0.14)
    plate = plate_at(0.045, 0.485 if lines == 1 else 0.53, lines)
    grille_low, grille_high = 0.575, 0.66
    parts += [
        body.decal(-0.34, 0.34, grille_low, grille_high, BLACK, 0.3, cells=10),
        body.decal(-0.30, 0.30, grille_high - 0.018, grille_high, CHROME, 0.8, cells=10, layer=2),
        body.decal(-0.52, 0.52, 0.30, 0.385, TRIM, 0.15, cells=12, taper=-0.1),
        above(
            ball([-0.02 if lines == 1 else -0.09, 0, 0.63 if lines == 1 else 0.70], [0.03, 0.05, 0.035], CHROME, 0.9), 3
        ),
    ]
    for side in (-1, 1):
        left, right = sorted((side * 0.46, side * 0.765))
        lean = 0.05 * side
        low = 0.60 if side > 0 else 0.65
        parts += [
            body.decal(left, right, low, low + 0.10, (58, 56, 54), 0.9, cells=8, lean=lean),
            body.decal(
                left + 0.05, right - 0.07, low + 0.02, low + 0.085, LAMP, 0.9, 0.12, cells=6, lean=lean * 0.6, layer=2
            ),
            body.decal(side * 0.68 - 0.05, side * 0.68 + 0.05, 0.36, 0.43, (150, 150, 150), 0.9, cells=4),
            above(ball([-1.15, side * (wide + 0.07), 1.02], [0.07, 0.11, 0.075], paint, 0.6), 5),
            wheel(-0.72, side * (wide - 0.1), 0.30),
        ]
        parts.append(above(tube([-0.86, side * 0.05, 0.955], [-1.0, side * 0.5, 1.05], 0.009, BLACK), 5))
    parts.append(plate_holder(plate))
    lamps = np.array([[0.0, -0.62, 0.68], [0.0, 0.62, 0.68]])
    return Vehicle3D(join(*parts), plate, lamps, (wide + 0.05, 3.9))


def van(dice: random.Random, paint: Colour, lines: int, _: bool) -> Vehicle3D:
    wide = 0.9
    body = Shell(
        [
            Rib(0.0, wide - 0.24, 0.40, 0.78, 6), Rib(-0.05, wide - 0.1, 0.30, 0.88, 6),
            Rib(-0.18, wide - 0.03, 0.24, 0.98, 6), Rib(-0.8, wide, 0.22, 1.10, 6), Rib(-1.2, wide, 0.22, 1.14, 6),
            Rib(-4.5, wide, 0.24, 1.14, 6), Rib(-4.6, wide - 0.05, 0.3, 1.1, 6),
        ]
    )  # fmt: skip
    cabin = Shell(
        [
            Rib(-0.58, wide - 0.08, 1.04, 1.07, 6), Rib(-0.85, wide - 0.08, 1.08, 1.36, 6),
            Rib(-1.28, wide - 0.1, 1.11, 1.80, 6), Rib(-1.5, wide - 0.11, 1.11, 1.88, 6),
            Rib(-4.4, wide - 0.11, 1.11, 1.86, 6), Rib(-4.6, wide - 0.12, 1.11, 1.7, 6),
        ]
    )  # fmt: skip
    parts = [body.skin(paint, 0.5), above(cabin.skin(cabin_paint(paint, 1.18, 1.72, -1.3), 0.6), 1)]
    parts += windscreen(cabin, wide - 0.13, 1.13, 1.79, 0.08)
    plate = plate_at(0.045, 0.55, lines)
    parts += [
        body.decal(-0.5, 0.5, 0.66, 0.80, BLACK, 0.3, cells=10, taper=0.06),
        body.decal(-0.45, 0.45, 0.72, 0.737, CHROME, 0.9, cells=10, layer=2),
        body.decal(-0.6, 0.6, 0.33, 0.43, TRIM, 0.15, cells=12),
        above(ball([0.02, 0, 0.73], [0.012, 0.06, 0.045], CHROME, 0.9), 3),
    ]
    for side in (-1, 1):
        left, right = sorted((side * 0.54, side * 0.82))
        parts += [
            body.decal(left, right, 0.70, 0.86, (70, 68, 66), 0.9, cells=8),
            body.decal(left + 0.04, right - 0.04, 0.73, 0.83, LAMP, 0.9, 0.12, cells=6, layer=2),
            above(ball([-0.95, side * (wide + 0.08), 1.2], [0.07, 0.1, 0.12], BLACK, 0.4), 5),
            wheel(-0.85, side * (wide - 0.1), 0.33),
        ]
    parts.append(plate_holder(plate))
    return Vehicle3D(join(*parts), plate, np.array([[0.0, -0.68, 0.78], [0.0, 0.68, 0.78]]), (wide + 0.05, 4.6))


def auto(dice: random.Random, paint: Colour, lines: int, chosen: bool) -> Vehicle3D:
    """An auto-rickshaw: green or black below, a yellow hood, one wheel in front."""
    green, yellow = (58, 110, 24), (30, 178, 240)
    low_paint = paint if chosen else dice.choice([green, (34, 32, 30), green])
    nose = Shell(
        [
            Rib(-0.10, 0.20, 0.46, 0.80, 3), Rib(-0.2, 0.34, 0.40, 0.95, 3.2), Rib(-0.4, 0.50, 0.36, 1.02, 4),
            Rib(-0.7, 0.62, 0.32, 1.06, 5), Rib(-1.2, 0.66, 0.3, 0.9, 6), Rib(-2.6, 0.66, 0.32, 0.95, 6),
        ],
    )  # fmt: skip
    hood = Shell(
        [
            Rib(-0.34, 0.50, 1.0, 1.06, 6), Rib(-0.42, 0.56, 1.0, 1.40, 6), Rib(-0.56, 0.60, 1.0, 1.62, 6),
            Rib(-0.75, 0.64, 1.0, 1.70, 6), Rib(-2.5, 0.64, 1.0, 1.72, 6), Rib(-2.65, 0.6, 1.0, 1.6, 6),
        ],
    )  # fmt: skip
    parts = [
        nose.skin(low_paint, 0.45),
        above(hood.skin(cabin_paint(yellow, 1.1, 1.52, -0.7), 0.5), 1),
        *windscreen(hood, 0.55, 1.06, 1.56, 0.06),
        nose.decal(-0.3, 0.3, 0.90, 0.94, yellow, 0.4, cells=8),
        above(tube([-0.04, 0, 0.80], [-0.2, 0, 0.80], 0.10, CHROME, gloss=0.8, sides=18), 2),
        above(tube([-0.03, 0, 0.80], [-0.05, 0, 0.80], 0.085, LAMP, gloss=0.6, sides=18, glow=0.12), 3),
        ball([-0.30, 0, 0.40], [0.3, 0.13, 0.16], low_paint, 0.4),
        wheel(-0.36, 0, 0.21, 0.1, 0.4),
    ]
    for side in (-1, 1):
        parts += [
            wheel(-2.1, side * 0.56, 0.21, 0.12),
            above(tube([-0.45, side * 0.62, 1.2], [-0.4, side * 0.74, 1.28], 0.012, BLACK), 5),
            above(ball([-0.4, side * 0.76, 1.3], [0.02, 0.06, 0.08], BLACK, 0.6), 5),
            nose.decal(side * 0.33 - 0.05, side * 0.33 + 0.05, 0.76, 0.83, AMBER, 0.6, cells=4),
        ]
    plate = plate_at(0.0, 0.575, lines, 0.92 if lines == 1 else 0.9)
    parts.append(plate_holder(plate))
    return Vehicle3D(join(*parts), plate, np.array([[0.0, 0.0, 0.8]]), (0.7, 2.7))


def truck(dice: random.Random, paint: Colour, lines: int, chosen: bool) -> Vehicle3D:
    """A flat-nosed goods carrier, painted as its owner likes it."""
    face = paint if chosen else dice.choice([(40, 120, 226), (30, 60, 176), (140, 90, 30), (60, 160, 235)])
    load = dice.choice([(60, 90, 130), (110, 80, 50), (70, 100, 60)])
    cab = Shell(
        [
            Rib(0.0, 1.02, 0.62, 1.45, 9), Rib(-0.04, 1.09, 0.56, 1.9, 9), Rib(-0.16, 1.11, 0.54, 2.45, 9),
            Rib(-0.3, 1.12, 0.52, 2.52, 9), Rib(-1.7, 1.12, 0.52, 2.55, 9),
        ],
    )  # fmt: skip
    parts = [
        box([-7.3, -1.2, 0.9], [-1.8, 1.2, 2.9], load, 0.05),
        cab.skin(face, 0.4),
        cab.decal(-0.98, 0.98, 1.50, 2.18, GLASS, 0.85, cells=14, taper=0.05),
        above(box([-0.03, -0.015, 1.5], [0.0, 0.015, 2.18], face, 0.3), 2),
        cab.decal(-0.75, 0.75, 0.98, 1.32, BLACK, 0.25, cells=12),
        above(box([-0.05, -1.14, 0.42], [0.09, 1.14, 0.72], (44, 160, 226), 0.3), 2),
        cab.decal(-0.9, 0.9, 2.26, 2.40, (40, 60, 170), 0.3, cells=12),
    ]
    for number in range(3):
        z = 1.04 + number * 0.09
        parts.append(cab.decal(-0.7, 0.7, z, z + 0.03, CHROME, 0.8, cells=12, layer=2))
    for side in (-1, 1):
        parts += [
            above(tube([0.09, side * 0.86, 0.58], [0.12, side * 0.86, 0.58], 0.11, LAMP, 0.11, 0.7, 18, 0.12), 3),
            cab.decal(side * 0.95 - 0.07, side * 0.95 + 0.07, 1.02, 1.12, AMBER, 0.6, cells=4),
            tube([-0.2, side * 1.12, 2.0], [0.0, side * 1.32, 2.0], 0.02, BLACK),
            above(box([-0.04, side * 1.34 - 0.1, 1.66], [0.02, side * 1.34 + 0.1, 2.06], BLACK, 0.5), 3),
            wheel(-1.0, side * 0.95, 0.5, 0.3),
            wheel(-5.6, side * 0.95, 0.5, 0.4),
        ]
    plate = plate_at(0.11, 0.565, lines)
    parts.append(plate_holder(plate))
    return Vehicle3D(join(*parts), plate, np.array([[0.1, -0.86, 0.58], [0.1, 0.86, 0.58]]), (1.25, 7.4))


def bus(dice: random.Random, paint: Colour, lines: int, chosen: bool) -> Vehicle3D:
    body_paint = paint if chosen else dice.choice([(60, 60, 196), (66, 132, 40), (176, 100, 30), (50, 170, 240)])
    body = Shell(
        [
            Rib(0.0, 1.12, 0.50, 1.3, 9), Rib(-0.05, 1.21, 0.42, 2.2, 9), Rib(-0.2, 1.25, 0.40, 3.0, 9),
            Rib(-0.4, 1.26, 0.38, 3.08, 9), Rib(-10.4, 1.26, 0.38, 3.1, 9),
        ],
    )  # fmt: skip
    parts = [
        body.skin(body_paint, 0.4),
        body.decal(-1.12, 1.12, 1.28, 2.45, GLASS, 0.85, cells=16, taper=0.03),
        body.decal(-0.02, 0.02, 1.28, 2.45, BLACK, 0.3, cells=8, layer=2),
        body.decal(-0.8, 0.8, 2.56, 2.82, (26, 26, 30), 0.5, cells=12),
        body.decal(-0.6, 0.6, 2.63, 2.75, (40, 150, 250), 0.1, 0.6, cells=12, layer=2),
        body.decal(-1.1, 1.1, 1.02, 1.14, (236, 236, 236), 0.4, cells=14),
        body.decal(-0.5, 0.5, 0.78, 0.98, BLACK, 0.2, cells=10),
        above(box([-0.03, -1.2, 0.40], [0.05, 1.2, 0.68], TRIM, 0.2), 2),
    ]
    for side in (-1, 1):
        parts += [
            body.decal(side * 0.9 - 0.17, side * 0.9 + 0.17, 0.76, 0.95, LAMP, 0.9, 0.12, cells=6),
            tube([-0.1, side * 1.2, 2.5], [0.2, side * 1.4, 2.3], 0.025, BLACK),
            above(box([0.15, side * 1.42 - 0.1, 1.85], [0.2, side * 1.42 + 0.1, 2.3], BLACK, 0.5), 3),
            wheel(-1.6, side * 1.08, 0.5, 0.3),
        ]
    plate = plate_at(0.075, 0.54, lines)
    parts.append(plate_holder(plate))
    return Vehicle3D(join(*parts), plate, np.array([[0.0, -0.9, 0.85], [0.0, 0.9, 0.85]]), (1.3, 10.5))


BUILDERS = {"car": car, "van": van, "auto": auto, "truck": truck, "bus": bus, "bike": bike, "scooty": scooty}
