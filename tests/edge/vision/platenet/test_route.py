"""The route of a frame through platenet: who is asked, when, and why; and whose reading stands in the end."""

from __future__ import annotations

import re

import numpy as np
import pytest

from edge.vision import engines
from edge.vision.errors import EngineMissing, UnknownEngine
from edge.vision.platenet.networks import OnnxNetworks
from edge.vision.platenet.reader import PlatenetReader
from edge.vision.platenet.second import RapidOcrSecond
from edge.vision.reader import open_reader
from tests.edge.vision.platenet.graphs import write
from tests.edge.vision.platenet.made import ReadyNetworks, ReadySecond, box, found, reading_of
from tests.edge.vision_pictures import plate_picture

FRAME = np.full((480, 640, 3), 90, np.uint8)
LEFT, RIGHT = box(60, 200, 160, 40), box(400, 200, 160, 40)
SURE, UNSURE = reading_of("MH12AB1234"), reading_of("MH12AB1234", sure=0.7)


def reader(networks: ReadyNetworks, second: ReadySecond | None = None, fallback: str = "rapidocr") -> PlatenetReader:
    return PlatenetReader(["in"], fallback=fallback, networks=networks, second=second)


def test_a_plate_that_it_is_sure_of_is_read_without_asking_anybody():
    second = ReadySecond()
    platenet = reader(ReadyNetworks((LEFT, SURE)), second)
    (read,) = platenet.read(FRAME, 7.0)
    assert (read.text, read.engine, read.asked, read.seen_at) == ("MH12AB1234", "platenet", "", 7.0)
    assert read.is_sure() and np.allclose(read.box, LEFT, atol=1e-3)
    assert second.asked == [] and platenet.asked == ""


def test_two_plates_are_read_in_one_go_and_the_likelier_comes_first():
    networks = ReadyNetworks((LEFT, SURE), (RIGHT, reading_of("KA05HS", "4495", sure=0.999)))
    reads = reader(networks).read(FRAME, 0.0)
    assert [read.text for read in reads] == ["KA05HS4495", "MH12AB1234"]
    assert len(networks.crops) == 1 and networks.crops[0].shape == (2, 64, 128, 3)


def test_a_plate_that_it_doubts_is_shown_to_the_second_reader_before_the_whole_frame_is():
    second = ReadySecond(on_plate=[found("MH12AB1284", LEFT)])
    (read,) = reader(ReadyNetworks((LEFT, UNSURE)), second).read(FRAME, 0.0)
    assert second.asked == ["plate of 1"]
    assert (read.text, read.engine) == ("MH12AB1284", "second") and re.fullmatch(r"not sure: 0\.\d\d", read.asked)


def test_only_what_neither_is_sure_of_is_looked_for_in_the_whole_frame():
    second = ReadySecond(on_plate=[found("MH12AB1234", LEFT, 0.6)], in_frame=[found("KA05HS4495", RIGHT)])
    reads = reader(ReadyNetworks((LEFT, UNSURE)), second).read(FRAME, 0.0)
    assert second.asked == ["plate of 1", "frame"]
    assert [read.text for read in reads] == ["KA05HS4495", "MH12AB1234"]


def test_its_own_reading_stands_where_the_second_has_no_better_one_and_the_reason_is_told_all_the_same():
    (read,) = reader(ReadyNetworks((LEFT, UNSURE)), ReadySecond()).read(FRAME, 0.0)
    assert read.engine == "platenet" and not read.is_sure() and read.asked.startswith("not sure: 0.")


def test_a_frame_in_which_it_sees_no_plate_is_shown_whole():
    second = ReadySecond(in_frame=[found("KA05HS4495", RIGHT)])
    (read,) = reader(ReadyNetworks(), second).read(FRAME, 0.0)
    assert second.asked == ["frame"] and (read.text, read.asked) == ("KA05HS4495", "no plate found")


def test_why_nothing_was_read_is_known_even_where_the_second_finds_nothing_either():
    platenet = reader(ReadyNetworks(), ReadySecond())
    assert platenet.read(FRAME, 0.0) == [] and platenet.asked == "no plate found"


def test_a_plate_with_nothing_on_it_is_not_decoded():
    second = ReadySecond()
    platenet = reader(ReadyNetworks((LEFT, reading_of("", whole=0.001))), second)
    assert platenet.read(FRAME, 0.0) == [] and platenet.asked == "no text read"
    assert second.asked == ["frame"]


def test_a_plate_that_is_cut_off_can_not_be_made_whole_by_the_second_reader():
    half = ReadyNetworks((LEFT, reading_of("MH12AB1234", whole=0.6)))
    second = ReadySecond(on_plate=[found("MH12AB1234", LEFT)])
    (read,) = reader(half, second).read(FRAME, 0.0)
    assert not read.is_sure() and read.probability < 0.61 and second.asked == ["plate of 1", "frame"]


