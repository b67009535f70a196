"""The reading port, and how the engine behind it is opened: a module of its own each, loaded only when it is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol

import numpy as np

from edge.rules.plate.plate import PlateRead
from edge.vision.engines import DEFAULT, ENGINES, FALLBACKS, check_engine, engine_of, installed_engines

__all__ = ["DEFAULT", "ENGINES", "FALLBACKS", "Reader", "engine_of", "installed_engines", "open_reader"]


class Reader(Protocol):
    """Reads the plates of a frame. One instance serves one thread."""

    name: str

    def read(self, frame: np.ndarray, seen_at: float, thorough: bool = False) -> list[PlateRead]:
        """Plates in `frame` (uint8 BGR, H x W x 3), likeliest first; `seen_at` in monotonic seconds goes into each.

        thorough  take the time to look as closely as it can: nobody waits, and no other frame will come
        """
        ...


def open_reader(engine: str, regions: Iterable[str], threads: int = 1, fallback: str = FALLBACKS[0]) -> Reader:
    """The reader of that name. UnknownEngine or EngineMissing says what to do; ValueError names an unknown region.

    fallback  whom an engine asks where it is not sure, one of FALLBACKS; those that ask nobody take no notice of it
    """
    chosen = check_engine(engine)
    options = {"fallback": fallback} if chosen.asks else {}
    return getattr(import_module(chosen.module), chosen.reader)(regions, threads=threads, **options)
