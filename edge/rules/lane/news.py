"""What came in to the lane, and what a visit has waited for long enough. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from edge.protocol.messages import EntryRefused, ExitHow, Quote, SessionStatus
from edge.rules import access
from edge.rules.access import Admit, Ask, Open, Reason, Refuse, Request
from edge.rules.lane import doubt, orders
from edge.rules.lane.tick import Tick
from edge.rules.lane.visit import Stage, Turn, Visit
from edge.rules.lane.words import Answer, Committed, Looked, LookUp, News, Ordered, Read

SAME_PLATE_S = 10.0  # a plate read again so soon is the rear of the vehicle that has just passed
DECIDE_AGAIN_S = 10.0
LAST_WORD_S = 1.5  # how long vision may take to say what it has
QUOTE_HELD_S = 300.0  # so long a quote is shown whose end this gate's clock can't tell
LONGEST_QUOTE_S = 3600.0

_READABLE = (Stage.WATCHING, Stage.ASKING, Stage.REFUSED, Stage.REQUESTING)
_ANSWERABLE = (Stage.DECIDING, Stage.ASKING, Stage.REQUESTING, Stage.QUOTED)
_STUCK = (Stage.REFUSED, Stage.ASKING)
_PASSING_REASONS = (Reason.FULL, Reason.OUTSIDE_HOURS, Reason.CANT_RECORD)


def hear(tick: Tick, item: News) -> None:
    """Takes one piece of news; one about a visit that is over is no news."""
    visit = tick.lane.visit
    if isinstance(item, Ordered):
        orders.carry_out(tick, item)
    elif isinstance(item, Read) and (doubt.concerns(visit, item) or doubt.concerns(tick.lane.crossing, item)):
        doubt.settle(tick, item)
    elif isinstance(item, Read) and _is_late(tick, item):
        _late_picture(tick, item)
    elif visit is not None:
        match item:
            case Read() if item.visit == visit.id and visit.stage in _READABLE:
                _read(tick, visit, item)
            case Looked() if item.visit == visit.id and visit.stage is Stage.DECIDING:
                _decide(tick, visit, item)
            case Answer() if visit.stage in _ANSWERABLE and not tick.is_entry:
                _answer(tick, visit, item)
            case Committed() if visit.stage is Stage.GRANTING and item.grant == visit.grant.id:
                _committed(tick, visit, item)


def _read(tick: Tick, visit: Visit, read: Read) -> None:
    if visit.plate is not None:
        return  # locked: a later frame must not flip it
    just_passed = tick.lane.last if tick.now - tick.lane.last_at < SAME_PLATE_S else None
    if any(_text(read) == _text(other) is not None for other in (just_passed, tick.lane.crossing)):
        tick.watch()
        return
    if read.image is not None:
        tick.change_visit(image=read.image)
    if read.plate is not None:
        tick.rest()
        tick.turn(Turn.READ, plate=read.plate, quote=None)
        tick.do(LookUp(visit.id, read.plate.text))
    elif visit.stage is Stage.WATCHING and visit.watched is None:
        _give_up_reading(tick)


def _is_late(tick: Tick, read: Read) -> bool:
    visits = (tick.lane.visit, tick.lane.crossing)
    return any(visit and visit.id == read.visit and visit.stage not in _READABLE for visit in visits)


def _late_picture(tick: Tick, read: Read) -> None:
    """A vehicle that was let through before its plate was read still gets its picture on record."""
    for place in ("visit", "crossing"):
        visit = getattr(tick.lane, place)
        if visit is not None and visit.id == read.visit and visit.image is None:
            tick.change(**{place: replace(visit, image=read.image)})


def _give_up_reading(tick: Tick) -> None:
    tick.turn(Turn.UNREAD)
    tick.do(LookUp(tick.lane.visit.id, None))


def _decide(tick: Tick, visit: Visit, looked: Looked) -> None:
    if tick.carried_is_here(visit, looked.known.stays):
        tick.carry_on(Turn.ADMITTED)
        return
    tick.assume()
    if tick.is_entry:
        decision = access.decide_entry(visit.plate, looked.known, tick.rules.site, tick.wall)
    else:
        decision = access.decide_exit(visit.plate, looked.known, tick.wall)
    match decision:
        case Admit(how, vehicle_class, flags):
            for flag in flags:
                tick.notice(flag, f"plate {_text(visit)} is let in")
            tick.change_visit(vehicle_class=vehicle_class)
            tick.grant(Turn.ADMITTED, how)
        case Open(session, how):
            tick.change_visit(session=session)
            tick.grant(Turn.ADMITTED, how)
        case Request(session, reason):
            tick.turn(Turn.UNPAID, session=session, reason=reason)
            tick.request()
        case Refuse(reason):
            tick.rest()
            tick.turn(Turn.REFUSED, reason=reason)
            if visit.reason is not reason:
                tick.record([EntryRefused(reason=reason, plate=visit.plate, image=visit.image)])
        case Ask(reason):
            tick.turn(Turn.UNSURE, reason=reason)
            if visit.reason is not reason:
                tick.notice("person_needed", reason)
            if not tick.is_entry:
                tick.request()


def _answer(tick: Tick, visit: Visit, answer: Answer) -> None:
    state, quote = answer.state, answer.state.quote
    asked = quote is not None and visit.request is not None and quote.request == visit.request
    if not asked and (visit.session is None or state.session != visit.session):
        return
    stay = {"session": state.session, "entered_at": state.entered_at}
    if access.permitted(state, tick.wall, visit.request):
        tick.change_visit(**stay, quote=quote if asked else visit.quote)
        tick.grant(Turn.PERMITTED, ExitHow.PERMIT)
    elif not asked or visit.stage is Stage.DECIDING or state.status is SessionStatus.CLOSED:
        return  # while the journal is asked about a plate, only a permit counts: the answer may be to an older question
    elif state.status is SessionStatus.UNMATCHED:
        if visit.stage is not Stage.ASKING:
            tick.turn(Turn.UNSURE, reason=Reason.NO_STAY)
            tick.notice("person_needed", Reason.NO_STAY)
        tick.change_visit(quote=quote)
    elif visit.stage is not Stage.QUOTED or quote != visit.quote:
        tick.rest()
        until = tick.now + _shown_for_s(quote, tick.wall)
        tick.turn(Turn.QUOTED, quote=quote, quote_until=until, reason=Reason.UNPAID, **stay)


def _shown_for_s(quote: Quote, wall: datetime) -> float:
    """How long a quote that has just come is shown: it answers, so it holds, whatever this gate's clock says."""
    left_s = (quote.expires_at - wall).total_seconds()
    return left_s if 0.0 < left_s <= LONGEST_QUOTE_S else QUOTE_HELD_S


