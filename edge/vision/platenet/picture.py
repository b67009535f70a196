"""Fits a frame into the picture that the detector looks at. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

LONGER_PX = 640  # of the picture's content
LARGEST = 2.0  # a small frame is enlarged this many times at most: more shows nothing new
BLOCK_PX = 32  # the detector's coarsest cell: width and height are multiples of it
BLEAK = 128  # what lies beyond the frame: the grey that the network takes for nothing


@dataclass(frozen=True, slots=True)
class Fitted:
    """A frame made ready for the detector.

    picture  uint8 BGR, height and width multiples of 32, the frame in its top left corner
    scale    pixels of the frame to one of the picture, across and down
    """

    picture: np.ndarray
    scale: tuple[float, float]

    def in_frame(self, corners: np.ndarray) -> np.ndarray:
        """Corners (float32 (..., 2), pixels of the picture, 0 at its first pixel's edge) in pixels of the frame."""
        return (corners * np.float32(self.scale)).astype(np.float32)


def fit(frame: np.ndarray, longer_px: int = LONGER_PX) -> Fitted:
    """The frame (uint8 BGR, H x W x 3) with its longer side scaled to `longer_px`, enlarged at most twice."""
    height, width = frame.shape[:2]
    share = min(longer_px / max(height, width), LARGEST)
    wide, high = max(1, round(width * share)), max(1, round(height * share))
    small = frame
    if (wide, high) != (width, height):
        how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
        small = cv2.resize(frame, (wide, high), interpolation=how)
    right, below = -wide % BLOCK_PX, -high % BLOCK_PX
    if right or below:
        small = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(BLEAK,) * 3)
    return Fitted(np.ascontiguousarray(small), (width / wide, height / high))
