"""Straightens plates for the reader: all to one size, whatever their shape. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from edge.vision.platenet.corners import across_px

WIDTH_PX, HEIGHT_PX = 128, 64  # of what the reader looks at
RIM = 0.012  # kept around the plate on each side, as a share of its width or height: what is cut off can't be read
FINE = 2.0  # a plate this many times as wide as the crop is shrunk first, or every other pixel of it would be lost
_HALF = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # from a pixel's middle to the picture's continuous places


def crops_of(frame: np.ndarray, plates: Sequence[np.ndarray]) -> np.ndarray:
    """The plates straightened, uint8 BGR (n, 64, 128, 3).

    frame   uint8 BGR, H x W x 3
    plates  corners of each in the frame, float32 (4, 2), clockwise from top left, 0 at the first pixel's outer edge
    """
    crops = np.empty((len(plates), HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    for crop, corners in zip(crops, plates, strict=True):
        picture, placed = _shrunk(frame, corners)
        cv2.warpPerspective(picture, _move(placed), (WIDTH_PX, HEIGHT_PX), crop, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)
    return crops


def _move(corners: np.ndarray) -> np.ndarray:
    """From the picture to the crop; pixels count from their middles, as OpenCV takes them."""
    x, y = WIDTH_PX * RIM / (1 + 2 * RIM), HEIGHT_PX * RIM / (1 + 2 * RIM)
    box = np.float32([(x, y), (WIDTH_PX - x, y), (WIDTH_PX - x, HEIGHT_PX - y), (x, HEIGHT_PX - y)])
    return np.linalg.inv(_HALF) @ cv2.getPerspectiveTransform(corners.astype(np.float32), box) @ _HALF


def _shrunk(frame: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture in which the plate is at most twice as wide as its crop, and its corners there."""
    share = FINE * WIDTH_PX / max(1.0, across_px(corners))
    if share >= 1:
        return frame, corners
    height, width = frame.shape[:2]
    room = 0.1 * (corners.max(axis=0) - corners.min(axis=0))
    left, top = np.clip(np.floor(corners.min(axis=0) - room), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0) + room), (left + 1, top + 1), (width, height)).astype(int)
    part = frame[top:bottom, left:right]
    size = max(1, round(share * part.shape[1])), max(1, round(share * part.shape[0]))
    scale = np.float32([size[0] / part.shape[1], size[1] / part.shape[0]])
    return cv2.resize(part, size, interpolation=cv2.INTER_AREA), (corners - np.float32([left, top])) * scale
