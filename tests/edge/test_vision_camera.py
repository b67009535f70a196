"""Cameras of every kind that needs no hardware, behind one port."""

from __future__ import annotations

import pytest

from edge.vision.address import is_address, shown
from edge.vision.camera import open_camera
from edge.vision.errors import CameraError
from edge.vision.frame import Recording
from tests.edge.vision_pictures import empty_picture, plate_picture, save, video_of

TEXTS = ("MH12AB1234", "KA05HS4495", "DL3CAY2231")


@pytest.fixture
def folder(tmp_path):
    for number, text in enumerate(TEXTS):
        save(plate_picture(text), tmp_path / f"{number}.png")
    return tmp_path


def test_a_folder_shows_the_next_photo_at_each_visit_and_starts_over(folder):
    camera = open_camera(f"folder:{folder}")
    assert isinstance(camera, Recording)
    for text in (*TEXTS, TEXTS[0]):
        camera.next_visit()
        for _ in range(2):
            assert (camera.capture().image == plate_picture(text)).all()
        camera.rest()


def test_a_folder_shows_an_empty_lane_before_anybody_has_come(folder):
    assert not open_camera(f"folder:{folder}").capture().image.any()


def test_a_folder_gives_each_photo_once(folder):
    assert len(list(open_camera(f"folder:{folder}").frames())) == 3


def test_a_photo_that_cannot_be_read_is_passed_over(folder):
    (folder / "0.png").write_bytes(b"damaged")
    camera = open_camera(f"folder:{folder}")
    camera.next_visit()
    assert (camera.capture().image == plate_picture(TEXTS[1])).all()


def test_a_folder_of_damaged_photos_is_a_camera_error(tmp_path):
    (tmp_path / "0.png").write_bytes(b"damaged")
    with pytest.raises(CameraError, match="none of its 1 photos can be read"):
        open_camera(f"folder:{tmp_path}").next_visit()


def test_a_video_read_frame_by_frame_ends_with_its_last_frame(tmp_path):
    film = video_of(tmp_path / "lane.avi", [empty_picture()] * 7, rate=10.0)
    camera = open_camera(f"video:{film}", live=False)
    assert [round(frame.exposed_at, 3) for frame in camera.frames()] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    camera.close()


def test_a_video_on_a_gate_stands_still_between_visits_and_never_ends(tmp_path):
    shades = [empty_picture() + 20 * number for number in range(5)]
    camera = open_camera(f"video:{video_of(tmp_path / 'lane.avi', shades, rate=200.0)}")
    at_rest = [camera.capture().image.mean() for _ in range(3)]
    assert at_rest[0] == at_rest[1] == at_rest[2]
    camera.next_visit()
    seen = {round(camera.capture().image.mean() / 10) for _ in range(40)}
    assert len(seen) > 1
    camera.rest()
    assert camera.capture().image.mean() == camera.capture().image.mean()
    camera.close()


@pytest.mark.parametrize(
    "source, sentence",
    [
        ("folder:/nowhere", "there is no such folder"),
        ("video:/nowhere.mp4", "there is no such file"),
        ("camera:97", "does not open"),
        ("rtsp://127.0.0.1:9/lane", "does not open"),
        ("scene:/nowhere/socket", "scene:/nowhere/socket"),
        ("webcam", "expected folder:PATH, video:PATH"),
        ("folder:", "is not understood"),
        ("", "is not understood"),
    ],
)
def test_a_camera_that_does_not_open_says_why(source, sentence):
    with pytest.raises(CameraError) as failed:
        open_camera(source)
    assert sentence in str(failed.value) and "\n" not in str(failed.value)


def test_a_folder_without_photos_is_a_camera_error(tmp_path):
    with pytest.raises(CameraError, match="holds no photo"):
        open_camera(f"folder:{tmp_path}")


def test_addresses_are_told_from_files():
    assert all(map(is_address, ["rtsp://host/x", "RTSP://host", "/dev/video0", "camera:1", "http://host/mjpeg"]))
    assert not any(map(is_address, ["photo.jpg", "/dev/null", "camera.jpg", "video:x", "folder:/x"]))


def test_a_password_is_never_shown():
    assert shown("rtsp://admin:secret@10.0.0.5/stream") == "rtsp://10.0.0.5/stream"
