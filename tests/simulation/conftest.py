"""A running car park for tests, and vehicles driven through it by hand or by the demo's own drivers."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.simulation.demo.brokers import mosquitto_path
from edge.simulation.demo.carpark import CarPark, Gate, world_of
from edge.simulation.demo.drivers import Driver, Links, Visit
from edge.simulation.demo.plans import Pays, Plan, plans
from edge.simulation.demo.processes import free_port
from tests.waiting import wait_for

SPEED = 10.0
LONG_S = 90.0


class Town:
    """A car park with its supply of vehicles, each used once."""

    def __init__(self, folder: Path, broker: str, seed: int) -> None:
        self.park = CarPark(folder, broker, free_port(), SPEED)
        self.links = Links()
        self._coming = plans(seed)
        self.sent: list[Plan] = []

    def next_plan(self, pays: Pays | None = None) -> Plan:
        plan = next(plan for plan in self._coming if pays is None or plan.pays is pays)
        self.sent.append(plan)
        return plan

    def arrive(self, gate: Gate, plan: Plan) -> None:
        with world_of(gate) as world:
            world.arrive(plan.vehicle, plan.plate, plan.vehicle_class, lines=plan.lines, style=plan.style)

    def seen(self, gate: Gate, plan: Plan) -> dict:
        """The vehicle on that lane now; {} when it is not there."""
        with world_of(gate) as world:
            vehicles = world.look(history=False)["vehicles"]
        return next((seen for seen in vehicles if seen["vehicle"] == plan.vehicle), {})

    def wait_passed(self, gate: Gate, *wanted: Plan) -> None:
        names = {plan.vehicle for plan in wanted}
        with world_of(gate) as world:
            world.wait_until(
                lambda look: names <= {seen["vehicle"] for seen in look["passed"]}, LONG_S, f"{names} to pass"
            )

    def enter(self, *wanted: Plan) -> None:
        """Drives them in one after the other."""
        for plan in wanted:
            self.arrive(self.park.entry, plan)
            self.wait_passed(self.park.entry, plan)

    def drive(self, *wanted: Plan) -> list[Driver]:
        """Sends drivers on whole visits, a little apart."""
        drivers = [Driver(plan, self.park, self.links, threading.Event(), lambda visit: None) for plan in wanted]
        for driver in drivers:
            driver.start()
            with world_of(self.park.entry) as world:
                world.wait_until(lambda look: len(look["vehicles"]) < 3, LONG_S, "room in the entry lane")
        return drivers

    def stays(self, *wanted: Plan) -> dict[str, list[dict]]:
        """Central's stays of these vehicles, by plate as painted."""
        listed = self.park.stays()
        return {plan.plate: [stay for stay in listed if stay["plate"] == plan.plate] for plan in wanted}

    def wait_known(self, *wanted: Plan) -> dict[str, list[dict]]:
        """Waits until central knows each of them."""
        found: dict[str, list[dict]] = {}

        def all_known() -> bool:
            found.update(self.stays(*wanted))
            return all(found.values())

        self.wait_for(all_known, f"central to know {[plan.plate for plan in wanted]}")
        return found

    def waiting(self, gate: Gate) -> int:
        """Events in the gate's outbox."""
        return gate.status().get("outbox", -1)

    def events(self, gate: Gate) -> dict[tuple[str, str], list[int]]:
        """What central took from a gate, in the order it took it: seq by journal and stream."""
        with contextlib.closing(sqlite3.connect(f"file:{self.park.folder}/central/central.db?mode=ro", uri=True)) as db:
            query = "SELECT journal, stream, seq FROM gate_event WHERE gate_id = ? ORDER BY received_at, rowid"
            rows = db.execute(query, [gate.id]).fetchall()
        taken: dict[tuple[str, str], list[int]] = {}
        for journal, stream, seq in rows:
            taken.setdefault((journal, stream), []).append(seq)
        return taken

    @staticmethod
    def wait_for(holds: Callable[[], object], what: str) -> None:
        """Returns once it holds, which may take as long as whole processes need."""
        wait_for(holds, what, LONG_S)

    @staticmethod
    def finished(drivers: list[Driver]) -> list[Visit]:
        """Their visits, once all are over without trouble."""
        for driver in drivers:
            driver.join(timeout=4 * LONG_S)
        visits = [driver.visit for driver in drivers]
        assert not [visit for visit in visits if visit.left is None], [visit.trouble for visit in visits]
        return visits


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Makes running car parks: town(broker, seed). All are stopped in the end."""
    made = []

    def open_for_business(broker: str = "mosquitto", seed: int = 1) -> Town:
        if broker == "mosquitto" and mosquitto_path(everywhere=True) is None:
            pytest.skip("mosquitto is not installed")
        made.append(Town(tmp_path_factory.mktemp("town"), broker, seed))
        made[-1].park.make()
        made[-1].park.start()
        return made[-1]

    yield open_for_business
    for each in made:
        each.park.stop()
