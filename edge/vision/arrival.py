"""Who comes where no arming loop lies: the camera looks for motion at rest, and goes on while it reads."""

from __future__ import annotations

import time

import cv2
import numpy as np

from edge.vision.messages import Arrival
from edge.vision.motion import Motion, MotionRule
from edge.vision.view import View

LOOK_S = 0.2
TELL_S = 0.5  # while somebody is there, so often: a gate that hears nothing takes the lane for empty
WIDTH_PX = 320


class Arrivals:
    """Tells of what comes and goes before one camera. view: the part that counts, as for plates."""

    def __init__(self, view: View) -> None:
        self._motion = Motion(MotionRule(view=(view.left, view.top, view.right, view.bottom)))
        self._size: tuple[int, int] | None = None
        self._seen = False
        self._look_at = self._tell_at = 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._look_at

    def look(self, picture: np.ndarray) -> list[Arrival]:
        """What is to be told after this picture: brightness H x W, or BGR H x W x 3, uint8."""
        now = time.monotonic()
        self._look_at = now + LOOK_S
        seen = self._motion.motion(self._small(picture))
        if seen == self._seen and not (seen and now >= self._tell_at):
            return []
        self._seen, self._tell_at = seen, now + TELL_S
        return [Arrival(seen)]

    def _small(self, picture: np.ndarray) -> np.ndarray:
        grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        if self._size is None:  # the first picture's size, brought down; a camera's small plane is small already
            height, width = grey.shape
            scale = min(1.0, WIDTH_PX / width)
            self._size = max(8, round(width * scale)), max(8, round(height * scale))
        if (grey.shape[1], grey.shape[0]) == self._size:
            return grey
        return cv2.resize(grey, self._size, interpolation=cv2.INTER_AREA)
