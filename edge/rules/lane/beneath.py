"""What comes under a lowered boom: a nose, feet, or a sensor that has failed. None of it is a passage. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edge.rules.lane.passage import STUCK_S
from edge.rules.lane.visit import Visit

if TYPE_CHECKING:
    from edge.rules.lane.tick import Tick

STUCK_LOOP_S = 120.0
TELL_AGAIN_S = 60.0  # a footpath through the beam must not fill the journal


@dataclass(frozen=True, slots=True)
class Beneath:
    """The boom's line while the boom is down. Times are monotonic seconds.

    since  since when S or P is active, None while neither is
    stuck  the beam alone has been broken for too long to be anybody
    told   when a broken beam was told last
    """

    since: float | None = None
    stuck: bool = False
    told: float = float("-inf")


def watch(tick: Tick, boom_down: bool) -> None:
    """Notes what is under the lowered boom, and tells what staff should look at."""
    inputs, beneath = tick.inputs, tick.lane.beneath
    if not (boom_down and (inputs.closing_loop or inputs.photocell)):
        if beneath.since is not None:
            tick.change(beneath=replace(beneath, since=None, stuck=False))
        return
    only_beam = not inputs.closing_loop
    if beneath.since is None:
        tick.change(beneath=replace(beneath, since=tick.now))
        if only_beam:
            tell_beam(tick, "something came through the beam while the boom was down")
    elif only_beam and not beneath.stuck and tick.now - beneath.since >= STUCK_S:
        tick.change(beneath=replace(beneath, stuck=True))
        tick.notice("sensor_stuck", f"the beam has been broken for {STUCK_S:.0f} s and no loop feels a vehicle there")
    elif not only_beam and tick.lane.visit is None and tick.now - max(beneath.since, beneath.told) >= STUCK_LOOP_S:
        # longer than the beam: a vehicle that was given up may stand there, and a person must look all the same
        tick.change(beneath=replace(beneath, told=tick.now))
        tick.notice("sensor_stuck", "the closing loop feels something under the lowered boom and nobody is at the lane")


def tell_beam(tick: Tick, detail: str) -> None:
    """Tells staff of a broken beam, once in a while."""
    if tick.now - tick.lane.beneath.told >= TELL_AGAIN_S:
        tick.change(beneath=replace(tick.lane.beneath, told=tick.now))
        tick.notice("beam_broken", detail)


def was_there_first(tick: Tick) -> bool:
    """Whether what is under the boom was there before the vehicle that is let through came: a failed sensor."""
    since, visit = tick.lane.beneath.since, tick.lane.visit
    return since is not None and visit is not None and since < visit.since


def reaches_under(tick: Tick, visit: Visit) -> bool:
    """Whether this vehicle has crept under the lowered boom, perhaps off its loop.

    What was there before it came is not its nose.
    """
    beneath = tick.lane.beneath
    if beneath.since is None or beneath.since < visit.since:
        return False
    return tick.inputs.closing_loop or not beneath.stuck
