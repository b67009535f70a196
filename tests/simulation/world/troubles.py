"""Bad luck, drawn from the seed: what goes wrong, when, and for how long. All of it is over at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from edge.protocol.messages import Clock
from edge.simulation.world.traffic import Phase
from tests.simulation.world.central import Central
from tests.simulation.world.gate import Gate
from tests.simulation.world.lane import Lane
from tests.simulation.world.network import Broker, Weather
from tests.simulation.world.timeline import Timeline

SPELLS_S = (5.0, 30.0, 120.0, 600.0)
# wires that may stick or break without anybody getting hurt or miscounted by design
WIRES = (("broken_wire", "photocell"), ("broken_wire", "arming_loop"), ("stuck_active", "closing_loop"))

#   a vehicle            is there when
MOMENTS: dict[str, Callable[[Lane], bool]] = {
    "comes":             lambda lane: not lane.empty,
    "is at the line":    lambda lane: _phase(lane) is Phase.AT_LINE,
    "sees it rise":      lambda lane: lane.world.plant.speed_deg_s > 0.0,
    "may go":            lambda lane: lane.world.plant.angle_deg > 80.0,
    "is under the boom": lambda lane: _phase(lane) is Phase.PASSING,
    "has just passed":   lambda lane: any(vehicle.phase is Phase.PASSED for vehicle in lane.world.vehicles),
}  # fmt: skip


def _phase(lane: Lane) -> Phase | None:
    return lane.foremost.phase if lane.foremost is not None else None


@dataclass(slots=True)
class Troubles:
    """What may go wrong in one world.

    quiet  nothing may go wrong any more
    odd    machines whose clock was wrong once, so that instants of theirs can't be held against the truth
    """

    timeline: Timeline
    dice: Random
    broker: Broker
    central: Central
    gates: list[Gate]
    quiet: bool = False
    odd: set[str] = field(default_factory=set)
    blurred: set[str] = field(default_factory=set)

    def strike(self, count: int, within_s: float, only: Sequence[str] = ()) -> None:
        """Sets so many troubles on their way, of all kinds or only these."""
        kinds = {
            "cut at commit": (self._cut_at_commit, 3),
            "cut now": (self._cut_now, 3),
            "central cut": (self._central_cut, 2),
            "broker gone": (self._broker_gone, 1),
            "forgotten": (self._forgotten, 1),
            "cut off": (self._cut_off, 2),
            "disk full": (self._disk_full, 1),
            "clock wrong": (self._clock_wrong, 1),
            "wire breaks": (self._wire_breaks, 1),
            "provider poor": (self._provider_poor, 1),
            "storm": (self._storm, 1),
        }
        drawn = [kind for name in only or kinds for kind in [kinds[name][0]] * kinds[name][1]]
        for _ in range(count):
            kind = self.dice.choice(drawn)
            self.timeline.after(self.dice.uniform(5.0, within_s), lambda kind=kind: self._begin(kind()))

    def end_all(self) -> None:
        """Everything is mended and stays so."""
        self.quiet = True
        self.timeline.note("all is mended")
        self.broker.weather.lost = self.broker.weather.doubled = self.broker.weather.late = 0.0
        self.broker.up = True
        self.broker.unreachable.clear()
        self.central.psp.poor = 0.0
        self.central.power.cut_in = None
        self.central.start()
        for gate in self.gates:
            gate.power.cut_in = None
            gate.disk.full = False
            gate.wall_clock.off, gate.wall_clock.trust = timedelta(), Clock.SYNCED
            gate.lane.world.plant.heal()
            gate.lane.stir()
            gate.start()

    def _begin(self, trouble: Iterator[float]) -> None:
        if not self.quiet:
            self.timeline.follow(trouble)

    def _spell_s(self) -> float:
        return self.dice.choice(SPELLS_S)

    def _cut_at_commit(self) -> Iterator[float]:
        gate = self.dice.choice(self.gates)
        commit, after = self.dice.randrange(1, 9), self.dice.random() < 0.5
        yield from self._await_moment(gate, "comes")
        if self._may_cut(gate):
            self.timeline.note(f"{gate.id}: power will go {'after' if after else 'before'} commit {commit}")
            gate.power.cut_at(commit, after=after)

    def _cut_now(self) -> Iterator[float]:
        gate, moment = self.dice.choice(self.gates), self.dice.choice(list(MOMENTS))
        yield from self._await_moment(gate, moment)
        if self._may_cut(gate):
            self.timeline.note(f"{gate.id}: a vehicle {moment}")
            gate.lose_power()

    def _await_moment(self, gate: Gate, moment: str) -> Iterator[float]:
        """Waits until a vehicle there is just so, or for ten minutes."""
        until = self.timeline.now + 600.0
        while self.timeline.now < until and not MOMENTS[moment](gate.lane):
            yield 1.0 if gate.lane.empty else 0.1

    def _may_cut(self, gate: Gate) -> bool:
        tailgated = any(vehicle.tailgates for vehicle in gate.lane.world.vehicles)
        return not (self.quiet or tailgated or gate.life is None)

    def _central_cut(self) -> Iterator[float]:
        commit, after = self.dice.randrange(1, 15), self.dice.random() < 0.5
        self.timeline.note(f"central: power will go {'after' if after else 'before'} commit {commit}")
        self.central.power.cut_at(commit, after=after)
        yield 0.0

    def _broker_gone(self) -> Iterator[float]:
        forget = self.dice.random() < 0.5
        self.timeline.note(f"broker: stops{', and forgets' if forget else ''}")
        self.broker.stop(forget=forget)
        yield self._spell_s()
        self.broker.up = True
        self.timeline.note("broker: is back")

    def _forgotten(self) -> Iterator[float]:
        gate = self.dice.choice(self.gates)
        self.timeline.note(f"{gate.id}: cut off, and the broker will forget meanwhile")
        self.broker.unreachable.add(gate.id)
        self.broker.cut(gate.id)
        yield self._spell_s()
        if not self.quiet:
            self.broker.stop(forget=True)
            yield 1.0
            self.broker.up = True
            yield self._spell_s()
        self.broker.unreachable.discard(gate.id)

    def _cut_off(self) -> Iterator[float]:
        who = self.dice.choice(["central", *(gate.id for gate in self.gates)])
        self.timeline.note(f"{who}: cut off from the broker")
        self.broker.unreachable.add(who)
        self.broker.cut(who)
        yield self._spell_s() * 2
        self.broker.unreachable.discard(who)

    def _disk_full(self) -> Iterator[float]:
        gate = self.dice.choice(self.gates)
        if gate.life is not None:
            self.timeline.note(f"{gate.id}: disk full")
            gate.disk.fill(gate.life.journal.size_pages)
        yield self._spell_s()
        gate.disk.full = False

    def _clock_wrong(self) -> Iterator[float]:
        gate = self.dice.choice(self.gates)
        self.odd.add(gate.id)
        gate.wall_clock.off = timedelta(seconds=self.dice.choice([-7200.0, -300.0, -20.0, 20.0, 300.0, 7200.0]))
        gate.wall_clock.trust = self.dice.choice(list(Clock))
        self.timeline.note(f"{gate.id}: clock jumps by {gate.wall_clock.off.total_seconds():.0f} s")
        yield self._spell_s() * 3
        gate.wall_clock.off, gate.wall_clock.trust = timedelta(), Clock.SYNCED
        self.timeline.note(f"{gate.id}: clock is right again")

    def _wire_breaks(self) -> Iterator[float]:
        gate = self.dice.choice(self.gates)
        kind, wire = self.dice.choice(WIRES)
        self.timeline.note(f"{gate.id}: {wire} {kind.replace('_', ' ')}")
        gate.lane.break_wire(kind, wire, True)
        until = self.timeline.now + self.dice.uniform(3.0, 60.0)
        while self.timeline.now < until:
            self.blurred |= {vehicle.name for vehicle in gate.lane.world.vehicles}
            yield 1.0
        gate.lane.break_wire(kind, wire, False)
        self.blurred |= {vehicle.name for vehicle in gate.lane.world.vehicles}
        self.timeline.note(f"{gate.id}: {wire} is mended")

    def _provider_poor(self) -> Iterator[float]:
        before, self.central.psp.poor = self.central.psp.poor, 0.5
        self.timeline.note("psp: answers half of the time")
        yield self._spell_s()
        self.central.psp.poor = before if not self.quiet else 0.0

    def _storm(self) -> Iterator[float]:
        before = self.broker.weather
        self.broker.weather = Weather(lost=0.2, doubled=0.3, late=0.3, late_s=20.0)
        self.timeline.note("network: a storm")
        yield self._spell_s()
        self.broker.weather = before if not self.quiet else Weather()
