"""Text that is no plate, and what looks like a plate and isn't: signs, stickers, phone numbers, grilles, tiles."""

from __future__ import annotations

import cv2
import numpy as np

from edge.vision.training.plates_sheet import stamp
from edge.vision.training.typeface import make_face, write
from edge.vision.training.wear import clouds

_WORDS = (
    "NO PARKING", "STOP", "EXIT", "ENTRY", "HORN OK PLEASE", "OPEN", "SALE", "CAR WASH", "PRESS", "TAXI",
    "GOODS CARRIER", "SPEED LIMIT 40", "KEEP DISTANCE", "PARKING FULL", "HOTEL", "TO LET", "ALL INDIA PERMIT",
    "USE DIPPER AT NIGHT", "AMBULANCE", "SCHOOL BUS", "4X4", "TURBO", "CRDI", "HYBRID", "JAI MATA DI", "WELCOME",
    "TOKEN", "GATE 2", "LANE 1",
)  # fmt: skip
_GROUNDS = ((240, 240, 240), (30, 30, 190), (170, 90, 20), (30, 190, 240), (60, 120, 30), (30, 30, 32), (200, 220, 230))


def words(dice: np.random.Generator) -> str:
    """Something to read that is no plate: a phrase, a phone number, a price, a date."""
    kind = dice.integers(5)
    if kind == 0:
        number = "".join(str(d) for d in dice.integers(0, 10, 10))
        return f"{dice.integers(6, 10)}{number[:4]} {number[5:]}"
    if kind == 1:
        return f"CALL {dice.integers(10**9, 10**10)}"
    if kind == 2:
        return f"{dice.integers(1, 32):02d}-{dice.integers(1, 13):02d}-{dice.integers(2015, 2031)}"
    return _WORDS[dice.integers(len(_WORDS))]


def board(dice: np.random.Generator, wide: int, high: int) -> np.ndarray:
    """A sign or sticker with one to three rows, BGR uint8 (high, wide, 3)."""
    pick = _GROUNDS[dice.integers(len(_GROUNDS))]
    art = np.empty((max(8, high), max(16, wide), 3), np.uint8)
    art[:] = pick
    dark = sum(pick) < 380
    ink = tuple(int(c) for c in (dice.integers(200, 255, 3) if dark else dice.integers(0, 110, 3)))
    face = make_face(dice, ("pressed", "european", "painted")[dice.integers(3)])
    rows = int(dice.integers(1, 4)) if high > wide / 3 else 1
    step = art.shape[0] / rows
    for row in range(rows):
        tall = step * dice.uniform(0.4, 0.75)
        text = words(dice)
        letters = write(text, round(tall), round(art.shape[1] * 0.92), face, dice)
        stamp(art, letters, (art.shape[1] - letters.shape[1]) // 2, round(row * step + (step - tall) / 2), ink)
    if dice.random() < 0.4:
        cv2.rectangle(art, (1, 1), (art.shape[1] - 2, art.shape[0] - 2), ink, max(1, high // 30))
    return art


def grille(dice: np.random.Generator, wide: int, high: int) -> np.ndarray:
    """Slats, a mesh, tiles or louvres, BGR uint8 (high, wide, 3)."""
    art = np.empty((max(8, high), max(16, wide), 3), np.uint8)
    art[:] = dice.integers(10, 90, 3) if dice.random() < 0.7 else dice.integers(120, 220, 3)
    tone = dice.integers(60, 230, 3).tolist()
    thick = max(1, high // int(dice.integers(12, 30)))
    kind = dice.integers(3)
    if kind != 1:
        for y in np.arange(0, art.shape[0], max(3, high / dice.uniform(3, 9))):
            cv2.line(art, (0, int(y)), (wide, int(y)), tone, thick)
    if kind != 0:
        for x in np.arange(0, art.shape[1] + high, max(3, high / dice.uniform(2, 9))):
            cv2.line(art, (int(x), 0), (int(x - (high if kind == 2 else 0)), high), tone, thick)
    return art


def blotch(dice: np.random.Generator, wide: int, high: int) -> np.ndarray:
    """Paint, concrete, leaves: soft spots of near colours, BGR uint8 (high, wide, 3)."""
    spots = clouds(dice, high, wide, int(dice.integers(2, 24))) * np.float32(dice.gamma(2.0, 7.0))
    base = np.clip(dice.integers(40, 215) + dice.normal(0, 22, 3), 5, 250)
    return cv2.merge(
        [
            cv2.convertScaleAbs(spots, alpha=gain, beta=tone)
            for gain, tone in zip(dice.uniform(0.7, 1, 3), base, strict=True)
        ]
    )
