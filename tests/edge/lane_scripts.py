"""A lane in the hands of a test: inputs are set by name, time runs in ticks, and the journal answers at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from edge.protocol.messages import GateNotice, PlateSeen, Wire
from edge.rules import boom as boom_rules
from edge.rules.access import Known
from edge.rules.boom_words import Boom, BoomState, Timing
from edge.rules.lane.state import Lane, LaneRules
from edge.rules.lane.step import is_down, step
from edge.rules.lane.words import Carried, CommitGrant, Committed, Looked, LookUp, News, Read, Record, StartWatching
from edge.rules.records import Grant
from edge.rules.signals import Drive, Inputs

NOON = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
TICK_S = 0.02
TRAVEL_S = 2.0
QUIET = Inputs(limit_closed=True)
CAR = PlateSeen(text="MH12AB1234", confidence=0.98, frames=3)
OTHER = PlateSeen(text="KA05MC7788", confidence=0.97, frames=2)


class Counted:
    """Ids that count up."""

    def __init__(self) -> None:
        self.given = 0

    def uuid(self) -> str:
        self.given += 1
        return f"00000000-0000-7000-8000-{self.given:012x}"

    def ticket(self) -> str:
        return "23456789ABCDEFGHJKMNPQRSTU"


class Script:
    """Runs one lane.

    known      what the journal says when asked
    disk_full  grants can't be committed
    inputs     what the wires say, from the start on
    facts      everything recorded, in order; resolved: grants ended
    """

    def __init__(
        self,
        direction: str = "entry",
        known: Known | None = None,
        carried: Grant | None = None,
        inputs: Inputs = QUIET,
        **rules,
    ):
        self.rules = LaneRules(direction=direction, **rules)
        self.lane = Lane.at_start(0.0, carried)
        self.known = known or Known()
        self.disk_full = False
        self.now = 0.0
        self.inputs = inputs
        self.ids = Counted()
        self.news: list[News] = []
        self.actions: list = []
        self.records: list[Record] = []
        self.grants: list[Grant] = []
        self.committed: set[str] = set()
        self.wish = None
        self.boom_down = True
        self.broken = False
        self.run(1.0)

    @property
    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.now)

    @property
    def facts(self) -> list[Wire]:
        return [fact.what for record in self.records for fact in record.facts]

    @property
    def resolved(self) -> list[str]:
        return [record.resolves for record in self.records if record.resolves]

    def of(self, kind: type) -> list:
        return [what for what in self.facts if isinstance(what, kind)]

    def session_of(self, kind: type) -> str | None:
        return next(fact.session for r in self.records for fact in r.facts if isinstance(fact.what, kind))

    def tick(self) -> None:
        self.now += TICK_S
        news, self.news = self.news, []
        self.lane, self.wish, actions = step(
            self.lane,
            self.inputs,
            news,
            self.now,
            self.rules,
            wall=self.wall,
            ids=self.ids,
            boom_down=self.boom_down,
            broken=self.broken,
        )
        self.move_boom()
        for action in actions:
            self.actions.append(action)
            match action:
                case LookUp():
                    self.news.append(Looked(action.visit, self.known))
                case CommitGrant():
                    self.grants.append(action.grant)
                    self.committed |= set() if self.disk_full else {action.grant.id}
                    self.news.append(Committed(action.grant.id, done=not self.disk_full))
                case Record():
                    self.records.append(action)

    def move_boom(self) -> None:
        """A boom that is at once where it is wished."""
        self.boom_down = not (self.wish.grant or self.wish.hold) and (self.boom_down or self.wish.close)

    @property
    def codes(self) -> list[str]:
        return [what.code for what in self.of(GateNotice)]

    @property
    def answers(self) -> list[str]:
        """What each order was answered: "" when it was carried out, else why not."""
        return [action.rejected for action in self.actions if isinstance(action, Carried)]

    def run(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds / TICK_S))):
            self.tick()

    def set(self, seconds: float = 0.1, **levels: bool) -> None:
        self.inputs = replace(self.inputs, **levels)
        self.run(seconds)

    def hear(self, *news: News) -> None:
        self.news.extend(news)
        self.run(0.1)

    def press(self) -> None:
        self.set(button=True)
        self.set(button=False)

    def arrive(self) -> None:
        self.set(arming_loop=True)

    def read(self, plate: PlateSeen | None = CAR, image: str | None = "a" * 64) -> None:
        assert self.lane.visit is not None
        self.hear(Read(self.lane.visit.id, plate, image))

    def leave(self, seconds: float = 6.0) -> None:
        self.set(seconds, arming_loop=False)

    def drive_under(self) -> None:
        self.set(0.5, closing_loop=True)
        self.set(0.5, arming_loop=False, photocell=True)

    def drive_out(self) -> None:
        self.set(0.5, exit_loop=True)
        self.set(0.5, closing_loop=False, photocell=False)
        self.set(3.0, exit_loop=False)

    def drive_through(self) -> None:
        self.drive_under()
        self.drive_out()

    @property
    def watched(self) -> int:
        return sum(isinstance(action, StartWatching) for action in self.actions)


class BoomScript(Script):
    """The same lane with the boom's own rules on a boom that takes its time.

    height  of the boom, 0.0 lowered to 1.0 raised
    jammed  it does not move
    """

    def __init__(self, *args, height: float = 0.0, **more):
        self.boom = Boom.at_start(0.0)
        self.height, self.jammed = height, False
        self.timing = Timing()
        super().__init__(*args, **more)

    def tick(self) -> None:
        self.inputs = replace(self.inputs, limit_open=self.height >= 0.97, limit_closed=self.height <= 0.03)
        self.boom_down, self.broken = is_down(self.boom, self.inputs), self.boom.state is BoomState.FAULT
        super().tick()

    def move_boom(self) -> None:
        step = boom_rules.step(self.boom, self.inputs, self.wish, self.now, self.timing)
        self.boom = step.boom
        if not self.jammed:
            rise = {Drive.OPEN: 1, Drive.CLOSE: -1, Drive.OFF: 0}[step.outputs.drive]
            self.height = min(1.0, max(0.0, self.height + rise * TICK_S / TRAVEL_S))
