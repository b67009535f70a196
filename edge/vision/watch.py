"""One visit as vision sees it: the plates before the barrier, the best frame, and the vote, decided once.

Only the picture that goes with the vote is written: others would lie in the spool with nobody to fetch them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.rules.plate.barrier import Barrier, Foremost, foremost
from edge.rules.plate.plate import PlateRead, Vote
from edge.vision.frame import Frame
from edge.vision.messages import Read, Voted

__all__ = ["AcceptRule", "VisitWatch", "foremost"]

NOTHING = Vote("", 0.0, 0, False)
BETTER = 0.02  # a frame must be this much surer to be kept instead of the best so far


@dataclass(frozen=True)
class AcceptRule:
    """What makes a joint result accepted.

    accept  the joint confidence that is needed, 0 to 1
    agree   how many more frames must read the same text than another one
    coming  nothing but the camera says that somebody is there: a plate must be seen coming, or be looked at longer
    """

    accept: float = 0.9
    agree: int = 2
    coming: bool = False


class VisitWatch:
    """Reads of the vehicle of one visit.

    engine  who reads
    keep    writes a frame and returns its SHA-256, "" when it can't
    rule    what makes the joint result accepted
    develop is told of each frame that `keep` may be asked for next, while there is still time; it must not wait
    before  what the visit before decided: that vehicle may still be in view, driving on
    """

    def __init__(
        self,
        visit: str,
        engine: str,
        keep: Callable[[np.ndarray], str],
        rule: AcceptRule,
        develop: Callable[[np.ndarray], None] = lambda image: None,
        before: PlateRead | None = None,
    ) -> None:
        self.visit, self.decided = visit, False
        self._rule = rule
        self._engine, self._keep, self._develop = engine, keep, develop
        self.accepted: PlateRead | None = None  # the surest read of the plate that was accepted
        self._barrier = Barrier(rule.coming, before)
        self._plate: Foremost | None = None
        self._best: PlateRead | None = None  # of that plate
        self._picture: np.ndarray | None = None  # of the best read; the last frame's when nothing was read
        self._picture_at = 0.0

    def add(self, frame: Frame, reads: Sequence[PlateRead]) -> list[Read | Voted]:
        """Takes a frame's reads; returns what to tell the gate: the read, and the vote when it is now accepted."""
        if self.decided:
            return []
        before, self._plate = self._plate, self._seen(frame, reads)
        if self._plate is None:
            self._picture, self._picture_at = frame.image, frame.exposed_at
            return []
        if before is None or before.track.number != self._plate.track.number:
            self._best = None
        read = self._plate.track.reads[-1]
        if not any(read is one for one in reads):
            return []  # it can't be read in this frame
        if self._best is None or read.probability > self._best.probability + BETTER:
            self._best, self._picture, self._picture_at = read, frame.image, frame.exposed_at
            self._develop(frame.image)
        told: list[Read | Voted] = [self._read(read)]
        if self._vote().accepted:
            told.append(self._voted())
        return told

    def end(self) -> list[Voted]:
        """The vote as far as it goes, unless it was already told. A visit with no read keeps its last frame."""
        return [] if self.decided else [self._voted()]

    def _seen(self, frame: Frame, reads: Sequence[PlateRead]) -> Foremost | None:
        """The plate at the barrier; the last one there was where there is none now."""
        height, width = frame.image.shape[:2]
        return self._barrier.add(reads, frame.exposed_at, (width, height)) or self._plate

    def _vote(self) -> Vote:
        return self._plate.vote(self._rule.agree, self._rule.accept) if self._plate else NOTHING

    def _read(self, plate: PlateRead) -> Read:
        return Read(
            visit=self.visit,
            text=plate.text,
            raw=plate.raw,
            format=plate.format,
            confidence=round(plate.probability, 4),
            per_char=_rounded(plate.confidence),
            box=plate.box,
            engine=plate.engine or self._engine,
            seen_at=plate.seen_at,
            asked=plate.asked,
        )

    def _voted(self) -> Voted:
        self.decided = True
        result, reads = self._vote(), self._plate.track.reads if self._plate else ()
        winning = [read for read in reads if read.text == result.text]
        best = max(winning, key=lambda read: read.probability, default=None)
        self.accepted = best if result.accepted else None
        return Voted(
            visit=self.visit,
            text=result.text,
            raw=best.raw if best else "",
            format=best.format if best else "",
            confidence=round(result.confidence, 4),
            per_char=_rounded(best.confidence) if best else (),
            box=best.box if best else (),
            engine=(best and best.engine) or self._engine,
            frames=result.frames,
            accepted=result.accepted,
            seen_at=self._picture_at,
            image="" if self._picture is None else self._keep(self._picture),
            asked=best.asked if best else "",
        )


def _rounded(shares: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(share, 4) for share in shares)
