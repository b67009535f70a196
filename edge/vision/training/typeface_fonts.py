"""Lettering from fonts installed on this machine: used where there are any, never required."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
# Upright, bold enough and without serifs: what a plate might be lettered in. Debian: fonts-roadgeek, fonts-opendin,
# fonts-liberation, fonts-dejavu-core and -extra, fonts-freefont-ttf.
_WANTED = (
    "roadgeek", "opendin", "open-din", "din1451", "liberationsans-bold", "liberationsansnarrow-bold",
    "liberationmono-bold", "dejavusans-bold", "dejavusanscondensed-bold", "dejavusansmono-bold", "freesansbold",
)  # fmt: skip
_SIZE = 96


@lru_cache(maxsize=1)
def installed_fonts() -> tuple[str, ...]:
    """Paths of the fonts here that suit a plate, sorted; empty where there are none."""
    files = [path for folder in _FOLDERS for path in Path(folder).rglob("*.[to]tf")]
    suits = [p for p in files if p.stem.lower().startswith(_WANTED) and "oblique" not in p.stem.lower()]
    return tuple(sorted(str(p) for p in suits if "italic" not in p.stem.lower()))


@lru_cache(maxsize=32)
def _font(path: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, _SIZE)


@lru_cache(maxsize=2048)
def _letter(symbol: str, path: str) -> np.ndarray:
    """One character, cut to its sides and to the height of capitals."""
    font = _font(path)
    _, top, _, bottom = font.getbbox("H")
    width = max(1, round(font.getlength(symbol)))
    sheet = Image.new("L", (width + 8, bottom + 20), 0)
    ImageDraw.Draw(sheet).text((4, 0), symbol, fill=255, font=font)
    ink = np.asarray(sheet)[top:bottom]
    used = np.flatnonzero(ink.any(axis=0))
    return ink[:, used[0] : used[-1] + 1] if len(used) else np.zeros((bottom - top, _SIZE // 4), np.uint8)


def font_ink(text: str, path: str, height_px: int, tracking: float, width: float) -> np.ndarray:
    """The text as ink, uint8 (height_px, as wide as it comes); tracking is a share of the height."""
    letters = [_letter(symbol, path) for symbol in text]
    high = letters[0].shape[0]
    between = np.zeros((high, max(1, round(tracking * high))), np.uint8)
    row = np.hstack([part for letter in letters for part in (letter, between)][:-1])
    wide = max(1, round(row.shape[1] * height_px / high * width))
    return cv2.resize(row, (wide, height_px), interpolation=cv2.INTER_AREA)
