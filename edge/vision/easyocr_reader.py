"""The engine `easyocr`: its weights checked before they are loaded, its lines decoded over the formats like any others.

Weights lie in the folder that EasyOCR itself looks in: EASYOCR_MODULE_PATH, else ~/.EasyOCR. They are pickles, which
can run code as they load: a file is loaded only when its SHA-256 is known. Nothing is downloaded.

A network of one's own: PARKMETER_EASYOCR_NETWORK=NAME, with model/NAME.pth, user_network/NAME.yaml and NAME.py, and
user_network/NAME.sha256 (as `sha256sum` writes it) with the sums of all three.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Protocol

import numpy as np
from yaml import YAMLError

from edge.rules.plate.decode import Slot, checked_regions
from edge.rules.plate.formats import ALPHABET
from edge.rules.plate.plate import PlateRead
from edge.vision.detector import TextLine, clockwise
from edge.vision.easyocr_torch import easyocr_and_torch
from edge.vision.errors import EngineMissing
from edge.vision.found import distinct, plate_read, plates_in, rectify, slots_of_text

PUBLISHED = "standard"  # EasyOCR's own word for its published networks
DETECTOR, RECOGNISER = "craft_mlt_25k.pth", "english_g2.pth"
SHA256 = {
    DETECTOR: "4a5efbfb48b4081100544e75e1e2b57f8de3d84f213004b14b85fd4b3748db17",
    RECOGNISER: "e2272681d9d67a04e2dff396b6e95077bc19001f8f6d3593c307b9852e1c29e8",
}
# what a network of one's own may fail with as it is loaded: its settings, its code and its weights are its maker's
BROKEN = (ArithmeticError, AssertionError, AttributeError, EOFError, ImportError, LookupError, OSError, RuntimeError,
          SyntaxError, TypeError, ValueError, UnpicklingError, YAMLError)  # fmt: skip
ALLOWED = ALPHABET + "abcdefghijklmnopqrstuvwxyz"


class Library(Protocol):
    """What of `easyocr.Reader` is used."""

    def readtext(self, image: np.ndarray, **options: object) -> list: ...

    def recognize(self, img_cv_grey: np.ndarray, **options: object) -> list: ...


@dataclass(frozen=True, slots=True)
class Network:
    """Which weights, and where.

    folder  holds model/ and user_network/, as EasyOCR lays them out
    name    "standard", or a network of one's own
    """

    folder: Path
    name: str = PUBLISHED

    @classmethod
    def chosen(cls, environment: Mapping[str, str]) -> Network:
        """As the environment says. EngineMissing where the name could lead out of the folder."""
        name = environment.get("PARKMETER_EASYOCR_NETWORK", PUBLISHED)
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            raise EngineMissing(f"PARKMETER_EASYOCR_NETWORK is {name!r}; expected a name of letters, digits and '_'")
        return cls(Path(environment.get("EASYOCR_MODULE_PATH") or Path.home() / ".EasyOCR"), name)

    @property
    def model(self) -> Path:
        return self.folder / "model"

    @property
    def user(self) -> Path:
        return self.folder / "user_network"

    def files(self, with_detector: bool) -> dict[Path, str]:
        """Every file that will be loaded, with the SHA-256 it must have."""
        wanted = {self.model / DETECTOR: SHA256[DETECTOR]} if with_detector else {}
        if self.name == PUBLISHED:
            return wanted | {self.model / RECOGNISER: SHA256[RECOGNISER]}
        sums = _sums(self.user / f"{self.name}.sha256")
        for path in (self.model / f"{self.name}.pth", self.user / f"{self.name}.yaml", self.user / f"{self.name}.py"):
            if path.name not in sums:
                raise EngineMissing(f"{self.user / self.name}.sha256: has no sum of {path.name}; expected one")
            wanted[path] = sums[path.name]
        return wanted

    def check(self, with_detector: bool) -> None:
        """EngineMissing names the first file that is not there, or is another than it should be."""
        for path, expected in self.files(with_detector).items():
            try:
                with path.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise EngineMissing(
                    f"easyocr: {path}: {error.strerror}; expected the weights there (docs/camera.md says from where)"
                ) from error
            if found != expected:
                raise EngineMissing(f"easyocr: {path}: SHA-256 is {found}; expected {expected}: it is not loaded")


class EasyOcrReader:
    """EasyOCR on the processor. One instance serves one thread.

    network   whose weights; None: as the environment says
    detector  False where only boxes are read (`read_box`): CRAFT is then neither needed nor loaded
    library   an `easyocr.Reader` that is there already; None: one is made, after the check of its weights
    """

    name = "easyocr"

    def __init__(
        self,
        regions: Iterable[str],
        threads: int = 1,
        network: Network | None = None,
        detector: bool = True,
        library: Library | None = None,
    ) -> None:
        self._regions = checked_regions(regions)
        if library is None:
            network = network or Network.chosen(os.environ)
            network.check(detector)
            library = _library(network, threads, detector)
        self._library = library

    def read(self, frame: np.ndarray, seen_at: float, thorough: bool = False) -> list[PlateRead]:
        canvas_px = max(frame.shape[:2]) if thorough else 640
        told = self._library.readtext(frame, canvas_size=canvas_px, allowlist=ALLOWED, batch_size=1, workers=0)
        return self._plates([(np.float32(box), text, share) for box, text, share in told], seen_at)

    def read_box(self, frame: np.ndarray, box: np.ndarray, seen_at: float) -> list[PlateRead]:
        """The plate in a box that is known (float32, (4, 2), clockwise from top left), read as one line."""
        part = rectify(frame, box)
        grey = part.mean(axis=2).astype(np.uint8)
        whole = [[0, grey.shape[1], 0, grey.shape[0]]]
        told = self._library.recognize(
            grey, horizontal_list=whole, free_list=[], allowlist=ALLOWED, batch_size=1, workers=0
        )
        return self._plates([(np.float32(box), text, share) for _, text, share in told], seen_at)

    def _plates(self, told: Sequence[tuple[np.ndarray, str, float]], seen_at: float) -> list[PlateRead]:
        lines = [TextLine(clockwise(box), float(share)) for box, _, share in told]
        slots = [slots_of_line(text, float(share)) for _, text, share in told]
        return [plate_read(found, seen_at) for found in distinct(plates_in(lines, slots, self._regions, self.name))]


def slots_of_line(text: str, told: float) -> list[Slot]:
    """Slots of a line and the one confidence that EasyOCR tells of it: prod(p) ** (2 / sqrt(n)), undone evenly."""
    letters = [c for c in text.upper() if c in ALPHABET]
    if not letters or not math.isfinite(told):
        return []
    count = max(1, len(text))
    return slots_of_text("".join(letters), min(1.0, max(told, 1e-9)) ** (1 / (2 * math.sqrt(count))))


def _library(network: Network, threads: int, detector: bool) -> Library:
    easyocr, torch = easyocr_and_torch()
    torch.set_num_threads(threads)
    try:
        return easyocr.Reader(
            ["en"],
            gpu=False,
            model_storage_directory=str(network.model),
            user_network_directory=str(network.user),
            recog_network=network.name,
            download_enabled=False,
            detector=detector,
            verbose=False,
        )
    except BROKEN as error:
        first = (str(error).splitlines() or [""])[0]
        raise EngineMissing(
            f"easyocr: the network {network.name} can't be loaded: {type(error).__name__}: {first}"
        ) from error


def _sums(path: Path) -> dict[str, str]:
    """File name to SHA-256, as `sha256sum` writes them."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is no text"
        raise EngineMissing(f"easyocr: {path}: {why}; expected the SHA-256 of the network's files") from error
    found = {}
    for line in lines:
        if match := re.fullmatch(r"([0-9a-f]{64}) [ *](?:.*/)?([^/]+)", line):
            found[match[2]] = match[1]
    return found
