"""The wiring that people read is the one that the settings say."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

from gpiozero.pins.mock import MockFactory

from edge.rules.signals import Inputs
from edge.settings.picamera import PicameraSettings

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "firmware_scripts" / "draw_wiring.py"
CONFIG = ROOT / "config" / "edge.toml"
HARDWARE, CAMERA = (ROOT / "docs" / name for name in ("hardware.md", "camera.md"))


def draw_wiring():
    spec = importlib.util.spec_from_file_location("draw_wiring", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_drawing_and_the_table_are_those_of_the_example_settings():
    draw = draw_wiring()
    found = draw.pins(CONFIG)
    assert (ROOT / "docs" / "wiring.svg").read_text() == draw.drawing(found)
    assert f"{draw.BEGIN}\n{draw.table(found)}{draw.END}" in HARDWARE.read_text()


def test_the_drawing_shows_every_input_and_output_with_its_pin():
    draw = draw_wiring()
    found = draw.pins(CONFIG)
    assert set(draw.INPUTS) == {field.name for field in fields(Inputs)} - {"valid"}
    words = [element.text for element in ElementTree.fromstring(draw.drawing(found)).iter() if element.text]
    for pin in [*found["inputs"].values(), *found["outputs"].values()]:
        assert f"GPIO {pin}" in words and f"header {draw.HEADER[pin]}" in words


def test_places_on_the_header_are_those_of_the_board():
    [header] = [header for name, header in MockFactory().board_info.headers.items() if name == "J8"]
    board = {int(pin.name.removeprefix("GPIO")): number for number, pin in header.pins.items() if "GPIO" in pin.name}
    assert board == draw_wiring().HEADER


def test_a_file_without_pins_is_refused_in_one_line(tmp_path):
    path = tmp_path / "edge.toml"
    path.write_text("[gate]\n")
    ran = subprocess.run([sys.executable, str(SCRIPT), str(path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and ran.stderr.count("\n") == 1
    assert "expected [devices.inputs] and [devices.outputs]" in ran.stderr


def test_the_sentence_that_the_pi_is_no_safety_device_stands_first():
    assert "**The Pi is no safety device.**" in HARDWARE.read_text().split("\n\n")[1]


def test_every_option_of_the_pi_s_camera_is_explained():
    options = {field.name for field in fields(PicameraSettings)} - {"number"}
    assert [name for name in options if f"`{name}`" not in CAMERA.read_text()] == []
