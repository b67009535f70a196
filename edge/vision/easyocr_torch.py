"""Imports EasyOCR with the torch and torchvision under it, whichever builds of the two have come together."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from types import ModuleType

from packaging.requirements import Requirement

from edge.vision.errors import EngineMissing
from edge.vision.onnx_models import install_easyocr

# Operators that torchvision's own library brings, and that importing torchvision asks for.
OPERATORS = ("nms", "qnms")
_declared: list[object] = []  # torch forgets a declaration as soon as nobody holds it


def easyocr_and_torch() -> tuple[ModuleType, ModuleType]:
    """Both modules. EngineMissing names what is not installed, or which two do not fit, and the command that helps."""
    try:
        torch = import_module("torch")
        _import_torchvision(torch)
        return import_module("easyocr"), torch
    except ImportError as missing:
        needs = f"the reading engine easyocr needs {missing.name}, which is not installed"
        raise EngineMissing(f"{needs}; {install_easyocr()}") from missing
    except (OSError, RuntimeError, ValueError) as unfit:  # built for one another's other versions, or for CUDA
        first = (str(unfit).splitlines() or [""])[0]
        raise EngineMissing(f"easyocr: torch with torchvision does not load ({first}); {install_easyocr()}") from unfit


def misfit() -> str:
    """How the installed torch is not the one that the installed torchvision was built for; "" where it is."""
    try:
        wanted = [Requirement(line) for line in requires("torchvision") or []]
        there = version("torch")
    except PackageNotFoundError:
        return ""
    for torch in (wish for wish in wanted if wish.name == "torch"):
        if not torch.specifier.contains(there, prereleases=True):
            return f"torchvision {version('torchvision')} wants torch{torch.specifier}, this is {there}"
    return ""


def _import_torchvision(torch: ModuleType) -> None:
    """A torchvision built for CUDA can't load its operators beside a torch that was built without.

    EasyOCR uses none of them, but the import asks for two: they are declared, with nothing behind them.
    """
    if unfit := misfit():
        raise RuntimeError(unfit)
    try:
        import_module("torchvision")
    except RuntimeError as error:
        if f"torchvision::{OPERATORS[0]} does not exist" not in str(error):
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for operator in OPERATORS:
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _declared.append(library)
        import_module("torchvision")
