"""What a person orders at the lane: to open, to hold and release, to close, to reset a fault. Pure.

An order that can change nothing is refused with the reason, so that nobody waits for a boom that won't move.
"""

from __future__ import annotations

from edge.protocol.messages import EntryHow, ExitHow
from edge.rules.access import Reason
from edge.rules.lane.tick import GRANTED, Tick
from edge.rules.lane.visit import Turn
from edge.rules.lane.words import Carried, Ordered


def carry_out(tick: Tick, order: Ordered) -> None:
    """Carries the order out, or says why not."""
    tick.do(Carried(order, rejected=_DO[order.name](tick)))


def _open(tick: Tick) -> str:
    """Lets pass whoever stands there or is under the boom, or whoever comes within the time of a no-show."""
    lane = tick.lane
    if tick.inputs.stop:
        return "the emergency stop is pressed"
    if tick.broken:
        return "the boom is out of order: its fault must be reset first"
    if lane.visit is not None and lane.visit.stage in GRANTED:
        if tick.inputs.limit_open:
            return "the boom is open for this vehicle already"
        tick.ask_afresh = True
        return ""
    if lane.visit is None and lane.crossing is not None:
        tick.raise_boom()  # it may stand under a boom that a stop or a fault left half way
        return ""
    if lane.visit is None:
        tick.change(visit=tick.new_visit())
        tick.change_visit(loopless=True)
    tick.change_visit(by_person=True)
    tick.grant(Turn.PERSON, EntryHow.OPERATOR if tick.is_entry else ExitHow.OPERATOR)
    return ""


def _hold(tick: Tick) -> str:
    if tick.lane.held:
        return "the boom is held open already"
    tick.change(held=True)
    return ""


def _release(tick: Tick) -> str:
    if not tick.lane.held and tick.boom_down:
        return "the boom is not held open"
    tick.change(held=False, closing=True)
    return ""


def _close(tick: Tick) -> str:
    visit = tick.lane.visit
    granted = visit is not None and visit.stage in GRANTED
    if tick.boom_down and not (granted or tick.lane.held or tick.lane.raised):
        return "the boom is down already"
    tick.change(held=False, raised=False, closing=True)
    tick.ask_afresh = True
    if granted:
        tick.lapse(Reason.NO_SHOW)
    return ""


def _reset_fault(tick: Tick) -> str:
    tick.reset = True
    return ""


_DO = {"open": _open, "hold": _hold, "release": _release, "close": _close, "reset_fault": _reset_fault}
ORDERS = frozenset(_DO)
