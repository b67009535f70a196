"""A whole car park from a seed: built, struck by troubles, mended, drained, and checked all the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from central import keys
from edge.protocol.signing import Verifier, public_from_text
from edge.rules.access import SiteRules
from edge.rules.lane.state import LaneRules
from tests.simulation.world import attendant
from tests.simulation.world.central import Central
from tests.simulation.world.chance import determined
from tests.simulation.world.checks import Checks, Wrong
from tests.simulation.world.drivers import Driver
from tests.simulation.world.gate import Gate, Site
from tests.simulation.world.lane import Lane
from tests.simulation.world.network import Broker, Weather
from tests.simulation.world.plans import PAYS, Pays, plan
from tests.simulation.world.timeline import Timeline
from tests.simulation.world.troubles import Troubles

VEHICLES = 6
STRUCK_S = 1200.0  # troubles begin within this
PATIENCE_S = 3 * 3600.0  # after the last driver should have been out
DRAIN_S = 1800.0
GLANCE_S = 10.0


class WorldFailed(AssertionError):
    """Something that must not happen did: says what, the seed that replays it, and what led to it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What the dice of a world may draw.

    troubles      how many
    only          kinds of trouble, by `Troubles.strike`; all where none is named
    pays          how drivers pay
    parks_most_s  between the gates
    """

    troubles: int = 9
    only: tuple[str, ...] = ()
    pays: tuple[Pays, ...] = PAYS
    parks_most_s: float = 5000.0


@dataclass(slots=True)
class World:
    """Everything of one run."""

    seed: int
    timeline: Timeline
    dice: Random
    broker: Broker
    central: Central
    gates: list[Gate]
    drivers: dict[str, Driver]
    troubles: Troubles
    checks: Checks

    @property
    def over(self) -> bool:
        return all(driver.out_at is not None for driver in self.drivers.values())

    def standing(self, gate: Gate) -> Driver | None:
        """The driver whose vehicle is the first before the boom."""
        foremost = gate.lane.foremost
        return None if foremost is None else self.drivers[foremost.name]

    def run(self) -> None:
        """The whole story. WorldFailed when something that must not happen did."""
        try:
            self._run()
        except Wrong as wrong:
            raise WorldFailed(self._report(str(wrong))) from None
        except Exception as error:
            raise WorldFailed(self._report(f"{type(error).__name__}: {error}")) from error

    def _run(self) -> None:
        latest_s = STRUCK_S + max(driver.plan.parks_s for driver in self.drivers.values())
        mended_at = self.timeline.now + STRUCK_S
        self.timeline.after(STRUCK_S, self.troubles.end_all)
        deadline = mended_at + latest_s + PATIENCE_S
        while not self.over or self.timeline.now < mended_at:
            self._turn()
            if self.timeline.now > deadline:
                raise Wrong(self.checks.who_is_stuck())
        self.timeline.note("all are out")
        until = self.timeline.now + DRAIN_S
        while self.timeline.now < until:
            self._turn()
        self.checks.at_the_end(self.troubles)

    def liveness(self) -> Iterator[float]:
        """Watches who stands at the exit, from when all is mended."""
        who, since = None, self.timeline.now
        while True:
            yield GLANCE_S
            now = self.standing(self.gates[1]) if self.troubles.quiet else None
            who, since = now, since if now is who else self.timeline.now
            if who is not None:
                self.checks.lets_out(who, since)

    def _turn(self) -> None:
        self.timeline.turn()
        self.checks.after_every_turn()

    def close(self) -> None:
        for gate in self.gates:
            if gate.life is not None:
                gate.life.end()
        self.checks.close()
        self.central.db.close()

    def _report(self, what: str) -> str:
        events = "\n".join(self.timeline.last)
        return f"seed {self.seed}: {what}\nreplay it with PARKMETER_SEED={self.seed}\n{events}"


def run_world(seed: int, folder: Path, empty: Path, fate: Fate) -> str:
    """Runs the world of a seed; its trace. empty: a central database with every table."""
    timeline = Timeline()
    with determined(seed, timeline):
        world = build(seed, timeline, folder, empty, fate)
        try:
            world.run()
        finally:
            world.close()
    return timeline.trace


def build(seed: int, timeline: Timeline, folder: Path, empty: Path, fate: Fate) -> World:
    """A car park of the seed, its machines running, its drivers on their way, its troubles drawn."""
    dice = Random(seed)
    weather = Weather(
        lost=dice.choice([0.0, 0.03]), doubled=dice.choice([0.0, 0.1]), late=dice.choice([0.0, 0.1]), late_s=8.0
    )
    broker = Broker(timeline, dice, weather)
    shutil.copy(empty, folder / "central.db")
    central = Central(timeline, dice, broker, folder)
    central.psp.poor = dice.choice([0.0, 0.3])
    verifier = Verifier([public_from_text(keys.signer(central.settings).public)])
    drivers: dict[str, Driver] = {}
    site = Site(timeline, dice, broker, verifier, folder)
    rules = SiteRules(
        unread=dice.choice(["admit", "ask"]), exit_without_permit=dice.choice(["open_and_bill", "hold", "hold"])
    )
    entry = Gate(
        site, "entry-1", Lane(timeline, "entry-1"), LaneRules("entry", rules), lambda n: drivers[n].plan.read_in
    )
    exit_ = Gate(site, "exit-1", Lane(timeline, "exit-1"), LaneRules("exit", rules), lambda n: drivers[n].plan.read_out)
    gates = [entry, exit_]
    central.idle = lambda: entry.lane.empty and exit_.lane.empty
    troubles = Troubles(timeline, dice, broker, central, gates)
    checks = Checks(timeline, central, gates, drivers)
    world = World(seed, timeline, dice, broker, central, gates, drivers, troubles, checks)
    central.start()
    for gate in gates:
        gate.lane.passed = lambda name, gate=gate: _passed(world, gate, name)
        gate.lane.left = lambda name, gate=gate: _left(world, gate, name)
        gate.start()
    for number in range(VEHICLES):
        mine = plan(dice, number, fate.pays, fate.parks_most_s)
        if number and dice.random() < 0.2:
            mine.tailgates = True
        driver = drivers[mine.name] = Driver(mine, entry, exit_, central, dice)
        timeline.after(
            dice.choice([dice.uniform(5, 60), dice.uniform(5, 500)]), lambda d=driver: timeline.follow(d.visit())
        )
    timeline.follow(attendant.rounds(central, gates, world.standing))
    timeline.follow(world.liveness())
    troubles.strike(fate.troubles, STRUCK_S, fate.only)
    return world


def _passed(world: World, gate: Gate, name: str) -> None:
    world.timeline.note(f"{gate.id}: {name} has passed")
    world.drivers[name].passed(gate)
    if (follower := gate.lane.merged_with(name)) is not None:
        world.timeline.note(f"{gate.id}: {follower} is too close behind for any loop to tell")
        world.checks.merged.add(follower)


def _left(world: World, gate: Gate, name: str) -> None:
    world.timeline.note(f"{gate.id}: {name} has backed out")
    world.drivers[name].backed_out.add(name)
