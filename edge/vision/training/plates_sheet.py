"""A plate's sheet while it is drawn, and how ink is laid on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.training.layouts import Layout


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plate being drawn: its art, pixels per millimetre, its layout and its dice."""

    art: np.ndarray
    scale: float
    layout: Layout
    dice: np.random.Generator


def stamp(art: np.ndarray, ink: np.ndarray, x: int, y: int, colour, relief: float = 0.0) -> None:
    """Lays colour where the ink says, its top left at (x, y); relief lights one edge and shades the other."""
    top, left = max(0, y), max(0, x)
    area = art[top : y + ink.shape[0], left : x + ink.shape[1]]
    if not area.size:
        return
    ink = ink[top - y : top - y + area.shape[0], left - x : left - x + area.shape[1]]
    share = ink.astype(np.float32)[..., None] / 255
    paint = np.empty(area.shape, np.float32)
    paint[:] = colour
    if relief:
        slope = cv2.Sobel(ink, cv2.CV_32F, 1, 0) + 2 * cv2.Sobel(ink, cv2.CV_32F, 0, 1)
        lit = np.clip(slope / 1020, -1, 1)[..., None] * relief
        np.clip(area + (paint - area) * share + lit, 0, 255, out=paint)
        area[:] = paint
        return
    area[:] = area + (paint - area) * share
