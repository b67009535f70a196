"""Words and signs printed on a plate beside its text: IND and the hologram, strips, states, cities, codes."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from edge.vision.training.plates_sheet import Sheet, stamp
from edge.vision.training.typeface import Face, make_face, write

_WORDS_ABOVE = (
    "CALIFORNIA", "TEXAS", "FLORIDA", "NEW YORK", "OHIO", "GEORGIA", "MICHIGAN", "ILLINOIS", "VIRGINIA", "NEVADA",
    "ARIZONA", "OREGON", "COLORADO", "UTAH", "MARYLAND", "INDIANA",
)  # fmt: skip
_WORDS_BELOW = ("SUNSHINE STATE", "EMPIRE STATE", "GRAND CANYON STATE", "MY CAR CO", "AUTO HAUS", "GARDEN STATE")
_CITIES = ("SP.SAO PAULO", "RJ.RIO DE JANEIRO", "PR.CURITIBA", "MG.BELO HORIZONTE", "RS.PORTO ALEGRE", "BA.SALVADOR")
_INDIAN_WORDS = ("GOVT OF INDIA", "POLICE", "PRESS", "SHREE", "OM", "JAI HIND", "ADVOCATE", "TAXI", "KING")


@lru_cache(maxsize=1)
def _plain() -> Face:
    return make_face(np.random.default_rng(1), "european")


def _words(sheet: Sheet, text: str, box: tuple[float, float, float, float], colour) -> None:
    """Printed words, centred in a box of shares of the sheet."""
    high, wide = sheet.art.shape[:2]
    left, top, right, bottom = box[0] * wide, box[1] * high, box[2] * wide, box[3] * high
    if bottom - top < 3:
        return
    ink = write(text, round(bottom - top), round(right - left), _plain(), sheet.dice)
    stamp(sheet.art, ink, round((left + right - ink.shape[1]) / 2), round(top), colour)


def ind(sheet: Sheet) -> None:
    """The chromium hologram with its spoked wheel, IND in blue under it."""
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    one = len(sheet.layout.rows) == 1
    x, y = wide * 0.05, high * (0.36 if one else 0.66)
    half = min(wide * 0.03, high * 0.12)
    box = np.round(np.array([x - half, y - half * 1.1, x + half, y + half * 1.1])).astype(int)
    shine = dice.integers(120, 235, 3).astype(int) // 2 + 90
    cv2.rectangle(sheet.art, box[:2].tolist(), box[2:].tolist(), shine.tolist(), -1)
    wheel = (150, 96, 50)
    centre = round(x * 16), round(y * 16)
    for size in (0.78, 0.24):
        cv2.circle(sheet.art, centre, round(half * size * 16), wheel, 1, cv2.LINE_AA, shift=4)
    if half > 6:
        for turn in np.arange(12) * np.pi / 6:
            tip = round((x + half * 0.74 * np.cos(turn)) * 16), round((y + half * 0.74 * np.sin(turn)) * 16)
            cv2.line(sheet.art, centre, tip, wheel, 1, cv2.LINE_AA, shift=4)
    blue = (168, 84, 18) if sum(sheet.layout.ground) > 300 else (226, 190, 150)
    low = y + half * 1.3
    size = half * dice.uniform(0.55, 0.8)
    _words(sheet, "IND", (0.018, low / high, 0.082, (low + size) / high), blue)


def laser(sheet: Sheet) -> None:
    """The laser-etched number, faint, low at the left."""
    grey = tuple(int(0.7 * g + 0.3 * i) for g, i in zip(sheet.layout.ground, sheet.layout.ink, strict=True))
    text = "AA" + "".join(str(d) for d in sheet.dice.integers(0, 10, 9))
    _words(sheet, text, (0.012, 0.9, 0.2, 0.94), grey)


def euro_strip(sheet: Sheet) -> None:
    dice, (high, wide) = sheet.dice, sheet.art.shape[:2]
    across = round(wide * 0.075)
    sheet.art[:, :across] = (150, 60, 14) if dice.random() < 0.9 else (52, 116, 20)
    for turn in np.arange(12) * np.pi / 6:
        centre = (
            round((across / 2 + across * 0.28 * np.cos(turn)) * 16),
            round((high * 0.3 + across * 0.28 * np.sin(turn)) * 16),
        )
        cv2.circle(sheet.art, centre, max(8, round(across * 0.05 * 16)), (40, 210, 245), -1, cv2.LINE_AA, shift=4)
    code = ("SK", "CZ", "PL", "D", "GB", "NL", "F", "I", "E", "B")[dice.integers(10)]
    code = "NL" if sheet.layout.form == "nl-plate" else code
    _words(sheet, code, (0.012, 0.62, 0.063, 0.84), (245, 245, 245))


def head_words(sheet: Sheet) -> None:
    cities = sheet.layout.form == "br-old"
    among = _CITIES if cities else _WORDS_ABOVE
    text = among[sheet.dice.integers(len(among))]
    _words(sheet, text, (0.22, 0.045, 0.78, sheet.dice.uniform(0.13, 0.18)), sheet.layout.ink)


def foot_words(sheet: Sheet) -> None:
    text = _WORDS_BELOW[sheet.dice.integers(len(_WORDS_BELOW))]
    _words(sheet, text, (0.24, 0.9, 0.76, 0.965), sheet.layout.ink)


def indian_words(sheet: Sheet) -> None:
    text = _INDIAN_WORDS[sheet.dice.integers(len(_INDIAN_WORDS))]
    colour = (36, 30, 190) if sheet.dice.random() < 0.5 else sheet.layout.ink
    _words(sheet, text, (0.3, 0.015, 0.7, 0.085), colour)


def mercosul(sheet: Sheet) -> None:
    high, wide = sheet.art.shape[:2]
    band = round(high * 0.22)
    sheet.art[:band] = (150, 62, 14)
    _words(sheet, "BRASIL", (0.34, 0.06, 0.66, 0.16), (245, 245, 245))
    flag = np.array([(0.9, 0.05), (0.96, 0.05), (0.96, 0.17), (0.9, 0.17)]) * (wide, high)
    cv2.fillConvexPoly(sheet.art, flag.astype(np.int32), (60, 140, 20))
    cv2.circle(sheet.art, (round(wide * 0.93), round(high * 0.11)), max(1, round(high * 0.035)), (40, 210, 245), -1)


def mercosul_code(sheet: Sheet) -> None:
    _words(sheet, "BR", (0.02, 0.78, 0.065, 0.9), sheet.layout.ink)
    high, wide = sheet.art.shape[:2]
    left, top, side = round(wide * 0.02), round(high * 0.34), max(3, round(wide * 0.045))
    cells = sheet.dice.integers(0, 2, (6, 6), np.uint8) * 200 + 30
    code = cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST)
    area = sheet.art[top : top + side, left : left + side]
    area[:] = code[: area.shape[0], : area.shape[1], None]
