"""`parkmeter read`: photos, folders and videos, one line each, and bad ones never stop the others."""

from __future__ import annotations

import json

import cv2
import pytest

from edge.vision.read import main
from tests.edge.vision_pictures import empty_picture, plate_picture, save, video_of


@pytest.fixture
def photo(tmp_path):
    return save(plate_picture("MH12AB1234"), tmp_path / "photo.jpg")


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_photo_gives_one_line_with_its_best_plate_first(photo, capsys):
    assert main(["--json", "--region", "in", str(photo)]) == 0
    (line,) = lines(capsys)
    assert line["image"] == str(photo) and line["ms"] > 0
    plate = line["plates"][0]
    assert (plate["text"], plate["raw"], plate["format"], plate["accepted"]) == (
        "MH12AB1234",
        "MH12AB1234",
        "civil",
        True,
    )
    assert 0.9 < plate["confidence"] <= 1 and len(plate["per_char"]) == 10 and len(plate["box"]) == 4


def test_a_photo_without_a_plate_is_read_too(tmp_path, capsys):
    assert main(["--json", str(save(empty_picture(), tmp_path / "empty.png"))]) == 0
    assert lines(capsys)[0]["plates"] == []


def test_bad_photos_each_get_one_clear_line_and_the_others_are_still_read(tmp_path, photo, capsys):
    whole = photo.read_bytes()
    (tmp_path / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.jpg").write_text("no photo")
    save(plate_picture("A")[:1, :1], tmp_path / "dot.png")
    bad = [tmp_path / name for name in ("none.jpg", "half.jpg", "text.jpg", "dot.png")]
    assert main(["--json", *map(str, bad), str(photo)]) == 1
    out, err = capsys.readouterr()
    told = [json.loads(line) for line in out.splitlines()]
    assert [line["image"] for line in told] == [*map(str, bad), str(photo)]
    assert told[-1]["plates"][0]["text"] == "MH12AB1234"
    assert err.splitlines() == [f"parkmeter read: {line['error']}" for line in told[:-1]]


def test_without_json_a_person_can_read_it(tmp_path, photo, capsys):
    assert main([str(photo), str(tmp_path / "none.jpg")]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"{photo}: MH12AB1234 ") and out.count("\n") == 1
    assert err == f"parkmeter read: {tmp_path / 'none.jpg'}: there is no such file\n"


def test_a_folder_gives_a_line_for_each_of_its_photos(tmp_path, photo, capsys):
    save(plate_picture("KA05HS4495"), tmp_path / "later.png")
    (tmp_path / "notes.txt").write_text("not a photo, and not meant to be one")
    assert main(["--json", str(tmp_path)]) == 0
    assert [line["plates"][0]["text"] for line in lines(capsys)] == ["KA05HS4495", "MH12AB1234"]


def test_an_empty_folder_is_said(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert "holds no photo" in capsys.readouterr().err


def test_a_video_gives_a_line_for_each_visit(tmp_path, capsys):
    first, second, nobody = plate_picture("MH12AB1234"), plate_picture("KA05HS4495"), empty_picture()
    film = video_of(tmp_path / "lane.avi", [*[first] * 3, *[nobody] * 3, *[second] * 3], rate=1.0)
    assert main(["--json", str(film)]) == 0
    visits = lines(capsys)
    assert [visit["plates"][0]["text"] for visit in visits] == ["MH12AB1234", "KA05HS4495"]
    assert all(visit["plates"][0]["accepted"] and visit["plates"][0]["frames"] == 3 for visit in visits)
    assert visits[0]["visit"]["from_s"] == 0.0 and visits[1]["visit"]["from_s"] == 6.0


def test_each_frame_of_a_video_is_shown_when_asked_for(tmp_path, capsys):
    film = video_of(tmp_path / "lane.avi", [plate_picture("MH12AB1234")] * 5)
    assert main(["--json", "--frames", str(film)]) == 0
    told = lines(capsys)
    assert [line.get("at_s") for line in told] == [0.0, 0.2, 0.4, None]
    assert told[-1]["plates"][0]["frames"] == 3


def test_a_video_that_is_none_is_said(tmp_path, capsys):
    (tmp_path / "lane.mp4").write_bytes(b"no video")
    assert main(["--json", str(tmp_path / "lane.mp4")]) == 1
    assert "does not open" in lines(capsys)[0]["error"]


def test_a_camera_that_is_not_there_is_said_without_its_password(capsys):
    assert main(["--json", "rtsp://user:geheim@127.0.0.1:9/lane"]) == 1
    out, err = capsys.readouterr()
    assert "does not open" in json.loads(out)["error"] and "geheim" not in out + err


def test_the_picture_drawn_shows_the_box_and_leaves_the_photo_alone(tmp_path, photo, capsys):
    before = photo.read_bytes()
    assert main(["--draw", str(tmp_path / "drawn"), str(photo)]) == 0
    drawn = cv2.imread(str(tmp_path / "drawn" / "photo.jpg"))
    assert drawn.shape == (480, 640, 3) and photo.read_bytes() == before
    assert (abs(drawn.astype(int) - plate_picture("MH12AB1234")).sum(axis=2) > 90).sum() > 2000


def test_photos_of_the_same_name_are_drawn_side_by_side(tmp_path, photo):
    (tmp_path / "other").mkdir()
    other = save(empty_picture(), tmp_path / "other" / "photo.jpg")
    assert main(["--draw", str(tmp_path / "drawn"), str(photo), str(other)]) == 0
    assert sorted(p.name for p in (tmp_path / "drawn").iterdir()) == ["photo-2.jpg", "photo.jpg"]


@pytest.mark.parametrize(
    "wrong", [[], ["--region", "xx", "a.jpg"], ["--engine", "abacus", "a.jpg"], ["--threads", "0", "a"]]
)
def test_wrong_usage_ends_with_status_two(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_a_folder_for_drawings_that_cannot_be_made_is_wrong_usage(photo, capsys):
    assert main(["--draw", str(photo), str(photo)]) == 2
    assert "expected a folder" in capsys.readouterr().err
