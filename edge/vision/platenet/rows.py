"""Cuts a straightened plate into its rows of lettering, for a recogniser that reads one line at a time. Pure."""

from __future__ import annotations

import numpy as np

FAINT = 0.25  # of a plate's usual contrast along a row of pixels: with less, nothing is written there
GAP_FROM, GAP_TO = 0.3, 0.7  # shares of the plate's height between which its two rows part
ROOM = 0.08  # kept above and below the lettering, as a share of its height


def one_row(plate: np.ndarray) -> list[np.ndarray]:
    """The plate (uint8 BGR, H x W x 3) without what is bare above and below its lettering."""
    return [_tight(plate, _ink(plate))]


def two_rows(plate: np.ndarray) -> list[np.ndarray]:
    """Its upper and its lower row, parted where least is written near the middle."""
    ink, height = _ink(plate), len(plate)
    first, last = int(GAP_FROM * height), max(int(GAP_FROM * height) + 1, int(GAP_TO * height))
    parted = first + int(ink[first:last].argmin())
    parted = min(max(parted, 1), height - 1)
    return [_tight(plate[:parted], ink[:parted]), _tight(plate[parted:], ink[parted:])]


def _ink(plate: np.ndarray) -> np.ndarray:
    """How much is written along each row of pixels: the mean step from pixel to pixel, smoothed; float32 (height,)."""
    grey = plate.mean(axis=2, dtype=np.float32)
    rim = max(1, grey.shape[1] // 20)
    inner = grey[:, rim:-rim] if grey.shape[1] > 4 * rim else grey
    steps = np.abs(np.diff(inner, axis=1)).mean(axis=1) if inner.shape[1] > 1 else np.zeros(len(grey), np.float32)
    wide = max(1, len(grey) // 24)
    return np.convolve(np.pad(steps, wide, mode="edge"), np.ones(2 * wide + 1, np.float32) / (2 * wide + 1), "valid")


def _tight(rows: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The part from the first to the last row of pixels on which something is written, with a little room."""
    written = np.flatnonzero(ink > FAINT * np.quantile(ink, 0.8))
    if not len(written):
        return rows
    top, bottom = int(written[0]), int(written[-1]) + 1
    room = round(ROOM * (bottom - top))
    return rows[max(0, top - room) : bottom + room]
