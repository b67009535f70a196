"""Puts text lines together as a plate may carry them: one row, pieces of a row, two rows, a left stack. No I/O.

Nothing is decided here: each arrangement is a way to read, and the formats say which one makes a plate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from edge.vision.detector import TextLine, clockwise

WIDEST_GAP = 1.6  # between pieces of one row, in heights
ROW_GAP = 0.9  # between two rows, in heights of the smaller one
LIKE = 0.45  # the smaller height of two pieces of one row, as a share of the larger


def arrangements(lines: Sequence[TextLine]) -> Iterator[tuple[int, ...]]:
    """Indices of lines in reading order, for everything that could be one plate; each line alone first."""
    seen: set[tuple[int, ...]] = set()
    for arrangement in _all(lines):
        if arrangement not in seen:
            seen.add(arrangement)
            yield arrangement


def _all(lines: Sequence[TextLine]) -> Iterator[tuple[int, ...]]:
    frames = [_upright(lines, i) for i in range(len(lines))]
    rows = [(i,) for i in range(len(lines))]
    yield from rows
    pairs = [(i, j) for i in range(len(lines)) for j in range(len(lines)) if i != j and _beside(frames[i], i, j)]
    triples = [(i, j, k) for i, j in pairs for m, k in pairs if m == j and k != i]
    rows += pairs + triples
    yield from pairs
    yield from triples
    for upper in rows:
        for lower in rows:
            if not set(upper) & set(lower) and len(upper) + len(lower) <= 4 and _above(frames, upper, lower):
                yield upper + lower
    # The state over the district, both small, left of one large number or series.
    for i, j in ((i, j) for i in range(len(lines)) for j in range(len(lines)) if i != j and _above(frames, (i,), (j,))):
        for k in range(len(lines)):
            if k not in (i, j) and _stacked_left_of(frames[k], i, j, k):
                yield (i, j, k)


def _upright(lines: Sequence[TextLine], reference: int) -> np.ndarray:
    """Every line's (left, top, right, bottom) after turning the picture so that the reference line is level."""
    along = lines[reference].box[1] - lines[reference].box[0]
    angle = np.arctan2(along[1], along[0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = np.array([line.box @ turn for line in lines])
    left, right = turned[:, [0, 3], 0].mean(axis=1), turned[:, [1, 2], 0].mean(axis=1)
    top, bottom = turned[:, [0, 1], 1].mean(axis=1), turned[:, [2, 3], 1].mean(axis=1)
    return np.stack([left, top, right, bottom], axis=1)


def _heights(frame: np.ndarray, *lines: int) -> list[float]:
    return [max(1.0, frame[i, 3] - frame[i, 1]) for i in lines]


def _beside(frame: np.ndarray, left: int, right: int) -> bool:
    a, b = _heights(frame, left, right)
    gap = frame[right, 0] - frame[left, 2]
    offset = abs(frame[right, [1, 3]].mean() - frame[left, [1, 3]].mean())
    near = -0.6 * max(a, b) <= gap <= WIDEST_GAP * max(a, b)
    return near and min(a, b) >= LIKE * max(a, b) and offset <= 0.5 * min(a, b)


def _above(frames: Sequence[np.ndarray], upper: tuple[int, ...], lower: tuple[int, ...]) -> bool:
    frame = frames[max((*upper, *lower), key=lambda i: frames[i][i, 2] - frames[i][i, 0])]
    a, b = np.mean(_heights(frame, *upper)), np.mean(_heights(frame, *lower))
    gap = frame[list(lower), 1].mean() - frame[list(upper), 3].mean()
    overlap = min(frame[upper[-1], 2], frame[lower[-1], 2]) - max(frame[upper[0], 0], frame[lower[0], 0])
    narrower = min(frame[upper[-1], 2] - frame[upper[0], 0], frame[lower[-1], 2] - frame[lower[0], 0])
    small = min(a, b)
    return small >= 0.35 * max(a, b) and -0.5 * small <= gap <= ROW_GAP * small and overlap >= 0.4 * narrower


def _stacked_left_of(frame: np.ndarray, upper: int, lower: int, right: int) -> bool:
    a, b, c = _heights(frame, upper, lower, right)
    reach = max(frame[upper, 2], frame[lower, 2])
    gap = frame[right, 0] - reach
    middle = (frame[upper, 1] + frame[lower, 3]) / 2
    offset = abs(frame[right, [1, 3]].mean() - middle)
    return c >= 1.15 * max(a, b) and -0.5 * c <= gap <= WIDEST_GAP * c and offset <= 0.5 * c


def around(lines: Sequence[TextLine]) -> np.ndarray:
    """The tight rectangle around lines, float32 of shape (4, 2), clockwise from top left."""
    if len(lines) == 1:
        return lines[0].box
    return clockwise(cv2.boxPoints(cv2.minAreaRect(np.concatenate([line.box for line in lines]).astype(np.float32))))
