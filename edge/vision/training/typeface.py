"""Lettering: text drawn as ink in a face, one of endless variations within a family. Same face, same ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.simulation.scene.typeface import CAP_MM, WIDTH_MM, Point
from edge.vision.training.typeface_fonts import font_ink
from edge.vision.training.typeface_glyphs import FAMILIES, SHAPES

_FINE_PX = 80  # letters are drawn about this tall, then averaged down
_ARC = np.linspace(0, 1, 7)[:, None]


@dataclass(frozen=True, slots=True)
class Face:
    """One sign maker's letters.

    stroke, tracking, slant  shares of the letter's height
    width                    share of the house typeface's own
    roundness                of corners, 0 square to 1
    round_ends               strokes end round, not flat
    wobble                   how far points stray, share of the letter's height
    choice                   which skeleton each character uses, by character
    font                     path of an installed font used instead of skeletons, or None
    """

    stroke: float
    width: float
    tracking: float
    slant: float
    roundness: float
    round_ends: bool
    wobble: float
    choice: dict[str, int]
    font: str | None = None


def make_face(dice: np.random.Generator, family: str, fonts: tuple[str, ...] = ()) -> Face:
    """A face of the family; one in five uses an installed font where `fonts` (paths) names any."""
    among = FAMILIES[family]
    font = fonts[dice.integers(len(fonts))] if fonts and not among.wobble and dice.random() < 0.2 else None
    own = dice.random(len(SHAPES)) < among.own
    choice = {
        symbol: 0 if keep else int(dice.integers(len(shapes)))
        for (symbol, shapes), keep in zip(SHAPES.items(), own, strict=True)
    }
    return Face(
        stroke=dice.uniform(*among.stroke),
        width=dice.uniform(*among.width),
        tracking=dice.uniform(*among.tracking),
        slant=dice.uniform(*among.slant),
        roundness=dice.uniform(*among.roundness),
        round_ends=bool(dice.random() < among.round_ends),
        wobble=among.wobble * dice.uniform(0.2, 1.0),
        choice=choice,
        font=font,
    )


def write(text: str, height_px: int, room_px: int, face: Face, dice: np.random.Generator) -> np.ndarray:
    """The text as ink, uint8 (height_px, at most room_px), 0 nothing to 255 full; narrowed until it fits.

    Spaces, '-' and '.' may stand between A-Z and 0-9. Raises ValueError naming any other character.
    """
    height_px, room_px = max(4, height_px), max(8, room_px)
    if face.font:
        ink = font_ink(text, face.font, height_px, face.tracking, face.width)
        return _fit(ink, (height_px, room_px))
    fine = max(1.0, _FINE_PX / height_px)
    high = round(height_px * fine)
    squeeze = min(1.0, room_px * fine / (high * _natural(text, face)))
    pieces: list[np.ndarray] = []
    for symbol in text:
        if pieces:
            pieces.append(np.zeros((high, max(1, round(face.tracking * squeeze * high))), np.uint8))
        pieces.append(_draw(symbol, high, face, squeeze, dice))
    ink = np.hstack(pieces)
    if abs(face.slant) > 0.01:
        lean = face.slant * high
        move = np.array([[1, -face.slant, max(lean, 0)], [0, 1, 0]], np.float32)
        ink = cv2.warpAffine(ink, move, (ink.shape[1] + round(abs(lean)), high))
    return _fit(ink, (height_px, min(room_px, round(ink.shape[1] / fine))))


def _fit(ink: np.ndarray, most: tuple[int, int]) -> np.ndarray:
    high, wide = most[0], min(most[1], max(1, ink.shape[1]))
    return ink if ink.shape == (high, wide) else cv2.resize(ink, (wide, high), interpolation=cv2.INTER_AREA)


def _share(symbol: str, face: Face) -> float:
    """Width of a character, share of the letter's height."""
    if symbol in " -.":
        return {" ": 0.2, "-": 0.26, ".": 0.16}[symbol]
    return SHAPES[symbol][face.choice[symbol]][0] * face.width * WIDTH_MM / CAP_MM


