"""The two networks of platenet, run by onnxruntime: one finds plates' corners, one reads straightened plates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from edge.vision.ctc import softened
from edge.vision.errors import EngineMissing
from edge.vision.onnx_models import MODELS, WEIGHTS, open_session
from edge.vision.platenet.corners import STRIDE
from edge.vision.platenet.reading import Reading

if TYPE_CHECKING:
    import onnxruntime

DETECTOR, READER = (path.name for path in WEIGHTS)


class Networks(Protocol):
    """What platenet looks with."""

    def cells(self, picture: np.ndarray) -> np.ndarray:
        """Of a picture (uint8 BGR, H x W x 3, multiples of 32): float32 (H / 8, W / 8, 9), see `corners.plates_of`."""
        ...

    def readings(self, crops: np.ndarray) -> list[Reading]:
        """Of straightened plates (uint8 BGR, n x 64 x 128 x 3), in the same order."""
        ...


class OnnxNetworks:
    """The networks in a folder, on the CPU. One instance serves one thread. EngineMissing names a file that doesn't do.

    Each network's metadata may hold `temperature`: what its logits are still to be divided by, so that it is right as
    often as it says; 1.0 where it holds none.
    """

    def __init__(self, threads: int = 1, folder: Path = MODELS) -> None:
        self._detector = _open(folder / DETECTOR, threads, ["picture"], ["cells"])
        self._reader = _open(folder / READER, threads, ["crops"], ["steps", "whole"])
        self._coolness = tuple(
            1 / _temperature(s, folder / n) for s, n in ((self._detector, DETECTOR), (self._reader, READER))
        )

    def cells(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        (cells,) = self._detector.run(["cells"], {"picture": picture[None]})
        if cells.shape != (1, height // STRIDE, width // STRIDE, 9):
            raise EngineMissing(f"{DETECTOR}: gave cells of shape {cells.shape} for a picture of {width} x {height}")
        cells = cells[0]
        if self._coolness[0] != 1.0:
            two = np.stack([1 - cells[..., 0], cells[..., 0]], axis=-1)
            cells[..., 0] = softened(two, self._coolness[0])[..., 1]
        return cells

    def readings(self, crops: np.ndarray) -> list[Reading]:
        if not len(crops):
            return []
        steps, whole = self._reader.run(["steps", "whole"], {"crops": crops})
        steps = softened(steps, self._coolness[1])
        return [Reading(one, float(share)) for one, share in zip(steps, whole, strict=True)]


def _open(path: Path, threads: int, takes: list[str], gives: list[str]) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise EngineMissing(f"platenet: {path}: is not there; `./parkmeter train {path.stem}` makes it")
    session = open_session(path, threads)
    names = [one.name for one in session.get_inputs()], [one.name for one in session.get_outputs()]
    if names != (takes, gives):
        raise EngineMissing(f"platenet: {path}: takes {names[0]} and gives {names[1]}; expected {takes} and {gives}")
    return session


def _temperature(session: onnxruntime.InferenceSession, path: Path) -> float:
    said = session.get_modelmeta().custom_metadata_map.get("temperature", "1.0")
    try:
        temperature = float(said)
    except ValueError:
        temperature = 0.0
    if not 0.1 <= temperature <= 10:
        raise EngineMissing(f"platenet: {path}: its temperature is {said!r}; expected a number from 0.1 to 10")
    return temperature
