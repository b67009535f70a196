"""A plate drawn straight on from its layout: sheet, marks and embossed rows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.training.layouts import Layout, Row
from edge.vision.training.plates_marks import MARKS
from edge.vision.training.plates_sheet import Sheet, stamp
from edge.vision.training.typeface import Face, make_face, write


@dataclass(frozen=True, slots=True)
class Plate:
    """A drawn plate.

    layout   what it shows
    art      seen straight on, BGR uint8 (h, w, 3); its edge is the sheet's edge
    corners  of the sheet in the art, clockwise from top left, float32 (4, 2): continuous, 0 is the first pixel's edge
    rows     corners of each row's lettering in the art, float32 (n, 4, 2)
    """

    layout: Layout
    art: np.ndarray
    corners: np.ndarray
    rows: np.ndarray


def draw_plate(
    dice: np.random.Generator, layout: Layout, width_px: int, fonts: tuple[str, ...] = (), empty: bool = False
) -> Plate:
    """The plate at about `width_px` across; `empty` leaves the rows out."""
    scale = width_px / layout.size_mm[0]
    wide, high = max(16, width_px), max(8, round(layout.size_mm[1] * scale))
    art = np.empty((high, wide, 3), np.uint8)
    art[:] = layout.ground
    sheet = Sheet(art, scale, layout, dice)
    face = make_face(dice, layout.family, fonts)
    for mark in layout.marks:
        MARKS[mark](sheet)
    rows = [] if empty else [_row(sheet, row, face) for row in layout.rows]
    if "bolts" in layout.marks:
        MARKS["bolts"](sheet)
    return Plate(layout, art, box_corners(0, 0, wide, high), np.array(rows, np.float32).reshape(-1, 4, 2))


def box_corners(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A box's corners, clockwise from top left, float32 (4, 2)."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def _row(sheet: Sheet, row: Row, face: Face) -> np.ndarray:
    """Letters one row; corners of its ink."""
    left, top, right, bottom = (value * sheet.scale for value in row.box)
    dice = sheet.dice
    ink = write(row.text, round(bottom - top), round(right - left), face, dice)
    slack = max(0.0, right - left - ink.shape[1])
    # Signwriters spread short rows; most centre them.
    if slack > 0.25 * (right - left) and dice.random() < 0.5:
        ink = cv2.resize(ink, (round(ink.shape[1] + slack * dice.uniform(0.2, 0.6)), ink.shape[0]))
        slack = max(0.0, right - left - ink.shape[1])
    x, y = round(left + slack * dice.choice([0.5, 0.5, 0.5, 0.15, 0.8])), round(top)
    relief = dice.uniform(-34, 34) if sheet.layout.family in ("hsrp", "pressed", "american", "brazilian") else 0.0
    if dice.random() < 0.08 and sheet.layout.family != "hsrp":
        shadow = tuple(int(c) for c in dice.integers(0, 255, 3))
        stamp(sheet.art, ink, x + max(1, ink.shape[0] // 18), y + max(1, ink.shape[0] // 22), shadow)
    stamp(sheet.art, ink, x, y, sheet.layout.ink, relief)
    return box_corners(x, y, x + ink.shape[1], y + ink.shape[0])
