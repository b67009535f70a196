"""Rendered approaches through the real reader, the real vision child and the bench."""

from __future__ import annotations

import json

import cv2

from edge.bench import __main__ as bench
from edge.bench import approach
from edge.bench.approach import Outcome, figures_of, visits_of
from edge.vision.messages import Voted
from edge.vision.reader import open_reader
from edge.vision.supervisor import VisionSupervisor, worker_command
from edge.vision.training.approach import RATE, Turn, approach_at
from tests.edge.test_vision_worker import Heard


def test_the_vision_child_decides_the_vehicle_of_a_video_of_an_approach(tmp_path):
    clip = approach_at(1, "day", 2, fonts=())
    path = tmp_path / "approach.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), RATE, (640, 480))
    for still in clip.frames():
        video.write(still.image)
    video.release()
    heard = Heard()
    child = VisionSupervisor(
        worker_command("rapidocr", ["in"], tmp_path / "spool"), heard, first_wait_s=0.05, source=f"video:{path}"
    )
    child.start()
    try:
        child.watch("v1")
        vote = heard.wait(Voted)[0]
        assert (vote.visit, vote.accepted, vote.text) == ("v1", True, clip.turns[0].text)
    finally:
        child.close()


def test_of_a_tailgating_pair_each_is_decided_in_its_own_visit():
    reader = open_reader("rapidocr", ["in"])
    first, second = visits_of(approach_at(1, "pair", 4, fonts=()), reader, 4, "loop")
    assert first.text in ("", first.turn.text) and second.text in ("", second.turn.text)
    assert first.right or second.right


def test_the_figures_tell_right_wrong_and_undecided_and_hold_the_wrong_ones_to_the_bar():
    turn, nobody = Turn(0, "MH12AB1234", 0.0, 3.0, 0.0), Turn(None, "", 0.0, 3.0, 0.0)
    said = [
        Outcome("day", 0, turn, "MH12AB1234", 3, 0.4, (10.0,)),
        Outcome("day", 1, turn, "MH12AB1284", 3, 0.4, (10.0,)),
        Outcome("day", 2, turn, "", 9, 3.0, (10.0,)),
        Outcome("sign", 3, nobody, "", 9, 3.0, (10.0,)),
        Outcome("held-alone", 4, nobody, "KA05HS4495", 9, 3.0, (10.0,)),
    ]
    told = {figure.what: figure for figure in figures_of(said)}
    assert told["decided right: all, of 4"].value == 50
    assert told["decided wrong: all, of 4"].value == 25 and told["decided wrong: all, of 4"].holds is False
    assert told["undecided: day, of 3"].value == 100 / 3
    assert told["decided wrong: held-alone (not counted), of 1"].holds is None


def test_the_bench_runs_clips_and_prints_one_object(capsys):
    status = bench.main(
        ["approach", "--engine", "rapidocr", "--kind", "sign", "--clips", "1", "--every", "8", "--json"]
    )
    told = json.loads(capsys.readouterr().out)
    assert status == approach.HELD and told["name"] == "approach"
    assert any(figure["what"].startswith("decided wrong: sign") for figure in told["figures"])
