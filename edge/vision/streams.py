"""Live cameras through OpenCV: V4L2 devices and network streams."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import cv2

from edge.vision.address import DEVICE, shown
from edge.vision.errors import CameraError
from edge.vision.frame import Frame

OPEN_TIMEOUT_MS = 10_000


class StreamCamera:
    """A V4L2 or network camera through OpenCV.

    A thread takes every frame off the driver, for a frame left in a buffer is an old frame later; only frames that
    are asked for are decoded to pictures.
    """

    def __init__(self, address: str) -> None:
        self._address = shown(address)
        _hush()
        number = DEVICE.fullmatch(address)
        if number:
            capture = cv2.VideoCapture(int(number[1]), cv2.CAP_V4L2)
        else:
            waits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, OPEN_TIMEOUT_MS]
            capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, waits)
        self._video = opened(capture, self._address, "a camera that is plugged in, switched on and free")
        self._asked, self._delivered = threading.Event(), threading.Condition()
        self._frame: Frame | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._take, name="camera", daemon=True)
        self._thread.start()

    def capture(self, timeout_s: float = 5.0) -> Frame | None:
        with self._delivered:
            self._frame = None
            self._asked.set()
            if not self._delivered.wait_for(lambda: self._frame is not None or self._ended, timeout_s):
                raise CameraError(f"camera {self._address}: delivered no frame for {timeout_s:g} s")
            if self._frame is None:
                raise CameraError(f"camera {self._address}: stopped delivering frames")
            return self._frame

    def frames(self) -> Iterator[Frame]:
        while (frame := self.capture()) is not None:
            yield frame

    def close(self) -> None:
        self._ended = True
        self._thread.join(2.0)
        if not self._thread.is_alive():  # a driver that hangs keeps its handle until the process ends
            self._video.release()

    def _take(self) -> None:
        while not self._ended and self._video.grab():
            exposed_at = time.monotonic()
            if self._asked.is_set():
                ok, image = self._video.retrieve()
                if ok:
                    with self._delivered:
                        self._asked.clear()
                        self._frame = Frame(image, exposed_at)
                        self._delivered.notify_all()
        with self._delivered:
            self._ended = True
            self._delivered.notify_all()


def opened(video: cv2.VideoCapture, name: str, expected: str) -> cv2.VideoCapture:
    """The capture, or CameraError naming the camera and what was expected of it."""
    if not video.isOpened():
        video.release()
        raise CameraError(f"camera {name}: does not open; expected {expected}")
    return video


def _hush() -> None:
    """Keeps OpenCV and FFmpeg from writing about a camera to stderr, past our log, addresses and all."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
