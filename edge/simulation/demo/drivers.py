"""Simulated drivers: each drives in, scans his ticket, parks, pays as a person would, and drives out."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.simulation.demo.browser import PageError
from edge.simulation.demo.carpark import CarPark, Gate, world_of
from edge.simulation.demo.payer import Paid, pay
from edge.simulation.demo.plans import Pays, Plan
from edge.simulation.demo.processes import StartError
from edge.simulation.world.server import WorldClient, WorldError

PATIENCE_S = 180.0  # for one gate, queue included; then the driver gives up and says why
GLANCE_S = 0.1
BEFORE_BOOM = ("at_line", "passing")


class Stuck(Exception):
    """A driver who can't get on: says where and what the display shows."""


@dataclass
class Visit:
    """What a driver knows of his own visit. Times are monotonic seconds, None: not yet."""

    plan: Plan
    arrived: float
    entered: float | None = None
    left: float | None = None
    read_as: str = ""
    ticket_link: str = ""
    paid: Paid | None = None
    paid_where: str = ""
    trouble: str = ""

    @property
    def ticket(self) -> str:
        return self.ticket_link.rsplit("/", 1)[-1]


@dataclass
class Links:
    """Links that drivers have scanned: a display may still show the last driver's when the next one looks."""

    taken: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, link: str) -> bool:
        """True for the first who scans it."""
        with self.lock:
            fresh = bool(link) and link not in self.taken
            self.taken.add(link)
            return fresh


class Driver(threading.Thread):
    """One visit, in a thread of its own. `done` is called with the visit when it is over, for better or worse."""

    def __init__(
        self, plan: Plan, park: CarPark, links: Links, over: threading.Event, done: Callable[[Visit], None]
    ) -> None:
        super().__init__(name=f"driver-{plan.vehicle}", daemon=True)
        self.visit = Visit(plan, time.monotonic())
        self._park, self._links, self._over, self._done = park, links, over, done

    def run(self) -> None:
        try:
            self._enter()
            self._park_and_maybe_pay()
            self._leave()
        except (Stuck, PageError, WorldError, StartError, TimeoutError) as error:
            self.visit.trouble = str(error)
            self._give_way()
        self._done(self.visit)

    def _give_way(self) -> None:
        """Backs out of the lane he is stuck in, or nobody behind him would ever get on."""
        for gate in self._park.gates:
            with contextlib.suppress(WorldError, StartError), world_of(gate) as world:
                world.leave(self.visit.plan.vehicle)

    def _enter(self) -> None:
        with world_of(self._park.entry) as world:
            self._arrive(world)
            before = None
            for shown in self._while_at(world, self._park.entry):
                before = shown.get("ticket_url") or "" if before is None else before
                self._scan(shown, before)
        self._scan(self._park.entry.shown(), None)  # in haste, over his shoulder
        self.visit.entered = time.monotonic()

    def _scan(self, shown: dict, before: str | None) -> None:
        """Takes the ticket shown with his plate, or one that came up after `before` while he stood there."""
        link, plate = shown.get("ticket_url") or "", shown.get("plate") or ""
        his = plate == self.visit.plan.plate or (before is not None and link != before)
        if link and his and self._links.take(link):
            self.visit.ticket_link, self.visit.read_as = link, plate

    def _park_and_maybe_pay(self) -> None:
        self._wait(self.visit.plan.parks_s / self._park.speed)
        if self.visit.plan.pays is Pays.BEFORE and self.visit.ticket_link:
            self._pay(self.visit.ticket_link, "before the exit")

    def _leave(self) -> None:
        with world_of(self._park.exit) as world:
            self._arrive(world)
            for shown in self._while_at(world, self._park.exit):
                link = shown.get("pay_url") or ""
                if link and self._links.take(link):
                    self._pay(link, "at the exit")
        self.visit.left = time.monotonic()

    def _pay(self, link: str, where: str) -> None:
        self.visit.paid = pay(link, self.visit.plan.refusals, self.visit.ticket)
        self.visit.paid_where = where

    def _arrive(self, world: WorldClient) -> None:
        plan = self.visit.plan
        world.arrive(plan.vehicle, plan.plate, plan.vehicle_class, lines=plan.lines, style=plan.style)

    def _while_at(self, world: WorldClient, gate: Gate):
        """What the display shows, glance by glance, while this vehicle is before the boom or under it; ends past it."""
        until, shown = time.monotonic() + PATIENCE_S, {}
        while True:
            lane = world.look(history=False)["vehicles"]
            phase = next((seen["phase"] for seen in lane if seen["vehicle"] == self.visit.plan.vehicle), "passed")
            if phase == "passed":
                return
            if time.monotonic() > until:
                raise Stuck(f"{gate.id}: still {phase} after {PATIENCE_S:.0f} s; the display shows {shown}")
            if phase in BEFORE_BOOM:
                shown = gate.shown()
                yield shown
            self._wait(GLANCE_S)

    def _wait(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise Stuck("the demo was stopped")
