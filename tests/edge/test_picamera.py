"""The Pi's own camera, on a picamera2 in miniature that is held against the real one's signatures."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from edge.settings.picamera import PicameraSettings, picamera_settings
from edge.vision.camera import open_camera
from edge.vision.errors import CameraError
from edge.vision.messages import Fault, Ready
from edge.vision.picamera import BUFFERS, CameraHung, PicameraCamera
from edge.vision.supervisor import VisionSupervisor, worker_command
from tests.edge import fake_picamera2, picamera2_signatures
from tests.edge.fake_picamera2 import CompletedRequest, Picamera2
from tests.waiting import wait_for

SMALL = PicameraSettings(width=640, height=360)
RECORDED = json.loads(Path(__file__).with_name("picamera2_signatures.json").read_text())
RED, BLUE = (200, 10, 20), (10, 20, 200)


@pytest.fixture(autouse=True)
def pi(monkeypatch):
    """A Pi with one camera that shows a red half and a blue one."""
    monkeypatch.setitem(sys.modules, "picamera2", fake_picamera2)
    monkeypatch.setattr(Picamera2, "opened", [])
    scene = np.empty((2, 2, 3), np.uint8)
    scene[:, 0], scene[:, 1] = RED, BLUE
    monkeypatch.setattr(Picamera2, "scene", scene)
    yield Picamera2
    for camera in Picamera2.opened:
        camera.plug_in()


@pytest.fixture
def camera():
    camera = PicameraCamera(SMALL)
    yield camera
    camera.close()


def only(pi) -> Picamera2:
    [camera] = pi.opened
    return camera


def test_a_picture_is_blue_green_red_as_opencv_wants_it(camera):
    image = camera.capture().image
    assert image.shape == (360, 640, 3) and image.dtype == np.uint8 and image.flags.c_contiguous
    assert tuple(image[180, 10]) == RED[::-1] and tuple(image[180, 630]) == BLUE[::-1]


def test_the_small_plane_is_brightness_alone_without_the_padding_of_its_rows(pi):
    camera = PicameraCamera(PicameraSettings(width=400, height=300))
    plane = camera.plane()
    assert plane.shape == (240, 320)
    camera.close()
    camera = PicameraCamera(PicameraSettings(width=200, height=150))
    plane = camera.plane()
    assert plane.shape == (150, 200)  # rows of 256 bytes in the buffer
    assert abs(int(plane[75, 5]) - 67) <= 1 and abs(int(plane[75, 195]) - 37) <= 1
    camera.close()


def test_every_buffer_goes_back_so_that_the_camera_never_runs_out(pi, camera):
    for _ in range(5 * BUFFERS):
        camera.capture()
        camera.plane()
    assert only(pi).held == 0 and only(pi).frames == 10 * BUFFERS


def test_a_buffer_goes_back_also_where_its_picture_could_not_be_made(pi, camera, monkeypatch):
    def broken(self, name):
        raise RuntimeError("failed to find buffer")

    monkeypatch.setattr(CompletedRequest, "make_array", broken)
    with pytest.raises(CameraError, match="picamera2:0: failed to find buffer"):
        camera.capture()
    assert only(pi).held == 0


def test_a_frame_says_when_it_was_exposed(camera):
    before = time.monotonic()
    assert before <= camera.capture().exposed_at <= time.monotonic()


def test_a_time_of_another_clock_is_not_believed(camera, monkeypatch):
    monkeypatch.setattr(CompletedRequest, "get_metadata", lambda self: {"SensorTimestamp": 12})
    before = time.monotonic()
    assert before <= camera.capture().exposed_at <= time.monotonic()


def test_a_cable_that_slips_ends_the_waiting_at_its_deadline_and_closing_waits_for_nothing(pi, camera):
    camera.capture()
    only(pi).plugged = False
    began = time.monotonic()
    with pytest.raises(CameraHung, match=r"camera picamera2:0: delivered no frame for 0\.2 s"):
        camera.capture(0.2)
    camera.close()
    assert time.monotonic() - began < 10.0
    with pytest.raises(CameraError, match="is closed"):
        camera.capture()


def test_buffers_that_somebody_else_holds_are_the_same_as_a_hang(pi, camera):
    for _ in range(BUFFERS):
        only(pi).capture_request()
    with pytest.raises(CameraHung):
        camera.capture(0.2)


def test_a_camera_that_does_not_open_in_time_is_given_up(pi, monkeypatch):
    monkeypatch.setattr(pi, "opens", False)
    with pytest.raises(CameraHung, match=r"did not open within 0\.2 s"):
        PicameraCamera(SMALL, open_s=0.2)


def test_a_hung_camera_is_no_camera_error_for_trying_again_in_this_process_is_useless():
    assert not issubclass(CameraHung, CameraError)


def test_a_camera_can_be_opened_again_after_it_was_closed(pi):
    for _ in range(3):
        camera = PicameraCamera(SMALL)
        camera.capture()
        camera.close()
        camera.close()
    assert not any(camera.is_open for camera in pi.opened)


def test_a_camera_in_use_or_not_there_is_a_camera_error(camera):
    with pytest.raises(CameraError, match="sequence did not complete"):
        PicameraCamera(SMALL)
    with pytest.raises(CameraError, match="picamera2:3: No camera number 3"):
        PicameraCamera(PicameraSettings(number=3))


def test_a_missing_package_names_the_install_step(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="sudo apt install python3-picamera2"):
        open_camera("picamera2")


def test_what_the_settings_say_reaches_the_camera(pi):
    open_camera("picamera2:0?width=640&height=480&exposure_us=2000&gain=4&ir=on&rate=20").close()
    camera = only(pi)
    assert camera.controls == {
        "FrameDurationLimits": (50_000, 50_000),
        "ExposureTime": 2000,
        "AnalogueGain": 4.0,
        "AwbEnable": False,
        "ColourGains": (1.0, 1.0),
        "Saturation": 0.0,
    }
    assert camera.camera_config["main"] == {"size": (640, 480), "format": "RGB888"}
    assert camera.camera_config["lores"] == {"size": (320, 240), "format": "YUV420"}
    assert camera.camera_config["queue"] is False and camera.camera_config["buffer_count"] == BUFFERS


def test_a_setting_this_camera_lacks_is_named_and_the_camera_is_free_again(pi):
    with pytest.raises(CameraError, match="this camera has no AfMode, LensPosition"):
        open_camera("picamera2:0?focus_m=4")
    assert not only(pi).is_open


def test_a_camera_that_hangs_upside_down_is_turned(pi):
    camera = PicameraCamera(PicameraSettings(width=640, height=360, turned=True))
    assert tuple(camera.capture().image[180, 10]) == BLUE[::-1]
    camera.close()


@pytest.mark.parametrize(
    "source, sentence",
    [
        ("picamera2:x", "is not understood; expected picamera2"),
        ("picamera2:0?shutter=2", "unknown option 'shutter'; expected one of width"),
        ("picamera2:0?exposure_us=fast", "exposure_us is 'fast'; expected a number, 50 to 1000000"),
        ("picamera2?gain=0", "gain is '0'; expected a number, 1.0 to 64.0"),
        ("picamera2?width=641", "width is '641'; expected an even number"),
        ("picamera2?ir=yes", "ir is 'yes'; expected one of on, off"),
        ("picamera2?awb=neon", "awb is 'neon'; expected one of auto"),
        ("picamera2?gain=nan", "gain is 'nan'"),
        ("picamera2?gain=2&gain=3", "gain is given twice"),
        ("picamera2?exposure_us=100000&rate=15", "longer than a frame at 15 a second; expected at most 66667"),
    ],
)
def test_a_source_that_is_wrong_says_what_and_what_is_expected(source, sentence):
    with pytest.raises(CameraError) as failed:
        open_camera(source)
    assert sentence in str(failed.value) and "\n" not in str(failed.value)


def test_the_plainest_source_leaves_exposure_to_the_camera():
    assert picamera_settings("picamera2") == PicameraSettings()
    assert PicameraSettings().controls() == {"FrameDurationLimits": (66_667, 66_667), "AwbMode": 0}


def test_the_miniature_takes_what_the_real_one_takes():
    mine = picamera2_signatures.of_classes(Picamera2=Picamera2, CompletedRequest=CompletedRequest)
    assert mine == RECORDED["signatures"]


if (package := importlib.util.find_spec("picamera2")) is not None:  # it comes with Raspberry Pi OS alone

    def test_an_installed_picamera2_still_takes_it():
        assert picamera2_signatures.from_source(Path(package.submodule_search_locations[0])) == RECORDED["signatures"]


@pytest.mark.slow
def test_a_vision_child_whose_camera_hangs_ends_and_comes_back(tmp_path, monkeypatch):
    (tmp_path / "picamera2.py").write_text("from tests.edge.fake_picamera2 import *\n")
    root = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), str(tmp_path)]))
    monkeypatch.setenv(fake_picamera2.HANG_AFTER, "1")
    heard: list = []
    vision = VisionSupervisor(
        worker_command("rapidocr", ["in"], tmp_path / "spool"), heard.append, first_wait_s=0.05, source="picamera2:0"
    )
    vision.start()
    try:
        wait_for(lambda: any(isinstance(event, Ready) for event in heard))
        first = vision.pid
        vision.snapshot()
        vision.snapshot()  # the second frame never comes
        wait_for(lambda: any(isinstance(event, Fault) for event in heard))
        wait_for(lambda: sum(isinstance(event, Ready) for event in heard) >= 2)
        assert vision.pid not in (None, first)
    finally:
        vision.close()
