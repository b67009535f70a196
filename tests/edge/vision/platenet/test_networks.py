"""Networks are run on pictures of any size, cooled by their temperature, and refused by name where they don't do."""

from __future__ import annotations

import numpy as np
import pytest

from edge.vision.errors import EngineMissing
from edge.vision.platenet.networks import OnnxNetworks
from tests.edge.vision.platenet.graphs import SHARE, write


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path)


@pytest.mark.parametrize("shape", [(32, 32, 3), (480, 640, 3), (384, 640, 3)])
def test_a_picture_of_any_size_gives_a_cell_for_each_eight_pixels(folder, shape):
    picture = np.zeros(shape, np.uint8)
    picture[8:16, 16:24] = (10, 20, 30)
    cells = OnnxNetworks(folder=folder).cells(picture)
    assert cells.shape == (shape[0] // 8, shape[1] // 8, 9) and np.allclose(cells[..., 0], SHARE)
    assert np.allclose(cells[1, 2, 1:5], (10, 20, 30, 10)) and not cells[0, 0, 1:].any()


@pytest.mark.parametrize("count", [0, 1, 5])
def test_crops_are_read_together_and_answered_in_their_order(folder, count):
    crops = np.stack([np.full((64, 128, 3), 255 - 20 * n, np.uint8) for n in range(count)] or [np.zeros((64, 128, 3))])
    readings = OnnxNetworks(folder=folder).readings(crops[:count])
    assert [round(reading.whole, 3) for reading in readings] == [round(1 - 20 * n / 255, 3) for n in range(count)]
    assert all(reading.steps.shape == (64, 37) for reading in readings)
    assert all(np.allclose(reading.steps.sum(axis=1), 1, atol=1e-5) for reading in readings)


def test_a_network_that_is_too_sure_of_itself_is_cooled_by_its_temperature(tmp_path):
    (tmp_path / "warm").mkdir()
    (tmp_path / "cool").mkdir()
    crop = np.zeros((1, 64, 128, 3), np.uint8)
    crop[:, :, 5] = 255
    picture = np.zeros((32, 32, 3), np.uint8)
    warm = OnnxNetworks(folder=write(tmp_path / "warm"))
    cool = OnnxNetworks(folder=write(tmp_path / "cool", detector="2.0", reader="2.0"))
    sure, unsure = warm.readings(crop)[0].steps[0], cool.readings(crop)[0].steps[0]
    assert unsure[5] / unsure[4] == pytest.approx((sure[5] / sure[4]) ** 0.5) and unsure.sum() == pytest.approx(1)
    logit = np.log(SHARE / (1 - SHARE))
    assert np.allclose(cool.cells(picture)[..., 0], 1 / (1 + np.exp(-logit / 2)), atol=1e-4)


@pytest.mark.parametrize("said", ["warm", "0", "-1", "nan", "inf", "99"])
def test_a_temperature_that_is_none_is_refused_by_name(tmp_path, said):
    with pytest.raises(EngineMissing, match=f"reader.onnx: its temperature is '{said}'; expected a number from 0.1"):
        OnnxNetworks(folder=write(tmp_path, reader=said))


@pytest.mark.parametrize("name", ["detector", "reader"])
def test_a_network_that_is_not_there_is_named_with_what_makes_it(folder, name):
    (folder / f"{name}.onnx").unlink()
    with pytest.raises(EngineMissing, match=rf"{name}\.onnx: is not there; `./parkmeter train {name}` makes it"):
        OnnxNetworks(folder=folder)


@pytest.mark.parametrize("content", [b"", b"no network at all"])
def test_a_file_that_is_no_network_is_one_clear_line(folder, content):
    (folder / "reader.onnx").write_bytes(content)
    with pytest.raises(EngineMissing, match=r"reader\.onnx: is no network that can be run") as refused:
        OnnxNetworks(folder=folder)
    assert "\n" not in str(refused.value)


def test_a_network_that_takes_something_else_is_named_with_what_is_expected(tmp_path):
    with pytest.raises(EngineMissing, match=r"takes \['pictures'\] and gives .*; expected \['crops'\]"):
        OnnxNetworks(folder=write(tmp_path, crops="pictures"))
