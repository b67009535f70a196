"""The lane: one vehicle before the boom, at most one in its line, and what is wished of the boom. Pure.

One tick is `step`: where vehicles went (`vehicles`, which asks `passage`), what came in and what is overdue
(`news`, and `orders` for what people order), then the wish. The stages a visit goes through are the table
in `visit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from edge.rules.boom_words import Boom, BoomState, Wish
from edge.rules.lane import news as heard
from edge.rules.lane import vehicles
from edge.rules.lane.state import Lane, LaneRules
from edge.rules.lane.tick import Tick
from edge.rules.lane.visit import Stage
from edge.rules.lane.words import Action, Ids, News
from edge.rules.signals import Inputs


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
        vehicles.settle(tick)
    vehicles.follow(tick)
    for item in news:
        heard.hear(tick, item)
    heard.overdue(tick)
    if inputs.valid and inputs.mains_failed is not (tick.lane.mains_gone is not None):
        tick.change(mains_gone=now if inputs.mains_failed else None)
    wish = _wish(tick)
    closing = tick.lane.closing
    if inputs.fire or wish.hold:
        closing = True  # comes down by itself afterwards
    elif boom_down:
        closing = False
    return replace(tick.lane, closing=closing, button=inputs.button), wish, tuple(tick.actions)


def _wish(tick: Tick) -> Wish:
    lane = tick.lane
    opens = lane.raised or (lane.visit is not None and lane.visit.stage is Stage.OPEN)
    grant = opens and not tick.ask_afresh
    gone, rules = lane.mains_gone, tick.rules
    hold = lane.held or (
        rules.mains_failed == "hold_open" and gone is not None and tick.now - gone >= rules.mains_wait_s
    )
    close = lane.closing and not opens and not hold and lane.crossing is None and not tick.ask_afresh
    return Wish(grant=grant, hold=hold, close=close, reset=tick.reset)
