"""One visit as vision sees it: its reads so far, the best frame, and the vote, decided once.

Only the picture that goes with the vote is written: others would lie in the spool with nobody to fetch them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.rules.plate.plate import PlateRead, Vote, vote
from edge.vision.frame import Frame
from edge.vision.messages import Read, Voted

MOST_READS = 50  # a vehicle that stands for an hour doesn't fill the memory; the latest count
NEAR = 0.75  # a plate lower than this share of the highest one belongs to a vehicle further away
BETTER = 0.02  # a frame must be this much surer to be kept instead of the best so far


@dataclass(frozen=True)
class AcceptRule:
    """accept: the joint confidence that is needed, 0 to 1; agree: how many frames must read the same text."""

    accept: float = 0.9
    agree: int = 2


class VisitWatch:
    """Reads of the vehicle of one visit.

    engine  who reads
    keep    writes a frame and returns its SHA-256, "" when it can't
    rule    what makes the joint result accepted
    develop is told of each frame that `keep` may be asked for next, while there is still time; it must not wait
    """

    def __init__(
        self,
        visit: str,
        engine: str,
        keep: Callable[[np.ndarray], str],
        rule: AcceptRule,
        develop: Callable[[np.ndarray], None] = lambda image: None,
    ) -> None:
        self.visit, self.decided = visit, False
        self._rule = rule
        self._engine, self._keep, self._develop = engine, keep, develop
        self._reads: list[PlateRead] = []
        self._best: PlateRead | None = None
        self._picture: np.ndarray | None = None  # of the best read; the last frame's when nothing was read
        self._picture_at = 0.0

    def add(self, frame: Frame, reads: Sequence[PlateRead]) -> list[Read | Voted]:
        """Takes a frame's reads; returns what to tell the gate: the read, and the vote when it is now accepted."""
        if self.decided:
            return []
        plate = foremost(reads)
        if plate is None:
            if self._best is None:
                self._picture, self._picture_at = frame.image, frame.exposed_at
            return []
        self._reads = [*self._reads[-MOST_READS + 1 :], plate]
        if self._best is None or plate.probability > self._best.probability + BETTER:
            self._best, self._picture, self._picture_at = plate, frame.image, frame.exposed_at
            self._develop(frame.image)
        told: list[Read | Voted] = [self._read(plate)]
        if self._vote().accepted:
            told.append(self._voted())
        return told

    def end(self) -> list[Voted]:
        """The vote as far as it goes, unless it was already told. A visit with no read keeps its last frame."""
        return [] if self.decided else [self._voted()]

    def _vote(self) -> Vote:
        return vote(self._reads, self._rule.agree, self._rule.accept)

    def _read(self, plate: PlateRead) -> Read:
        return Read(
            visit=self.visit,
            text=plate.text,
            raw=plate.raw,
            format=plate.format,
            confidence=round(plate.probability, 4),
            per_char=_rounded(plate.confidence),
            box=plate.box,
            engine=self._engine,
            seen_at=plate.seen_at,
        )

    def _voted(self) -> Voted:
        self.decided = True
        result = self._vote()
        winning = [read for read in self._reads if read.text == result.text]
        best = max(winning, key=lambda read: read.probability, default=None)
        return Voted(
            visit=self.visit,
            text=result.text,
            raw=best.raw if best else "",
            format=best.format if best else "",
            confidence=round(result.confidence, 4),
            per_char=_rounded(best.confidence) if best else (),
            box=best.box if best else (),
            engine=self._engine,
            frames=result.frames,
            accepted=result.accepted,
            seen_at=self._picture_at,
            image="" if self._picture is None else self._keep(self._picture),
        )


def foremost(reads: Sequence[PlateRead]) -> PlateRead | None:
    """The plate of the vehicle at the barrier: of the large ones, which are near, the surest and then the largest.

    A small one beside it is a vehicle that queues behind, however well it can be read.
    """
    plates = [read for read in reads if read.evidence >= 0]
    near_px = NEAR * max(map(_height_px, plates), default=0.0)
    near = [read for read in plates if _height_px(read) >= near_px]
    return max(near, key=lambda read: (read.is_sure(), _height_px(read)), default=None)


def _height_px(read: PlateRead) -> float:
    corners = np.array(read.box)
    return float(np.linalg.norm(corners[3] - corners[0]))


def _rounded(shares: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(share, 4) for share in shares)
