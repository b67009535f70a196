"""The one loop that owns the boom: every 20 ms it reads levels, hears news, steps the rules and drives the outputs.

It never waits for anything but its own next tick. An exception switches the outputs off and ends the process.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from edge import diagnostics
from edge.devices.ports import Barrier
from edge.gauges import Gauges
from edge.panel import Panel
from edge.parts import Eyes, FreshIds, Line
from edge.protocol.messages import (
    Command,
    CommandDone,
    GateNotice,
    PlateSeen,
    Reply,
    SessionState,
    Wire,
)
from edge.rules import boom as boom_rules
from edge.rules.boom import Debounce, debounce
from edge.rules.boom_words import Boom, BoomState, Timing
from edge.rules.display import display
from edge.rules.interlock import Bounds, Interlock, guard
from edge.rules.lane import step as lane_rules
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
GLANCE_S = 2.0  # how often queues and disk are looked at, and a live picture is taken
HEALTH_S = 60.0
PRUNE_S = 3600.0
MOST_NEWS = 200


class Controller:
    """Owns the barrier of one gate from `run` until `stop`.

    news     where every other thread puts what it has to say, see `tell`
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
    ) -> None:
        self._barrier, self._scribe, self._eyes, self._line, self._panel = barrier, scribe, eyes, line, panel
        self._rules, self._timing = rules, timing
        self._news, self._wall, self._free_bytes = news, wall, free_bytes
        self._bounds = Bounds(
            settle_s=max(0.0, timing.settle_s - 0.1), dead_time_s=timing.dead_time_s, max_run_s=timing.travel_s + 0.5
        )
        now = time.monotonic()
        self._boom = Boom.at_start(now)
        self._interlock = Interlock.at_start(now)
        self._debounce = Debounce()
        self._inputs: Inputs | None = None
        self._lane = Lane.at_start(now, carried, held)
        self._ids = FreshIds()
        self._gauges = Gauges(started=now)
        self._glance_at = now
        self._health_at = now + HEALTH_S
        self._prune_at = now + PRUNE_S
        self._held = held
        self._stopping = False
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
                self.tick(now, heard)
                # a tick that came late is not made up for: two at once would see the same levels
                due = due + TICK_S if due + TICK_S > now else now + TICK_S
        finally:
            self._barrier.drive(Outputs())

    def _gather(self, due: float) -> list:
        heard: list = []
        while len(heard) < MOST_NEWS:  # a flood must not hold up the boom
            wait_s = due - time.monotonic()
            try:
                heard.append(self._news.get(timeout=wait_s) if wait_s > 0 else self._news.get_nowait())
            except queue.Empty:
                break
        return heard

    def tick(self, now: float, heard: list) -> None:
        """One turn of the loop at monotonic time `now`."""
        raw = self._barrier.read()
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
        self._barrier.drive(outputs)
        self._boom = step.boom
        self._gauges.driven(outputs, now)
        for action in actions:
            self._carry_out(action, now)
        notices = [GateNotice(code=notice.code, detail=notice.detail) for notice in step.notices]
        if self._inputs is not None:
            notices += diagnostics.wire_notices(self._inputs, inputs)
        notices += self._gauges.trip_notices(tripped, now)
        self._record(notices)
        self._inputs, self.beat = inputs, now
        self._show(now, tripped)
        self._look_around(now)

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
            case Command():
                return Ordered(item.cmd_id, item.name, item.by)
            case vision.Fault():
                if item.code not in self._gauges.vision:
                    self._record([GateNotice(code=item.code, detail=item.detail)])
                self._gauges.vision.add(item.code)
            case vision.Ready():
                if self._gauges.vision:
                    self._record([GateNotice(code="vision_back", detail=f"{item.engine} on {item.source}")])
                self._gauges.vision.clear()
            case vision.Taken():
                self._panel.snapshot = item.path
            case Depths():
                self._gauges.depths = item
            case Failed():
                raise item.error
        return None

    def _voted(self, vote: vision.Voted) -> Read:
        if vote.image:
            self._scribe.pictures.taken(vote.visit, vote.image)
        return Read(vote.visit, _plate(vote) if vote.accepted else None, vote.image or None)

    # -- what goes out ------------------------------------------------------------------------------------------

    def _carry_out(self, action: object, now: float) -> None:
        match action:
            case StartWatching(visit):
                if self._watching is not None:
                    self._eyes.rest()  # the same visit again: earlier frames are forgotten
                self._watching = visit
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
            case Carried(order, rejected):
                answer = Reply(verdict="rejected" if rejected else "done", reason=rejected)
                who = {"cmd_id": order.cmd_id, "name": order.name, "by": order.by}
                self._record([CommandDone(**who, verdict=answer.verdict, reason=answer.reason)])
                self._line.reply(order.cmd_id, answer)

    def _record(self, facts: list[Wire]) -> None:
        for what in facts:
            log.info("%s %s", type(what).__name__, what)
        if facts:
            self._scribe.record([Fact(what) for what in facts])

    def _look_around(self, now: float) -> None:
        """Now and then: queues, disk, a live picture, the minute's health."""
        if now < self._glance_at:
            return
        self._glance_at = now + GLANCE_S
        self._scribe.measure(self._free_bytes())
        self._scribe.retry()
        visit = self._lane.visit
        if self._eyes.ready and (visit is None or visit.stage is not Stage.WATCHING):
            self._eyes.snapshot()  # not while a plate is being read: that frame would come later
        if now >= self._prune_at:
            self._prune_at = now + PRUNE_S
            self._scribe.prune()
        if now >= self._health_at:
            self._health_at = now + HEALTH_S
            gauges, vision_is = self._gauges, "ready" if self._eyes.ready else "down"
            free, uptime_s = gauges.depths.free_bytes, now - gauges.started
            self._record([diagnostics.health(uptime_s, gauges.depths.outbox, vision_is, free, gauges.readings)])

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
        )
    except ValidationError as error:
        log.error("vision accepted %r, which is no plate: %s", vote.text, error)
        return None
