"""Draws what was read onto a photo: the plate's box, its text, and each character's confidence."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from edge.rules.plate.plate import PlateRead

SURE, UNSURE, INK = (60, 160, 40), (30, 120, 230), (255, 255, 255)
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_reads(frame: np.ndarray, reads: Sequence[PlateRead]) -> np.ndarray:
    """A copy of the frame (uint8 BGR) with every read drawn: green when accepted, else orange."""
    picture = frame.copy()
    size = max(0.5, frame.shape[1] / 1600)
    for read in reads:
        colour = SURE if read.is_sure() else UNSURE
        box = np.round(np.array(read.box)).astype(np.int32)
        cv2.polylines(picture, [box], True, colour, max(1, round(2 * size)), cv2.LINE_AA)
        _label(picture, read, box, size, colour)
    return picture


def _label(picture: np.ndarray, read: PlateRead, box: np.ndarray, size: float, colour: tuple[int, int, int]) -> None:
    """A strip above the box (below it at the picture's top): each character over its confidence in percent."""
    cell, row = round(34 * size), round(34 * size)
    shares = [f"{100 * share:.0f}" for share in read.confidence]
    summary = f"{100 * read.probability:.0f}% {read.format}"
    width = cell * len(read.text) + cv2.getTextSize(summary, FONT, 0.6 * size, 1)[0][0] + cell
    left = int(np.clip(box[:, 0].min(), 0, max(0, picture.shape[1] - width)))
    top = int(box[:, 1].min()) - 2 * row
    if top < 0:
        top = min(int(box[:, 1].max()) + 4, max(0, picture.shape[0] - 2 * row))
    cv2.rectangle(picture, (left, top), (left + width, top + 2 * row), colour, cv2.FILLED)
    for i, (character, share) in enumerate(zip(read.text, shares, strict=True)):
        x = left + i * cell + round(6 * size)
        _write(picture, character, (x, top + round(26 * size)), 0.9 * size, max(1, round(2 * size)))
        _write(picture, share, (x, top + row + round(20 * size)), 0.5 * size, 1)
    _write(picture, summary, (left + len(read.text) * cell + cell // 3, top + row + round(8 * size)), 0.6 * size, 1)


def _write(picture: np.ndarray, text: str, at: tuple[int, int], size: float, thickness: int) -> None:
    cv2.putText(picture, text, at, FONT, size, INK, thickness, cv2.LINE_AA)
