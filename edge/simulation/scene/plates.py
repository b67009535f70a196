"""Number plates as the sign maker makes them: Indian high-security plates, one or two lines, in four colours."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import cv2
import numpy as np

from edge.simulation.scene.typeface import draw_text

BGR = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plate's blank, millimetres (after the Central Motor Vehicles Rules, rule 50).

    letter_mm   height of the letters
    strip_mm    width left free beside the last row for the IND mark
    """

    width_mm: int
    height_mm: int
    letter_mm: int
    strip_mm: int


ONE_LINE = Sheet(500, 120, 65, 46)
TWO_LINES = Sheet(340, 200, 62, 42)
INKS: dict[str, tuple[BGR, BGR]] = {  # style: ground, letters
    "white": ((240, 243, 243), (24, 22, 22)),
    "yellow": ((28, 190, 246), (20, 20, 22)),
    "green": ((72, 128, 24), (244, 246, 246)),
    "black": ((30, 28, 28), (40, 200, 245)),
}


def groups(plate: str) -> list[str]:
    """The plate's text as it is spaced on the sheet: ["MH", "12", "AB", "1234"]."""
    bharat = re.fullmatch(r"(\d{2})(BH)(\d{4})([A-Z]{1,2})", plate)
    usual = re.fullmatch(r"([A-Z]{2})(\d{1,2})([A-Z]{0,3})(\d{1,4})", plate)
    found = bharat or usual
    if found:
        return [group for group in found.groups() if group]
    return [plate]


def sheet_for(lines: int) -> Sheet:
    return TWO_LINES if lines == 2 else ONE_LINE


def draw_plate(plate: str, lines: int = 1, style: str = "white", px_per_mm: float = 2.0) -> np.ndarray:
    """The plate seen straight on, BGR uint8, its sheet's size at px_per_mm."""
    sheet, (ground, ink) = sheet_for(lines), INKS[style]
    size = (round(sheet.height_mm * px_per_mm), round(sheet.width_mm * px_per_mm))
    art = np.empty((*size, 3), np.uint8)
    art[:] = ground
    pen = _Pen(art, px_per_mm)
    pen.frame(sheet, ink)
    pen.mark(sheet, ground)
    parts = groups(plate)
    rows = [parts] if lines == 1 else _two_rows(parts)
    step_mm = sheet.height_mm / len(rows)
    for number, row in enumerate(rows):
        middle_mm = (number + 0.5) * step_mm + (5 if number < len(rows) - 1 else 0)
        left_mm = sheet.strip_mm if number == len(rows) - 1 else 16
        pen.write(" ".join(row), sheet.letter_mm, (left_mm, sheet.width_mm - 14), middle_mm, ink)
    pen.bolts(sheet)
    return art


def wear(art: np.ndarray, seed: str) -> np.ndarray:
    """A plate that has seen the road: a little dust from below, a little unevenness."""
    dice = np.random.default_rng(random.Random(f"plate {seed}").getrandbits(32))
    high, wide = art.shape[:2]
    spots = cv2.resize(dice.normal(0, 1, (8, 20)).astype(np.float32), (wide, high), interpolation=cv2.INTER_CUBIC)
    dust = np.linspace(0.0, 1.0, high, dtype=np.float32)[:, None] ** 2 * dice.uniform(0.02, 0.12)
    dust = np.clip(dust + 0.025 * np.abs(spots), 0, 0.25)[..., None]
    return np.clip(art * (1 - dust) + dust * np.array([110, 132, 150]), 0, 255).astype(np.uint8)


def _two_rows(parts: list[str]) -> list[list[str]]:
    if len(parts) == 1:
        middle = (len(parts[0]) + 1) // 2
        return [[parts[0][:middle]], [parts[0][middle:]]]
    return [parts[:2], parts[2:]] if len(parts) == 4 and len(parts[2]) > 2 else [parts[:-1], parts[-1:]]


