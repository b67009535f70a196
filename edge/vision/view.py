"""Where in the picture plates count: the vehicle at the barrier, not the one queueing behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.rules.plate.plate import PlateRead
from edge.vision.reader import Reader

MARGIN = 0.12  # read around the view, so that a plate on its edge is seen whole; share of the picture's height


@dataclass(frozen=True, slots=True)
class View:
    """The part of a picture in which the plate of the vehicle at the stop line appears.

    left, top, right, bottom  shares of the picture's width and height, from its top left corner, 0 to 1
    """

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.left < self.right <= 1.0 and 0.0 <= self.top < self.bottom <= 1.0):
            raise ValueError(f"view {self}: expected left < right and top < bottom, all from 0 to 1")

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.right},{self.bottom}"

    @classmethod
    def of(cls, text: str) -> View:
        """From "LEFT,TOP,RIGHT,BOTTOM"; ValueError where that is not four shares."""
        try:
            shares = [float(part) for part in text.split(",")]
        except ValueError:
            shares = []
        if len(shares) != 4:
            raise ValueError(f"view {text!r}: expected LEFT,TOP,RIGHT,BOTTOM, each from 0 to 1")
        return cls(*shares)

    def read(self, reader: Reader, image: np.ndarray, seen_at: float) -> list[PlateRead]:
        """Plates whose middle lies in the view, likeliest first, their boxes in the whole picture.

        image  uint8 BGR, H x W x 3
        """
        height, width = image.shape[:2]
        margin = MARGIN * height
        x0, y0 = max(0, round(self.left * width - margin)), max(0, round(self.top * height - margin))
        x1, y1 = round(self.right * width + margin), round(self.bottom * height + margin)
        reads = reader.read(image[y0:y1, x0:x1], seen_at)
        moved = [replace(read, box=tuple((x + x0, y + y0) for x, y in read.box)) for read in reads]
        return [read for read in moved if self._holds(read.box, width, height)]

    def _holds(self, box: Sequence[tuple[float, float]], width: int, height: int) -> bool:
        x, y = np.mean(np.array(box), axis=0) / (width, height)
        return bool(self.left <= x <= self.right and self.top <= y <= self.bottom)
