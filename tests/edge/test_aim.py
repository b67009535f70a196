"""Aiming a camera: each trouble of a picture is told with what to change, on stills, cameras and in the live view."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.aim.command import main
from edge.rules.plate.plate import PlateRead
from edge.vision.aim.measure import Picture, Plate, measure
from edge.vision.aim.sweep import Trouble, picture
from edge.vision.aim.verdict import LIMITS, told, verdict
from tests.edge.vision_pictures import empty_picture, save

GOOD = Plate("MH12AB1234", True, 1, 200, 50, 1.0, 2.0, 130, 0.05, 1.0, 2.3)


def seen(plate: Plate | None, mean: float = 100.0) -> Picture:
    return Picture(640, 480, mean, 0.0, plate)


def known(frame: np.ndarray, left: float, top: float, right: float, bottom: float) -> Picture:
    box = ((left, top), (right, top), (right, bottom), (left, bottom))
    return measure(frame, PlateRead("MH12AB1234", (0.9,) * 10, box, 0.0), 66.0)


def test_a_well_aimed_camera_has_nothing_to_change():
    assert verdict(seen(GOOD)) == []


@pytest.mark.parametrize(
    "change, said",
    [
        ({"width_px": 74}, "plate 74 px wide: expected 100 to 400; come closer or zoom"),
        ({"width_px": 74, "lines": 2}, "plate 74 px wide: expected 80 to 400; come closer or zoom"),
        ({"width_px": 500}, "plate 500 px wide: expected 100 to 400; go back or zoom out"),
        ({"sharpness": 0.1}, "plate is soft, sharpness 0.10: expected 0.2 to 50; focus at the plate's place"),
        ({"smear": 0.2}, "it moves sideways in the exposure: shorter exposure"),
        ({"smear": 9.0}, "it moves up or down in the exposure: shorter exposure"),
        ({"mean": 20}, "longer exposure, gain or a lamp"),
        ({"mean": 240}, "shorter exposure or less gain"),
        ({"clipped": 0.6}, "burnt out or blocked up"),
        ({"angle_deg": -22}, "plate turned by -22 degrees: expected -15 to 15; turn the camera level"),
        ({"accepted": False}, "without being sure: expected an accepted read"),
    ],
)
def test_each_trouble_is_told_with_what_to_change(change, said):
    (line,) = verdict(seen(replace(GOOD, **change)))
    assert said in line


def test_several_troubles_are_all_told_and_no_plate_has_a_reason():
    assert len(verdict(seen(replace(GOOD, width_px=60, mean=20)))) == 2
    for mean, said in ((100.0, "come closer"), (5.0, "is dark"), (250.0, "is white")):
        (line,) = verdict(seen(None, mean))
        assert line.startswith("no plate found: expected one in the picture; ") and said in line


def test_every_limit_says_what_to_change_on_both_sides_it_can_leave():
    assert all(limit.high and (limit.low or limit.least == 0) for limit in LIMITS)


def test_the_figures_follow_what_was_done_to_the_picture():
    still = picture("MH12AB1234", 1, Trouble(width_px=200))
    box = (220, 217, 420, 265)
    plain = known(still, *box).plate
    assert known(cv2.GaussianBlur(still, (0, 0), 4), *box).plate.sharpness < plain.sharpness / 3
    assert known(cv2.blur(still, (12, 1)), *box).plate.smear < plain.smear / 2
    assert known(cv2.blur(still, (1, 12)), *box).plate.smear > 2 * plain.smear
    burnt = known(cv2.convertScaleAbs(still, alpha=3.0), *box).plate
    assert burnt.clipped > 0.3 > plain.clipped and burnt.mean > plain.mean
    assert (plain.width_px, plain.height_px, plain.angle_deg) == (200, 48, 0)


def test_distance_comes_from_the_width_and_twice_as_wide_is_half_as_far():
    frame = empty_picture()
    far, near = known(frame, 100, 100, 200, 124).plate, known(frame, 100, 100, 300, 148).plate
    assert far.distance_m == pytest.approx(2 * near.distance_m)
    assert far.distance_m == pytest.approx(0.5 * 320 / 0.6494 / 100, rel=0.01)


def test_a_flat_picture_is_measured_without_a_fault():
    plate = known(np.zeros((480, 640, 3), np.uint8), 0, 0, 4, 4).plate
    assert plate.sharpness == 0 and plate.clipped == 1 and "0.00" in told(seen(plate))


def test_a_good_still_and_a_small_one_give_their_verdict_and_status(tmp_path, capsys):
    good = save(picture("MH12AB1234", 1, Trouble(width_px=200)), tmp_path / "good.png")
    assert main(["--photo", str(good), "--json", "--draw", str(tmp_path / "drawn.png")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["good"] and said["verdict"] == ["well aimed"]
    assert said["picture"]["plate"]["text"] == "MH12AB1234"
    assert said["picture"]["plate"]["width_px"] == pytest.approx(200, rel=0.1)
    assert cv2.imread(str(tmp_path / "drawn.png")).shape[0] > 480
    small = save(picture("MH12AB1234", 1, Trouble(width_px=70)), tmp_path / "small.png")
    assert main(["--photo", str(small)]) == 1
    assert "px wide: expected 100 to 400; come closer or zoom" in capsys.readouterr().out


def test_a_camera_gives_one_look_and_an_empty_lane_says_so(tmp_path, capsys):
    save(empty_picture(), tmp_path / "lane.png")
    assert main(["--source", f"folder:{tmp_path}"]) == 1
    assert "no plate found" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, said",
    [
        (["--photo", "absent.jpg"], "there is no such file"),
        (["--source", "folder:absent"], "there is no such folder"),
        (["--source", "binoculars"], "is not understood; expected folder:PATH"),
    ],
)
def test_what_cannot_be_opened_is_one_line_and_status_two(words, said, capsys):
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("parkmeter aim: ") and said in line


@pytest.mark.parametrize(
    "wrong", [[], ["--photo", "a", "--source", "b"], ["--photo", "a", "--lens-deg", "nan"], ["--photo", "a", "--live"]]
)
def test_wrong_usage_is_status_two(wrong):
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2


def fetch(address: str, most: int = 100_000) -> tuple[int, bytes, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read1(most), answer.headers.get_content_type()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, b"", ""


def test_the_live_view_shows_the_picture_and_its_figures_to_who_knows_the_address_only(tmp_path, capsys):
    save(picture("MH12AB1234", 1, Trouble(width_px=200)), tmp_path / "lane.png")
    got: dict[str, tuple[int, bytes, str]] = {}

    def ready(address: str) -> bool:
        if not got:
            got["early"] = fetch(address + "live")
            return True
        got["page"], got["figures"], got["live"] = (fetch(address + part) for part in ("", "figures", "live"))
        root = "/".join(address.split("/")[:3])
        got["stranger"], got["bare"] = fetch(f"{root}/guess/live"), fetch(root + "/")
        return False

    got.clear()
    assert main(["--source", f"folder:{tmp_path}", "--live"], ready) == 0
    assert got["early"][0] == 404 and got["stranger"][0] == 404 and got["bare"][0] == 404
    assert got["page"][0] == 200 and b'src="live"' in got["page"][1]
    assert json.loads(got["figures"][1])["good"]
    assert got["live"][2] == "multipart/x-mixed-replace" and b"image/jpeg" in got["live"][1]
    assert "live view: http://127.0.0.1:" in capsys.readouterr().out


def test_a_port_that_is_taken_is_said(tmp_path, capsys):
    import socket

    save(empty_picture(), tmp_path / "lane.png")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["--source", f"folder:{tmp_path}", "--live", "--port", str(taken.getsockname()[1])]
        assert main(words) == 2
    assert "can't be used" in capsys.readouterr().err
