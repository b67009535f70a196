"""A small training from the drawing to the exported network, broken off and taken up again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from edge.vision.training.__main__ import main
from edge.vision.training.learning import detector_task, reader_task
from edge.vision.training.learning.batches import Batches
from edge.vision.training.learning.loop import Course, begin, pace, train
from edge.vision.training.samples import crop_at, sample_at

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run(name: str, network: Path, picture: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
    return session.run(None, {name: picture[None]})


def test_the_reader_learns_goes_on_where_it_stopped_and_is_exported(tmp_path, capfd):
    small = ["reader", "--folder", str(tmp_path), "--out", str(tmp_path / "out"), "--batch", "8", "--checks", "1"]
    assert main([*small, "--samples", "32"]) == 0
    assert main([*small, "--samples", "64"]) == 0
    assert "goes on after batch 4 of 8" in capfd.readouterr().err
    steps, whole = run("crops", tmp_path / "out" / "reader.onnx", crop_at(1, 1).image)
    assert steps.shape == (1, 64, 37) and steps.sum(2) == pytest.approx(1, abs=1e-4)
    assert whole.shape == (1,) and 0 <= whole[0] <= 1
    card = json.loads((tmp_path / "out" / "reader.json").read_text())
    assert card["samples"] == 64 and card["seed"] == 1 and 0.5 <= card["temperature"] <= 3.01


def test_the_detector_learns_and_is_exported_for_pictures_of_any_size(tmp_path):
    small = ["detector", "--folder", str(tmp_path), "--out", str(tmp_path / "out"), "--batch", "2", "--checks", "1"]
    assert main([*small, "--samples", "4"]) == 0
    for size in ((640, 480), (320, 256)):
        (cells,) = run("picture", tmp_path / "out" / "detector.onnx", sample_at(1, 1, size).image)
        assert cells.shape == (1, size[1] // 8, size[0] // 8, 9)
        assert (cells[..., 0] >= 0).all() and (cells[..., 0] <= 1).all()


def test_the_networks_exported_together_weigh_at_most_6_megabytes():
    parameters = sum(
        value.numel()
        for task in (reader_task.Learning(1, 1), detector_task.Learning(1, 1))
        for value in task.network().state_dict().values()
    )
    assert parameters * 4 < 6_000_000


def test_the_loss_falls(tmp_path):
    task, losses = reader_task.Learning(1, 8), []
    learn = task.loss

    def watched(network, batch):
        loss = learn(network, batch)
        losses.append(float(loss.detach()))
        return loss

    task.loss = watched
    train(task, Course(tmp_path, batches=24, rate=2e-3, workers=1, repeats=2, check=1), CPU)
    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])


class BrokenOff(reader_task.Learning):
    """A training whose user has enough at its fourth batch."""

    def loss(self, network, batch):
        self.learnt = getattr(self, "learnt", 0) + 1
        if self.learnt == 4:
            raise KeyboardInterrupt
        return super().loss(network, batch)


def test_an_interrupt_keeps_what_was_learnt(tmp_path):
    course = Course(tmp_path, batches=8, rate=1e-3, workers=1, check=1)
    with pytest.raises(KeyboardInterrupt):
        train(BrokenOff(1, 4), course, CPU)
    assert begin(reader_task.Learning(1, 4), course, CPU).done == 3


def test_a_state_half_written_is_not_taken_for_one(tmp_path):
    course = Course(tmp_path, batches=2, rate=1e-3, workers=1, check=1)
    train(reader_task.Learning(1, 4), course, CPU)
    (tmp_path / "reader.part").write_bytes(b"half a sta")
    assert begin(reader_task.Learning(1, 4), course, CPU).done == 2


def unable(number: int) -> dict[str, np.ndarray]:
    if number == 2:
        raise ValueError("no paint left")
    return {"number": np.array(number)}


def test_batches_come_in_order_and_one_that_can_t_be_drawn_ends_it_and_says_why(capfd):
    with Batches(unable, first=0, workers=2) as drawn:
        assert [int(next(drawn)["number"]) for _ in range(2)] == [0, 1]
        with pytest.raises(RuntimeError, match="has ended; what it said stands above"):
            next(drawn)
    assert "ValueError: no paint left" in capfd.readouterr().err


def test_the_rate_rises_and_falls():
    shares = [pace(at / 100) for at in range(101)]
    assert shares[0] < 0.1 and max(shares) == pytest.approx(1, abs=0.01) and shares[-1] == pytest.approx(0.01)


@pytest.mark.parametrize("wrong", [["reader", "--samples", "0"], ["reader", "--batch", "many"], ["painter"]])
def test_wrong_wishes_are_refused_with_what_was_expected(wrong, capsys):
    with pytest.raises(SystemExit):
        main(wrong)
    assert "expected" in capsys.readouterr().err or wrong == ["painter"]
