"""The second opinion: rapidocr, asked about what platenet is not sure of, and opened only when it is first asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Protocol

import numpy as np

from edge.rules.plate.decode import Slot
from edge.vision.found import Found, rectify, settled, spelt_by
from edge.vision.platenet.corners import across_px, down_px
from edge.vision.platenet.rows import one_row, two_rows
from edge.vision.rapidocr_reader import RapidOcrReader
from edge.vision.recogniser import LineRecogniser

SQUARE = 2.6  # a plate less wide than this many heights is likelier to have two rows

Cut = Callable[[np.ndarray], list[np.ndarray]]


class Second(Protocol):
    """Who is asked."""

    name: str

    def find_on(self, frame: np.ndarray, corners: np.ndarray, rows: int) -> list[Found]:
        """What it reads on the plate with these corners; rows: 1, 2, or 0 where nobody knows."""
        ...

    def find(self, frame: np.ndarray, thorough: bool) -> list[Found]:
        """What it finds in the whole frame."""
        ...


class RapidOcrSecond:
    """PP-OCRv6: its recogniser alone, row by row, on a plate that was found; its detector too on a whole frame."""

    name = RapidOcrReader.name

    def __init__(self, regions: Iterable[str], threads: int = 1) -> None:
        self._regions, self._threads = tuple(regions), threads

    @cached_property
    def _recogniser(self) -> LineRecogniser:
        return LineRecogniser(self._threads)

    @cached_property
    def _reader(self) -> RapidOcrReader:
        return RapidOcrReader(self._regions, self._threads, self._recogniser)

    def find_on(self, frame: np.ndarray, corners: np.ndarray, rows: int) -> list[Found]:
        plate = rectify(frame, corners)
        found: list[Found] = []
        for cut in _cuts(corners, rows):
            slots: list[Slot] = [slot for row in cut(plate) for slot in self._recogniser.slots(row)]
            if (decoded := spelt_by(slots, self._regions)) is not None:
                found.append(Found(decoded, corners, self.name))
            if settled(found):
                break
        return found

    def find(self, frame: np.ndarray, thorough: bool) -> list[Found]:
        return self._reader.find(frame, thorough)


def _cuts(corners: np.ndarray, rows: int) -> tuple[Cut, Cut]:
    """Both ways to cut it into rows, the likelier first."""
    if not rows:
        rows = 2 if across_px(corners) < SQUARE * down_px(corners) else 1
    return (two_rows, one_row) if rows == 2 else (one_row, two_rows)
