"""The reading engines there are, what each needs, and which one reads where none is chosen. None is loaded here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from edge.settings import defaults
from edge.vision.errors import EngineMissing, UnknownEngine
from edge.vision.onnx_models import INSTALL, INSTALL_PLATENET, WEIGHTS, install_easyocr

DEFAULT = defaults.ENGINE  # the engine where none is chosen
FALLBACKS = (defaults.FALLBACK, "none")  # whom an engine that asks a second one may ask; the first where none is chosen


@dataclass(frozen=True, slots=True)
class Engine:
    """How an engine is had.

    module    holds it
    reader    its class there: called with the regions, threads=N, and fallback=NAME where it asks a second one
    packages  it imports, by the name one imports
    install   what to do where something of it is missing
    weights   files of its own networks
    asks      it asks a second engine where it is not sure
    """

    module: str
    reader: str
    packages: tuple[str, ...]
    install: str
    weights: tuple[Path, ...] = ()
    asks: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Its packages that are not installed (asked for by name, not loaded), then its weights that are not there."""
        packages = tuple(package for package in self.packages if find_spec(package) is None)
        return packages + tuple(str(file) for file in self.weights if not file.is_file())


#   name        module                          class             imports                             else
ENGINES: dict[str, Engine] = {
    "rapidocr": Engine("edge.vision.rapidocr_reader", "RapidOcrReader", ("rapidocr", "onnxruntime", "cv2"), INSTALL),
    "platenet": Engine("edge.vision.platenet.reader", "PlatenetReader", ("onnxruntime", "cv2"), INSTALL_PLATENET,
                       weights=WEIGHTS, asks=True),
    "easyocr":  Engine("edge.vision.easyocr_reader",  "EasyOcrReader",  ("easyocr", "torch", "torchvision"),
                       install_easyocr()),
}  # fmt: skip


def engine_of(name: str) -> Engine:
    """The engine of that name, installed or not. UnknownEngine names those that there are."""
    if name not in ENGINES:
        raise UnknownEngine(f"there is no reading engine {name!r}; expected one of {', '.join(ENGINES)}")
    return ENGINES[name]


def installed_engines() -> list[str]:
    """Names of the engines that lack nothing."""
    return [name for name, engine in ENGINES.items() if not engine.missing]


def check_engine(name: str) -> Engine:
    """The engine of that name. UnknownEngine, or EngineMissing that says what it lacks and what to do."""
    engine = engine_of(name)
    if engine.missing:
        raise EngineMissing(f"the reading engine {name} needs {engine.missing[0]}, not installed; {engine.install}")
    return engine