class _Pen:
    """Draws on the sheet in millimetres."""

    def __init__(self, art: np.ndarray, px_per_mm: float) -> None:
        self._art, self._scale = art, px_per_mm

    def _px(self, *mm: float) -> tuple[int, ...]:
        return tuple(round(value * self._scale * 16) for value in mm)

    def frame(self, sheet: Sheet, ink: BGR) -> None:
        """The embossed border, with round corners."""
        inset, radius = 4.0, 9.0
        corners = [
            (inset + radius, inset + radius, 180),
            (sheet.width_mm - inset - radius, inset + radius, 270),
            (sheet.width_mm - inset - radius, sheet.height_mm - inset - radius, 0),
            (inset + radius, sheet.height_mm - inset - radius, 90),
        ]
        outline = []
        for x, y, start in corners:
            angles = np.radians(np.linspace(start, start + 90, 8))
            outline += [self._px(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles]
        thick = max(1, round(2.6 * self._scale))
        cv2.polylines(self._art, [np.array(outline, np.int32)], True, ink, thick, cv2.LINE_AA, shift=4)

    def mark(self, sheet: Sheet, ground: BGR) -> None:
        """The chromium hologram with its wheel, and IND in blue beneath it."""
        x, y, half = sheet.strip_mm / 2 + 3, sheet.height_mm - 78.0, 9.0
        corner, opposite = self._px(x - half, y - half), self._px(x + half, y + half)
        cv2.rectangle(self._art, corner, opposite, (196, 186, 172), -1, cv2.LINE_AA, shift=4)
        for radius, thick in ((half * 0.72, 1), (half * 0.2, -1)):
            centre, size = self._px(x, y), self._px(radius)[0]
            cv2.circle(self._art, centre, size, (150, 96, 50), thick, cv2.LINE_AA, shift=4)
        blue = (168, 84, 18) if sum(ground) > 250 else (226, 190, 150)
        height = max(4, round(9 * self._scale))
        self._stamp(draw_text("IND", height, weight=0.9, tracking=0.7), x, y + half + 11, blue)

    def write(self, text: str, letter_mm: float, span_mm: tuple[float, float], middle_mm: float, ink: BGR) -> None:
        """One row, as wide as it wants or narrowed until it fits."""
        height = round(letter_mm * self._scale)
        room = (span_mm[1] - span_mm[0]) * self._scale
        width = 1.06
        mask = draw_text(text, height, width=width)
        while mask.shape[1] > room and width > 0.5:
            width -= 0.03
            mask = draw_text(text, height, width=width, tracking=max(0.6, width))
        self._stamp(mask, sum(span_mm) / 2, middle_mm, ink, relief=True)

    def bolts(self, sheet: Sheet) -> None:
        for x in (sheet.width_mm * 0.3, sheet.width_mm * 0.7):
            for radius, grey, off in ((4.0, 120, 0.0), (2.4, 190, 0.8)):
                centre = self._px(x - off, 14 - off)
                cv2.circle(self._art, centre, self._px(radius)[0], (grey,) * 3, -1, cv2.LINE_AA, shift=4)

    def _stamp(self, mask: np.ndarray, x_mm: float, y_mm: float, ink: BGR, relief: bool = False) -> None:
        """Lays ink where the mask says, centred; relief adds the light edge of an embossed letter."""
        high, wide = mask.shape
        top, left = round(y_mm * self._scale - high / 2), round(x_mm * self._scale - wide / 2)
        area = self._art[top : top + high, left : left + wide]
        share = mask[: area.shape[0], : area.shape[1], None].astype(np.float32) / 255.0
        if relief:
            off = max(1, round(self._scale))
            lit = np.zeros_like(share)
            lit[off:, off:] = share[:-off, :-off]
            area[:] = np.clip(area + 18.0 * np.clip(lit - share, 0, 1), 0, 255).astype(np.uint8)
        area[:] = np.round(area * (1 - share) + np.array(ink, np.float32) * share).astype(np.uint8)
