"""From the detector's cells to plates: where it sees one's middle, with which corners, each plate once. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

STRIDE = 8  # pixels of the picture to a cell
LIKELY = 0.3  # probability from which a cell is taken for a plate's middle
MOST_PEAKS = 32  # looked at, the likeliest first
ROUND = 2  # cells round a peak that may have a say in its corners ...
ALIKE = 0.5  # ... where theirs lie within this many heights of the plate
SAME = 0.3  # two quadrilaterals that share this much of what both cover are one plate ...
WITHIN = 0.7  # ... and so is one that lies to this share in another
NARROWEST_PX, LOWEST_PX = 12.0, 4.0  # of a plate in the picture: with less nothing can be read
LONGEST = 12.0  # times as wide as high, or as high as wide: no plate is
SLANTED = 3.0  # a side this many times as long as the one across from it: seen from too far aside, or no plate
INSIDE = 0.8  # share of a plate that must lie in the picture


@dataclass(frozen=True, slots=True)
class Seen:
    """A plate in the picture.

    corners  pixels of the picture, clockwise from the plate's own top left, float32 (4, 2), 0 at the first pixel's edge
    score    probability that it is one, 0.0 to 1.0
    """

    corners: np.ndarray
    score: float


def plates_of(cells: np.ndarray, least: float = LIKELY) -> list[Seen]:
    """Plates that the detector saw, likeliest first.

    cells  its answer, float32 (rows, columns, 9): the probability that a plate's middle lies in the cell, then the
           corners x0, y0 ... x3, y3 in pixels from the cell's middle
    """
    height, width = cells.shape[0] * STRIDE, cells.shape[1] * STRIDE
    kept: list[Seen] = []
    for row, column in peaks(cells[..., 0], least):
        corners = _corners(cells, row, column)
        if is_plate_shaped(corners) and share_inside(corners, width, height) >= INSIDE:
            seen = Seen(corners, float(cells[row, column, 0]))
            if not any(same_plate(seen.corners, other.corners) for other in kept):
                kept.append(seen)
    return kept


def peaks(scores: np.ndarray, least: float) -> list[tuple[int, int]]:
    """(row, column) of cells that reach `least` and none of their eight neighbours exceeds, highest first."""
    around = cv2.dilate(scores, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((scores >= least) & (scores >= around))
    order = np.argsort(-scores[rows, columns], kind="stable")[:MOST_PEAKS]
    return [(int(rows[i]), int(columns[i])) for i in order]


def _corners(cells: np.ndarray, row: int, column: int) -> np.ndarray:
    """What the cell says of its plate's corners, and those round it that mean the same plate: the surer the more."""
    top, left = max(0, row - ROUND), max(0, column - ROUND)
    part = cells[top : row + ROUND + 1, left : column + ROUND + 1]
    rows, columns = np.indices(part.shape[:2], np.float32)
    middles = np.stack([columns + left + 0.5, rows + top + 0.5], axis=-1) * STRIDE
    told = part[..., 1:9].reshape(*part.shape[:2], 4, 2) + middles[:, :, None]
    own = told[row - top, column - left]
    if not np.isfinite(own).all():
        return own
    near = np.nan_to_num(np.abs(told - own).max(axis=(2, 3)), nan=np.inf) <= ALIKE * down_px(own)
    weight = np.where(near, np.square(part[..., 0]), 0)
    told = np.where(near[:, :, None, None], told, 0)
    return (np.tensordot(weight, told, 2) / weight.sum()).astype(np.float32)


def is_plate_shaped(corners: np.ndarray) -> bool:
    """Convex, clockwise, as large and about as regular as a plate that can be read."""
    if not np.isfinite(corners).all():
        return False
    sides = np.roll(corners, -1, axis=0) - corners
    after = np.roll(sides, -1, axis=0)
    if (sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0] <= 0).any():
        return False  # crossed, bent inwards, or the wrong way round
    top, right, bottom, left = np.hypot(sides[:, 0], sides[:, 1])
    wide, high = (top + bottom) / 2, (left + right) / 2
    if wide < NARROWEST_PX or high < LOWEST_PX or not 1 / LONGEST <= wide / high <= LONGEST:
        return False
    return max(top, bottom) <= SLANTED * min(top, bottom) and max(left, right) <= SLANTED * min(left, right)


def share_inside(corners: np.ndarray, width: float, height: float) -> float:
    """Share of a convex quadrilateral's area that lies within a picture of that size."""
    edge = np.float32([(0, 0), (width, 0), (width, height), (0, height)])
    return shared_area(corners, edge) / max(1e-6, float(cv2.contourArea(corners)))


def same_plate(one: np.ndarray, other: np.ndarray) -> bool:
    """Two convex quadrilaterals that lie so much on one another that they are one plate."""
    shared = shared_area(one, other)
    areas = float(cv2.contourArea(one)), float(cv2.contourArea(other))
    return shared > SAME * (sum(areas) - shared) or shared > WITHIN * min(areas)


def shared_area(one: np.ndarray, other: np.ndarray) -> float:
    """Of two convex quadrilaterals, square pixels."""
    if (one.max(axis=0) < other.min(axis=0)).any() or (other.max(axis=0) < one.min(axis=0)).any():
        return 0.0
    return float(cv2.intersectConvexConvex(one, other)[0])


def across_px(corners: np.ndarray) -> float:
    """A plate's width: the mean of its upper and lower side, pixels."""
    return float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2


def down_px(corners: np.ndarray) -> float:
    """A plate's height, pixels."""
    return float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
