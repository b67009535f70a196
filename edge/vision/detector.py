"""Finds lines of text in a frame as tight, turned rectangles, with rapidocr's text detector (a DB network)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.onnx_models import open_model

MODEL = "PP-OCRv6_det_small.onnx"
INK = 0.3  # a pixel of the map above this belongs to text
FAINT = 0.25  # a line whose mean is below this is dropped
GROW = 1.6  # the network marks the core of a line: its border lies area / perimeter times this further out
SMALLEST_PX = 3  # of the map; anything thinner is noise


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text in a frame.

    box    corners in the frame, pixels, clockwise from top left, float32 of shape (4, 2)
    score  mean of the detector's map inside, 0.0 to 1.0
    """

    box: np.ndarray
    score: float

    @property
    def width_px(self) -> float:
        return float(np.linalg.norm(self.box[1] - self.box[0]))

    @property
    def height_px(self) -> float:
        return float(np.linalg.norm(self.box[3] - self.box[0]))


class TextDetector:
    """Text lines of a frame. One instance serves one thread."""

    def __init__(self, threads: int = 1) -> None:
        self._session = open_model(MODEL, threads)

    def find(self, frame: np.ndarray, longer_side_px: int) -> list[TextLine]:
        """Lines in `frame` (uint8 BGR, H x W x 3), looked for with its longer side scaled to `longer_side_px`."""
        height, width = frame.shape[:2]
        scale = longer_side_px / max(height, width)
        size = tuple(max(32, round(side * scale / 32) * 32) for side in (width, height))
        shrinking = size[0] < width
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
        tensor = (small.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
        ink = self._session.run(None, {"x": np.ascontiguousarray(tensor)})[0][0, 0]
        return lines_of(ink, width / size[0], height / size[1])


def lines_of(ink: np.ndarray, scale_x: float, scale_y: float) -> list[TextLine]:
    """Lines in the detector's map (float32, H x W, 0 to 1), their corners multiplied by the two scales."""
    mask = cv2.dilate((ink > INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    lines = []
    for contour in contours:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < SMALLEST_PX:
            continue
        score = _mean_inside(ink, cv2.boxPoints((centre, (width, height), angle)))
        if score < FAINT:
            continue
        border = GROW * width * height / (2 * (width + height))
        corners = cv2.boxPoints((centre, (width + 2 * border, height + 2 * border), angle))
        lines.append(TextLine(clockwise(corners * np.float32([scale_x, scale_y])), score))
    return lines


def clockwise(corners: np.ndarray) -> np.ndarray:
    """The four corners in the order top left, top right, bottom right, bottom left, as float32."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.float32([left[0], right[0], right[1], left[1]])


def _mean_inside(ink: np.ndarray, corners: np.ndarray) -> float:
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = ink[top:bottom, left:right]
    if part.size == 0:
        return 0.0
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(part, mask)[0])
