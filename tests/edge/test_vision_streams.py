"""A live network camera: MJPEG over HTTP, served on this machine and taken by OpenCV as an RTSP camera's would be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from edge.vision.camera import open_camera
from edge.vision.errors import CameraError

PACE_S = 0.03


class Mjpeg(BaseHTTPRequestHandler):
    """Sends pictures that grow brighter by one level each, until told to stop."""

    over: threading.Event

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        level = 0
        try:
            while not self.over.wait(PACE_S):
                level = min(250, level + 1)
                jpeg = cv2.imencode(".jpg", np.full((120, 160, 3), level, np.uint8))[1].tobytes()
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")
        except OSError:
            return

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def camera_server() -> Iterator[tuple[str, threading.Event]]:
    over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Camera", (Mjpeg,), {"over": over}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/live.mjpg", over
    over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_network_camera_gives_the_newest_frame_not_the_oldest_waiting(camera_server):
    address, _ = camera_server
    camera = open_camera(address)
    try:
        first = camera.capture(10.0)
        later = [camera.capture(10.0) for _ in range(5)][-1]
        assert first.image.shape == (120, 160, 3) and first.image.dtype == np.uint8
        assert later.exposed_at > first.exposed_at
        assert int(later.image.mean()) > int(first.image.mean())
    finally:
        camera.close()


def test_a_network_camera_that_stops_says_so(camera_server):
    address, over = camera_server
    camera = open_camera(address)
    try:
        assert camera.capture(10.0) is not None
        over.set()
        with pytest.raises(CameraError):
            for _ in range(200):
                camera.capture(2.0)
    finally:
        camera.close()
