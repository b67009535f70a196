"""A lane in the hands of a test: inputs are set by name, time runs in ticks, and the journal answers at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from edge.protocol.messages import PlateSeen, Wire
from edge.rules.access import Known
from edge.rules.lane import Lane, LaneRules, step
from edge.rules.lane_words import CommitGrant, Committed, Looked, LookUp, News, Read, Record, StartWatching
from edge.rules.records import Grant
from edge.rules.signals import Inputs

NOON = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
TICK_S = 0.02
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
    crossed_with_grant  grants whose vehicle came under the boom
    facts      everything recorded, in order; resolved: grants ended
    """

    def __init__(self, direction: str = "entry", known: Known | None = None, carried: Grant | None = None, **rules):
        self.rules = LaneRules(direction=direction, **rules)
        self.lane = Lane.at_start(0.0, carried)
        self.known = known or Known()
        self.disk_full = False
        self.now = 0.0
        self.inputs = Inputs(limit_closed=True)
        self.ids = Counted()
        self.news: list[News] = []
        self.actions: list = []
        self.records: list[Record] = []
        self.grants: list[Grant] = []
        self.committed: set[str] = set()
        self.crossed_with_grant: set[str] = set()
        self.wish = None
        self.boom_down = True
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
        )
        self.boom_down = not (self.wish.grant or self.wish.hold) and (self.boom_down or self.wish.close)
        if self.lane.crossing is not None and self.lane.crossing.grant is not None:
            self.crossed_with_grant.add(self.lane.crossing.grant.id)
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
