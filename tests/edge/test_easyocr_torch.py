"""EasyOCR's import: what lacks or does not fit is one line with its cure."""

from __future__ import annotations

import sys

import pytest

from edge.vision.easyocr_torch import easyocr_and_torch, misfit
from edge.vision.errors import EngineMissing
from edge.vision.onnx_models import install_easyocr


def told() -> str:
    with pytest.raises(EngineMissing) as refused:
        easyocr_and_torch()
    assert str(refused.value).endswith(f"; {install_easyocr()}") and "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("name", ["torch", "torchvision", "easyocr"])
def test_what_is_not_installed_is_named_with_the_command_that_installs_it(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)  # to every import as if it were not there
    assert told().startswith(f"the reading engine easyocr needs {name}, which is not installed; install it with: ")


def test_a_torchvision_for_another_torch_is_named_with_both_versions(monkeypatch, tmp_path):
    assert misfit() == ""
    (tmp_path / "torchvision-0.1.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: torchvision\nVersion: 0.1\nRequires-Dist: torch (==0.2)\n"
    (tmp_path / "torchvision-0.1.dist-info" / "METADATA").write_text(metadata)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "torch with torchvision does not load (torchvision 0.1 wants torch==0.2, this is " in told()


def test_a_torch_that_lacks_its_libraries_is_named_with_what_it_says(monkeypatch, tmp_path):
    (tmp_path / "torch.py").write_text("raise ValueError('libcublas.so.*[0-9] not found in the system path\\nmore')\n")
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "does not load (libcublas.so.*[0-9] not found in the system path)" in told()
