"""Writes frames as JPEG into the spool folder, named by their own SHA-256, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import cv2
import numpy as np

QUALITY = 85
LIVE = "live.jpg"


class Spool:
    """One folder. Every method raises OSError when the file can't be written."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def keep(self, frame: np.ndarray) -> str:
        """Writes the frame (uint8 BGR) as SHA256.jpg and returns that SHA-256."""
        jpeg, sha256 = _jpeg(frame)
        self._write(f"{sha256}.jpg", jpeg, lasting=True)
        return sha256

    def show(self, frame: np.ndarray) -> tuple[str, Path]:
        """Writes the frame over the last live picture; returns its SHA-256 and path."""
        jpeg, sha256 = _jpeg(frame)
        return sha256, self._write(LIVE, jpeg, lasting=False)

    def _write(self, name: str, content: bytes, lasting: bool) -> Path:
        """A lasting file survives a power cut; to sync a live picture every second would only wear the card out."""
        path, unfinished = self._folder / name, self._folder / f".{name}.part"
        with unfinished.open("wb") as file:
            file.write(content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(path)
        return path


def _jpeg(frame: np.ndarray) -> tuple[bytes, str]:
    ok, encoded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not ok:
        raise OSError("OpenCV could not encode the frame as JPEG")
    content = encoded.tobytes()
    return content, hashlib.sha256(content).hexdigest()
