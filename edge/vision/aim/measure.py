"""Measures a picture for aiming: its exposure, and the size, sharpness, angle and smear of the plate in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from edge.rules.plate.plate import PlateRead
from edge.vision.found import rectify

LINE_PX = 32  # a line of text is brought down to this height first, so that near and far plates compare
TWO_LINES_BELOW = 2.6  # width over height of what is read; two lines below it
ONE_LINE_M, TWO_LINES_M = 0.5, 0.34  # widths of India's plates for cars
BLACK, WHITE = 3, 252  # a pixel beyond these holds nothing more to see


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate in the picture. Sizes are those of what is read: its text, within a few pixels of the sheet's width.

    text, accepted   as read
    lines            1 or 2, by its shape
    width_px, height_px
    sharpness        variance of the Laplacian over the plate's own variance, at 32 px a line; sharp is above 0.5
    smear            energy of upright edges over that of level ones; low: smeared sideways, high: up and down
    mean, clipped    brightness 0 to 255, and the share of pixels that are wholly black or white
    angle_deg        how far the plate is turned, clockwise is positive
    distance_m       guess, from the lens's angle and the width of an Indian car's plate
    """

    text: str
    accepted: bool
    lines: int
    width_px: float
    height_px: float
    sharpness: float
    smear: float
    mean: float
    clipped: float
    angle_deg: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture. mean: brightness 0 to 255; clipped: share wholly black or white; plate: None where none was found."""

    width_px: int
    height_px: int
    mean: float
    clipped: float
    plate: Plate | None


def measure(frame: np.ndarray, read: PlateRead | None, lens_deg: float) -> Picture:
    """The figures of a frame (uint8 BGR) and of the plate read in it; `lens_deg` is the lens's horizontal angle."""
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    plate = None if read is None else _plate(frame, read, lens_deg)
    return Picture(grey.shape[1], grey.shape[0], float(grey.mean()), _clipped(grey), plate)


def _plate(frame: np.ndarray, read: PlateRead, lens_deg: float) -> Plate:
    box = np.float32(read.box)
    width, height = float(np.linalg.norm(box[1] - box[0])), float(np.linalg.norm(box[3] - box[0]))
    grey = cv2.cvtColor(rectify(frame, box), cv2.COLOR_BGR2GRAY)
    lines = 2 if width < TWO_LINES_BELOW * height else 1
    level = box[1] - box[0]
    focal_px = frame.shape[1] / 2 / math.tan(math.radians(lens_deg) / 2)
    return Plate(
        text=read.text,
        accepted=read.is_sure(),
        lines=lines,
        width_px=width,
        height_px=height,
        sharpness=_sharpness(_brought_down(grey, lines)),
        smear=_smear(_brought_down(grey, lines)),
        mean=float(grey.mean()),
        clipped=_clipped(grey),
        angle_deg=math.degrees(math.atan2(float(level[1]), float(level[0]))),
        distance_m=(TWO_LINES_M if lines == 2 else ONE_LINE_M) * focal_px / max(1.0, width),
    )


def _brought_down(grey: np.ndarray, lines: int) -> np.ndarray:
    share = LINE_PX * lines / grey.shape[0]
    if share < 1:
        grey = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return grey.astype(np.float32)


def _sharpness(grey: np.ndarray) -> float:
    return float(cv2.Laplacian(grey, cv2.CV_32F).var() / max(1.0, float(grey.var())))


def _smear(grey: np.ndarray) -> float:
    upright, level = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return float((upright**2).mean() / max(1.0, float((level**2).mean())))


def _clipped(grey: np.ndarray) -> float:
    return float(((grey <= BLACK) | (grey >= WHITE)).mean())
