"""A whole lane behind a Pi's pins: vehicles, boom and contacts outside, the real adapter and controller inside.

Time is the test's own. Each tick the contacts set the input pins, the controller ticks, and the relays' pins, nothing
else, move the boom.
"""

from __future__ import annotations

import queue
import time
from concurrent.futures import wait
from datetime import UTC, datetime
from pathlib import Path

from edge.clock import GateClock
from edge.controller import Controller
from edge.devices.gpio import GpioBarrier, Pins
from edge.journal.journal import Journal, read_journal
from edge.journal.recorder import Recorder
from edge.panel import Panel
from edge.protocol.ids import uuid7
from edge.protocol.messages import Command, Reply, SessionState
from edge.rules.boom_words import Timing
from edge.rules.lane.state import LaneRules
from edge.rules.signals import Drive, Light, Outputs
from edge.scribe import Scribe
from edge.simulation.world.plant import WIRES, Spec
from edge.vision.messages import Voted
from tests.edge.pins.around import Eyes, Line, TouchedWorld
from tests.edge.pins.scope import INPUTS, OUTPUTS, Scope

TICK_S = 0.02
PLATE = "MH12AB1234"
BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
FLASHING_S = 0.7  # a lamp that changed less long ago is flashing


class PinLane:
    """One gate, its pins and its lane.

    drives  every change of the boom's drive as the relays make it, with the boom's angle
    """

    def __init__(
        self,
        folder: Path,
        direction: str = "entry",
        spec: Spec | None = None,
        timing: Timing | None = None,
        **rules,
    ) -> None:
        self.path = folder / "journal.db"
        self.clock = GateClock(uuid7())
        self.journal = Journal.open(self.path, gate="lane-1", at=self.clock.moment())
        self.recorder = Recorder(self.journal)
        self.recorder.start()
        self.news: queue.SimpleQueue = queue.SimpleQueue()
        self.scribe = Scribe(self.recorder, self.clock, folder, self.news.put)
        self.world, self.pi = TouchedWorld(spec), Scope()
        self.plant, self.eyes, self.line, self.panel = self.world.plant, Eyes(), Line(), Panel()
        self.now = began = time.monotonic()
        self.barrier = GpioBarrier(Pins(inputs=INPUTS, **OUTPUTS), self.pi, clock=lambda: self.now - began)
        self.drives: list[tuple[Drive, float]] = []
        self._red_changed, self._red = 0.0, 0
        self.controller = Controller(
            self.barrier,
            self.scribe,
            self.eyes,
            self.line,
            self.panel,
            rules=LaneRules(direction, **rules),
            timing=timing or Timing(),
            news=self.news,
            wall=lambda: datetime.now(UTC),
            free_bytes=lambda: 10 << 30,
        )
        self.now = time.monotonic()  # its first tick is after its start, however long that took
        self.run(3.0)

    def close(self) -> None:
        self.barrier.close()
        self.recorder.stop()

    # -- time

    def tick(self) -> None:
        self.now += TICK_S
        self._contacts()
        self._see()
        heard = []
        while not self.news.empty():
            heard.append(self.news.get())
        self.controller.tick(self.now, heard)
        self.world.drive(self.outputs())
        self.world.advance(TICK_S)
        # the recorder's answers are in the queue before the next tick
        wait([self.recorder.submit(lambda journal: None)], timeout=10.0)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.tick()

    def until(self, holds, seconds: float = 60.0) -> None:
        """Ticks until `holds`; fails when that takes longer than `seconds` of the lane's time."""
        for _ in range(round(seconds / TICK_S)):
            if holds():
                return
            self.tick()
        raise AssertionError(f"not within {seconds} s; state {self.state}, boom at {self.plant.angle_deg:.0f} deg")

    # -- the wires

    def _contacts(self) -> None:
        inputs = self.world.inputs()
        self.pi.unreadable = not inputs.valid
        for name in WIRES:
            self.pi.contact(name, getattr(inputs, name))

    def outputs(self) -> Outputs:
        """What the relays and lamps do, as their pins say."""
        up, down = self.pi.level("raise_boom"), self.pi.level("lower_boom")
        assert not (up and down), "both relays on"
        drive = Drive.OPEN if up else Drive.CLOSE if down else Drive.OFF
        if not self.drives or self.drives[-1][0] is not drive:
            self.drives.append((drive, round(self.plant.angle_deg)))
        red = self.pi.level("light_red")
        if red != self._red:
            self._red, self._red_changed = red, self.now
        flashing = self.now - self._red_changed < FLASHING_S
        light = Light.GREEN if self.pi.level("light_green") else Light.AMBER_FLASH if flashing else Light.RED
        return Outputs(drive, light, bool(self.pi.level("buzzer")))

    def _see(self) -> None:
        vehicle = self.world._first_before_boom()
        if self.eyes.visit is None or vehicle is None or not (plate := vehicle.look.get("plate")):
            return
        visit, self.eyes.visit = self.eyes.visit, None
        figures = {"confidence": 0.97, "per_char": (0.99,) * len(plate), "frames": 3, "accepted": True}
        where = {"box": BOX, "engine": "test", "image": "", "format": "civil", "seen_at": self.now}
        self.news.put(Voted(visit=visit, text=plate, raw=plate, **figures, **where))

    # -- people, vehicles, central

    def arrive(self, name: str = "v1", plate: str | None = PLATE, kind: str = "car", **how) -> None:
        self.world.arrive(name, {"class": kind, "plate": plate}, **how)

    def stands(self) -> None:
        """Until the first vehicle stands at the line."""
        self.until(lambda: self.world.vehicles and self.world.vehicles[0].at_line)

    def touch(self, seconds: float, **zones: bool) -> None:
        self.world.extra = self.world.extra._replace(**zones)
        self.run(seconds)

    def order(self, name: str) -> Reply:
        """Central's order, and the gate's answer to it."""
        answered = len(self.line.replies)
        until = datetime.now(UTC)
        who = {"gate": "lane-1", "boot": self.clock.boot, "nonce": "n", "not_after": until, "by": "anita"}
        self.news.put(Command(cmd_id=uuid7(), name=name, **who))
        self.until(lambda: len(self.line.replies) > answered, 1.0)
        return self.line.replies[-1]

    def mirror(self, state: SessionState) -> None:
        """Central's word about a stay."""
        self.recorder.submit(lambda journal: journal.mirror.apply_session(state, datetime.now(UTC))).result(10.0)
        self.news.put(state)

    # -- what is seen from outside

    @property
    def state(self) -> str:
        return self.line.states[-1].boom

    @property
    def is_down(self) -> bool:
        return self.plant.angle_deg == 0.0

    @property
    def is_up(self) -> bool:
        return self.plant.angle_deg > 85.0

    def events(self, kind: str) -> list:
        with read_journal(self.path) as view:
            return [row.event for row in reversed(view.log.recent(500, type=kind))]

    def outcomes(self) -> list[str]:
        """How grants ended that did not end with a passage."""
        return [event.data["outcome"] for event in self.events("passage.ended")]

    def codes(self) -> list[str]:
        return [event.data["code"] for event in self.events("gate.notice")]
