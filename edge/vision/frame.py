"""A frame, and the port that every camera stands behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture.

    image       uint8 BGR, H x W x 3
    exposed_at  when it was exposed, monotonic seconds; of a recording that isn't live, seconds since its start
    """

    image: np.ndarray
    exposed_at: float


class Camera(Protocol):
    def capture(self, timeout_s: float = 5.0) -> Frame | None:
        """The newest frame; None when a recording has ended. CameraError when nothing comes in time."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Frame after frame until a recording ends."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Recording(Protocol):
    """A camera that isn't live: it moves only while a visit is watched, so that none of it goes by unseen."""

    def next_visit(self) -> None:
        """A vehicle has arrived: turn to what comes next."""
        ...

    def rest(self) -> None:
        """The visit is over: stand still."""
        ...


@runtime_checkable
class SmallPlanes(Protocol):
    """A camera that gives a small picture of brightness beside its frames."""

    def plane(self, timeout_s: float = 5.0) -> np.ndarray:
        """The newest one, uint8, H x W. CameraError when nothing comes in time."""
        ...
