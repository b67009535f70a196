"""Writes frames as JPEG into the spool folder, named by their own SHA-256.

A driver waits for what vision says, so a picture costs that way as little as can be: its JPEG is made on a thread while
the next frame is being read, and it is made to survive a power cut only afterwards, see `settle`. Until then its file
is whole for whoever looks, and a power cut may leave it empty or missing, which its reader finds out by its name.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path

import cv2
import numpy as np

QUALITY = 85
LIVE = "live.jpg"
SETTLE_S = 0.5  # the grant that a picture goes with has the disk to itself for so long


class Spool:
    """One folder. `keep`, `show` and `settle` raise OSError when a file can't be written.

    clock  monotonic seconds
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._clock = folder, clock
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._developed: tuple[np.ndarray, Future[tuple[bytes, str]]] | None = None
        self._unsettled: list[tuple[float, BufferedWriter]] = []

    def develop(self, frame: np.ndarray) -> None:
        """This frame (uint8 BGR) may be the next to be kept: makes its JPEG meanwhile. Returns at once."""
        self._developed = frame, self._beside.submit(_jpeg, frame)

    def keep(self, frame: np.ndarray) -> str:
        """Writes the frame (uint8 BGR) as SHA256.jpg and returns that SHA-256. It lasts once it was settled."""
        developed, self._developed = self._developed, None
        jpeg, sha256 = developed[1].result() if developed and developed[0] is frame else _jpeg(frame)
        self._unsettled.append((self._clock(), self._write(f"{sha256}.jpg", jpeg)))
        return sha256

    def settle(self, all_of_them: bool = False) -> None:
        """What was kept a moment ago survives a power cut from now on. May wait for the disk."""
        due = [one for one in self._unsettled if all_of_them or self._clock() - one[0] >= SETTLE_S]
        for one in due:
            self._unsettled.remove(one)
            with one[1] as file:
                os.fsync(file.fileno())

    def show(self, frame: np.ndarray) -> tuple[str, Path]:
        """Writes the frame over the last live picture; returns its SHA-256 and path."""
        jpeg, sha256 = _jpeg(frame)
        self._write(LIVE, jpeg).close()  # to sync one every second would only wear the card out
        return sha256, self._folder / LIVE

    def _write(self, name: str, content: bytes) -> BufferedWriter:
        """A file of that content, seen whole or not at all; still open."""
        unfinished = self._folder / f".{name}.part"
        file = unfinished.open("wb")
        try:
            file.write(content)
            file.flush()
            unfinished.replace(self._folder / name)
        except BaseException:
            with suppress(OSError):  # a full disk refuses what is left to be written once more
                file.close()
            unfinished.unlink(missing_ok=True)  # each picture has a name of its own: nothing would write over it
            raise
        return file


def _jpeg(frame: np.ndarray) -> tuple[bytes, str]:
    ok, encoded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not ok:
        raise OSError("OpenCV could not encode the frame as JPEG")
    content = encoded.tobytes()
    return content, hashlib.sha256(content).hexdigest()
