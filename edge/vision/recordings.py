"""Cameras that play what was recorded: a folder of photos, a video file."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.vision.errors import BadPhoto, CameraError
from edge.vision.frame import Frame
from edge.vision.photo import SUFFIXES, load_photo
from edge.vision.streams import opened

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".mjpeg", ".mjpg"})

log = logging.getLogger("parkmeter.vision")


class FolderCamera:
    """The photos of a folder in order of name, one per visit, over and over; `frames` gives each once.

    A photo that can't be read is passed over with a line in the log.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise CameraError(f"camera folder:{folder}: there is no such folder")
        self._name = f"camera folder:{folder}"
        self._photos = photos_in(folder)
        if not self._photos:
            raise CameraError(f"{self._name}: holds no photo ({', '.join(sorted(SUFFIXES))})")
        self._next = 0
        self._image: np.ndarray | None = None

    def next_visit(self) -> None:
        for _ in self._photos:
            photo = self._photos[self._next]
            self._next = (self._next + 1) % len(self._photos)
            try:
                self._image = load_photo(photo)
            except BadPhoto as bad:
                log.warning("%s", bad)
            else:
                return
        raise CameraError(f"{self._name}: none of its {len(self._photos)} photos can be read")

    def rest(self) -> None:
        return

    def capture(self, timeout_s: float = 5.0) -> Frame | None:
        if self._image is None:
            self._image = np.zeros((480, 640, 3), np.uint8)  # nobody has driven up yet
        return Frame(self._image.copy(), time.monotonic())

    def frames(self) -> Iterator[Frame]:
        for _ in self._photos:
            self.next_visit()
            assert self._image is not None
            yield Frame(self._image, time.monotonic())

    def close(self) -> None:
        return


class VideoFile:
    """A video file.

    live  True plays it at its own pace while a visit is watched, over and over; False gives every frame once
    """

    def __init__(self, path: Path, live: bool) -> None:
        if not path.is_file():
            raise CameraError(f"camera video:{path}: there is no such file")
        self._name, self._live = f"video:{path}", live
        self._video = opened(cv2.VideoCapture(str(path)), self._name, "a video that OpenCV can read")
        rate = self._video.get(cv2.CAP_PROP_FPS)
        self._period_s = 1 / rate if 1 <= rate <= 240 else 1 / 25
        self._count = 0  # frames taken since the start of the file
        self._began_at: float | None = None  # when its first frame would have been shown; None: standing still
        self._image: np.ndarray | None = None

    def next_visit(self) -> None:
        self._began_at = time.monotonic() - self._count * self._period_s

    def rest(self) -> None:
        self._began_at = None

    def capture(self, timeout_s: float = 5.0) -> Frame | None:
        if self._live:
            return self._now()
        image = self._read()
        return None if image is None else Frame(image, (self._count - 1) * self._period_s)

    def frames(self) -> Iterator[Frame]:
        while (frame := self.capture()) is not None:
            yield frame

    def close(self) -> None:
        self._video.release()

    def _now(self) -> Frame:
        """The frame that is due now; standing still, the last one again."""
        now = time.monotonic()
        if self._image is None or self._began_at is not None:
            due = 0 if self._began_at is None else int((now - self._began_at) / self._period_s)
            while self._count < due and self._video.grab():
                self._count += 1
            image = self._read()
            if image is None:
                self._video.set(cv2.CAP_PROP_POS_FRAMES, 0)
                self._count, self._began_at = 0, now
                image = self._read()
            if image is None:
                raise CameraError(f"camera {self._name}: can't be played from its start again")
            self._image = image
        return Frame(self._image, now)

    def _read(self) -> np.ndarray | None:
        ok, image = self._video.read()
        if ok:
            self._count += 1
            return image
        if self._count == 0:
            raise CameraError(f"camera {self._name}: holds no frame that can be read")
        return None


def photos_in(folder: Path) -> list[Path]:
    """The photos of a folder, in order of name."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
