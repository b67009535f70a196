"""Groups the reads of a running picture into visits: one vehicle before the camera, from first sight to last. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.rules.plate.plate import PlateRead, Vote
from edge.rules.plate.tracks import Track, follow

GAP_S = 2.0  # a plate unseen for this long has gone


@dataclass(frozen=True, slots=True)
class Visit:
    """One plate followed from first sight to last (seconds)."""

    track: Track

    @property
    def first_s(self) -> float:
        return self.track.first_s

    @property
    def last_s(self) -> float:
        return self.track.last_s

    def vote(self) -> Vote:
        return self.track.vote()

    @property
    def best(self) -> PlateRead:
        """The surest read of the winning text."""
        text = self.vote().text
        return max((r for r in self.track.reads if r.text == text), key=lambda r: r.probability)


class Visits:
    """Feed it each frame's reads; it hands back the visits that have ended."""

    def __init__(self, gap_s: float = GAP_S) -> None:
        self._gap_s = gap_s
        self._open: list[Track] = []
        self._next = 1

    def add(self, now_s: float, reads: Sequence[PlateRead]) -> list[Visit]:
        self._open, self._next = follow(self._open, reads, self._next)
        gone = [track for track in self._open if now_s - track.last_s > self._gap_s]
        self._open = [track for track in self._open if now_s - track.last_s <= self._gap_s]
        return [Visit(track) for track in gone]

    def finish(self) -> list[Visit]:
        """The visits still open, at the end of the recording."""
        rest, self._open = self._open, []
        return [Visit(track) for track in rest]