def _natural(text: str, face: Face) -> float:
    for symbol in text:
        if symbol not in SHAPES and symbol not in " -.":
            raise ValueError(f"plate text {text!r}: {symbol!r} isn't in the typeface, expected A-Z, 0-9, space, - or .")
    return sum(_share(s, face) for s in text) + face.tracking * max(0, len(text) - 1) + abs(face.slant)


def _draw(symbol: str, high: int, face: Face, squeeze: float, dice: np.random.Generator) -> np.ndarray:
    wide = max(3, round(_share(symbol, face) * squeeze * high))
    box = np.zeros((high, wide), np.uint8)
    narrow = 0.31 * face.width * squeeze * WIDTH_MM / CAP_MM  # a bolder stroke would close the letters' eyes
    thick = high * min(face.stroke * (0.35 + 0.65 * squeeze), narrow)
    if symbol in " -.":
        half = max(1, round(thick * 0.4))
        middle = high // 2
        if symbol != " ":
            box[middle - half : middle + half, wide // 8 : wide - wide // 8] = 255
        return box
    thick = min(thick, wide * 0.9)
    inner = np.array([max(0.0, wide - thick), high - thick])
    shift = dice.normal(0, face.wobble, 2) if face.wobble else np.zeros(2)
    for stroke in SHAPES[symbol][face.choice[symbol]][1]:
        points = np.array([p[:2] for p in stroke])
        if face.wobble:
            points = np.clip(points, -0.1, 1.1) * 0.94 + 0.03 + dice.normal(0, face.wobble, points.shape) + shift
        line = _rounded(points * inner + thick / 2, stroke, face.roundness * inner[0] / 2)
        _ink(box, line, thick, face.round_ends)
    return box


def _rounded(points: np.ndarray, stroke: list[Point], most: float) -> np.ndarray:
    """The centre line with its marked corners turned into curves."""
    line = [points[:1]]
    last = len(points) - 1
    for i in range(1, last):
        corner = points[i]
        if len(stroke[i]) < 3:
            line.append(corner[None])
            continue
        sides = points[i - 1] - corner, points[i + 1] - corner
        reach = most * stroke[i][2]
        ends = []
        for side, other in zip(sides, (i - 1, i + 1), strict=True):
            length = float(np.hypot(*side)) or 1.0
            limit = length / 2 if len(stroke[other]) > 2 else length
            ends.append(corner + side * (min(reach, limit) / length))
        bend = (1 - _ARC) ** 2 * ends[0] + 2 * _ARC * (1 - _ARC) * (corner * 0.83 + (ends[0] + ends[1]) * 0.085)
        line.append(bend + _ARC**2 * ends[1])
    line.append(points[-1:])
    return np.vstack(line)


def _ink(box: np.ndarray, line: np.ndarray, thick: float, round_ends: bool) -> None:
    """A stroke along the line; flat ends are squares laid over the round ones."""
    if not round_ends and np.hypot(*(line[0] - line[-1])) > 1:
        for end, before in ((line[0], line[1]), (line[-1], line[-2])):
            along = end - before
            along = along / (np.hypot(*along) or 1.0) * thick / 2
            across = np.array([-along[1], along[0]])
            # The square reaches back from the end; the round cap is drawn half a stroke earlier.
            corners = np.array([end + across, end - across, end - 2 * along - across, end - 2 * along + across])
            cv2.fillConvexPoly(box, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_8, shift=4)
        line = line.copy()
        for index, other in ((0, 1), (-1, -2)):
            side = line[other] - line[index]
            length = np.hypot(*side) or 1.0
            line[index] += side / length * min(thick / 2, length)
    cv2.polylines(box, [np.round(line * 16).astype(np.int32)], False, 255, max(1, round(thick)), cv2.LINE_8, shift=4)
