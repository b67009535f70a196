"""Which of the plates in view is that of the vehicle at the barrier, and whether it may be decided now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.rules.plate.places import not_behind
from edge.rules.plate.plate import PlateRead, Vote
from edge.rules.plate.tracks import SAME, Track, Way, edits, follow

ONCE_S, OFTEN_S = 2.0, 10.0  # a plate read once, or more often, no longer stands before others when unseen for so long
RIVAL_S = 1.0  # a plate seen within so long is in view
COMES, LOOK_S = 1.15, 1.5  # a plate that became so much wider was seen coming; another is looked at for so long
BEFORE_S = 10.0  # a vehicle decided longer ago has driven on


@dataclass(frozen=True, slots=True)
class Foremost:
    """The plate at the barrier.

    track   its reads
    doubt   why it can't be decided yet, "" when nothing stands against it
    """

    track: Track
    doubt: str

    def vote(self, agreeing: int = 2, threshold: float = 0.9) -> Vote:
        """Of its reads; not accepted while there is a doubt."""
        result = self.track.vote(agreeing, threshold)
        return replace(result, accepted=False) if self.doubt else result


class Barrier:
    """The plates before the barrier during one visit.

    coming  nothing but the camera says that somebody is there: a plate must be seen coming, or be looked at longer
    before  what the visit before this one decided
    """

    def __init__(self, coming: bool = False, before: PlateRead | None = None) -> None:
        self._coming, self._before = coming, before
        self._tracks: list[Track] = []
        self._next = 1
        self._behind: set[tuple[int, int]] = set()  # who was seen behind whom: nobody overtakes in a lane

    def add(self, reads: Sequence[PlateRead], now_s: float, size: tuple[int, int]) -> Foremost | None:
        """Takes the reads of a frame of that width and height; None while there is no plate."""
        plates = [read for read in reads if read.evidence >= 0]
        self._tracks, self._next = follow(self._tracks, plates, self._next)
        self._tracks = [t for t in self._tracks if t.reads[-1] in plates or not _is_gone(t, now_s, size)]
        self._note_order([track for track in self._tracks if track.reads[-1] in plates])
        kept = {track.number for track in self._tracks}
        waiting = {one for one, before in self._behind if before in kept}
        near, best = nearest([track for track in self._tracks if track.number not in waiting] or self._tracks)
        if best is None:
            return None
        rivals = [track for track in near if track is not best and now_s - track.last_s <= RIVAL_S]
        return Foremost(best, self._doubt(best, rivals))

    def _note_order(self, seen: Sequence[Track]) -> None:
        for one in seen:
            for other in seen:
                if other.place.is_before(one.place) and (other.number, one.number) not in self._behind:
                    self._behind.add((one.number, other.number))

    def _doubt(self, best: Track, rivals: Sequence[Track]) -> str:
        if best.way is Way.LEAVING:
            return "it is leaving"
        if any(_contradicts(other, best) for other in rivals):
            return "another plate is as near"
        if self._coming and best.grown < COMES and best.last_s - best.first_s < LOOK_S:
            return "it was not seen coming"
        return "it may be the one before, driving on" if self._may_drive_on(best) else ""

    def _may_drive_on(self, best: Track) -> bool:
        before = self._before
        if before is None or best.way is Way.STANDING or abs(best.first_s - before.seen_at) > BEFORE_S:
            return False
        return edits(best.text, before.text) <= SAME


def nearest(tracks: Sequence[Track]) -> tuple[list[Track], Track | None]:
    """Those before which there is none; and of them the surest and then the largest."""
    near = [tracks[number] for number in not_behind([track.place for track in tracks])]
    staying = [track for track in near if track.way is not Way.LEAVING]
    return near, max(staying or near, key=_rank, default=None)


def foremost(reads: Sequence[PlateRead]) -> PlateRead | None:
    """Of one frame alone."""
    _, best = nearest([Track(number, (read,)) for number, read in enumerate(reads) if read.evidence >= 0])
    return best and best.reads[-1]


def _rank(track: Track) -> tuple[bool, float]:
    return any(read.is_sure() for read in track.reads[-5:]), track.place.height


def _is_gone(track: Track, now_s: float, size: tuple[int, int]) -> bool:
    """One that can't be read for a while keeps its place, or who queues behind would take it; unless it drove on."""
    unseen_s = now_s - track.last_s
    if unseen_s > (OFTEN_S if len(track.reads) > 1 else ONCE_S):
        return True
    moved = track.way is Way.LEAVING or (track.way is not Way.STANDING and unseen_s > ONCE_S)
    return moved and not track.expected(now_s).lies_within(size)


def _contradicts(other: Track, best: Track) -> bool:
    """It says something else, and not by a misreading."""
    apart = edits(other.text, best.text)
    sure = other.reads[-1].is_sure()
    return other.reads[-1].is_telling and (sure or len(other.reads) > 1) and apart > (0 if sure else SAME)