def test_a_plate_of_a_format_that_tells_little_is_a_reason_of_its_own():
    platenet = PlatenetReader(["us"], networks=ReadyNetworks((LEFT, reading_of("A1B2C3D4"))), second=ReadySecond())
    (read,) = platenet.read(FRAME, 0.0)
    assert read.loose and read.asked.startswith("no telling format: ")


def test_reasons_hold_no_text_of_a_plate():
    second = ReadySecond(on_plate=[found("MH12AB1284", LEFT, 0.6)])
    for networks in (ReadyNetworks(), ReadyNetworks((LEFT, UNSURE)), ReadyNetworks((LEFT, reading_of("AB")))):
        platenet = reader(networks, second)
        platenet.read(FRAME, 0.0)
        assert platenet.asked and not re.search("[A-Z]", platenet.asked)


def test_without_a_fallback_platenet_works_alone():
    platenet = reader(ReadyNetworks((LEFT, UNSURE)), fallback="none")
    (read,) = platenet.read(FRAME, 0.0)
    assert (read.text, read.engine, read.asked) == ("MH12AB1234", "platenet", "") and platenet.asked == ""


def test_where_rapidocr_is_not_installed_platenet_works_alone_and_says_so_once(monkeypatch, caplog):
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == "rapidocr" else object())
    platenet = reader(ReadyNetworks((LEFT, UNSURE)))
    assert list(caplog.messages) == ["rapidocr is not installed: platenet works alone"]
    assert platenet.read(FRAME, 0.0)[0].asked == ""


def test_a_fallback_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(UnknownEngine, match="no fallback 'abacus' of platenet; expected rapidocr or none"):
        reader(ReadyNetworks(), fallback="abacus")


def test_a_photo_that_it_is_not_sure_of_is_looked_at_closer_before_anybody_is_asked():
    networks, photo = ReadyNetworks((LEFT, UNSURE)), np.full((1440, 1920, 3), 90, np.uint8)
    reader(networks, fallback="none").read(photo, 0.0, thorough=True)
    assert networks.pictures == [(480, 640, 3), (960, 1280, 3)]
    sure = ReadyNetworks((LEFT, SURE))
    reader(sure).read(photo, 0.0, thorough=True)
    assert sure.pictures == [(480, 640, 3)]


def test_boxes_are_told_in_pixels_of_the_frame():
    (read,) = reader(ReadyNetworks((LEFT, SURE))).read(np.full((960, 1280, 3), 90, np.uint8), 0.0)
    assert np.allclose(read.box, 2 * LEFT, atol=1e-2)


@pytest.mark.parametrize("shape", [(16, 16, 3), (16, 900, 3), (900, 16, 3), (1, 1, 3)])
def test_frames_of_odd_shape_are_read_by_networks_that_really_run(shape, tmp_path):
    platenet = PlatenetReader(["in"], fallback="none", networks=OnnxNetworks(folder=write(tmp_path)))
    assert platenet.read(np.full(shape, 40, np.uint8), 0.0) == []


@pytest.fixture(scope="module")
def rapidocr():
    return RapidOcrSecond(["in"])


def drawn_at(frame: np.ndarray) -> np.ndarray:
    """Corners of the white plate in a drawn picture."""
    rows, columns = np.nonzero((frame == 255).all(axis=2))
    return box(columns.min(), rows.min(), columns.max() - columns.min(), rows.max() - rows.min())


@pytest.mark.parametrize("rows", [("MH12AB1234",), ("KA05HS", "4495")])
@pytest.mark.parametrize("told", [0, 1, 2])
def test_rapidocrs_recogniser_reads_a_plate_that_was_found_row_by_row(rapidocr, rows, told):
    frame = plate_picture(*rows)
    best = max(rapidocr.find_on(frame, drawn_at(frame), told), key=lambda one: one.decoded.evidence)
    assert (best.decoded.text, best.engine) == ("".join(rows), "rapidocr")


def test_rapidocrs_detector_is_opened_only_when_a_whole_frame_is_asked_about():
    second, frame = RapidOcrSecond(["in"]), plate_picture("MH12AB1234")
    assert not {"_recogniser", "_reader"} & vars(second).keys()
    second.find_on(frame, drawn_at(frame), 1)
    assert "_recogniser" in vars(second) and "_reader" not in vars(second)
    assert second.find(frame, False)[0].decoded.text == "MH12AB1234"


def test_platenet_without_its_networks_is_refused_with_what_makes_them(monkeypatch, tmp_path):
    lacking = engines.ENGINES | {"platenet": engines.Engine("", "", (), "make it", (tmp_path / "detector.onnx",))}
    monkeypatch.setattr(engines, "ENGINES", lacking)
    with pytest.raises(EngineMissing, match=r"platenet needs .*detector\.onnx, not installed; make it"):
        open_reader("platenet", ["in"])
