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
STUCK_S = 30.0  # nobody takes so long: what still reads active has failed


class Way(Enum):
    """How a crossing went."""

    BEGAN = "began"
    PASSED = "passed"
    BACKED_OUT = "backed_out"
    WRONG_WAY = "wrong_way"
    STOOD = "stood"  # it never left the arming loop, nor came under the boom whole: it stands before it as it did
    ON_FOOT = "on_foot"  # no loop felt it, only the beam was broken
    STUCK = "stuck"  # what came from beyond never went: a sensor has failed


@dataclass(frozen=True, slots=True)
class Passage:
    """The boom's line between two ticks. Times are monotonic seconds, None where it is not so.

    under         something is under the boom
    crossing      a crossing has begun and not ended
    began         when it began
    from_beyond   it came from beyond, where nothing stood before the boom
    reached       it has been seen coming beyond
    beyond        the exit loop, last tick
    beyond_left   when X was left while something was still under: either it backs, or another one follows
    clear_since   nothing is under since, and the crossing has not ended yet
    before_seen   A was active at some time since then
    felt, whole   S has felt it; at once with the beam broken, which is no mere nose
    stood, left   A was active at some time of this crossing; A was clear at some time of it
    stuck         a sensor under the boom has failed: vehicles are followed by X alone until it heals
    """

    under: bool = False
    crossing: bool = False
    began: float = 0.0
    from_beyond: bool = False
    reached: bool = False
    beyond: bool = False
    beyond_left: float | None = None
    clear_since: float | None = None
    before_seen: bool = False
    felt: bool = False
    whole: bool = False
    stood: bool = False
    left: bool = False
    stuck: bool = False


def track(line: Passage, inputs: Inputs, now: float) -> tuple[Passage, tuple[Way, ...]]:
    """The line one tick later and what happened, in order. Inputs that can't be trusted change nothing."""
    if not inputs.valid:
        return line, ()
    under = inputs.closing_loop or inputs.photocell
    before, beyond = inputs.arming_loop, inputs.exit_loop
    if line.stuck:
        return _blind(line, under, beyond)
    if not line.crossing:
        if not under:
            return replace(line, under=False, beyond=beyond), ()
        return _begin(inputs, now, from_beyond=beyond and not before, reached=False), (Way.BEGAN,)
    line = _noted(line, inputs)
    if under:
        return _under(line, inputs, now)
    return _clear(line, before, beyond, now)


def _begin(inputs: Inputs, now: float, *, from_beyond: bool, reached: bool) -> Passage:
    began = Passage(
        under=True, crossing=True, began=now, from_beyond=from_beyond, reached=reached, beyond=inputs.exit_loop
    )
    return _noted(began, inputs)


def _noted(line: Passage, inputs: Inputs) -> Passage:
    """What each sensor but X has seen of the crossing so far."""
    return replace(
        line,
        felt=line.felt or inputs.closing_loop,
        whole=line.whole or (inputs.closing_loop and inputs.photocell),
        stood=line.stood or inputs.arming_loop,
        left=line.left or not inputs.arming_loop,
    )


def _blind(line: Passage, under: bool, beyond: bool) -> tuple[Passage, tuple[Way, ...]]:
    """With a failed sensor under the boom: who comes to X and leaves it has passed."""
    if beyond and not line.beyond:
        return replace(line, under=under, beyond=True, crossing=True), (Way.BEGAN,)
    if line.crossing and not beyond:
        return Passage(under=under, stuck=under), (Way.PASSED,)
    if not under and not line.crossing:
        return Passage(beyond=beyond), ()
    return replace(line, under=under, beyond=beyond), ()


def _under(line: Passage, inputs: Inputs, now: float) -> tuple[Passage, tuple[Way, ...]]:
    beyond = inputs.exit_loop
    rose, fell = beyond and not line.beyond, line.beyond and not beyond
    line = replace(line, under=True, beyond=beyond, clear_since=None, before_seen=False)
    if line.from_beyond:
        if now - line.began < STUCK_S:
            return line, ()
        return Passage(under=True, beyond=beyond, stuck=True), (Way.STUCK,)
    if rose and line.beyond_left is not None:
        followed = now - line.beyond_left >= FOLLOW_S
        line = replace(line, beyond_left=None)
        if followed:
            # the first one left S before it left X, so what stood under since then is its follower
            return _begin(inputs, now, from_beyond=False, reached=True), (Way.PASSED, Way.BEGAN)
    if rose:
        line = replace(line, reached=True)
    elif fell and line.reached:
        line = replace(line, beyond_left=now)
    return line, ()


def _clear(line: Passage, before: bool, beyond: bool, now: float) -> tuple[Passage, tuple[Way, ...]]:
    just = line.clear_since is None
    came_beyond = line.reached or (beyond and not line.beyond)
    line = replace(
        line,
        under=False,
        beyond=beyond,
        clear_since=now if just else line.clear_since,
        before_seen=before or line.before_seen,
    )
    ended = Passage(beyond=beyond)
    passed = Way.PASSED if line.felt or line.stood or came_beyond else Way.ON_FOOT
    if beyond and not (line.from_beyond and before and just):
        return ended, (passed,)
    if now - line.clear_since < GAP_S:
        return line, ()
    if line.from_beyond:
        # it came from beyond: seen before the boom it went through, seen nowhere it went through too
        return ended, (passed if beyond else Way.WRONG_WAY,)
    if not line.before_seen:
        # seen nowhere: it can only have gone on, past an exit loop that failed; a stay must not be lost for that
        return ended, (passed,)
    return ended, (Way.BACKED_OUT if line.left or line.reached or line.whole else Way.STOOD,)
