"""One gate: its card, clock, power and lane, which outlive every start of its process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from edge.protocol.signing import Verifier
from edge.rules.lane.state import LaneRules
from tests.simulation.world.eyes import Reader
from tests.simulation.world.lane import Lane
from tests.simulation.world.life import Life
from tests.simulation.world.network import Broker
from tests.simulation.world.power import Disk, Power, PowerCut
from tests.simulation.world.stepped import WallClock
from tests.simulation.world.timeline import Timeline


@dataclass(slots=True)
class Site:
    """What all machines share."""

    timeline: Timeline
    dice: Random
    broker: Broker
    verifier: Verifier
    folder: Path


@dataclass(slots=True)
class Gate:
    """A gate and what survives its process: card, clock, power, lane.

    rules   how its lane treats vehicles
    life    the running process, None while it has no power
    ill     what its process died of by itself: must stay empty
    wrote   told after everything that its journal was asked to do
    """

    site: Site
    id: str
    lane: Lane
    rules: LaneRules
    reader: Reader
    power: Power = field(default_factory=Power)
    disk: Disk = field(default_factory=Disk)
    wall_clock: WallClock = field(default_factory=WallClock)
    life: Life | None = None
    ill: list[str] = field(default_factory=list)
    wrote: Callable[[Gate], None] = lambda gate: None

    @property
    def path(self) -> Path:
        return self.site.folder / f"{self.id}.db"

    def start(self) -> None:
        if self.life is None:
            self.attempt(lambda: Life(self))

    def lose_power(self) -> None:
        """The process is gone, mid-sentence; relays fall off, and it comes back some seconds later."""
        life, self.life, self.lane.tenant = self.life, None, None
        self.power.cut_in = None
        self.lane.close()
        self.site.timeline.note(f"{self.id}: power lost")
        if life is not None:
            life.end()
        self.site.timeline.after(self.site.dice.choice([1.0, 5.0, 30.0]), self.start)

    def attempt(self, do: Callable[[], object]) -> None:
        """Runs a turn of the process; a power cut in it ends the process."""
        try:
            do()
        except PowerCut:
            self.lose_power()
        except Exception as error:
            self.ill.append(f"{self.id}: {type(error).__name__}: {error}")
            self.site.timeline.note(f"{self.id}: died of {type(error).__name__}: {error}")
            raise
