"""How a plate's letters are built: alternative skeletons beside the house typeface, and the families made of them.

A skeleton is what `edge.simulation.scene.typeface` describes: strokes along centre lines in a box of 0 to 1, where a
third number rounds the corner and what runs beyond the box is cut off flat.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.simulation.scene.typeface import GLYPHS, Glyph, Point


def _ring(top: float = 0.0, bottom: float = 1.0, left: float = 0.0, right: float = 1.0) -> list[Point]:
    middle = ((left + right) / 2, top)
    return [middle, (right, top, 1), (right, bottom, 1), (left, bottom, 1), (left, top, 1), middle]


# Other ways the same character is built; the first of each list is the house's own.
SHAPES: dict[str, list[Glyph]] = {symbol: [glyph] for symbol, glyph in GLYPHS.items()}
_OTHERS: dict[str, list[Glyph]] = {
    "0": [
        (0.88, [_ring()]),
        (1.04, [_ring()]),
        (0.94, [_ring(), [(0.85, 0.12), (0.15, 0.88)]]),
    ],
    "1": [
        (0.62, [[(0.5, -0.3), (0.5, 1.3)]]),
        (0.80, [[(0.0, 0.24), (0.5, -0.02), (0.5, 1.0)], [(0.0, 1.0), (1.0, 1.0)]]),
        (0.66, [[(0.0, 0.0), (0.7, 0.0), (0.7, 1.3)]]),
        (0.72, [[(-0.05, 0.36), (0.7, -0.02), (0.7, 1.3)]]),
    ],
    "2": [
        (0.96, [[(0, 0.25), (0, 0, 1), (1, 0, 1), (1, 0.38, 0.5), (0, 0.82, 0.4), (0, 1), (1.3, 1)]]),
        (0.92, [[(0, 0.22), (0, 0, 0.7), (1, 0, 0.7), (1, 0.5, 0.6), (0, 0.5, 0.6), (0, 1), (1.3, 1)]]),
    ],
    "3": [
        (0.94, [[(-0.1, 0), (1.0, 0), (0.42, 0.42), (1, 0.42, 1), (1, 1, 1), (0, 1, 1), (0, 0.77)]]),
    ],
    "4": [
        (1.0, [[(0.7, 1.3), (0.7, -0.05), (0.0, 0.68), (1.3, 0.68)]]),
        (0.96, [[(0.2, -0.2), (0.0, 0.6), (1.3, 0.6)], [(0.74, 0.3), (0.74, 1.3)]]),
        (0.94, [[(0, -0.3), (0, 0.6), (1.1, 0.6)], [(1, -0.3), (1, 1.3)]]),
    ],
    "5": [
        (0.94, [[(1.1, 0), (0.06, 0), (0.0, 0.46), (0.3, 0.38, 0.6), (1, 0.38, 1), (1, 1, 1), (0, 1, 1), (0, 0.78)]]),
    ],
    "6": [
        (0.94, [_ring(0.42), [(0.85, -0.1), (0.1, 0.5, 0.6), (0, 0.75)]]),
        (0.94, [_ring(0.38), [(0, 0.72), (0, 0, 0.8), (0.9, 0, 0.5)]]),
    ],
    "7": [
        (0.9, [[(-0.3, 0), (1.0, 0), (1.0, 0.2, 0.6), (0.3, 0.7, 0.6), (0.3, 1.3)]]),
        (0.92, [[(0, 0.2), (0, 0), (1.0, 0), (0.34, 1.2)]]),
    ],
    "8": [(0.94, [_ring(0, 0.46, 0, 1), _ring(0.46, 1)]), (0.92, [_ring(0, 0.42, 0.1, 0.9), _ring(0.42, 1)])],
    "9": [
        (0.94, [_ring(0, 0.58), [(0.15, 1.1), (0.9, 0.5, 0.6), (1, 0.25)]]),
        (0.94, [_ring(0, 0.62), [(1, 0.28), (1, 1, 0.8), (0.1, 1, 0.5)]]),
    ],
    "A": [
        (1.1, [[(0, 1.3), (0, 0, 0.8), (1, 0, 0.8), (1, 1.3)], [(0, 0.6), (1, 0.6)]]),
        (1.16, [[(-0.05, 1.15), (0.44, -0.04), (0.56, -0.04), (1.05, 1.15)], [(0.18, 0.66), (0.82, 0.66)]]),
    ],
    "C": [(0.98, [[(1, 0.2), (1, 0, 0.7), (0, 0, 0.7), (0, 1, 0.7), (1, 1, 0.7), (1, 0.8)]])],
    "D": [(1.0, [[(0, 0), (0.75, 0, 0.9), (1, 0.25, 0.9), (1, 0.75, 0.9), (0.75, 1, 0.9), (0, 1), (0, 0), (0.3, 0)]])],
    "G": [(1.02, [[(1, 0.22), (1, 0, 1), (0, 0, 1), (0, 1, 1), (1, 1, 0.8), (1, 0.55), (0.55, 0.55)],
                  [(1, 0.55), (1, 1.3)]])],
    "I": [(0.66, [[(0.5, 0), (0.5, 1)], [(0, 0), (1, 0)], [(0, 1), (1, 1)]])],
    "J": [(0.94, [[(0.35, 0), (1, 0), (1, 1, 1), (0, 1, 1), (0, 0.72)]])],
    "K": [(1.02, [[(0, -0.3), (0, 1.3)], [(1.05, -0.12), (0.05, 0.5), (1.05, 1.12)]])],
    "M": [
        (1.24, [[(0, 1.3), (0, -0.05), (0.5, 0.95), (1, -0.05), (1, 1.3)]]),
        (1.2, [[(0, 1.3), (0, 0, 0.5), (1, 0, 0.5), (1, 1.3)], [(0.5, 0), (0.5, 0.6)]]),
    ],
    "Q": [(1.06, [_ring(), [(0.6, 0.7), (1.1, 1.2)]]), (1.0, [_ring(0, 0.9), [(0.55, 0.6), (0.8, 1.2)]])],
    "R": [(1.0, [[(0, -0.3), (0, 1.3)], [(0, 0), (1, 0, 1), (1, 0.5, 1), (0, 0.5)],
                 [(0.5, 0.5), (1, 0.6, 0.8), (1, 1.3)]])],
    "U": [(1.0, [[(0, -0.3), (0, 1, 0.7), (1, 1, 0.7), (1, -0.3)]])],
    "V": [(1.06, [[(-0.04, -0.15), (0.44, 1.0), (0.56, 1.0), (1.04, -0.15)]])],
    "W": [
        (1.4, [[(-0.05, -0.15), (0.22, 1.06), (0.5, 0.3), (0.78, 1.06), (1.05, -0.15)]]),
        (1.24, [[(0, -0.3), (0, 1.02), (0.5, 0.35), (1, 1.02), (1, -0.3)]]),
    ],
    "Y": [(1.06, [[(0, -0.3), (0, 0.48, 0.8), (1, 0.48, 0.8), (1, -0.3)], [(0.5, 0.48), (0.5, 1.3)]])],
}  # fmt: skip
for _symbol, _glyphs in _OTHERS.items():
    SHAPES[_symbol] += _glyphs


@dataclass(frozen=True, slots=True)
class Family:
    """The range one manner of lettering moves in; pairs are lowest and highest.

    stroke     thickness, share of the letter's height
    width      of the letters, share of the house typeface's own
    tracking   space between letters, share of the letter's height
    slant      how far the top leans right, share of the letter's height
    roundness  of the corners, share of the skeleton's own
    round_ends share of faces whose strokes end round
    own        share of characters that keep the house's own skeleton
    wobble     how far points stray (painted by hand), share of the letter's height
    """

    stroke: tuple[float, float]
    width: tuple[float, float]
    tracking: tuple[float, float]
    slant: tuple[float, float] = (0.0, 0.0)
    roundness: tuple[float, float] = (0.8, 1.0)
    round_ends: float = 0.3
    own: float = 0.6
    wobble: float = 0.0


FAMILIES: dict[str, Family] = {
    "hsrp": Family((0.13, 0.175), (0.88, 1.22), (0.07, 0.2), round_ends=0.3, own=0.85),
    "pressed": Family((0.12, 0.23), (0.8, 1.35), (0.07, 0.26), (-0.04, 0.08), (0.4, 1.0), 0.5, 0.5),
    "painted": Family((0.11, 0.24), (0.75, 1.4), (0.05, 0.3), (-0.1, 0.26), (0.5, 1.0), 0.7, 0.5, 0.045),
    "european": Family((0.12, 0.17), (0.78, 1.1), (0.08, 0.18), (0, 0), (0.7, 1.0), 0.2, 0.4),
    "american": Family((0.11, 0.16), (0.62, 0.95), (0.08, 0.2), (0, 0.03), (0.6, 1.0), 0.6, 0.4),
    "brazilian": Family((0.13, 0.19), (0.82, 1.15), (0.06, 0.16), (0, 0), (0.5, 1.0), 0.3, 0.35),
}
