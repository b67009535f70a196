"""The reading port, and the engines behind it: each in a module of its own, loaded only when it is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

import numpy as np

from edge.rules.plate.plate import PlateRead
from edge.vision.errors import EngineMissing, UnknownEngine
from edge.vision.onnx_models import INSTALL, install_easyocr


class Reader(Protocol):
    """Reads the plates of a frame. One instance serves one thread."""

    name: str

    def read(self, frame: np.ndarray, seen_at: float, thorough: bool = False) -> list[PlateRead]:
        """Plates in `frame` (uint8 BGR, H x W x 3), likeliest first; `seen_at` in monotonic seconds goes into each.

        thorough  take the time to look as closely as it can: nobody waits, and no other frame will come
        """
        ...


@dataclass(frozen=True, slots=True)
class Engine:
    """How an engine is had.

    module    holds it
    reader    its class there: called with the regions and threads=N
    packages  it imports, by the name one imports
    install   what to do where one of them is missing
    """

    module: str
    reader: str
    packages: tuple[str, ...]
    install: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Its packages that are not installed; asked for by name, none is loaded."""
        return tuple(package for package in self.packages if find_spec(package) is None)


#   name        module                          class             imports                             else
ENGINES: dict[str, Engine] = {
    "rapidocr": Engine("edge.vision.rapidocr_reader", "RapidOcrReader", ("rapidocr", "onnxruntime", "cv2"), INSTALL),
    "easyocr":  Engine("edge.vision.easyocr_reader",  "EasyOcrReader",  ("easyocr", "torch", "torchvision"),
                       install_easyocr()),
}  # fmt: skip


def engine_of(name: str) -> Engine:
    """The engine of that name, installed or not. UnknownEngine names those that there are."""
    if name not in ENGINES:
        raise UnknownEngine(f"there is no reading engine {name!r}; expected one of {', '.join(ENGINES)}")
    return ENGINES[name]


def installed_engines() -> list[str]:
    """Names of the engines whose packages are there."""
    return [name for name, engine in ENGINES.items() if not engine.missing]


def open_reader(engine: str, regions: Iterable[str], threads: int = 1) -> Reader:
    """The reader of that name. UnknownEngine or EngineMissing says what to do; ValueError names an unknown region."""
    chosen = engine_of(engine)
    if chosen.missing:
        raise EngineMissing(f"the reading engine {engine} needs {chosen.missing[0]}, not installed; {chosen.install}")
    return getattr(import_module(chosen.module), chosen.reader)(regions, threads=threads)
