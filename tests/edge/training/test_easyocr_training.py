"""EasyOCR really run: a network of our own is learnt, saved as EasyOCR documents it, checked, loaded, and reads plates.

CRAFT, EasyOCR's detector of lines, needs its published weights: here the plate's corners are known (`read_box`).
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from difflib import SequenceMatcher
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from edge.simulation.scene.plates import draw_plate
from edge.vision.easyocr_reader import EasyOcrReader, Network
from edge.vision.errors import EngineMissing
from edge.vision.training.easyocr_lines import HIGH, WIDE, Drawing, drawn_out
from edge.vision.training.easyocr_training import Learning, main, save
from edge.vision.training.layouts_spelling import spell
from edge.vision.training.learning.loop import Course, train

# EasyOCR 1.7.2 itself: it makes its linear layers small in the way torch gives up, and asks for memory of a GPU
pytestmark = [
    pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning"),
    pytest.mark.filterwarnings("ignore:'pin_memory' argument is set as true:UserWarning"),
]
NAME = "plain_lines"
FRESH = 20  # plates


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    """EasyOCR puts the network's folder on the module path and imports its code from there, by its name."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    sys.modules.pop(NAME, None)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory) -> tuple[Path, list[float]]:
    """The folder of a network that has learnt clean new plates, and its losses on the way."""
    torch.set_num_threads(1)
    for seed in (1, 2, 3):  # CTC may find no way down from some beginnings, and each processor rounds in its own way
        torch.manual_seed(seed)
        task, losses = Learning(1, 16, plain=True), []
        watch(task, losses)
        folder = tmp_path_factory.mktemp("easyocr")
        state = train(task, Course(folder, batches=480, rate=3e-3, workers=1, repeats=2, check=1), torch.device("cpu"))
        if losses[-1] < 1:
            break
    save(task, state, folder, NAME)
    return folder, losses


def watch(task: Learning, losses: list[float]) -> None:
    learn = task.loss

    def watched(network, batch):
        loss = learn(network, batch)
        losses.append(float(loss.detach()))
        return loss

    task.loss = watched


@pytest.fixture
def copy(lesson, tmp_path) -> Path:
    """A changeable copy of the network's folder."""
    return shutil.copytree(lesson[0], tmp_path / "copy")


def seal(folder: Path) -> None:
    """Writes the sums of the files as they are now."""
    files = [folder / "model" / f"{NAME}.pth", *(folder / "user_network" / f"{NAME}.{end}" for end in ("yaml", "py"))]
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (folder / "user_network" / f"{NAME}.sha256").write_text(sums)


