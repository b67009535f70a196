"""Who comes to the lane, crosses the boom's line and leaves, from the inputs of one tick. Pure."""

from __future__ import annotations

from dataclasses import replace

from edge.protocol.messages import Entered, EntryHow, Exited, ExitHow, PassageEnded, Wire
from edge.rules.access import Reason
from edge.rules.lane import beneath as lane_beneath
from edge.rules.lane import doubt, passage
from edge.rules.lane.passage import Way
from edge.rules.lane.tick import GRANTED, Tick
from edge.rules.lane.visit import Stage, Turn, Visit, move
from edge.rules.lane.words import LookUp

HELP_AGAIN_S = 10.0


def settle(tick: Tick) -> None:
    """The first trusted look after a start: a vehicle that a crash left with a grant may still be here, or not."""
    inputs = tick.inputs
    down = inputs.limit_closed and not inputs.limit_open
    tick.change(settled=True, unpassed=down or inputs.closing_loop or inputs.photocell)
    if tick.lane.carried is None or inputs.arming_loop:
        return
    if not tick.boom_down and (inputs.closing_loop or inputs.photocell):
        return  # it is passing
    if inputs.closing_loop and tick.lane.visit is None:
        # a short one that has crept off its loop before the boom was raised
        tick.change(visit=tick.new_visit())
        tick.watch()
    elif tick.lane.visit is None:
        tick.assume()


def follow(tick: Tick) -> None:
    """Follows vehicles, the button and the emergency stop."""
    if tick.lane.settled:
        failed = lane_beneath.was_there_first(tick)
        lane_beneath.watch(tick, tick.boom_down)
        _boom_line(tick, failed)
        if tick.inputs.valid:
            _arming_loop(tick)
        if tick.inputs.button and not tick.lane.button:
            _button(tick)
    if tick.inputs.stop:
        _stop(tick)


def _boom_line(tick: Tick, failed: bool) -> None:
    """failed: a sensor under the boom has read active since before this vehicle came."""
    line = tick.lane.line
    if tick.boom_down and not line.crossing and not tick.inputs.detached:
        return  # nothing passes a lowered boom
    if failed and not line.crossing:
        line = replace(line, under=True, stuck=True)  # the exit loop alone tells who passes
    line, ways = passage.track(line, tick.inputs, tick.now)
    tick.change(line=line)
    for way in ways:
        if way is Way.BEGAN:
            _began(tick)
        elif tick.lane.crossing is not None:
            _ended(tick, way)


def _arming_loop(tick: Tick) -> None:
    visit = tick.lane.visit
    if not tick.inputs.arming_loop and tick.lane.tail:
        tick.change(tail=False)
    if visit is not None:
        if tick.inputs.arming_loop and visit.loopless:
            tick.change_visit(loopless=False)
        if not (tick.inputs.arming_loop or lane_beneath.reaches_under(tick, visit)):
            _loop_clear(tick, tick.lane.visit)
        elif visit.clear_since is not None:
            if visit.stage in GRANTED:
                doubt.begin(tick, tick.lane.visit)
            tick.change_visit(clear_since=None)
    elif tick.inputs.arming_loop and not tick.lane.tail and not tick.lane.line.from_beyond:
        tick.change(visit=tick.new_visit())  # not who comes the wrong way: that is no arrival
        tick.watch()


def _loop_clear(tick: Tick, visit: Visit) -> None:
    if visit.clear_since is None:
        tick.change_visit(clear_since=tick.now)
        return
    granted = visit.stage in GRANTED
    if granted and visit.loopless:
        return  # opened by a person for whoever comes: it has until the no-show
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
    let_through = visit is not None and visit.stage is Stage.OPEN
    if line.stuck and not let_through:
        return  # by the exit loop alone nobody is accused
    if visit is not None and (let_through or not line.from_beyond):
        tick.rest()
        visit = tick.lane.visit
        tick.change(visit=None)
    else:
        visit = replace(tick.new_visit(), loopless=True)
    if visit.grant is None and tick.carried_is_here(visit, drives=True):
        # it stood in the boom's line at the restart, so it does not come from beyond, whatever is there
        visit = tick.take_carried(visit)
        tick.change(line=replace(line, from_beyond=False))
    tick.change(crossing=move(visit, Turn.UNDER, tick.now), tail=tick.inputs.arming_loop)


def _ended(tick: Tick, way: Way) -> None:
    """Whatever was in the boom's line is out of it."""
    crossing = tick.lane.crossing
    # a vehicle that came the wrong way now stands on the loop: it does not want in
    tick.change(crossing=None, raised=False, closing=True, tail=way is Way.WRONG_WAY and tick.inputs.arming_loop)
    if way is Way.STOOD and tick.lane.visit is None and not crossing.loopless:
        _stands_again(tick, crossing)
    elif way is Way.ON_FOOT and crossing.loopless and crossing.grant is None:
        lane_beneath.tell_beam(tick, "something came through the beam that no loop has felt")
    elif way in (Way.PASSED, Way.ON_FOOT):
        _passed(tick, move(crossing, Turn.PASSED, tick.now))
    else:
        if way is Way.STUCK:
            tick.notice("sensor_stuck", "what came under the boom from beyond never left: loop or photocell has failed")
        outcome = "backed_out" if way in (Way.BACKED_OUT, Way.STOOD) else "wrong_way"
        tick.retreated(move(crossing, Turn.BACKED, tick.now), outcome)


def _stands_again(tick: Tick, crossing: Visit) -> None:
    """It rocked to and fro, or somebody walked past its nose: it keeps what it has been given."""
    if crossing.grant is not None:
        tick.change(visit=move(crossing, Turn.STOOD, tick.now))
        return
    tick.change(visit=move(crossing, Turn.AGAIN, tick.now, quote=None))
    tick.do(LookUp(crossing.id, crossing.plate.text if crossing.plate else None))


def _passed(tick: Tick, visit: Visit) -> None:
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
    visit, crossing = tick.lane.visit, tick.lane.crossing
    works = not (tick.broken or tick.inputs.stop or tick.inputs.limit_open)
    if visit is None and crossing is not None and crossing.grant is not None and works:
        tick.raise_boom()  # a stop left the boom over it
    elif visit is None:
        tick.notice("help_called", "the button was pressed and no vehicle is seen at the lane")
    elif visit.stage is Stage.STALLED:
        tick.grant(Turn.BUTTON, visit.how)
    elif visit.stage is Stage.OPEN and works:
        tick.ask_afresh = True  # its fault was reset: what was granted before counts again when asked for
    elif tick.is_entry and tick.rules.button == "admit" and _needs_ticket(visit):
        tick.grant(Turn.BUTTON, EntryHow.BUTTON)
    elif visit.helped is None or tick.now - visit.helped >= HELP_AGAIN_S:
        tick.change_visit(helped=tick.now)
        tick.notice("help_called", f"the driver at the lane asks for help; the visit is {visit.stage}")


def _needs_ticket(visit: Visit) -> bool:
    return visit.stage is Stage.ASKING and visit.reason is Reason.UNREAD


def _stop(tick: Tick) -> None:
    """An emergency stop ends what was granted: when it is released nothing may move by itself."""
    visit = tick.lane.visit
    if visit is not None and visit.stage in GRANTED:
        tick.lapse(Reason.STOPPED)
    if tick.lane.raised:
        tick.change(raised=False)
