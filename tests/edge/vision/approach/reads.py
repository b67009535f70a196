"""Reads as a reader would give them of plates whose place and text are known: with jitter, misses and misreadings."""

from __future__ import annotations

import numpy as np

from edge.rules.plate.plate import PlateRead

SWAPS = {"0": "8", "8": "B", "1": "7", "5": "6", "B": "8", "M": "N", "H": "N", "A": "4"}


def read(
    text: str, at_s: float, x: float = 320.0, y: float = 300.0, width: float = 120.0, sure: float = 0.97, rows: int = 1
) -> PlateRead:
    """One reading, its plate's middle at (x, y)."""
    half, high = width / 2, width * (0.12 if rows == 1 else 0.3)
    box = ((x - half, y - high), (x + half, y - high), (x + half, y + high), (x - half, y + high))
    return PlateRead(text, (sure,) * len(text), box, at_s, text, "civil", sure, False, 5.0, ((text, sure),))


def misread(dice: np.random.Generator, text: str) -> str:
    """The text with one character taken for another, where one can be."""
    where = [number for number, symbol in enumerate(text) if symbol in SWAPS]
    if not where:
        return text
    at = where[dice.integers(len(where))]
    return text[:at] + SWAPS[text[at]] + text[at + 1 :]


def shaky(dice: np.random.Generator, text: str, at_s: float, x: float, y: float, width: float, rows: int = 1):
    """A reading with a loose box; one in eight is a misreading, which is less sure."""
    wrong = dice.random() < 0.12
    return read(
        misread(dice, text) if wrong else text,
        at_s,
        x + dice.normal(0, 0.015 * width),
        y + dice.normal(0, 0.015 * width),
        width * (1 + dice.normal(0, 0.02)),
        dice.uniform(0.4, 0.8) if wrong else dice.uniform(0.86, 0.99),
        rows,
    )
