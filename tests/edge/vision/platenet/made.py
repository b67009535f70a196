"""What the networks would say, made by hand: cells for plates, steps for texts; and networks that have it ready."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from edge.rules.plate.decode import decode, spell
from edge.rules.plate.formats import ALPHABET
from edge.vision.found import Found
from edge.vision.platenet.corners import STRIDE
from edge.vision.platenet.reading import STEPS, Reading


def box(left: float, top: float, width: float, height: float) -> np.ndarray:
    return np.float32([(left, top), (left + width, top), (left + width, top + height), (left, top + height)])


def cell_of(corners: np.ndarray) -> tuple[int, int]:
    """(row, column) of the cell in which a plate's middle lies."""
    x, y = corners.mean(axis=0) / STRIDE
    return int(y), int(x)


def cells_of(
    plates: Iterable[tuple[np.ndarray, float]], width: int = 640, height: int = 480, fading: float = 0.0
) -> np.ndarray:
    """A detector's cells that tell each (corners, score); its neighbours the same, `fading` times as sure."""
    cells = np.zeros((height // STRIDE, width // STRIDE, 9), np.float32)
    for corners, score in plates:
        row, column = cell_of(corners)
        for y in range(max(0, row - 1), min(len(cells), row + 2)):
            for x in range(max(0, column - 1), min(cells.shape[1], column + 2)):
                sure = score if (y, x) == (row, column) else score * fading
                if sure > cells[y, x, 0]:
                    middle = np.float32([(x + 0.5) * STRIDE, (y + 0.5) * STRIDE])
                    cells[y, x] = [sure, *(corners - middle).ravel()]
    return cells


def steps_of(upper: str, lower: str = "", sure: float = 0.995) -> np.ndarray:
    """A reader's steps that spell a row in each half, every character one step wide, a blank between two."""
    steps = np.full((2 * STEPS, 1 + len(ALPHABET)), 1e-6, np.float32)
    steps[:, 0] = 1.0
    for start, text in ((0, upper), (STEPS, lower)):
        for number, character in enumerate(text):
            step = steps[start + 1 + 2 * number]
            step[:] = (1 - sure) / len(ALPHABET)
            step[1 + ALPHABET.index(character)] = sure
    return steps / steps.sum(axis=1, keepdims=True)


def reading_of(upper: str, lower: str = "", sure: float = 0.995, whole: float = 0.999) -> Reading:
    return Reading(steps_of(upper, lower, sure), whole)


class ReadyNetworks:
    """Networks that see these plates in every frame of 640 x 480, and read them so; what they were shown is kept."""

    def __init__(self, *plates: tuple[np.ndarray, Reading], score: float = 0.9) -> None:
        self._cells = cells_of([(corners, score) for corners, _ in plates])
        self._readings = [reading for _, reading in plates]
        self.pictures: list[tuple[int, ...]] = []
        self.crops: list[np.ndarray] = []

    def cells(self, picture: np.ndarray) -> np.ndarray:
        self.pictures.append(picture.shape)
        return self._cells

    def readings(self, crops: np.ndarray) -> list[Reading]:
        self.crops.append(crops)
        return self._readings[: len(crops)]


class ReadySecond:
    """A second reader with its answers ready, and a list of what it was asked."""

    name = "second"

    def __init__(self, on_plate: Sequence[Found] = (), in_frame: Sequence[Found] = ()) -> None:
        self._on_plate, self._in_frame = list(on_plate), list(in_frame)
        self.asked: list[str] = []

    def find_on(self, frame: np.ndarray, corners: np.ndarray, rows: int) -> list[Found]:
        self.asked.append(f"plate of {rows}")
        return self._on_plate

    def find(self, frame: np.ndarray, thorough: bool) -> list[Found]:
        self.asked.append("frame")
        return self._in_frame


def found(text: str, corners: np.ndarray, sure: float = 0.99) -> Found:
    return Found(decode(spell(text, sure), ["in"]), corners, ReadySecond.name)
