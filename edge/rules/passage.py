"""Which way a vehicle went through the boom's line, from the order of its loops. Pure.

Along the lane stand the arming loop A, then closing loop S and photocell P ("under"), then the exit loop X ("beyond").
One crossing begins when something comes under the boom and ends in exactly one Way. Two vehicles closer to each other
than the loops are long look like one long vehicle: no order of these inputs can tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from edge.rules.signals import Inputs

GAP_S = 1.5  # a bicycle fits between S and X: so long nothing may be seen of it
FOLLOW_S = 0.4  # X was left for so long: what comes there next is another vehicle


class Way(Enum):
    """How a crossing went."""

    BEGAN = "began"
    PASSED = "passed"
    BACKED_OUT = "backed_out"
    WRONG_WAY = "wrong_way"


@dataclass(frozen=True, slots=True)
class Passage:
    """The boom's line between two ticks. Times are monotonic seconds, None where it is not so.

    under         something is under the boom
    crossing      a crossing has begun and not ended
    from_beyond   it came from beyond, where nothing stood before the boom
    reached       it has been seen beyond
    beyond        the exit loop, last tick
    beyond_left   when X was left while something was still under: either it backs, or another one follows
    clear_since   nothing is under since, and the crossing has not ended yet
    before_seen   A was active at some time since then
    """

    under: bool = False
    crossing: bool = False
    from_beyond: bool = False
    reached: bool = False
    beyond: bool = False
    beyond_left: float | None = None
    clear_since: float | None = None
    before_seen: bool = False


def track(line: Passage, inputs: Inputs, now: float) -> tuple[Passage, tuple[Way, ...]]:
    """The line one tick later and what happened, in order. Inputs that can't be trusted change nothing."""
    if not inputs.valid:
        return line, ()
    under = inputs.closing_loop or inputs.photocell
    before, beyond = inputs.arming_loop, inputs.exit_loop
    if not line.crossing:
        after = replace(line, under=under, beyond=beyond)
        if not under:
            return after, ()
        return _begin(after, from_beyond=beyond and not before, reached=False), (Way.BEGAN,)
    if under:
        return _under(line, beyond, now)
    return _clear(line, before, beyond, now)


def _begin(line: Passage, *, from_beyond: bool, reached: bool) -> Passage:
    return Passage(under=True, crossing=True, from_beyond=from_beyond, reached=reached, beyond=line.beyond)


def _under(line: Passage, beyond: bool, now: float) -> tuple[Passage, tuple[Way, ...]]:
    rose, fell = beyond and not line.beyond, line.beyond and not beyond
    line = replace(line, under=True, beyond=beyond, clear_since=None, before_seen=False)
    if line.from_beyond:
        return line, ()
    if rose and line.beyond_left is not None:
        followed = now - line.beyond_left >= FOLLOW_S
        line = replace(line, beyond_left=None)
        if followed:
            # the first one left S before it left X, so what stood under since then is its follower
            return _begin(line, from_beyond=False, reached=True), (Way.PASSED, Way.BEGAN)
    if rose:
        line = replace(line, reached=True)
    elif fell and line.reached:
        line = replace(line, beyond_left=now)
    return line, ()


def _clear(line: Passage, before: bool, beyond: bool, now: float) -> tuple[Passage, tuple[Way, ...]]:
    just = line.clear_since is None
    line = replace(
        line,
        under=False,
        beyond=beyond,
        clear_since=now if just else line.clear_since,
        before_seen=before or line.before_seen,
    )
    ended = Passage(beyond=beyond)
    if beyond and not (line.from_beyond and before and just):
        return ended, (Way.PASSED,)
    if now - line.clear_since < GAP_S:
        return line, ()
    if line.from_beyond:
        # it came from beyond: seen before the boom it went through, seen nowhere it went through too
        return ended, (Way.PASSED if beyond else Way.WRONG_WAY,)
    # seen nowhere: it can only have gone on, past an exit loop that failed; a stay must not be lost for that
    return ended, (Way.BACKED_OUT if line.before_seen else Way.PASSED,)
