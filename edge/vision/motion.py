"""Whether something arrives in the lane, from small grey pictures: for a lane without an arming loop. Pure numpy.

The picture is compared block by block with what the lane looks like at rest, after taking out what changed everywhere
at once (a cloud, the camera's own exposure). What moves must fill a good part of the view, twice in a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLOCK_PX = 8


@dataclass(frozen=True, slots=True)
class MotionRule:
    """How much is motion.

    level    grey levels a block must differ by, 0 to 255
    share    of the view's blocks that must differ, 0 to 1: a vehicle fills a third, a cat a hundredth
    agree    so many pictures in a row must say so
    learn    share of each new picture in what is held for the lane at rest
    scenery  what has stood there for so many pictures belongs to the lane: ten minutes at five a second
    view     left, top, right, bottom of the part that counts, shares of the picture
    """

    level: float = 14.0
    share: float = 0.06
    agree: int = 2
    learn: float = 0.05
    scenery: int = 3000
    view: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


class Motion:
    """Looks at one lane. Its first picture is the lane at rest."""

    def __init__(self, rule: MotionRule | None = None) -> None:
        self._rule = rule or MotionRule()
        self._rest: np.ndarray | None = None
        self._stood: np.ndarray | None = None  # for how many pictures each block has differed
        self._moved = 0

    def motion(self, plane: np.ndarray) -> bool:
        """Whether something is in the lane that is not there at rest.

        plane  brightness, uint8, H x W, at least 8 x 8 within the view; always the same size
        """
        blocks = _blocks(plane, self._rule.view)
        if self._rest is None or self._rest.shape != blocks.shape:
            self._rest, self._stood = blocks, np.zeros(blocks.shape, np.int32)
            return False
        change = blocks - self._rest
        everywhere = float(np.median(change))
        differs = np.abs(change - everywhere) > self._rule.level
        self._stood = np.where(differs, self._stood + 1, 0)
        # nothing is learnt where something stands, or a ghost of it would stay behind
        learnt = np.where(self._stood >= self._rule.scenery, blocks, self._rest)
        self._rest = np.where(differs, learnt, self._rest + self._rule.learn * change).astype(np.float32)
        self._moved = self._moved + 1 if differs.mean() >= self._rule.share else 0
        return self._moved >= self._rule.agree


def _blocks(plane: np.ndarray, view: tuple[float, float, float, float]) -> np.ndarray:
    """Mean brightness of each block of the view, float32."""
    if plane.ndim != 2 or plane.dtype != np.uint8:
        raise ValueError(f"motion: got {plane.dtype} of shape {plane.shape}; expected uint8 brightness, H x W")
    height, width = plane.shape
    left, top, right, bottom = view
    seen = plane[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    rows, columns = seen.shape[0] // BLOCK_PX, seen.shape[1] // BLOCK_PX
    if not rows or not columns:
        raise ValueError(f"motion: the view is {seen.shape[1]} x {seen.shape[0]} px; expected at least 8 x 8")
    whole = seen[: rows * BLOCK_PX, : columns * BLOCK_PX]
    return whole.reshape(rows, BLOCK_PX, columns, BLOCK_PX).mean(axis=(1, 3), dtype=np.float32)
