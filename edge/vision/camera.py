"""Cameras behind one port, chosen by a configuration string.

folder:PATH          photos of a folder, in order of name; each visit sees the next one
video:PATH           a video file, at its own pace; each visit goes on where the last one ended
picamera2:0          the Pi's own camera; picamera2:0?exposure_us=2000&gain=4 sets it (edge.settings.picamera)
/dev/video0          a V4L2 camera; camera:0 is the same
rtsp://, rtsps://    a network camera; http:// and https:// (MJPEG) too
scene:SOCKET         the simulated lane
"""

from __future__ import annotations

from pathlib import Path

from edge.vision.address import is_address, shown
from edge.vision.errors import CameraError
from edge.vision.frame import Camera

SOURCES = "folder:PATH, video:PATH, picamera2:N, /dev/videoN, camera:N, rtsp://ADDRESS or scene:SOCKET"


def open_camera(source: str, live: bool = True) -> Camera:
    """The camera of a configuration string. CameraError when it doesn't open or the string isn't understood.

    live  False reads a video file frame by frame as fast as one asks, and ends with it.
    """
    kind, _, rest = source.partition(":")
    if kind in ("folder", "video") and rest:
        from edge.vision.recordings import FolderCamera, VideoFile

        return FolderCamera(Path(rest)) if kind == "folder" else VideoFile(Path(rest), live)
    if kind == "scene" and rest:
        from edge.simulation.scene.camera import SceneCamera

        return SceneCamera(rest)
    if kind.partition("?")[0] == "picamera2":
        from edge.settings.picamera import BadSource, picamera_settings
        from edge.vision.picamera import PicameraCamera

        try:
            return PicameraCamera(picamera_settings(source))
        except BadSource as bad:
            raise CameraError(str(bad)) from bad
    if is_address(source):
        from edge.vision.streams import StreamCamera

        return StreamCamera(source)
    raise CameraError(f"camera {shown(source)!r} is not understood; expected {SOURCES}")
