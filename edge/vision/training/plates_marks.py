"""What else a plate carries: borders, bolts, frames, seals, arrows, signwriters' lines; every mark by its name."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from edge.vision.training import plates_printed as printed
from edge.vision.training.plates_sheet import Sheet


def _border(sheet: Sheet) -> None:
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    inset = max(1.0, min(wide, high) * dice.uniform(0.015, 0.06))
    radius = high * dice.uniform(0.02, 0.14)
    outline = []
    for x, y, start in (
        (inset + radius, inset + radius, 180), (wide - inset - radius, inset + radius, 270),
        (wide - inset - radius, high - inset - radius, 0), (inset + radius, high - inset - radius, 90),
    ):  # fmt: skip
        turn = np.radians(np.linspace(start, start + 90, 5))
        outline.append(np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], 1))
    points = np.round(np.vstack(outline) * 16 - 8).astype(np.int32)
    thick = max(1, round(high * dice.uniform(0.012, 0.035)))
    cv2.polylines(sheet.art, [points], True, sheet.layout.ink, thick, cv2.LINE_AA, shift=4)


def _bolts(sheet: Sheet) -> None:
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    y = high * (dice.uniform(0.07, 0.16) if dice.random() < 0.75 else 0.5)
    x = dice.uniform(0.18, 0.36) if y < 0.4 * high else dice.uniform(0.025, 0.05)
    radius = max(1.0, high * dice.uniform(0.02, 0.05))
    tone = int(dice.choice([40, 90, 130, 170, 210]))
    for side in (x, 1 - x):
        for size, grey in ((radius, int(tone * 0.6)), (radius * 0.6, tone)):
            centre = round(side * wide * 16), round(y * 16)
            cv2.circle(sheet.art, centre, round(size * 16), (grey, grey, grey), -1, cv2.LINE_AA, shift=4)


def _seal(sheet: Sheet) -> None:
    """Round registration seals between the groups, where there is room for them: drawn small, under the text."""
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    x = round(wide * dice.uniform(0.3, 0.42))
    for y in (0.3, 0.68):
        colour = tuple(int(c) for c in dice.integers(60, 240, 3))
        cv2.circle(sheet.art, (x, round(high * y)), max(2, round(high * 0.1)), colour, -1, cv2.LINE_AA)


def _frame(sheet: Sheet) -> None:
    """A dealer's frame over the sheet's edge."""
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    tone = int(dice.choice([18, 30, 60, 180]))
    thick = max(1, round(high * dice.uniform(0.02, 0.06)))
    cv2.rectangle(sheet.art, (0, 0), (wide - 1, high - 1), (tone,) * 3, thick * 2 - 1)


def _picture(sheet: Sheet) -> None:
    """Hills or a sun printed pale behind the text."""
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    tint = np.array(sheet.layout.ground) * 0.72 + dice.integers(0, 255, 3) * 0.28
    hills = [(0, high), *[(x * wide / 6, high * dice.uniform(0.35, 0.8)) for x in range(7)], (wide, high)]
    cv2.fillPoly(sheet.art, [np.array(hills, np.int32)], tint.tolist(), cv2.LINE_AA)


def _tab(sheet: Sheet) -> None:
    """Month and year stickers in the upper corners."""
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    for x in (0.05, 0.87):
        colour = dice.integers(30, 250, 3).tolist()
        cv2.rectangle(sheet.art, (round(wide * x), round(high * 0.05)), (round(wide * (x + 0.08)), round(high * 0.16)),
                      colour, -1)  # fmt: skip


def _arrow(sheet: Sheet) -> None:
    """The broad arrow that goes before a defence number."""
    high, wide = sheet.art.shape[:2]
    x, top, low, half = wide * 0.05, high * 0.28, high * 0.74, wide * 0.02
    thick = max(1, round(high * 0.05))
    barb = top + high * 0.2
    for end in ((x, low), (x - half, barb), (x + half, barb)):
        ends = [tuple(round(v * 16) for v in point) for point in ((x, top), end)]
        cv2.line(sheet.art, *ends, sheet.layout.ink, thick, cv2.LINE_AA, shift=4)


def _flourish(sheet: Sheet) -> None:
    """Signwriter's lines and dots in the margins."""
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    colour = dice.integers(0, 220, 3).tolist()
    y = dice.choice([0.03, 0.965]) * high
    cv2.line(sheet.art, (round(wide * 0.06), round(y)), (round(wide * 0.94), round(y)), colour, max(1, high // 50))
    for x in dice.uniform(0.02, 0.05, 2).tolist() + dice.uniform(0.95, 0.98, 2).tolist():
        cv2.circle(sheet.art, (round(wide * x), round(high * dice.uniform(0.1, 0.9))), max(1, high // 35), colour, -1)


MARKS: dict[str, Callable[[Sheet], None]] = {
    "border": _border,
    "bolts": _bolts,
    "seal": _seal,
    "frame": _frame,
    "picture": _picture,
    "tab": _tab,
    "arrow": _arrow,
    "flourish": _flourish,
    "ind": printed.ind,
    "laser": printed.laser,
    "euro-strip": printed.euro_strip,
    "head-words": printed.head_words,
    "foot-words": printed.foot_words,
    "words": printed.indian_words,
    "mercosul": printed.mercosul,
    "mercosul-code": printed.mercosul_code,
}
