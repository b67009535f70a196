"""Cameras behind one port, chosen by a configuration string.

folder:PATH          photos of a folder, in order of name; each visit sees the next one
video:PATH           a video file, at its own pace; each visit goes on where the last one ended
/dev/video0          a V4L2 camera; camera:0 is the same
rtsp://, rtsps://    a network camera; http:// and https:// (MJPEG) too
scene:SOCKET         the simulated lane
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from edge.vision.errors import CameraError

SOURCES = "folder:PATH, video:PATH, /dev/videoN, camera:N, rtsp://ADDRESS or scene:SOCKET"
STREAM = re.compile(r"(rtsp|rtsps|http|https)://", re.IGNORECASE)
DEVICE = re.compile(r"(?:/dev/video|camera:)(\d+)")


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture.

    image       uint8 BGR, H x W x 3
    exposed_at  when it was exposed, monotonic seconds; of a recording that isn't live, seconds since its start
    """

    image: np.ndarray
    exposed_at: float


class Camera(Protocol):
    def capture(self, timeout_s: float = 5.0) -> Frame | None:
        """The newest frame; None when a recording has ended. CameraError when nothing comes in time."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Frame after frame until a recording ends."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Recording(Protocol):
    """A camera that isn't live: it moves only while a visit is watched, so that none of it goes by unseen."""

    def next_visit(self) -> None:
        """A vehicle has arrived: turn to what comes next."""
        ...

    def rest(self) -> None:
        """The visit is over: stand still."""
        ...


def open_camera(source: str, live: bool = True) -> Camera:
    """The camera of a configuration string. CameraError when it doesn't open or the string isn't understood.

    live  False reads a video file frame by frame as fast as one asks, and ends with it.
    """
    kind, _, rest = source.partition(":")
    if kind in ("folder", "video") and rest:
        from edge.vision.recordings import FolderCamera, VideoFile

        return FolderCamera(Path(rest)) if kind == "folder" else VideoFile(Path(rest), live)
    if kind == "scene" and rest:
        from edge.simulation.scene import SceneCamera

        return SceneCamera(rest)
    if is_address(source):
        from edge.vision.streams import StreamCamera

        return StreamCamera(source)
    raise CameraError(f"camera {shown(source)!r} is not understood; expected {SOURCES}")


def is_address(text: str) -> bool:
    """Whether `text` names a live camera rather than a file."""
    return bool(STREAM.match(text) or DEVICE.fullmatch(text))


def shown(address: str) -> str:
    """The address without a password that may stand in it."""
    return re.sub(r"//[^/@]*@", "//", address)
