"""The one loop that owns the boom: every 20 ms it reads levels, hears news, steps the rules and drives the outputs.

It never waits for anything but its own next tick. An exception switches the outputs off and ends the process.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from edge.devices.ports import Barrier
from edge.diagnostics.surroundings import Surroundings
from edge.diagnostics.wires import wire_notices
from edge.gauges import Gauges
from edge.life.safe_mode import boom_at_start as boom_in_safe_mode
from edge.maintenance.desk import Desk
from edge.maintenance.words import Flash, Outcome, Situation
from edge.panel import Panel
from edge.parts import Eyes, FreshIds, Helpers, Line
from edge.protocol.messages import (
    Command,
    GateNotice,
    PlateSeen,
    Reply,
    SessionState,
    Wire,
)
from edge.rounds import Rounds
from edge.rules import boom as boom_rules
from edge.rules.boom import Debounce, debounce
from edge.rules.boom_words import Boom, BoomState, Timing
from edge.rules.commands import Given, TurnedAway
from edge.rules.display import display
from edge.rules.interlock import Bounds, Interlock, guard
from edge.rules.lane import step as lane_rules
from edge.rules.lane.orders import ORDERS
from edge.rules.lane.state import Lane, LaneRules
from edge.rules.lane.visit import Stage
from edge.rules.lane.words import (
    Answer,
    Carried,
    CommitGrant,
    Committed,
    Looked,
    LookUp,
    News,
    Ordered,
    Read,
    Record,
    StartWatching,
    StopWatching,
)
from edge.rules.records import Fact, Grant
from edge.rules.signals import Inputs, Outputs
from edge.scribe import Depths, Failed, Scribe
from edge.vision import messages as vision

log = logging.getLogger(__name__)

TICK_S = 0.02
MOST_NEWS = 200
ARRIVAL_HELD_S = 2.0  # so long somebody whom the camera saw is there; it says so again every half second
PRESSING = (vision.Voted, Looked, Committed)  # news on the way from a plate to an open boom: no beat is waited for


class Controller:
    """Owns the barrier of one gate from `run` until `stop`.

    news     where every other thread puts what it has to say, see `tell`
    helpers  who does what is not the lane's: maintenance's orders, what is told of the gate live
    boot     this start of the gate, for its state
    beat     monotonic seconds of the last tick, for the watchdog
    """

    def __init__(
        self,
        barrier: Barrier,
        scribe: Scribe,
        eyes: Eyes,
        line: Line,
        panel: Panel,
        *,
        rules: LaneRules,
        timing: Timing,
        news: queue.SimpleQueue,
        wall: Callable[[], datetime],
        free_bytes: Callable[[], int],
        carried: Grant | None = None,
        held: bool = False,
        helpers: Helpers | None = None,
        boot: str | None = None,
        safe: bool = False,
    ) -> None:
        self._helpers = helpers or Helpers()
        self._barrier, self._scribe, self._eyes, self._line, self._panel = barrier, scribe, eyes, line, panel
        self._rules, self._timing = rules, timing
        self._news, self._wall = news, wall
        self._bounds = Bounds(
            settle_s=max(0.0, timing.settle_s - 0.1), dead_time_s=timing.dead_time_s, max_run_s=timing.travel_s + 0.5
        )
        now = time.monotonic()
        self._boom = boom_in_safe_mode(now) if safe else Boom.at_start(now)
        self._interlock = Interlock.at_start(now)
        self._debounce = Debounce()
        self._inputs: Inputs | None = None
        self._lane = Lane.at_start(now, carried, held)
        self._ids = FreshIds()
        self._gauges = Gauges(started=now, boot=boot)
        self._desk = Desk(self._helpers, line, self._record)
        self._rounds = Rounds(
            scribe, eyes, self._gauges, self._desk, self._helpers,
            record=self._record, wall=wall, free_bytes=free_bytes, now=now,
        )  # fmt: skip
        self._held = held
        self._stopping = False
        self._seen_until = float("-inf")
        self._watching: str | None = None
        self.beat = now

    def tell(self, item: object) -> None:
        """Any thread: puts news into the queue."""
        self._news.put(item)

    def stop(self) -> None:
        """Any thread, also a signal handler: ends `run` within a tick or two."""
        self._stopping = True

    def run(self) -> None:
        """Ticks until `stop`. Whatever ends it, the outputs are off afterwards."""
        try:
            due = time.monotonic()
            while not self._stopping:
                heard = self._gather(due)
                now = time.monotonic()
                self._gauges.latest_ms = max(self._gauges.latest_ms, (now - due) * 1000)
                paused = self._boom.state is BoomState.PAUSE_OPEN
                self.tick(now, heard)
                if self._boom.state is BoomState.PAUSE_OPEN and not paused:
                    self.tick(time.monotonic(), [])  # relays that have rested for long need not wait for the next beat
                if now >= due:
                    # a tick that came late is not made up for: two at once would see the same levels
                    due = due + TICK_S if due + TICK_S > now else now + TICK_S
        finally:
            self._barrier.drive(Outputs())

    def _gather(self, due: float) -> list:
        """What was heard until `due`, or until something came that a driver waits for."""
        heard: list = []
        while len(heard) < MOST_NEWS:  # a flood must not hold up the boom
            wait_s = due - time.monotonic()
            try:
                heard.append(self._news.get(timeout=wait_s) if wait_s > 0 else self._news.get_nowait())
            except queue.Empty:
                break
            if isinstance(heard[-1], PRESSING):
                break
        return heard

    def tick(self, now: float, heard: list) -> None:
        """One turn of the loop at monotonic time `now`."""
        raw = self._barrier.read()
        if now < self._seen_until:
            raw = replace(raw, arming_loop=True)
        self._debounce, inputs = debounce(self._debounce, raw, now, self._timing.debounce_s)
        news = [item for item in map(self._translate, heard) if item is not None]
        self._lane, wish, actions = lane_rules.step(
            self._lane,
            inputs,
            news,
            now,
            self._rules,
            wall=self._wall(),
            ids=self._ids,
            boom_down=lane_rules.is_down(self._boom, inputs),
            broken=self._boom.state is BoomState.FAULT,
        )
        if self._lane.held is not self._held:
            self._held = self._lane.held
            self._scribe.hold(self._held)
        step = boom_rules.step(self._boom, inputs, wish, now, self._timing)
        self._interlock, outputs, tripped = guard(
            self._interlock, step.outputs, raw, now, self._bounds, reset=wish.reset
        )
        empty = self._lane.visit is None and self._lane.crossing is None
        self._barrier.drive(self._desk.flashing(outputs, now, empty))
        self._boom = step.boom
        self._gauges.driven(outputs, now)
        for action in actions:
            self._carry_out(action, now)
        notices = [GateNotice(code=notice.code, detail=notice.detail) for notice in step.notices]
        if self._inputs is not None:
            notices += wire_notices(self._inputs, inputs)
        notices += self._gauges.trip_notices(tripped, now)
        self._record(notices)
        self._inputs, self.beat = inputs, now
        self._show(now, tripped)
        visit = self._lane.visit
        self._rounds.look(now, reading=visit is not None and visit.stage is Stage.WATCHING)

    # -- what comes in ------------------------------------------------------------------------------------------

    def _translate(self, item: object) -> News | None:
        """News for the lane; what concerns only the gate itself is dealt with here."""
        match item:
            case Read() | Looked() | Answer() | Committed() | Ordered():
                return item
            case vision.Voted():
                return self._voted(item)
            case vision.Read():
                self._gauges.readings.note(item.seen_at, time.monotonic())
            case SessionState():
                return Answer(item)
            case Command() | Given():
                if item.name in ORDERS:
                    return Ordered(item.cmd_id, item.name, item.by)
                self._desk.hand_over(item, self._situation())
            case Outcome():
                self._desk.answer(item)
            case TurnedAway():
                self._desk.turned_away(item, self.beat)
            case Flash():
                self._desk.flash(until=self.beat + item.seconds)
            case Surroundings():
                self._record(self._gauges.looked_around(item))
            case vision.Fault():
                if item.code not in self._gauges.vision:
                    self._record([GateNotice(code=item.code, detail=item.detail)])
                self._gauges.vision[item.code] = item.detail
            case vision.Ready():
                if self._gauges.vision:
                    self._record([GateNotice(code="vision_back", detail=f"{item.engine} on {item.source}")])
                self._gauges.vision.clear()
            case vision.Arrival(seen):
                self._seen_until = self.beat + ARRIVAL_HELD_S if seen else float("-inf")
            case vision.Taken():
                self._panel.snapshot = item.path
                self._helpers.pictured(item.path)
            case Depths():
                self._gauges.depths = item
            case Failed():
                raise item.error
        return None

    def _voted(self, vote: vision.Voted) -> Read:
        if vote.image:
            self._scribe.pictures.taken(vote.visit, vote.image)
        if vote.accepted:
            self._gauges.readings.accepted(vote.visit)
        return Read(vote.visit, _plate(vote) if vote.accepted else None, vote.image or None)

    # -- what goes out ------------------------------------------------------------------------------------------

    def _carry_out(self, action: object, now: float) -> None:
        match action:
            case StartWatching(visit):
                if self._watching is not None:
                    self._eyes.rest()  # the same visit again: earlier frames are forgotten
                self._watching = visit
                self._gauges.readings.watched(visit, now)
                self._eyes.watch(visit)
            case StopWatching():
                self._watching = None
                self._eyes.rest()
            case LookUp():
                self._scribe.look_up(action)
            case CommitGrant():
                self._gauges.decided(now)
                self._scribe.commit(action)
            case Record():
                self._scribe.record(action.facts, action.resolves)
                if self._helpers.bulletin:
                    for fact in action.facts:
                        self._helpers.bulletin.vehicle(fact.what, self._wall())
            case Carried(order, rejected):
                reply = Reply(verdict="rejected" if rejected else "done", reason=rejected)
                self._desk.answer(Outcome(order.cmd_id, order.name, order.by, reply))

    def _situation(self) -> Situation | None:
        """How the lane is, for an order that is not its own; None before the first sample."""
        lane, boom, inputs = self._lane, self._boom, self._inputs
        if inputs is None:
            return None
        occupied = lane.visit or lane.crossing or inputs.arming_loop or inputs.closing_loop or inputs.photocell
        return Situation(
            inputs=inputs,
            boom=boom.state.value,
            boom_down=lane_rules.is_down(boom, inputs),
            quiet=not occupied and boom.state in (BoomState.CLOSED, BoomState.OPEN),
            unwritten=self._scribe.unwritten,
        )

    def _record(self, facts: list[Wire]) -> None:
        for what in facts:
            log.info("%s %s", type(what).__name__, what)
        if facts:
            self._scribe.record([Fact(what) for what in facts])

    def _show(self, now: float, tripped: str | None) -> None:
        """Renews the display, and the state published to central where it changed."""
        lane, inputs, unwritten = self._lane, self._inputs, self._scribe.unwritten
        broken = self._boom.state is BoomState.FAULT
        shown = display(lane, self._rules, now, fire=inputs.fire, stopped=inputs.stop, out_of_order=broken)
        self._panel.display = shown
        state = self._gauges.state(
            lane, self._boom, inputs, shown, tripped=tripped, unwritten=unwritten, wall=self._wall()
        )
        if state is not None:
            self._panel.state = state
            self._line.publish_state(state)
            if self._helpers.bulletin:
                self._helpers.bulletin.faults(self._gauges.details(state.faults), state.wall)
        self._panel.figures = self._gauges.figures(now, unwritten)


def _plate(vote: vision.Voted) -> PlateSeen | None:
    """The vote as a plate; None, as if unread, for a text that no plate can have."""
    try:
        return PlateSeen(
            text=vote.text,
            raw=vote.raw,
            confidence=vote.confidence,
            per_char=vote.per_char,
            format=vote.format,
            frames=vote.frames,
            engine=vote.engine,
            asked=vote.asked,
        )
    except ValidationError as error:
        log.error("vision accepted %r, which is no plate: %s", vote.text, error)
        return None
