"""Imports that wait: nothing is loaded until it is used, and then it is all there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from edge.lazily import lazily

WHAT_A_GATE_LOADS = """
import json, sys, types
from edge.__main__ import RARELY
from edge.lazily import lazily
with lazily(*RARELY):
    import edge.gate
loaded = [name for name, module in sys.modules.items() if type(module) is types.ModuleType]
print(json.dumps([loaded, RARELY]))
"""


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_a_module_is_loaded_when_something_of_it_is_first_used():
    code = """
import sys
from edge.lazily import lazily
with lazily("colorsys"):
    import colorsys
print(type(sys.modules["colorsys"]).__name__, colorsys.rgb_to_hsv(1.0, 0.0, 0.0), type(colorsys).__name__)
"""
    assert run(code) == "_LazyModule (0.0, 1.0, 1.0) module\n"


def test_a_module_that_is_not_installed_is_missed_at_once():
    with lazily("no_such_module"), pytest.raises(ModuleNotFoundError, match="no_such_module"):
        import no_such_module  # noqa: F401


def test_what_is_imported_afterwards_is_loaded_at_once():
    with lazily("this"):
        pass
    assert not [finder for finder in sys.meta_path if type(finder).__module__ == "edge.lazily"]


def test_a_gate_starts_without_what_its_packages_keep_for_rare_occasions():
    loaded, rarely = json.loads(run(WHAT_A_GATE_LOADS))
    rare = {*rarely, "dateutil.tz", "html.entities", "prometheus_client", "numpy", "pandas", "dns", "cv2"}
    assert rare.isdisjoint(loaded) and {"edge.gate", "flask", "paho.mqtt.client"} <= set(loaded)
