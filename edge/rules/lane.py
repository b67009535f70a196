"""The lane: one vehicle before the boom, at most one in its line, and what is wished of the boom. Pure.

One tick is `step`: where vehicles went (`lane_vehicles`, which asks `passage`), what came in and what is overdue
(`lane_news`, and `lane_orders` for what people order), then the wish. The stages a visit goes through are the table
in `visit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from edge.rules import lane_news, lane_vehicles
from edge.rules.access import SiteRules
from edge.rules.boom import Boom, BoomState, Wish
from edge.rules.lane_beneath import Beneath
from edge.rules.lane_tick import Tick
from edge.rules.lane_words import Action, Ids, News
from edge.rules.passage import Passage
from edge.rules.records import Grant
from edge.rules.signals import Inputs
from edge.rules.visit import Stage, Visit


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


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane between two ticks. Times are monotonic seconds.

    began       when the gate started
    settled     the first samples have passed
    line        the boom's line
    beneath     what is under the boom while it is down
    visit       the vehicle before the boom
    crossing    the vehicle in the boom's line
    held        a person holds the boom open
    raised      whoever is in the boom's line is let out
    closing     the boom should come down when nothing needs it open; ends when it is down
    tail        the loop still holds the vehicle that is crossing (or one to be ignored): no new visit
    button      the button, last tick
    carried     a grant that a crash of the gate left open, until it is known what became of its vehicle
    last        the vehicle that passed last, and `last_at` when
    """

    began: float
    settled: bool = False
    line: Passage = field(default_factory=Passage)
    beneath: Beneath = field(default_factory=Beneath)
    visit: Visit | None = None
    crossing: Visit | None = None
    held: bool = False
    raised: bool = False
    closing: bool = True
    tail: bool = False
    button: bool = False
    carried: Grant | None = None
    last: Visit | None = None
    last_at: float = float("-inf")

    @staticmethod
    def at_start(now: float, carried: Grant | None = None, held: bool = False) -> Lane:
        """An empty lane as far as is known. carried: the latest grant that a crash left open; held: as it was then."""
        return Lane(began=now, carried=carried, held=held)


def is_down(boom: Boom, inputs: Inputs) -> bool:
    """Whether the boom stands lowered and at rest, so that nothing can pass it; by its limits where it can't know."""
    if boom.state in (BoomState.BOOT, BoomState.STOPPED):
        return inputs.valid and inputs.limit_closed and not inputs.limit_open
    return boom.state is BoomState.CLOSED


def step(
    lane: Lane,
    inputs: Inputs,
    news: Iterable[News],
    now: float,
    rules: LaneRules,
    *,
    wall: datetime,
    ids: Ids,
    boom_down: bool,
    broken: bool = False,
) -> tuple[Lane, Wish, tuple[Action, ...]]:
    """The lane one tick later, its wish for the boom, and what it wants done.

    inputs     debounced
    now        monotonic seconds; wall: the same instant, aware, for permits, opening hours and records
    ids        fresh ids for a new visit
    boom_down  see `is_down`
    broken     the boom is out of order until its fault is reset
    """
    tick = Tick(lane, inputs, now, wall, rules, ids, boom_down=boom_down, broken=broken)
    if not lane.settled and now - lane.began >= rules.settle_s and inputs.valid:
        lane_vehicles.settle(tick)
    lane_vehicles.follow(tick)
    for item in news:
        lane_news.hear(tick, item)
    lane_news.overdue(tick)
    wish = _wish(tick)
    closing = tick.lane.closing
    if inputs.fire or tick.lane.held:
        closing = True  # comes down by itself afterwards
    elif boom_down:
        closing = False
    return replace(tick.lane, closing=closing, button=inputs.button), wish, tuple(tick.actions)


def _wish(tick: Tick) -> Wish:
    lane = tick.lane
    opens = lane.raised or (lane.visit is not None and lane.visit.stage is Stage.OPEN)
    grant = opens and not tick.ask_afresh
    close = lane.closing and not opens and not lane.held and lane.crossing is None and not tick.ask_afresh
    return Wish(grant=grant, hold=lane.held, close=close, reset=tick.reset)
