"""Photos are read whole or refused with one clear sentence."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from PIL import Image

from edge.vision.errors import BadPhoto
from edge.vision.photo import load_photo
from tests.edge.vision_pictures import plate_picture


def written(path, form: str, **options):
    Image.fromarray(plate_picture("MH12AB1234")[:, :, ::-1]).save(path, form, **options)
    return path


def refusal(path) -> str:
    with pytest.raises(BadPhoto) as refused:
        load_photo(path)
    sentence = str(refused.value)
    assert "\n" not in sentence and str(path) in sentence
    return sentence


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_a_whole_photo_is_loaded_as_bgr(tmp_path, form):
    photo = load_photo(written(tmp_path / "photo", form))
    assert photo.shape == (480, 640, 3) and photo.dtype == np.uint8
    assert np.abs(photo.astype(int) - plate_picture("MH12AB1234")).mean() < 4


@pytest.mark.parametrize("form, options", [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {})])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_truncated_photo_is_refused_however_much_of_it_is_there(tmp_path, form, options, share):
    path = written(tmp_path / "photo.jpg", form, **options)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert "truncated or damaged" in refusal(path)


def test_a_jpeg_that_lacks_only_its_last_bytes_is_refused(tmp_path):
    path = written(tmp_path / "photo.jpg", "JPEG")
    path.write_bytes(path.read_bytes()[:-10])
    assert "truncated" in refusal(path)


def test_a_missing_file_is_named(tmp_path):
    assert "there is no such file" in refusal(tmp_path / "none.jpg")


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"%PDF-1.7", b"\xff\xd8\xff"])
def test_a_file_that_is_no_photo_is_refused(tmp_path, content):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    assert "expected" in refusal(path)


def test_a_folder_is_no_photo(tmp_path):
    assert "is a folder" in refusal(tmp_path)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "no ordinary file" in refusal(tmp_path / "pipe.jpg")


def test_a_photo_of_one_pixel_is_refused(tmp_path):
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    assert refusal(tmp_path / "dot.png") == f"{tmp_path}/dot.png: is only 1 x 1 pixels; expected at least 16 a side"


def test_thirty_megapixels_are_refused_by_the_header_before_anything_is_decoded(tmp_path):
    whole = io.BytesIO()
    Image.new("L", (6000, 5000)).save(whole, "PNG")
    # only the header is there: a loader that decodes first would complain of the truncation
    (tmp_path / "huge.png").write_bytes(whole.getvalue()[:200])
    path = tmp_path / "huge.png"
    assert refusal(path) == f"{path}: has 30.0 megapixels (6000 x 5000); expected less than 30"


def test_a_decompression_bomb_is_refused(tmp_path):
    whole = io.BytesIO()
    Image.new("1", (19000, 10000)).save(whole, "PNG")
    (tmp_path / "bomb.png").write_bytes(whole.getvalue())
    assert "expected less than 30" in refusal(tmp_path / "bomb.png")


def test_a_photo_taken_with_a_turned_camera_is_turned_upright(tmp_path):
    sideways = Image.fromarray(plate_picture("MH12AB1234")[:, :, ::-1]).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    sideways.save(tmp_path / "turned.jpg", exif=exif)
    assert load_photo(tmp_path / "turned.jpg").shape == (480, 640, 3)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1", "I;16"])
def test_every_colour_mode_becomes_bgr(tmp_path, mode):
    form = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    grey = Image.fromarray(np.full((40, 60), 200, np.uint8))
    picture = Image.fromarray(np.full((40, 60), 200 << 8, np.uint16)) if mode == "I;16" else grey.convert(mode)
    picture.save(tmp_path / "photo", form)
    photo = load_photo(tmp_path / "photo")
    assert photo.shape == (40, 60, 3) and abs(photo.mean() - 200) <= 20
