"""Groups the reads of a running picture into visits: one vehicle before the camera, from first sight to last. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.rules.plate.plate import PlateRead, Vote, vote

GAP_S = 2.0  # a plate unseen for this long has gone
SAME = 2  # two texts at most this many edits apart may be the same plate


@dataclass(slots=True)
class Visit:
    """Reads of one plate, in order, and when it was first and last seen (seconds)."""

    reads: list[PlateRead] = field(default_factory=list)

    @property
    def first_s(self) -> float:
        return self.reads[0].seen_at

    @property
    def last_s(self) -> float:
        return self.reads[-1].seen_at

    def vote(self) -> Vote:
        return vote(self.reads)

    @property
    def best(self) -> PlateRead:
        """The surest read of the winning text."""
        text = self.vote().text
        return max((r for r in self.reads if r.text == text), key=lambda r: r.probability)


class Visits:
    """Feed it each frame's reads; it hands back the visits that have ended."""

    def __init__(self, gap_s: float = GAP_S) -> None:
        self._gap_s = gap_s
        self._open: list[Visit] = []

    def add(self, now_s: float, reads: Sequence[PlateRead]) -> list[Visit]:
        for read in reads:
            same = next((v for v in self._open if _edits(v.reads[-1].text, read.text) <= SAME), None)
            if same is None:
                self._open.append(same := Visit())
            same.reads.append(read)
        gone = [v for v in self._open if now_s - v.last_s > self._gap_s]
        self._open = [v for v in self._open if v not in gone]
        return gone

    def finish(self) -> list[Visit]:
        """The visits still open, at the end of the recording."""
        rest, self._open = self._open, []
        return rest


def _edits(a: str, b: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]
