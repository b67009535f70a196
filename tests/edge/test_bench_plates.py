"""`bench plates`: labels are checked line by line, engines take turns in their own processes, bars decide."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from edge.bench import __main__ as bench
from edge.bench import entrants as entrants_module
from edge.bench.engine_child import BASELINE
from edge.bench.entrants import entrants
from edge.bench.figures import BenchError, all_hold
from edge.bench.labels import COLUMNS, Labelled, read_labels, render_labelled
from edge.bench.plates import Answer, EngineProcess, answers_of, figures_of, main
from tests.edge.vision_pictures import plate_picture, save


@pytest.fixture
def folder(tmp_path):
    save(plate_picture("MH12AB1234"), tmp_path / "one.png")
    save(plate_picture("KA05", "HS4495"), tmp_path / "two.png")
    return tmp_path


def labels(folder, *rows: str, head: str = ",".join(COLUMNS)):
    path = folder / "labels.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


GOOD = ("one.png,in,MH 12 AB 1234,,0,180,270,280,60", "two.png,in,KA05HS4495,KAO5HS4495|,1,250,270,140,120")


def test_labels_are_read_with_every_accepted_text(folder):
    one, two = read_labels(labels(folder, *GOOD), folder)
    assert (one.texts, one.two_line, one.box) == (("MH12AB1234",), False, (180, 270, 280, 60))
    assert (two.texts, two.two_line) == (("KA05HS4495", "KAO5HS4495"), True)


@pytest.mark.parametrize(
    "row, said",
    [
        ("none.png,in,MH12AB1234,,0,1,1,9,9", "there is no photo 'none.png'"),
        ("../one.png,in,MH12AB1234,,0,1,1,9,9", "there is no photo"),
        ("one.png,xx,MH12AB1234,,0,1,1,9,9", "region 'xx' is not known; expected one of in"),
        ("one.png,in,--,MH1,0,1,1,9,9", "text '--' has no letter or digit"),
        ("one.png,in,MH12AB1234,,yes,1,1,9,9", "two_line is 'yes'; expected 0 or 1"),
        ("one.png,in,MH12AB1234,,0,1,1,wide,9", "x, y, w, h are no box"),
        ("one.png,in,MH12AB1234,,0,1,1,nan,9", "x, y, w, h are no box"),
        ("one.png,in,MH12AB1234", "has too few fields; expected 9"),
    ],
)
def test_a_bad_label_is_one_clear_line_with_its_number(folder, row, said):
    with pytest.raises(BenchError) as bad:
        read_labels(labels(folder, GOOD[1], row), folder)
    (line,) = str(bad.value).splitlines()
    assert "line 3: " in line and said in line


def test_every_bad_label_is_told_and_a_photo_labelled_twice_too(folder):
    with pytest.raises(BenchError) as bad:
        read_labels(labels(folder, GOOD[0], GOOD[0], "none.png,in,MH1,,0,1,1,9,9"), folder)
    lines = str(bad.value).splitlines()
    assert len(lines) == 2 and "labelled twice" in lines[0]


def test_labels_that_are_none_are_named(folder, tmp_path):
    for make, said in (
        (lambda: labels(folder, head="photo,text"), "has no column region"),
        (lambda: labels(folder), "holds no label"),
        (lambda: tmp_path / "absent.csv", "No such file"),
    ):
        with pytest.raises(BenchError, match=said):
            read_labels(make(), folder)


def test_a_rendered_set_has_labels_that_pass_their_own_check(tmp_path):
    made = tmp_path / "set"
    rows = read_labels(render_labelled(made, seed=3, count=2), made)
    assert [row.two_line for row in rows] == [False, True]
    assert all(row.region == "in" and row.box[2] > 100 and row.photo.is_file() for row in rows)


def test_every_installed_engine_is_scored_and_timed_in_turns_in_its_own_process(folder):
    sizes = entrants()
    answers = answers_of(list(sizes), read_labels(labels(folder, *GOOD), folder), thorough=False)
    figures = {figure.what: figure for figure in figures_of(answers, sizes)}
    assert (
        figures["rapidocr: exact, in, of 2"].value == 100 and figures["rapidocr: exact, in two-line, of 1"].value == 100
    )
    assert figures["rapidocr: accepted but wrong, all, of 2"].value == 0
    ratio = figures["rapidocr: median"]
    assert ratio.baseline == BASELINE and ratio.ratio > 0 and figures[f"{BASELINE}: median"].ratio is None
    assert 50 < figures["rapidocr: peak memory"].value < 2000 and 10 < figures["rapidocr: weights"].value < 60


def test_an_engine_that_fails_at_a_photo_is_named_and_leaves_no_process(folder):
    (folder / "torn.png").write_bytes(b"no picture")
    label = Labelled(folder / "torn.png", "in", ("A1",), False, (0, 0, 1, 1))
    process = EngineProcess("rapidocr")
    try:
        with pytest.raises(BenchError, match=r"engine rapidocr: .*torn\.png: is no photo"):
            process.read(label, False)
    finally:
        process.close()


def answered(right: bool, accepted: bool, ms: float) -> Answer:
    return Answer(Labelled(None, "in", ("A1",), False, (0, 0, 1, 1)), right, accepted, ms, 100.0)


def test_an_engine_with_bars_is_held_to_them_and_the_baseline_alone_passes():
    base = [answered(True, True, 100.0)] * 20
    assert all_hold(figures_of({BASELINE: base}, {BASELINE: 30.0}))
    quick = [answered(True, True, 20.0)] * 20
    sizes = {BASELINE: 30.0, "platenet": 4.0}
    assert all_hold(figures_of({BASELINE: base, "platenet": quick}, sizes))
    wrong = [answered(False, True, 20.0), *quick[1:]]
    slow = [answered(True, True, 50.0)] * 20
    for missed in (wrong, slow):
        assert not all_hold(figures_of({BASELINE: base, "platenet": missed}, sizes))
    assert not all_hold(figures_of({BASELINE: base, "platenet": quick}, {BASELINE: 30.0, "platenet": 7.0}))


def test_how_often_a_second_engine_was_asked_is_told_of_engines_that_ask():
    base = [answered(True, True, 100.0)] * 4
    asked = replace(base[0], asked="no plate found")
    said = {BASELINE: base, "platenet": [*base[1:], asked], "platenet-alone": base}
    figures = {f.what: f.value for f in figures_of(said, dict.fromkeys(said, 4.0))}
    assert figures["platenet: second engine asked, all, of 4"] == 25
    assert not [what for what in figures if "asked" in what and "alone" in what]


def test_an_engine_whose_weights_lack_is_told_and_left_out(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("EASYOCR_MODULE_PATH", str(tmp_path))
    monkeypatch.setattr(entrants_module, "installed_engines", lambda: ["rapidocr", "easyocr"])
    assert list(entrants()) == [BASELINE, "rapidocr"]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("parkmeter bench: easyocr is left out: easyocr: ") and str(tmp_path) in line


def test_the_command_tells_bad_labels_and_a_missing_folder_with_status_two(folder, tmp_path, capsys):
    labels(folder, "one.png,xx,A1,,0,1,1,9,9", "two.png,in,--,,0,1,1,9,9")
    assert main([str(folder)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and all(line.startswith("parkmeter bench: ") for line in lines)
    assert main([str(tmp_path / "absent")]) == 2
    assert "is no folder; expected one with photos and labels.csv" in capsys.readouterr().err


def test_bench_hands_plates_over_and_json_is_one_object(folder, capsys):
    labels(folder, GOOD[0])
    assert bench.main(["--json", "plates", str(folder)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "plates" and {"what", "value", "unit", "baseline", "ratio", "bar", "holds"} == set(
        told["figures"][0]
    )
