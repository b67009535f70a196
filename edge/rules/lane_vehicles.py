"""Who comes to the lane, crosses the boom's line and leaves, from the inputs of one tick. Pure."""

from __future__ import annotations

from edge.protocol.messages import Entered, EntryHow, Exited, ExitHow, PassageEnded, Wire
from edge.rules import passage
from edge.rules.access import Reason
from edge.rules.lane_tick import GRANTED, Tick
from edge.rules.passage import Way
from edge.rules.visit import Stage, Turn, Visit, move

HELP_AGAIN_S = 10.0


def settle(tick: Tick) -> None:
    """The first trusted look after a start: a vehicle that a crash left with a grant may still be here, or not."""
    tick.change(settled=True)
    inputs = tick.inputs
    if not (inputs.arming_loop or inputs.closing_loop or inputs.photocell):
        tick.assume()


def follow(tick: Tick) -> None:
    """Follows vehicles, the button and the emergency stop."""
    line, ways = passage.track(tick.lane.line, tick.inputs, tick.now)
    tick.change(line=line)
    for way in ways:
        if way is Way.BEGAN:
            _began(tick)
        else:
            _ended(tick, way)
    if tick.inputs.valid:
        _arming_loop(tick)
    if tick.inputs.button and not tick.lane.button:
        _button(tick)
    visit = tick.lane.visit
    if tick.inputs.stop and visit is not None and visit.stage in GRANTED:
        tick.lapse(Reason.STOPPED)


def _arming_loop(tick: Tick) -> None:
    visit = tick.lane.visit
    if not tick.inputs.arming_loop:
        if tick.lane.tail:
            tick.change(tail=False)
        if visit is not None:
            _loop_clear(tick, visit)
    elif visit is not None:
        if visit.clear_since is not None:
            tick.change_visit(clear_since=None)
    elif not tick.lane.tail and not tick.lane.line.from_beyond:  # who comes the wrong way is no arrival
        tick.change(visit=tick.new_visit())
        tick.watch()


def _loop_clear(tick: Tick, visit: Visit) -> None:
    if visit.clear_since is None:
        tick.change_visit(clear_since=tick.now)
        return
    granted = visit.stage in GRANTED
    if granted and visit.by_person:
        return  # opened by a person, loop or no loop: it has until the no-show
    if tick.now - visit.clear_since < (tick.rules.creep_s if granted else tick.rules.gone_s):
        return
    tick.assume()
    tick.rest()
    visit = tick.lane.visit
    tick.change(visit=None, closing=tick.lane.closing or granted)
    tick.retreated(move(visit, Turn.LEFT, tick.now), "backed_out" if visit.grant else None)


def _began(tick: Tick) -> None:
    """Something came under the boom: the vehicle before it, or one the loop never saw."""
    line, visit = tick.lane.line, tick.lane.visit
    if visit is not None and (not line.from_beyond or visit.stage is Stage.OPEN):
        tick.rest()
        visit = tick.lane.visit
        tick.change(visit=None)
    else:
        visit = tick.new_visit()
    if tick.lane.carried is not None and visit.grant is None and not line.from_beyond:
        visit = tick.take_carried(visit)
    tick.change(crossing=move(visit, Turn.UNDER, tick.now), tail=tick.inputs.arming_loop)


def _ended(tick: Tick, way: Way) -> None:
    """Whatever was in the boom's line is out of it."""
    visit = move(tick.lane.crossing, Turn.PASSED if way is Way.PASSED else Turn.BACKED, tick.now)
    # a vehicle that came the wrong way now stands on the loop: it does not want in
    tick.change(crossing=None, closing=True, tail=way is Way.WRONG_WAY and tick.inputs.arming_loop)
    if way is not Way.PASSED:
        tick.retreated(visit, way.value)
        return
    tick.change(last=visit, last_at=tick.now)
    if visit.grant is not None:
        grant = visit.grant if visit.grant.image else visit.grant.model_copy(update={"image": visit.image})
        tick.record([grant.passed()], grant.session, grant.id)
    else:
        _passed_without_grant(tick, visit)


def _passed_without_grant(tick: Tick, visit: Visit) -> None:
    """A person or the fire alarm held the boom open, or it followed another vehicle."""
    opened = tick.lane.held or tick.inputs.fire
    if tick.is_entry:
        session = tick.ids.uuid()
        what: Wire = Entered(
            plate=visit.plate,
            vehicle_class=visit.vehicle_class,
            ticket=tick.ids.ticket(),
            how=EntryHow.OPERATOR if opened else EntryHow.TAILGATED,
            image=visit.image,
        )
    else:
        session = visit.session
        how = ExitHow.OPERATOR if opened else ExitHow.TAILGATED
        what = Exited(plate=visit.plate, how=how, request=visit.request, image=visit.image)
    tailgated = () if opened else (PassageEnded(outcome="tailgated", plate=visit.plate, image=visit.image),)
    tick.record([what, *tailgated], session)


def _button(tick: Tick) -> None:
    visit = tick.lane.visit
    if visit is None:
        tick.notice("help_called", "the button was pressed and no vehicle is seen at the lane")
    elif visit.stage is Stage.STALLED:
        tick.grant(Turn.BUTTON, visit.how)
    elif tick.is_entry and tick.rules.button == "admit" and _needs_ticket(visit):
        tick.grant(Turn.BUTTON, EntryHow.BUTTON)
    elif visit.helped is None or tick.now - visit.helped >= HELP_AGAIN_S:
        tick.change_visit(helped=tick.now)
        tick.notice("help_called", f"the driver at the lane asks for help; the visit is {visit.stage}")


def _needs_ticket(visit: Visit) -> bool:
    return visit.stage is Stage.ASKING and visit.reason is Reason.UNREAD
