"""A camera that may fail: opened when it can be, opened again when it was lost, and each change told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from edge.vision.camera import open_camera
from edge.vision.errors import CameraError
from edge.vision.frame import Camera, Frame, Recording, SmallPlanes
from edge.vision.messages import Fault

LOOK_S = 5.0  # at rest, a frame this often shows that the camera still delivers
CAPTURE_S = 5.0
RETRY_S, LONGEST_RETRY_S = 1.0, 15.0  # a lost camera is tried again, each time after twice as long

log = logging.getLogger("parkmeter.vision")

T = TypeVar("T")


class Eye:
    """The camera of a source.

    opened  called each time the camera was opened
    failed  called with what happened each time it failed
    """

    def __init__(self, source: str, opened: Callable[[], None], failed: Callable[[Fault], None]) -> None:
        self._source, self._opened, self._failed = source, opened, failed
        self._camera: Camera | None = None
        self._watching = False
        self._retry_at, self._retry_s = 0.0, RETRY_S
        self._look_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._camera is not None

    def tend(self) -> None:
        """Opens a camera that isn't open once its retry is due; at rest looks whether it still delivers."""
        now = time.monotonic()
        if self._camera is None:
            if now >= self._retry_at:
                self._open()
        elif not self._watching and now >= self._look_at:
            self.capture()

    def watch(self) -> None:
        """A visit begins: a recording turns to what comes next."""
        self._watching = True
        self._try(lambda camera: camera.next_visit() if isinstance(camera, Recording) else None)

    def rest(self) -> None:
        self._watching = False
        self._try(lambda camera: camera.rest() if isinstance(camera, Recording) else None)

    def capture(self) -> Frame | None:
        """The newest frame, None when there is no camera or it failed just now."""
        self._look_at = time.monotonic() + LOOK_S
        return self._try(lambda camera: camera.capture(CAPTURE_S))

    def plane(self) -> np.ndarray | None:
        """A picture to see motion in: the camera's small plane where it has one, else a whole frame."""
        self._look_at = time.monotonic() + LOOK_S
        return self._try(_plane)

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    def _open(self) -> None:
        try:
            self._camera = open_camera(self._source)
        except CameraError as failed:
            self._lose(failed)
            return
        self._retry_s = RETRY_S
        self._opened()
        if self._watching:
            self.watch()

    def _try(self, do: Callable[[Camera], T | None]) -> T | None:
        if self._camera is None:
            return None
        try:
            return do(self._camera)
        except CameraError as failed:
            self._lose(failed)
            return None

    def _lose(self, failed: CameraError) -> None:
        self.close()
        self._retry_at = time.monotonic() + self._retry_s
        self._retry_s = min(LONGEST_RETRY_S, 2 * self._retry_s)
        log.warning("%s", failed)
        self._failed(Fault("camera_failed", str(failed)))


def _plane(camera: Camera) -> np.ndarray | None:
    if isinstance(camera, SmallPlanes):
        return camera.plane(CAPTURE_S)
    frame = camera.capture(CAPTURE_S)
    return None if frame is None else frame.image
