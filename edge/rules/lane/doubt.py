"""Whether the vehicle before an open boom is still the one let through, its loop having been clear between. Pure."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from edge.rules.lane.visit import Turn, Visit, move
from edge.rules.lane.words import LookUp, Read

if TYPE_CHECKING:
    from edge.rules.lane.tick import Tick

MISREAD_CHARS = 1  # one character read otherwise is the same plate, seen from another angle


def begin(tick: Tick, visit: Visit) -> None:
    """A vehicle comes onto the loop that the one let through had left for a moment: its plate is read again."""
    if visit.plate is not None and tick.now - visit.clear_since >= tick.rules.gone_s:
        tick.change_visit(doubted=True)
        tick.watch()


def concerns(visit: Visit | None, read: Read) -> bool:
    return visit is not None and visit.doubted and visit.id == read.visit


def settle(tick: Tick, read: Read) -> None:
    """Another plate: the one let through has backed out, and this is the next, with no leave of its own yet."""
    before = concerns(tick.lane.visit, read)
    visit = tick.lane.visit if before else tick.lane.crossing
    if read.plate is None:
        return
    if before:
        tick.rest()
    if not _differs(read.plate.text, visit.plate.text):
        if before:
            tick.change_visit(doubted=False)
        return
    other = replace(tick.new_visit(), plate=read.plate, image=read.image)
    if before:
        tick.change(visit=move(other, Turn.READ, tick.now), closing=True)
        tick.do(LookUp(other.id, read.plate.text))
    else:
        tick.change(crossing=move(other, Turn.UNDER, tick.now))
    tick.retreated(move(visit, Turn.LEFT if before else Turn.BACKED, tick.now), "backed_out")


def _differs(text: str, other: str) -> bool:
    return sum(one != another for one, another in zip_longest(text, other)) > MISREAD_CHARS
