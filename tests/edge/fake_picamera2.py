"""picamera2 in miniature: a sensor, a few buffers, and what happens when those run out or the cable slips.

Like the real one it fills a buffer for each frame and waits, for ever if need be, until somebody releases one.
"""

from __future__ import annotations

import os
import threading
import time
from typing import ClassVar

import numpy as np

ROW_ALIGN = 64  # of the rows of a YUV420 buffer, bytes
CONTROLS = ("ExposureTime", "AnalogueGain", "AwbEnable", "AwbMode", "ColourGains", "Saturation", "FrameDurationLimits")
HANG_AFTER = "FAKE_PICAMERA2_HANG_AFTER"  # in the environment: the cable slips after so many frames


class Transform:
    """libcamera's, standing for no change."""


class Picamera2:
    """One camera. `scene` is what it looks at: uint8 RGB, H x W x 3; None is a grey wall.

    plugged   False: the cable has slipped, no frame comes any more
    held      buffers that are out with applications
    """

    attached: ClassVar[int] = 1
    scene: ClassVar[np.ndarray | None] = None
    opened: ClassVar[list[Picamera2]] = []
    opens: ClassVar[bool] = True  # False: opening never ends
    controls_it_has: ClassVar[tuple[str, ...]] = CONTROLS
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, camera_num=0, verbose_console=None, tuning=None, allocator=None):
        if not Picamera2.opens:
            threading.Event().wait()
        if camera_num >= Picamera2.attached:
            raise RuntimeError(f"No camera number {camera_num} found")
        with Picamera2._lock:
            if any(camera.is_open and camera.number == camera_num for camera in Picamera2.opened):
                raise RuntimeError("Camera __init__ sequence did not complete.")  # libcamera: device or resource busy
            Picamera2.opened.append(self)
        self.number, self.is_open, self.started = camera_num, True, False
        self.camera_config: dict = {}
        self.controls: dict = {}
        self.held = self.frames = 0
        self.plugged = True
        self._changed = threading.Condition()

    @property
    def camera_controls(self) -> dict:
        return dict.fromkeys(Picamera2.controls_it_has, (0, 1, 0))

    def create_video_configuration(
        self, main={}, lores=None, raw={}, transform=Transform(), colour_space=None, buffer_count=6, controls={},  # noqa: B006,B008
        display="main", encode="main", queue=True, sensor={}, use_case="video",  # noqa: B006
    ):  # fmt: skip
        main = {"format": "XBGR8888", "size": (1280, 720)} | main
        lores = None if lores is None else {"format": "YUV420", "size": main["size"]} | lores
        return {"main": main, "lores": lores, "buffer_count": buffer_count, "queue": queue, "controls": dict(controls)}

    def configure(self, camera_config=None):
        for name in ("main", "lores"):
            width, height = (camera_config[name] or {"size": (2, 2)})["size"]
            if width % 2 or height % 2:
                raise RuntimeError("width and height should be even")
        if camera_config["lores"] and camera_config["lores"]["size"] > camera_config["main"]["size"]:
            raise RuntimeError("lores stream dimensions may not exceed main stream")
        self.camera_config = camera_config
        self.set_controls(camera_config["controls"])

    def camera_configuration(self):
        return self.camera_config

    def start(self, config=None, show_preview=False):
        if not self.camera_config:
            raise RuntimeError("Camera has not been configured")
        self.started = True

    def stop(self):
        self.started = False

    def close(self):
        with self._changed:
            if not self.plugged or self.held >= self.camera_config.get("buffer_count", 1):
                self._changed.wait_for(lambda: self.plugged)  # stopping waits for the event loop, which hangs
        self.stop()
        self.is_open = False

    def set_controls(self, controls):
        for name, value in controls.items():
            if name not in Picamera2.controls_it_has:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
            self.controls[name] = value

    def capture_request(self, wait=None, signal_function=None, flush=None):
        if not self.started:
            threading.Event().wait()  # nobody ever completes a request
        limit = os.environ.get(HANG_AFTER)
        with self._changed:
            if limit is not None and self.frames >= int(limit):
                self.plugged = False
            free = lambda: self.plugged and self.held < self.camera_config["buffer_count"]  # noqa: E731
            if not self._changed.wait_for(free, None if wait in (None, True) else wait):
                raise TimeoutError
            self.held += 1
            self.frames += 1
        return CompletedRequest(None, self)

    def plug_in(self) -> None:
        with self._changed:
            self.plugged = True
            self._changed.notify_all()

    def take_back(self) -> None:
        with self._changed:
            self.held -= 1
            self._changed.notify_all()


class CompletedRequest:
    """One frame in one buffer."""

    def __init__(self, request, picam2):
        self.picam2, self.ref_count = picam2, 1
        self._at = time.monotonic_ns()

    def acquire(self):
        self.ref_count += 1

    def release(self):
        self.ref_count -= 1
        if self.ref_count < 0:
            raise RuntimeError("CompletedRequest: lock now has negative ref_count")
        if self.ref_count == 0:
            self.picam2.take_back()

    def get_metadata(self):
        return {"SensorTimestamp": self._at, "ExposureTime": self.picam2.controls.get("ExposureTime", 10_000)}

    def make_array(self, name):
        if self.ref_count == 0:
            raise RuntimeError("the buffer was given back")
        stream = self.picam2.camera_config[name]
        width, height = stream["size"]
        rgb = self._seen(width, height)
        if stream["format"] == "RGB888":
            return np.ascontiguousarray(rgb[:, :, ::-1])  # its name is the order in a word: bytes are B, G, R
        if stream["format"] == "BGR888":
            return rgb
        assert stream["format"] == "YUV420"
        stride = -(-width // ROW_ALIGN) * ROW_ALIGN
        whole = np.full((height * 3 // 2, stride), 128, np.uint8)
        whole[:height, :width] = (rgb @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
        return whole

    def _seen(self, width: int, height: int) -> np.ndarray:
        scene = Picamera2.scene if Picamera2.scene is not None else np.full((2, 2, 3), 90, np.uint8)
        rows = np.arange(height) * scene.shape[0] // height
        columns = np.arange(width) * scene.shape[1] // width
        return np.ascontiguousarray(scene[rows][:, columns])
