"""Draws what was read onto a photo: the plate's box, its text, and each character's confidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.rules.plate.plate import PlateRead

BGR = tuple[int, int, int]
SURE, UNSURE, INK, GROUND = (60, 160, 40), (30, 120, 230), (255, 255, 255), (40, 36, 34)
#   a character's confidence at least, and its colour: green, amber, red
SHADES: tuple[tuple[float, BGR], ...] = ((0.9, (60, 150, 40)), (0.6, (20, 130, 230)), (0.0, (50, 40, 205)))
FONT = cv2.FONT_HERSHEY_SIMPLEX
NARROWEST_PX = 400  # a smaller picture is enlarged in whole steps, or no number on it could be read
CELL_PX, CELLS_ACROSS = 28, 36  # a character's width at least, and how many of them the picture is wide


@dataclass(frozen=True, slots=True)
class Label:
    """Where a read's label lies in the picture, pixels.

    left, top   of its first cell; a cell is `cell` wide and holds a character over its confidence, each `cell` high
    cells       how many: one per character
    foot        top of the line below the cells that says accepted or not
    """

    left: int
    top: int
    cell: int
    cells: int

    @property
    def width(self) -> int:
        return self.cell * self.cells

    @property
    def foot(self) -> int:
        return self.top + 2 * self.cell

    @property
    def bottom(self) -> int:
        return self.top + 3 * self.cell


def draw_reads(frame: np.ndarray, reads: Sequence[PlateRead]) -> np.ndarray:
    """A copy of the frame (uint8 BGR) with every read drawn: green when accepted, else orange.

    The copy is a whole number of times larger where the frame is less than 400 px wide.
    """
    share = enlarged(frame)
    picture = frame.copy() if share == 1 else cv2.resize(frame, None, fx=share, fy=share, interpolation=cv2.INTER_CUBIC)
    for read in reversed(reads):  # the likeliest last, on top of the others
        colour = SURE if read.is_sure() else UNSURE
        box = np.round(np.array(read.box) * share).astype(np.int32)
        cv2.polylines(picture, [box], True, colour, max(2, picture.shape[1] // 640), cv2.LINE_AA)
        _write_label(picture, read, label_of(picture.shape, read, box), colour)
    return picture


def enlarged(frame: np.ndarray) -> int:
    """How many times larger a frame is drawn."""
    return max(1, math.ceil(NARROWEST_PX / frame.shape[1]))


def label_of(shape: Sequence[int], read: PlateRead, box: np.ndarray) -> Label:
    """A label above the box (below it at the picture's top), all of it within a picture of that shape."""
    height, width = shape[:2]
    cells = max(1, len(read.text))
    cell = max(8, min(max(CELL_PX, width // CELLS_ACROSS), width // cells, height // 3))
    left = int(np.clip(box[:, 0].min(), 0, max(0, width - cell * cells)))
    top = int(box[:, 1].min()) - 3 * cell - 4
    if top < 0:
        top = min(int(box[:, 1].max()) + 4, max(0, height - 3 * cell))
    return Label(left, top, cell, cells)


def shade_of(share: float) -> BGR:
    """The colour that a character's confidence is told in."""
    return next(colour for least, colour in SHADES if share >= least or least == 0.0)


def summary_of(read: PlateRead) -> str:
    """What stands below the characters: "accepted 97% civil", "not accepted 41%"."""
    word = "accepted" if read.is_sure() else "not accepted"
    return f"{word} {100 * read.probability:.0f}% {read.format}".rstrip()


def _write_label(picture: np.ndarray, read: PlateRead, label: Label, colour: BGR) -> None:
    cell = label.cell
    for i, (character, share) in enumerate(zip(read.text, read.confidence, strict=True)):
        left = label.left + i * cell
        _cell(picture, character, (left, label.top, cell, cell), GROUND, 0.78)
        _cell(picture, f"{100 * share:.0f}", (left, label.top + cell, cell, cell), shade_of(share), 0.78)
    _cell(picture, summary_of(read), (label.left, label.foot, label.width, cell), colour, 0.92)


def _cell(picture: np.ndarray, text: str, place: tuple[int, int, int, int], ground: BGR, fill: float) -> None:
    """Text in the middle of a filled rectangle (left, top, width, height), as large as `fill` of it allows."""
    left, top, width, height = place
    cv2.rectangle(picture, (left, top), (left + width - 1, top + height - 1), ground, cv2.FILLED)
    (wide, high), _ = cv2.getTextSize(text, FONT, 1.0, 1)
    size = min(fill * width / max(1, wide), 0.6 * height / high)
    thickness = max(1, round(1.6 * size))
    (wide, high), _ = cv2.getTextSize(text, FONT, size, thickness)
    at = (left + (width - wide) // 2, top + (height + high) // 2)
    cv2.putText(picture, text, at, FONT, size, INK, thickness, cv2.LINE_AA)
