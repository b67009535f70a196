"""ParkMeter's own plate typeface: letters and digits as strokes in code, in the manner of Indian plates.

A glyph is a few strokes along centre lines. Coordinates are shares of the box those lines run in: x from 0 (left) to
1 (right), y from 0 (top) to 1 (bottom); strokes that run on beyond it are cut off flat at the cap line, the base line
and the sides. A third number rounds the corner: 1 is as round as half the box is wide.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np

CAP_MM = 65.0
STROKE_MM = 10.0
WIDTH_MM = 36.0
_FINE = 6  # glyphs are filled this much larger than wanted, then averaged down
_ARC_STEPS = 10

Point = tuple[float, ...]
Glyph = tuple[float, list[list[Point]]]  # width as a share of WIDTH_MM, then strokes


def _ring(left: float, top: float, right: float, bottom: float, squares: str = "") -> list[Point]:
    """A closed stroke round a box, its corners round but for those named (nw, sw)."""
    corners = [("nw", left, top), ("ne", right, top), ("se", right, bottom), ("sw", left, bottom)]
    points = [(x, y) if name in squares.split() else (x, y, 1.0) for name, x, y in corners]
    middle = ((left + right) / 2, top)
    return [middle, points[1], points[2], points[3], points[0], middle]


_STEM: list[Point] = [(0, -0.3), (0, 1.3)]
_FAR_STEM: list[Point] = [(1, -0.3), (1, 1.3)]

GLYPHS: dict[str, Glyph] = {
    "0": (0.94, [_ring(0, 0, 1, 1)]),
    "1": (0.72, [[(-0.15, 0.27), (0.66, -0.06), (0.66, 1.3)]]),
    "2": (0.96, [[(0, 0.27), (0, 0, 1), (1, 0, 1), (1, 0.44, 0.9), (-0.02, 1), (1.3, 1)]]),
    "3": (
        0.96,
        [
            [(0, 0.24), (0, 0, 1), (0.97, 0, 1), (0.97, 0.47, 1), (0.34, 0.47)],
            [(0.34, 0.47), (1, 0.47, 1), (1, 1, 1), (0, 1, 1), (0, 0.76)],
        ],
    ),
    "4": (1.0, [[(0.58, -0.14), (0.0, 0.72), (1.3, 0.72)], [(0.72, 0.4), (0.72, 1.3)]]),
    "5": (0.96, [[(1.08, 0), (0.04, 0), (0.04, 0.43), (1, 0.43, 1), (1, 1, 1), (0, 1, 1), (0, 0.76)]]),
    "6": (0.96, [_ring(0, 0.42, 1, 1), [(0, 0.72), (0, 0, 1), (1, 0, 1), (1, 0.2)]]),
    "7": (0.92, [[(-0.3, 0), (1.0, 0), (0.3, 1.2)]]),
    "8": (0.96, [_ring(0.04, 0, 0.96, 0.47), _ring(0, 0.47, 1, 1)]),
    "9": (0.96, [_ring(0, 0, 1, 0.58), [(1, 0.28), (1, 1, 1), (0, 1, 1), (0, 0.8)]]),
    "A": (1.16, [[(-0.08, 1.15), (0.5, -0.1), (1.08, 1.15)], [(0.14, 0.7), (0.86, 0.7)]]),
    "B": (
        1.0,
        [
            _STEM,
            [(0, 0), (0.94, 0, 1), (0.94, 0.47, 1), (0, 0.47)],
            [(0, 0.47), (1, 0.47, 1), (1, 1, 1), (0, 1)],
        ],
    ),
    "C": (0.98, [[(1, 0.27), (1, 0, 1), (0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0.73)]]),
    "D": (1.02, [_ring(0, 0, 1, 1, "nw sw")]),
    "E": (0.9, [[(1.16, 0), (0, 0), (0, 1), (1.16, 1)], [(0, 0.48), (0.98, 0.48)]]),
    "F": (0.88, [[(1.16, 0), (0, 0), (0, 1.3)], [(0, 0.5), (0.96, 0.5)]]),
    "G": (1.02, [[(1, 0.25), (1, 0, 1), (0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0.53), (0.5, 0.53)]]),
    "H": (1.02, [_STEM, _FAR_STEM, [(0, 0.48), (1, 0.48)]]),
    "I": (0.34, [[(0.5, -0.3), (0.5, 1.3)]]),
    "J": (0.88, [[(1, -0.3), (1, 1, 1), (0, 1, 1), (0, 0.7)]]),
    "K": (1.06, [_STEM, [(1.08, -0.15), (0.0, 0.66)], [(0.34, 0.4), (1.12, 1.15)]]),
    "L": (0.86, [[(0, -0.3), (0, 1), (1.16, 1)]]),
    "M": (1.24, [_STEM, _FAR_STEM, [(-0.04, -0.12), (0.5, 0.7), (1.04, -0.12)]]),
    "N": (1.06, [_STEM, _FAR_STEM, [(-0.04, -0.1), (1.04, 1.1)]]),
    "O": (1.1, [_ring(0, 0, 1, 1)]),
    "P": (0.98, [_STEM, [(0, 0), (1, 0, 1), (1, 0.55, 1), (0, 0.55)]]),
    "Q": (1.1, [_ring(0, 0, 1, 1), [(0.5, 0.66), (1.16, 1.14)]]),
    "R": (1.02, [_STEM, [(0, 0), (1, 0, 1), (1, 0.53, 1), (0, 0.53)], [(0.4, 0.53), (1.06, 1.16)]]),
    "S": (
        0.98,
        [[(1, 0.25), (1, 0, 1), (0, 0, 1), (0, 0.47, 1), (1, 0.47, 1), (1, 1, 1), (0, 1, 1), (0, 0.75)]],
    ),
    "T": (0.98, [[(-0.3, 0), (1.3, 0)], [(0.5, 0), (0.5, 1.3)]]),
    "U": (1.02, [[(0, -0.3), (0, 1, 1), (1, 1, 1), (1, -0.3)]]),
    "V": (1.12, [[(-0.08, -0.15), (0.5, 1.1), (1.08, -0.15)]]),
    "W": (1.5, [[(-0.05, -0.15), (0.25, 1.06), (0.5, -0.06), (0.75, 1.06), (1.05, -0.15)]]),
    "X": (1.1, [[(-0.06, -0.12), (1.06, 1.12)], [(1.06, -0.12), (-0.06, 1.12)]]),
    "Y": (1.1, [[(-0.08, -0.14), (0.5, 0.55), (1.08, -0.14)], [(0.5, 0.5), (0.5, 1.3)]]),
    "Z": (0.98, [[(-0.16, 0), (1.02, 0), (-0.02, 1), (1.16, 1)]]),
}  # fmt: skip


def draw_text(
    text: str, height_px: int, weight: float = 1.0, width: float = 1.0, tracking: float = 1.0, gap: float = 0.32
) -> np.ndarray:
    """The text as ink, uint8 of shape (height_px, as wide as it comes), 0 nothing to 255 full.

    weight, width  of the strokes and the letters, shares of the typeface's own
    tracking       space between letters, share of its own (about one stroke)
    gap            width of a space character, share of a letter
    Raises ValueError naming a character the typeface doesn't have.
    """
    pieces: list[np.ndarray] = []
    between = np.zeros((height_px, max(1, round(STROKE_MM * 0.85 * tracking * height_px / CAP_MM))), np.uint8)
    for symbol in text:
        if symbol == " ":
            pieces.append(np.zeros((height_px, round(WIDTH_MM * gap * width * height_px / CAP_MM)), np.uint8))
            continue
        if symbol not in GLYPHS:
            raise ValueError(f"plate text {text!r}: {symbol!r} isn't in the typeface, expected A-Z, 0-9 and spaces")
        if pieces:
            pieces.append(between)
        pieces.append(_glyph(symbol, height_px, weight, width))
    return np.hstack(pieces) if pieces else np.zeros((height_px, 1), np.uint8)


@lru_cache(maxsize=512)
def _glyph(symbol: str, height_px: int, weight: float, width: float) -> np.ndarray:
    share, strokes = GLYPHS[symbol]
    scale = _FINE * height_px / CAP_MM
    stroke_mm = STROKE_MM * weight
    across_mm = max(stroke_mm, WIDTH_MM * share * width)
    shape = (height_px * _FINE, max(1, round(across_mm * scale / _FINE)) * _FINE)
    inner = np.array([across_mm - stroke_mm, CAP_MM - stroke_mm])
    ink = np.zeros(shape, np.uint8)
    for stroke in strokes:
        line = _rounded([np.array(point[:2]) * inner for point in stroke], stroke, inner[0] / 2)
        ribbon = (_ribbon(line, stroke_mm / 2) + stroke_mm / 2) * scale
        cv2.fillPoly(ink, [np.round(ribbon * 16).astype(np.int32)], 255, shift=4)
    return cv2.resize(ink, (shape[1] // _FINE, height_px), interpolation=cv2.INTER_AREA)


def _rounded(corners: list[np.ndarray], stroke: list[Point], most: float) -> np.ndarray:
    """The centre line with its corners rounded, shape (n, 2)."""
    line = [corners[0]]
    for i in range(1, len(corners) - 1):
        before, corner, after = corners[i - 1 : i + 2]
        if len(stroke[i]) < 3:
            line.append(corner)
            continue
        to_before, to_after = before - corner, after - corner
        # Two round corners share the side between them.
        room = [np.linalg.norm(to_before), np.linalg.norm(to_after)]
        shared = [len(stroke[i - 1]) > 2, len(stroke[i + 1]) > 2]
        reach = min(most * stroke[i][2], *(side / 2 if both else side for side, both in zip(room, shared, strict=True)))
        start, end = corner + to_before / room[0] * reach, corner + to_after / room[1] * reach
        t = np.linspace(0, 1, _ARC_STEPS)[:, None]
        # A rational quadratic with this middle weight is a circle's arc at a right angle.
        pull = 2 * t * (1 - t) * np.sqrt(0.5)
        line.extend(((1 - t) ** 2 * start + pull * corner + t**2 * end) / ((1 - t) ** 2 + pull + t**2))
    line.append(corners[-1])
    apart = [np.linalg.norm(b - a) > 0.02 for a, b in pairwise(line)]
    return np.array([line[0], *(point for point, far in zip(line[1:], apart, strict=True) if far)])


def _ribbon(line: np.ndarray, half: float) -> np.ndarray:
    """Outline of a stroke along a line: flat ends, mitred corners; a line back to its start is a closed ring."""
    closed = len(line) > 2 and np.allclose(line[0], line[-1])
    along = np.diff(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    normals = np.column_stack([-along[:, 1], along[:, 0]])
    before, after = np.vstack([normals[:1], normals]), np.vstack([normals, normals[-1:]])
    if closed:
        before[0], after[-1] = normals[-1], normals[0]
    mitre = before + after
    mitre *= 2.0 / np.maximum(np.sum(mitre * mitre, axis=1, keepdims=True), 0.12)
    return np.vstack([line + mitre * half, (line - mitre * half)[::-1]])
