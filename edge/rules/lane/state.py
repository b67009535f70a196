"""A lane between two ticks, and the rules it is run by. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edge.rules.access import SiteRules
from edge.rules.lane.beneath import Beneath
from edge.rules.lane.passage import Passage
from edge.rules.lane.visit import Visit
from edge.rules.records import Grant


@dataclass(frozen=True, slots=True)
class LaneRules:
    """How this lane treats vehicles. Seconds.

    direction       which way vehicles go through it
    button          what an entry's button does for an unread plate: gives a ticket, or calls a person
    patience_s      a plate not accepted for so long counts as unread; reading starts afresh as often
    no_show_s       a boom open for a vehicle that does not drive
    gone_s          its loop clear for so long: the vehicle has left
    creep_s         the same for one that was let through: a short one fits between loop and boom
    central_wait_s  an exit waits so long for central
    ask_again_s     an unanswered exit asks again after so long, then after twice as long, at most every 5 minutes
    settle_s        the first samples after a start are not judged
    mains_failed    what the lane does on battery: goes on, or raises the boom while it can and keeps it up
    mains_wait_s    a shorter failure changes nothing
    """

    direction: Literal["entry", "exit"]
    site: SiteRules = field(default_factory=SiteRules)
    button: Literal["admit", "help"] = "admit"
    patience_s: float = 6.0
    no_show_s: float = 30.0
    gone_s: float = 1.0
    creep_s: float = 5.0
    central_wait_s: float = 20.0
    ask_again_s: float = 15.0
    settle_s: float = 0.5
    mains_failed: Literal["carry_on", "hold_open"] = "carry_on"
    mains_wait_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane between two ticks. Times are monotonic seconds.

    began       when the gate started
    settled     the first samples have passed
    unpassed    nobody can have passed unseen while the gate was down: then the boom was down, or its line not clear
    line        the boom's line
    beneath     what is under the boom while it is down
    visit       the vehicle before the boom
    crossing    the vehicle in the boom's line
    held        a person holds the boom open
    raised      whoever is in the boom's line is let out
    closing     the boom should come down when nothing needs it open; ends when it is down
    tail        the loop still holds the vehicle that is crossing (or one to be ignored): no new visit
    button      the button, last tick
    mains_gone  since when the mains are gone, None while they are there
    carried     a grant that a crash of the gate left open, until it is known what became of its vehicle
    last        the vehicle that passed last, and `last_at` when
    """

    began: float
    settled: bool = False
    unpassed: bool = False
    line: Passage = field(default_factory=Passage)
    beneath: Beneath = field(default_factory=Beneath)
    visit: Visit | None = None
    crossing: Visit | None = None
    held: bool = False
    raised: bool = False
    closing: bool = True
    tail: bool = False
    button: bool = False
    mains_gone: float | None = None
    carried: Grant | None = None
    last: Visit | None = None
    last_at: float = float("-inf")

    @staticmethod
    def at_start(now: float, carried: Grant | None = None, held: bool = False) -> Lane:
        """An empty lane as far as is known. carried: the latest grant that a crash left open; held: as it was then."""
        return Lane(began=now, carried=carried, held=held)
