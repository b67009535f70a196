"""The engines behind one port: what lacks is named with its cure, weights are checked, results decoded alike."""

from __future__ import annotations

import hashlib
import sys

import numpy as np
import pytest

from edge.vision import easyocr_reader
from edge.vision.easyocr_reader import DETECTOR, RECOGNISER, EasyOcrReader, Network, slots_of_line
from edge.vision.errors import EngineMissing, UnknownEngine
from edge.vision.onnx_models import install_easyocr
from edge.vision.reader import ENGINES, engine_of, installed_engines, open_reader

FRAME = np.full((480, 640, 3), 90, np.uint8)


class Told:
    """An `easyocr.Reader` that has read these lines: its documented shape is (box, text, confidence)."""

    def __init__(self, *lines):
        self.lines, self.options, self.asked = lines, {}, None

    def readtext(self, image, **options):
        self.asked, self.options = image, options
        return list(self.lines)

    def recognize(self, img_cv_grey, **options):
        self.asked, self.options = img_cv_grey, options
        return list(self.lines)


def at(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def test_every_engine_names_its_module_and_its_cure():
    assert list(ENGINES) == ["rapidocr", "platenet", "easyocr"]
    assert all("python -m pip install" in engine.install and "==" in engine.install for engine in ENGINES.values())
    assert "rapidocr" in installed_engines()


def test_an_engine_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(UnknownEngine, match="no reading engine 'abacus'; expected one of rapidocr, platenet, easyocr"):
        engine_of("abacus")


def test_easyocr_that_is_not_installed_is_refused_with_the_exact_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "easyocr", None)  # to every import as if it were not there
    with pytest.raises(EngineMissing) as refused:
        open_reader("easyocr", ["in"])
    assert str(refused.value).startswith("the reading engine easyocr needs easyocr, not installed; install it with: ")
    assert str(refused.value).endswith(install_easyocr())


def test_the_command_pins_a_pair_of_torch_and_torchvision_that_fits_the_processor():
    assert install_easyocr("aarch64").endswith("easyocr==1.7.2 torch==2.10.0 torchvision==0.25.0")
    assert install_easyocr("x86_64").endswith("easyocr==1.7.2 torch==2.13.0 torchvision==0.28.0")


def test_weights_that_are_not_there_are_named(tmp_path):
    with pytest.raises(EngineMissing, match=f"{DETECTOR}: No such file or directory; expected the weights there"):
        EasyOcrReader(["in"], network=Network(tmp_path))


def test_weights_with_another_sum_are_never_loaded(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / RECOGNISER).write_bytes(b"a pickle of somebody else's")
    with pytest.raises(EngineMissing, match=f"{RECOGNISER}: SHA-256 is .*; expected e2272681.*: it is not loaded"):
        EasyOcrReader(["in"], network=Network(tmp_path), detector=False)


def own_network(folder):
    (folder / "model").mkdir()
    (folder / "user_network").mkdir()
    files = [folder / "model" / "mine.pth", folder / "user_network" / "mine.yaml", folder / "user_network" / "mine.py"]
    for file in files:
        file.write_text(file.name)
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (folder / "user_network" / "mine.sha256").write_text(sums)
    return Network(folder, "mine")


def test_a_network_of_ones_own_is_checked_by_the_sums_beside_it(tmp_path):
    network = own_network(tmp_path)
    network.check(with_detector=False)
    (tmp_path / "user_network" / "mine.py").write_text("import os")
    with pytest.raises(EngineMissing, match=r"mine\.py: SHA-256 is"):
        network.check(with_detector=False)


def test_a_file_without_a_sum_and_sums_that_are_missing_are_named(tmp_path):
    network = own_network(tmp_path)
    sums = tmp_path / "user_network" / "mine.sha256"
    sums.write_text(sums.read_text().splitlines()[0] + "\n")
    with pytest.raises(EngineMissing, match=r"has no sum of mine\.yaml; expected one"):
        network.check(with_detector=False)
    sums.unlink()
    with pytest.raises(EngineMissing, match=r"mine\.sha256: No such file or directory; expected the SHA-256"):
        network.check(with_detector=False)


def test_the_environment_chooses_the_network_but_not_a_path(tmp_path):
    chosen = {"EASYOCR_MODULE_PATH": str(tmp_path), "PARKMETER_EASYOCR_NETWORK": "mine"}
    assert Network.chosen(chosen) == Network(tmp_path, "mine")
    with pytest.raises(EngineMissing, match="expected a name of letters"):
        Network.chosen({"PARKMETER_EASYOCR_NETWORK": "../mine"})


def test_a_line_becomes_a_plate_through_the_same_decoding():
    library = Told((at(200, 300, 420, 350), "MH 12 ab 1234", np.float64(0.98)))
    (read,) = EasyOcrReader(["in"], library=library).read(FRAME, 7.0)
    assert (read.text, read.format, read.seen_at) == ("MH12AB1234", "civil", 7.0)
    assert read.box[0] == (200.0, 300.0) and len(read.confidence) == 10 and read.is_sure()
    assert library.options["canvas_size"] == 640 and library.options["workers"] == 0


def test_two_lines_become_one_plate():
    library = Told((at(200, 300, 320, 350), "MH12", 0.97), (at(190, 360, 330, 410), "AB1234", 0.97))
    reads = EasyOcrReader(["in"], library=library).read(FRAME, 0.0)
    assert reads[0].text == "MH12AB1234" and reads[0].box[2][1] >= 400


def test_a_line_it_doubts_is_doubted_here():
    sure, unsure = (
        EasyOcrReader(["in"], library=Told((at(200, 300, 420, 350), "MH12AB1234", told))).read(FRAME, 0.0)[0]
        for told in (0.99, 0.05)
    )
    assert sure.probability > unsure.probability and not unsure.is_sure()


def test_text_that_is_no_plate_or_nothing_at_all_gives_no_sure_read():
    for lines in ([], [(at(0, 0, 200, 40), "NO PARKING", 0.99)], [(at(0, 0, 9, 9), "", 0.0)]):
        assert not any(read.is_sure() for read in EasyOcrReader(["in"], library=Told(*lines)).read(FRAME, 0.0))


def test_a_known_box_is_cut_out_straight_and_read_without_the_detector():
    library = Told(([[0, 0], [1, 0], [1, 1], [0, 1]], "MH12AB1234", 0.98))
    box = np.float32(at(200, 300, 420, 350))
    (read,) = EasyOcrReader(["in"], library=library).read_box(FRAME, box, 1.0)
    assert read.text == "MH12AB1234" and read.box[2] == (420.0, 350.0)
    assert library.asked.shape == (50, 220) and library.options["horizontal_list"] == [[0, 220, 0, 50]]


def test_the_confidence_of_a_line_is_undone_to_that_of_its_characters():
    per_char, text = 0.9, "MH12AB1234"
    told = (per_char ** len(text)) ** (2 / np.sqrt(len(text)))
    assert slots_of_line(text, told)[0]["M"] == pytest.approx(per_char, abs=1e-6)
    assert slots_of_line(text, float("nan")) == [] and easyocr_reader.slots_of_line("--", 0.5) == []
