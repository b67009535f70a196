"""Who read a plate, and why a second engine was asked, is told: on the command line, by vision, in the gate's event."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from edge import controller
from edge.rules.plate.plate import PlateRead
from edge.settings.file import SettingsError, parse
from edge.vision import engines
from edge.vision.frame import Frame
from edge.vision.messages import Read, Voted, decode_event, encode
from edge.vision.platenet import reader as platenet
from edge.vision.platenet.networks import OnnxNetworks
from edge.vision.read import main
from edge.vision.supervisor import worker_command
from edge.vision.watch import AcceptRule, VisitWatch
from tests.edge.test_settings import EXAMPLE, TEXT
from tests.edge.vision.platenet.graphs import write
from tests.edge.vision_pictures import plate_picture, save

BOX = ((0.0, 0.0), (100.0, 0.0), (100.0, 20.0), (0.0, 20.0))
SECOND = PlateRead(
    "MH12AB1234", (0.95,) * 10, BOX, 1.0, "MH12AB1234", "civil", 0.95, False, 5.0, (("MH12AB1234", 0.95),),
    engine="rapidocr", asked="not sure: 0.61",
)  # fmt: skip
OWN = replace(SECOND, engine="platenet", asked="", probability=0.9, alternatives=(("MH12AB1234", 0.9),))


@pytest.fixture
def blind(monkeypatch, tmp_path):
    """platenet with networks that really run and never see a plate."""
    folder = tmp_path / "models"
    folder.mkdir()
    write(folder)
    monkeypatch.setitem(engines.ENGINES, "platenet", replace(engines.ENGINES["platenet"], weights=()))
    monkeypatch.setattr(platenet, "OnnxNetworks", partial(OnnxNetworks, folder=folder))
    return str(save(plate_picture("MH12AB1234"), tmp_path / "photo.png"))


def test_the_command_tells_who_read_a_plate_and_why_a_second_engine_was_asked(blind, capsys):
    assert main(["--engine", "platenet", "--json", blind]) == 0
    (plate,) = json.loads(capsys.readouterr().out)["plates"]
    assert (plate["text"], plate["engine"], plate["asked"]) == ("MH12AB1234", "rapidocr", "no plate found")
    assert main(["--engine", "platenet", blind]) == 0
    assert "MH12AB1234 100% (by rapidocr, asked as: no plate found)" in capsys.readouterr().out


def test_the_command_can_switch_the_second_engine_off(blind, capsys):
    assert main(["--engine", "platenet", "--fallback", "none", blind]) == 0
    assert "photo.png: no plate" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--engine", "platenet", "--fallback", "abacus", blind])
    assert "invalid choice: 'abacus'" in capsys.readouterr().err


def test_an_engine_that_asks_nobody_says_who_it_is_and_no_reason(blind, capsys):
    assert main(["--engine", "rapidocr", "--json", blind]) == 0
    (plate,) = json.loads(capsys.readouterr().out)["plates"]
    assert (plate["engine"], plate["asked"]) == ("rapidocr", "")


def told(*reads: PlateRead) -> list[Read | Voted]:
    watch = VisitWatch("v1", "platenet", lambda image: "ab" * 32, AcceptRule())
    frame = Frame(np.zeros((4, 4, 3), np.uint8), 1.0)
    return [event for read in reads for event in watch.add(frame, [read])]


def test_the_vote_tells_of_the_surest_frame_of_its_text():
    first, second, vote = told(OWN, SECOND)
    assert (first.engine, first.asked) == ("platenet", "")
    assert (second.engine, second.asked) == (vote.engine, vote.asked) == ("rapidocr", "not sure: 0.61")
    assert decode_event(encode(vote)) == vote and decode_event(encode(second)) == second
    assert [(one.engine, one.asked) for one in told(OWN, replace(OWN, probability=0.99))] == [("platenet", "")] * 3


def test_the_event_of_a_vehicle_carries_it():
    plate = controller._plate(told(OWN, SECOND)[-1])
    assert (plate.text, plate.engine, plate.asked) == ("MH12AB1234", "rapidocr", "not sure: 0.61")


def test_edge_toml_chooses_the_fallback_and_the_worker_is_told(tmp_path):
    settings = parse(tomllib.loads(TEXT.replace('fallback = "rapidocr"', 'fallback = "none"')), EXAMPLE)
    assert settings.vision.fallback == "none"
    assert "--fallback=none" in worker_command("platenet", ["in"], tmp_path, fallback=settings.vision.fallback)


def test_a_fallback_that_does_not_exist_is_one_clear_line():
    with pytest.raises(SettingsError, match=r"vision.fallback: .*'rapidocr' or 'none'") as refused:
        parse(tomllib.loads(TEXT.replace('fallback = "rapidocr"', 'fallback = "abacus"')), EXAMPLE)
    assert "\n" not in str(refused.value)
