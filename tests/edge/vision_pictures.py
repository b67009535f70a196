"""Pictures for the tests of vision: plates drawn with OpenCV's own strokes, and waiting for what a thread does."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

FONT, SIZE, STROKE = cv2.FONT_HERSHEY_SIMPLEX, 1.4, 4


def plate_picture(*rows: str, turned_deg: float = 0.0) -> np.ndarray:
    """A grey 640 x 480 scene with one plate of these rows of text, uint8 BGR."""
    scene = np.full((480, 640, 3), 90, np.uint8)
    scene[:200] = (150, 140, 130)
    width = max(cv2.getTextSize(row, FONT, SIZE, STROKE)[0][0] for row in rows)
    left, top, line = 320 - width // 2, 290, 52
    cv2.rectangle(scene, (left - 18, top - 16), (left + width + 18, top + line * len(rows) + 8), (255, 255, 255), -1)
    cv2.rectangle(scene, (left - 18, top - 16), (left + width + 18, top + line * len(rows) + 8), (0, 0, 0), 2)
    for i, row in enumerate(rows):
        start = 320 - cv2.getTextSize(row, FONT, SIZE, STROKE)[0][0] // 2
        cv2.putText(scene, row, (start, top + 34 + i * line), FONT, SIZE, (10, 10, 10), STROKE, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((320, 320), turned_deg, 1.0)
    return cv2.warpAffine(scene, turn, (640, 480), borderMode=cv2.BORDER_REPLICATE)


def empty_picture() -> np.ndarray:
    return np.full((480, 640, 3), 90, np.uint8)


def save(picture: np.ndarray, path: Path) -> Path:
    assert cv2.imwrite(str(path), picture)
    return path


def video_of(path: Path, pictures: list[np.ndarray], rate: float = 10.0) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (640, 480))
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path
