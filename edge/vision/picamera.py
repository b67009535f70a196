"""The Pi's own camera through picamera2: a large picture to read, a small plane to see motion in.

Everything picamera2 is asked happens in one thread, for it may never answer: a cable that slips, or buffers that run
out, leave `capture_request()` waiting for ever. Whoever asks waits until a deadline; then the camera is given up, and
so must be its process, because libcamera lets nobody else open it there.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Iterator

import numpy as np

from edge.settings.picamera import PicameraSettings
from edge.vision.errors import CameraError, CameraHung
from edge.vision.frame import Frame

log = logging.getLogger("parkmeter.vision")

OPEN_S = 15.0
BUFFERS = 4  # one being exposed, one in the ISP, one being copied, one spare
LONGEST_AGO_S = 5.0


class PicameraCamera:
    """One camera of this Pi."""

    def __init__(self, settings: PicameraSettings, open_s: float = OPEN_S) -> None:
        self._settings, self._name = settings, f"picamera2:{settings.number}"
        self._changed = threading.Condition()
        self._asked: str | None = None
        self._taken: tuple[np.ndarray, float] | None = None
        self._failed: Exception | None = None
        self._is_open = self._ended = self._hangs = False
        self._camera = None
        self._thread = threading.Thread(target=self._live, name="picamera2", daemon=True)
        self._thread.start()
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_open or self._failed is not None, open_s):
                self._give_up()
                raise CameraHung(f"camera {self._name}: did not open within {open_s:g} s")
            self._check()

    def capture(self, timeout_s: float = 5.0) -> Frame:
        """The next frame. CameraHung when none comes in time, CameraError when the camera says it failed."""
        return Frame(*self._take("main", timeout_s))

    def plane(self, timeout_s: float = 5.0) -> np.ndarray:
        """The next frame's brightness, small: uint8, H x W, for `edge.vision.motion`. Raises as `capture`."""
        return self._take("lores", timeout_s)[0]

    def frames(self) -> Iterator[Frame]:
        while True:
            yield self.capture()

    def close(self) -> None:
        """Stops the camera; one that hangs is left behind. Safe to call twice."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join(0.0 if self._hangs else 2.0)
        if self._thread.is_alive():
            self._give_up()

    def _take(self, stream: str, timeout_s: float) -> tuple[np.ndarray, float]:
        with self._changed:
            self._check()
            self._taken, self._asked = None, stream
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._taken is not None or self._failed is not None, timeout_s):
                self._give_up()
                raise CameraHung(f"camera {self._name}: delivered no frame for {timeout_s:g} s")
            self._check()
            return self._taken

    def _check(self) -> None:
        if self._failed is not None:
            raise CameraError(f"camera {self._name}: {self._failed}") from self._failed
        if self._ended:
            raise CameraError(f"camera {self._name}: is closed; expected it open")

    def _give_up(self) -> None:
        """Its own closing at the end of the process would wait for ever, too."""
        self._ended = self._hangs = True
        if self._camera is not None:
            atexit.unregister(self._camera.close)

    # -- the camera's thread

    def _live(self) -> None:
        try:
            self._camera = camera = self._opened()
            with self._changed:
                self._is_open = True
                self._changed.notify_all()
            while (stream := self._wait_to_be_asked()) is not None:
                self._deliver(*self._captured(camera, stream))
        except Exception as error:  # RuntimeError, libcamera's own, and whatever a driver makes of it
            log.warning("camera %s failed", self._name, exc_info=True)
            with self._changed:
                self._failed = error
                self._changed.notify_all()
        finally:
            if self._camera is not None:
                self._camera.close()  # stops it, too

    def _opened(self):
        try:
            from picamera2 import Picamera2
        except ImportError as error:
            raise CameraError(
                f"picamera2 can't be loaded ({error}): on the Pi run `sudo apt install python3-picamera2`, "
                "in an environment that sees the system's packages"
            ) from error
        camera = Picamera2(self._settings.number)
        try:
            controls = self._settings.controls()
            unknown = [name for name in controls if name not in camera.camera_controls]
            if unknown:
                raise CameraError(f"this camera has no {', '.join(unknown)}; expected settings that it can follow")
            configuration = camera.create_video_configuration(
                # "RGB888" lies in memory as blue, green, red (Picamera2 manual, appendix A): as OpenCV wants it
                main={"size": (self._settings.width, self._settings.height), "format": "RGB888"},
                lores={"size": self._settings.lores, "format": "YUV420"},
                controls=controls,
                buffer_count=BUFFERS,
                queue=False,  # a frame that waited in a queue is an old one
            )
            camera.configure(configuration)
            camera.start()
        except Exception:
            camera.close()
            raise
        return camera

    def _wait_to_be_asked(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._asked is not None or self._ended)
            stream, self._asked = self._asked, None
            return None if self._ended else stream

    def _captured(self, camera, stream: str) -> tuple[np.ndarray, float]:
        request = camera.capture_request()
        try:
            array = request.make_array(stream)  # a copy: the buffer goes back
            exposed_at = _exposed_at(request.get_metadata())
        finally:
            request.release()
        if stream == "lores":
            width, height = camera.camera_configuration()["lores"]["size"]  # as libcamera granted it
            array = array[:height, :width]  # Y only, without the padding of its rows
        elif self._settings.turned:
            array = np.ascontiguousarray(array[::-1, ::-1])
        return array, exposed_at

    def _deliver(self, array: np.ndarray, exposed_at: float) -> None:
        with self._changed:
            self._taken = (array, exposed_at)
            self._changed.notify_all()


def _exposed_at(metadata: dict) -> float:
    """When the frame was exposed. SensorTimestamp counts nanoseconds on the monotonic clock, as picamera2's own
    `wait_for_timestamp_` takes it; a driver that counts otherwise is not believed."""
    now = time.monotonic()
    stamp = metadata.get("SensorTimestamp", 0) / 1e9
    return stamp if now - LONGEST_AGO_S <= stamp <= now else now