def at_the_barrier(text: str, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A frame with that plate somewhere in it, a little askew, and the plate's corners."""
    frame = np.full((480, 640, 3), 70, np.uint8)
    art = draw_plate(text, px_per_mm=0.55)
    high, wide = art.shape[:2]
    corners = np.float32([[0, 0], [wide, 0], [wide, high], [0, high]])
    onto = corners + dice.uniform((40, 60), (300, 360)) + dice.normal(0, 2, (4, 2))
    turn = cv2.getPerspectiveTransform(corners, onto.astype(np.float32))
    cv2.warpPerspective(art, turn, (640, 480), frame, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    return frame, onto.astype(np.float32)


def test_the_loss_falls(lesson):
    losses = lesson[1]
    assert sum(losses[-20:]) < 0.1 * sum(losses[:20])


def test_easyocr_reads_fresh_plates_with_a_network_of_our_own(lesson):
    reader, dice = EasyOcrReader(["in"], network=Network(lesson[0], NAME), detector=False), np.random.default_rng(5)
    right = alike = 0
    for _ in range(FRESH):
        text = spell(dice, "in", "civil")
        frame, corners = at_the_barrier(text, dice)
        (read,) = reader.read_box(frame, corners, 7.0)
        assert read.seen_at == 7.0 and len(read.confidence) == len(read.text)
        assert np.abs(np.float32(read.box) - corners).max() < 1
        right += read.text == text
        alike += SequenceMatcher(None, text, read.text).ratio()
    assert alike / FRESH > 0.9
    assert right >= FRESH * 0.6


def test_a_frame_without_a_plate_gives_no_sure_read(lesson):
    reader = EasyOcrReader(["in"], network=Network(lesson[0], NAME), detector=False)
    box = np.float32([[100, 100], [360, 100], [360, 162], [100, 162]])
    assert not any(read.is_sure() for read in reader.read_box(np.full((480, 640, 3), 70, np.uint8), box, 0.0))


@pytest.mark.parametrize("file", [f"user_network/{NAME}.py", f"user_network/{NAME}.yaml", f"model/{NAME}.pth"])
def test_a_file_with_another_sum_is_refused_before_anything_is_loaded(copy, file):
    mark, code = copy / "it ran", copy / "user_network" / f"{NAME}.py"
    code.write_text(code.read_text() + f"\nopen({str(mark)!r}, 'w').close()\n")
    if not file.endswith(".py"):
        seal(copy)
        (copy / file).write_bytes((copy / file).read_bytes() + b"\n")
    with pytest.raises(EngineMissing, match=r"SHA-256 is [0-9a-f]{64}; expected [0-9a-f]{64}: it is not loaded"):
        EasyOcrReader(["in"], network=Network(copy, NAME), detector=False)
    assert not mark.exists() and NAME not in sys.modules


@pytest.mark.parametrize(
    "file, content, told",
    [
        ("model", b"no weights at all", "UnpicklingError"),
        ("user_network/yaml", b"imgH: 64\n", "KeyError: 'lang_list'"),
        ("user_network/yaml", b"[", "ParserError"),
        ("user_network/py", b"class Model: ...\n", "TypeError"),
    ],
)  # fmt: skip
def test_a_network_that_cannot_be_loaded_is_one_line(copy, file, content, told):
    folder, _, end = file.partition("/")
    (copy / folder / f"{NAME}.{end or 'pth'}").write_bytes(content)
    seal(copy)
    with pytest.raises(EngineMissing) as refused:
        EasyOcrReader(["in"], network=Network(copy, NAME), detector=False)
    assert f"the network {NAME} can't be loaded: {told}" in str(refused.value) and "\n" not in str(refused.value)


def test_the_command_learns_goes_on_where_it_stopped_and_says_how_the_network_is_used(tmp_path, capfd):
    small = ["--folder", str(tmp_path), "--out", str(tmp_path / "out"), "--name", "mine", "--batch", "4"]
    assert main([*small, "--samples", "8"]) == 0
    assert main([*small, "--samples", "16"]) == 0
    said = capfd.readouterr()
    assert "goes on after batch 2 of 4" in said.err
    assert f"EASYOCR_MODULE_PATH={tmp_path / 'out'} PARKMETER_EASYOCR_NETWORK=mine" in said.err
    assert [Path(line).name for line in said.out.split()[-4:]] == ["mine.pth", "mine.yaml", "mine.py", "mine.sha256"]
    Network(tmp_path / "out", "mine").check(with_detector=False)


@pytest.mark.parametrize("wrong", [["--name", "../mine"], ["--samples", "0"], ["--batch", "many"]])
def test_what_the_command_cannot_use_is_named(tmp_path, capsys, wrong):
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), *wrong])
    assert "expected" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("plain", [True, False])
def test_lines_are_drawn_alike_for_the_same_seed_and_spell_what_they_say(plain):
    first, again, other = Drawing(3, 6, plain)(2), Drawing(3, 6, plain)(2), Drawing(3, 6, plain)(3)
    assert first["pictures"].shape == (6, HIGH, WIDE) and first["pictures"].dtype == np.uint8
    assert all((first[name] == again[name]).all() for name in first)
    assert (first["pictures"] != other["pictures"]).any()
    lengths = (first["texts"] > 0).sum(1)
    assert all(
        length or kind in ("empty", "grille", "backdrop") for length, kind in zip(lengths, first["kinds"], strict=True)
    )


@pytest.mark.parametrize("shape", [(20, 60), (64, 384), (30, 600), (200, 10)])
def test_a_line_is_drawn_out_by_its_last_column_as_easyocr_does(shape):
    line = drawn_out(np.arange(shape[0] * shape[1], dtype=np.uint32).reshape(shape).astype(np.uint8))
    assert line.shape == (HIGH, WIDE)
    across = min(WIDE, -(-shape[1] * HIGH // shape[0]))
    assert (line[:, across:] == line[:, across - 1 : across]).all()