def _committed(tick: Tick, visit: Visit, committed: Committed) -> None:
    if committed.done:
        tick.turn(Turn.COMMITTED)
    elif not tick.is_entry or visit.by_person:
        # with a full disk nobody enters unrecorded, but who may leave must get out, and a person's word counts
        tick.turn(Turn.COMMITTED)
        tick.notice("grant_unrecorded", "the journal could not take the grant: opened all the same")
    else:
        tick.turn(Turn.UNRECORDED, grant=None, session=None, reason=Reason.CANT_RECORD)
        tick.record([EntryRefused(reason=Reason.CANT_RECORD, plate=visit.plate, image=visit.image)])


def overdue(tick: Tick) -> None:
    """Goes on with a visit that has waited for long enough."""
    visit, rules = tick.lane.visit, tick.rules
    if visit is None:
        return
    waited_s = tick.now - visit.staged
    if visit.stage is Stage.OPEN and waited_s >= rules.no_show_s:
        tick.lapse(Reason.NO_SHOW)
    elif visit.stage is Stage.WATCHING and waited_s >= rules.patience_s + LAST_WORD_S:
        _give_up_reading(tick)
    elif visit.stage is Stage.WATCHING and waited_s >= rules.patience_s:
        tick.rest()  # which makes vision say what it has: at least the best picture
    elif visit.stage is Stage.QUOTED and tick.now >= visit.quote_until:
        tick.turn(Turn.EXPIRED, quote=None, asked=0)
        tick.request()
    elif visit.stage is Stage.REQUESTING and waited_s >= rules.central_wait_s:
        _unanswered(tick, visit)
    elif visit.stage in _STUCK and visit.reason in _PASSING_REASONS and waited_s >= DECIDE_AGAIN_S:
        tick.turn(Turn.AGAIN)
        tick.do(LookUp(visit.id, _text(visit)))
    _again(tick)


def _again(tick: Tick) -> None:
    """Asks central again, and reads the plate again, while neither has led anywhere."""
    visit = tick.lane.visit
    if visit.stage not in _READABLE:
        return
    if visit.request is not None and visit.quote is None and tick.now >= visit.ask_at:
        tick.request()
    if visit.stage is Stage.WATCHING or visit.plate is not None:
        return
    if visit.watched is None or tick.now - visit.watched >= tick.rules.patience_s:
        tick.watch()


def _unanswered(tick: Tick, visit: Visit) -> None:
    match access.without_answer(visit.session, tick.rules.site):
        case Open(session, how):
            tick.change_visit(session=session)
            tick.grant(Turn.UNANSWERED, how)
        case Ask(reason):
            tick.turn(Turn.UNSURE, reason=reason)
            tick.notice("person_needed", reason)


def _text(holder) -> str | None:
    """The plate of a visit, a grant or a reading, as text."""
    return holder.plate.text if holder is not None and holder.plate is not None else None
