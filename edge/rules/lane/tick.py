"""One tick of a lane in the making, and what many of its turns do: grant, lapse, request, record. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from edge.protocol.messages import EntryHow, ExitHow, ExitRequested, ExitWithdrawn, GateNotice, PassageEnded, Wire
from edge.rules.access import Reason, Stay
from edge.rules.lane.state import Lane, LaneRules
from edge.rules.lane.visit import Stage, Turn, Visit, move
from edge.rules.lane.words import Action, CommitGrant, Ids, Record, StartWatching, StopWatching
from edge.rules.records import Fact, Grant
from edge.rules.signals import Inputs

GRANTED = (Stage.GRANTING, Stage.OPEN)
LONGEST_ASK_S = 300.0


class Tick:
    """One tick of a lane: `lane` is what it becomes, `actions` what it wants done.

    boom_down   the boom stands lowered and at rest
    broken      the boom is out of order until its fault is reset
    ask_afresh  the wishes to open and to close are dropped for this tick, so that the boom takes the next as new
    reset       a person resets the boom's fault
    """

    def __init__(
        self,
        lane: Lane,
        inputs: Inputs,
        now: float,
        wall: datetime,
        rules: LaneRules,
        ids: Ids,
        *,
        boom_down: bool,
        broken: bool,
    ) -> None:
        self.lane = lane
        self.inputs = inputs
        self.now = now
        self.wall = wall
        self.rules = rules
        self.ids = ids
        self.boom_down = boom_down
        self.broken = broken
        self.actions: list[Action] = []
        self.ask_afresh = False
        self.reset = False

    @property
    def is_entry(self) -> bool:
        return self.rules.direction == "entry"

    def new_visit(self) -> Visit:
        return Visit(self.ids.uuid(), self.now, Stage.WATCHING, self.now, self.rules.site.default_class)

    def change(self, **changes) -> None:
        """Changes fields of the lane."""
        self.lane = replace(self.lane, **changes)

    def change_visit(self, **changes) -> None:
        """Changes fields of the visit before the boom."""
        self.change(visit=replace(self.lane.visit, **changes))

    def turn(self, turn: Turn, **changes) -> None:
        """Moves the visit before the boom to its next stage."""
        self.change(visit=move(self.lane.visit, turn, self.now, **changes))

    def do(self, action: Action) -> None:
        self.actions.append(action)

    def record(self, facts: Iterable[Wire], session: str | None = None, resolves: str | None = None) -> None:
        self.do(Record(tuple(Fact(what, session) for what in facts), resolves))

    def notice(self, code: str, detail: str) -> None:
        self.record([GateNotice(code=code, detail=detail)])

    def watch(self) -> None:
        """Reads the plate of the visit before the boom, from the start."""
        self.change_visit(watched=self.now)
        self.do(StartWatching(self.lane.visit.id))

    def rest(self) -> None:
        """Reads no more of the visit before the boom."""
        if self.lane.visit.watched is not None:
            self.change_visit(watched=None)
            self.do(StopWatching())

    def grant(self, turn: Turn, how: EntryHow | ExitHow) -> None:
        """Gives the visit before the boom leave to pass, once the journal has it; one from before a crash it has."""
        if self.carried_is_here(self.lane.visit):
            self.carry_on(turn)
            return
        self.assume()
        visit = self.lane.visit
        session = self.ids.uuid() if self.is_entry else visit.session
        grant = Grant(
            id=self.ids.uuid(),
            lane=self.rules.direction,
            granted_at=self.wall,
            session=session,
            ticket=self.ids.ticket() if self.is_entry else None,
            plate=visit.plate,
            vehicle_class=visit.vehicle_class,
            how=how,
            image=visit.image,
            request=visit.request,
        )
        self.rest()
        self.turn(turn, grant=grant, session=session, how=how)
        self.do(CommitGrant(grant))

    def lapse(self, reason: Reason) -> None:
        """Ends the grant of the visit before the boom, though its vehicle may still stand there."""
        visit = self.lane.visit
        ended = PassageEnded(outcome="no_show", plate=visit.plate, image=visit.image)
        self.record([ended], self.stay(visit), visit.grant.id)
        self.turn(Turn.LAPSED, grant=None, reason=reason, by_person=False)
        self.change(closing=True)

    def retreated(self, visit: Visit, outcome: str | None) -> None:
        """Records a vehicle that did not pass. outcome None: it had no grant and was not under the boom."""
        facts: list[Wire] = []
        if outcome is not None:
            facts.append(PassageEnded(outcome=outcome, plate=visit.plate, image=visit.image))
        if visit.request is not None:
            facts.append(ExitWithdrawn(request=visit.request))
        if facts:
            self.record(facts, self.stay(visit), visit.grant.id if visit.grant else None)

    def request(self) -> None:
        """Tells central that this vehicle wants to leave: the same request however often it is asked."""
        visit = self.lane.visit
        wait_s = min(self.rules.ask_again_s * 2**visit.asked, LONGEST_ASK_S)
        request = visit.request or self.ids.uuid()
        self.change_visit(request=request, asked=visit.asked + 1, ask_at=self.now + wait_s)
        what = ExitRequested(request=request, plate=visit.plate, vehicle_class=visit.vehicle_class, image=visit.image)
        self.record([what], visit.session)

    def stay(self, visit: Visit) -> str | None:
        """The stay that facts about this visit belong to: an entry's begins only when its vehicle has passed."""
        return None if self.is_entry else visit.session

    def raise_boom(self) -> None:
        """Lets out whoever is in the boom's line; said again, the boom takes it as new."""
        self.ask_afresh = self.ask_afresh or self.lane.raised
        self.change(raised=True)

    def carried_is_here(self, visit: Visit, stays: Iterable[Stay] = (), *, drives: bool = False) -> bool:
        """Whether this is the vehicle of the grant that a crash left: the first one here, unless its plate differs.

        Where its vehicle may have passed unseen the first one here may be the next: then a plate tells, or that it
        drives on at once.

        drives it goes through the open boom: who had no leave would wait for it
        stays  of its plate, as far as known: by them a vehicle is known that was let through unread
        """
        grant = self.lane.carried
        if grant is None:
            return False
        if visit.plate is None:
            return drives or self.lane.unpassed
        if grant.plate is None:
            return any(stay.state.session == grant.session for stay in stays)
        return visit.plate.text == grant.plate.text

    def carry_on(self, turn: Turn) -> None:
        """Gives the visit before the boom the grant that a crash left."""
        self.rest()
        self.change(visit=self.take_carried(self.lane.visit))
        self.turn(turn)
        self.turn(Turn.COMMITTED)

    def take_carried(self, visit: Visit) -> Visit:
        """The visit with the grant that a crash left: it is the vehicle that had been given it."""
        grant = self.lane.carried
        if grant.plate is None and visit.plate is not None:
            grant = grant.model_copy(update={"plate": visit.plate})
        self.change(carried=None)
        return replace(
            visit,
            grant=grant,
            how=EntryHow(grant.how) if self.is_entry else ExitHow(grant.how),
            session=grant.session,
            request=grant.request,
            plate=grant.plate,
            image=grant.image or visit.image,
            vehicle_class=grant.vehicle_class,
        )

    def assume(self) -> None:
        """The vehicle of a grant that a crash left is not here: it counts as passed."""
        grant = self.lane.carried
        if grant is not None:
            self.change(carried=None)
            self.record([grant.assumed()], grant.session, grant.id)
