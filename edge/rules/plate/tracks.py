"""Follows each plate from frame to frame, by where it is and how it moves as well as by what it says. Pure.

Two vehicles whose plates are nearly alike stay two, and one whose plate is read differently stays one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import hypot, inf, log
from statistics import median

from edge.rules.plate.places import Place
from edge.rules.plate.plate import LIKELY, PlateRead, Vote, vote

SAME = 2  # two texts at most this many edits apart may be the same plate
MOST_READS = 50  # a vehicle that stands for an hour doesn't fill the memory; the latest count
FRESH_S = 1.5  # of the way a plate moves, what is older says nothing
LEAST_S = 0.35  # and in less time nothing can be said
STEADY = 0.2  # growing or shrinking less than this share in a second is standing
#               away, widths     and per s; grown, log  and per s
REACH_SAME = (1.5, 4.0, 0.8, 1.0)  # fmt: skip - between reads of one text
REACH_LIKE = (0.7, 1.5, 0.3, 0.6)  # fmt: skip - of nearly the same
REACH_ELSE = (0.35, 0.5, 0.3, 0.4)  # fmt: skip - of different ones, where one is a misreading
MISREAD = 4  # more edits than this are no misreading of a telling plate


class Way(StrEnum):
    """How a plate moves before the camera."""

    UNKNOWN = "unknown"
    APPROACHING = "approaching"
    STANDING = "standing"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Track:
    """One plate followed through the frames.

    number  its own
    reads   of it, in order, at least one
    """

    number: int
    reads: tuple[PlateRead, ...]

    @property
    def first_s(self) -> float:
        return self.reads[0].seen_at

    @property
    def last_s(self) -> float:
        return self.reads[-1].seen_at

    @property
    def place(self) -> Place:
        """Where it was last."""
        return Place.of(self.reads[-1].box)

    @property
    def text(self) -> str:
        return self.vote().text

    @property
    def way(self) -> Way:
        """By how its width went lately."""
        fresh = [read for read in self.reads if self.last_s - read.seen_at <= FRESH_S]
        if len(fresh) < 3 or self.last_s - fresh[0].seen_at < LEAST_S:
            return Way.UNKNOWN
        rate = _slope([(read.seen_at, log(Place.of(read.box).width)) for read in fresh])
        if abs(rate) <= STEADY:
            return Way.STANDING
        return Way.APPROACHING if rate > 0 else Way.LEAVING

    def vote(self, agreeing: int = 2, threshold: float = 0.9) -> Vote:
        return vote(self.reads, agreeing, threshold)

    def expected(self, at_s: float) -> Place:
        """Where it should be by then, going on as between its last two reads."""
        last = self.place
        if len(self.reads) < 2:
            return last
        before, passed_s = Place.of(self.reads[-2].box), self.last_s - self.reads[-2].seen_at
        ahead_s = min(at_s - self.last_s, 0.5)
        if not 0 < passed_s <= 1.0 or ahead_s <= 0:
            return last
        on = ahead_s / passed_s
        grown = min(max((last.width / before.width) ** on, 0.5), 2.0)
        return Place(
            last.x + on * (last.x - before.x),
            last.y + on * (last.y - before.y),
            last.width * grown,
            last.height * grown,
        )

    @property
    def grown(self) -> float:
        """How much wider it is than when it was first seen, as a ratio."""
        return self.place.width / Place.of(self.reads[0].box).width

    def with_read(self, read: PlateRead) -> Track:
        return replace(self, reads=(*self.reads[-MOST_READS + 1 :], read))


def follow(tracks: Sequence[Track], reads: Sequence[PlateRead], next_number: int) -> tuple[list[Track], int]:
    """The tracks after one more frame's reads, new ones at the end, and the number the next new one gets.

    Each read goes to at most one track and each track gets at most one read: what is seen twice in a frame is two.
    """
    likely = sorted(
        (farness, t, r)
        for t, track in enumerate(tracks)
        for r, read in enumerate(reads)
        if (farness := _farness(track, read)) < inf
    )
    after, taken, given = list(tracks), set(), set()
    for _, t, r in likely:
        if t not in taken and r not in given:
            taken.add(t)
            given.add(r)
            after[t] = tracks[t].with_read(reads[r])
    for r, read in enumerate(reads):
        if r not in given:
            after.append(Track(next_number, (read,)))
            next_number += 1
    return after, next_number


def _farness(track: Track, read: PlateRead) -> float:
    """How ill the read goes with the track, 0 for as expected; infinite where it can't be the same plate."""
    passed_s = max(0.0, read.seen_at - track.last_s)
    expected, place = track.expected(read.seen_at), Place.of(read.box)
    away = hypot(place.x - expected.x, place.y - expected.y) / max(expected.width, place.width)
    grown = abs(log(place.width / expected.width))
    apart = unlikeness(track, read)
    near, per_s, most, more_per_s = REACH_SAME if apart == 0 else REACH_LIKE if apart <= SAME else REACH_ELSE
    if apart > SAME and any(_contradict(read, other, apart) for other in track.reads[-5:]):
        return inf
    if away > near + per_s * passed_s or grown > most + more_per_s * passed_s:
        return inf
    return away + grown + 0.2 * min(apart, 5)


def _contradict(a: PlateRead, b: PlateRead, apart: int) -> bool:
    """Neither can be a misreading of the other's plate."""
    likely = a.is_telling and b.is_telling and min(a.probability, b.probability) >= LIKELY
    return (a.is_sure() and b.is_sure()) or (likely and apart > MISREAD)


def unlikeness(track: Track, read: PlateRead) -> int:
    """Edits between the read and what the track says, or said last: whichever is nearer."""
    return min(edits(text, read.text) for text in {track.reads[-1].text, track.text})


def edits(a: str, b: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Theil and Sen's: the median of the slopes between all pairs, which a wrong box or two don't move."""
    return median((b - a) / (t - s) for n, (s, a) in enumerate(points) for t, b in points[n + 1 :] if t > s)
