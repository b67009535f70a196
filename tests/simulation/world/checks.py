"""What must hold: after every turn of the world, and when all is mended and drained."""

from __future__ import annotations

import sqlite3

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import ledger as books
from central.rules.stay_table import Status
from central.store.schema import Quarantine, Stay
from edge.protocol.messages import Ack
from tests.simulation.world import ledger
from tests.simulation.world.central import Central
from tests.simulation.world.drivers import Driver
from tests.simulation.world.gate import Gate
from tests.simulation.world.timeline import Timeline
from tests.simulation.world.troubles import Troubles

# how a stay may come to be known whose vehicle nobody saw clearly: each is put before a person
PAID_WAITS_S = 180.0
DOUBTED = ("assumed", "tailgated", "operator")


class Wrong(Exception):
    """Something that must not happen: says what."""


class Checks:
    """Truth, as the lanes saw it, against what gates and central hold."""

    def __init__(self, timeline: Timeline, central: Central, gates: list[Gate], drivers: dict[str, Driver]) -> None:
        self.timeline, self.central, self.gates, self.drivers = timeline, central, gates, drivers
        self.merged: set[str] = set()  # names of vehicles that followed another too closely to be told from it
        self._reader = sqlite3.connect(f"file:{central.folder}/central.db?mode=ro", uri=True)
        self._versions: dict[str, dict[str, int]] = {gate.id: {} for gate in gates}
        central.broker.on_sent = self._sent
        for gate in gates:
            gate.wrote = self._wrote

    def close(self) -> None:
        self._reader.close()

    def who_is_stuck(self) -> str:
        return f"never got out: {'; '.join(self._where(d) for d in self.drivers.values() if d.out_at is None)}"

    @staticmethod
    def _where(driver: Driver) -> str:
        if driver.here is None or driver.here.life is None:
            return f"{driver.plan.name} is on his way"
        life = driver.here.life
        shown, boom = life.panel.display, life.controller._boom
        return f"{driver.plan.name} at {driver.here.id}, shown {shown.screen} {shown.reason}, boom {boom.state.value}"

    # -- after every turn

    def after_every_turn(self) -> None:
        for gate in self.gates:
            if violations := gate.lane.world.plant.violations:
                raise Wrong(f"{gate.id}: {violations[0]}")

    def lets_out(self, driver: Driver, since: float) -> None:
        """A driver has stood before the exit's boom since then, with all things well."""
        paid_at = driver.paid_at
        if paid_at is not None and self.timeline.now - max(paid_at, since) > PAID_WAITS_S:
            raise Wrong(f"{driver.plan.name} has paid and is not let out: {self._where(driver)}")

    def _wrote(self, gate: Gate) -> None:
        """What a gate knows of a stay never becomes older."""
        known = self._versions[gate.id]
        for stay, version in gate.life.journal.versions():
            if version < known.get(stay, 0):
                raise Wrong(f"{gate.id}: knew version {known[stay]} of stay {stay}, and has gone back to {version}")
            known[stay] = version

    def _sent(self, topic: str, payload: bytes) -> None:
        if topic.endswith("/ack"):
            ack = Ack.decode(payload)
            for stream, through in ack.through.items():
                held = self._held(ack.journal, stream)
                if through > held:
                    raise Wrong(f"{topic} says {stream} {through}, central holds all up to {held} only")

    def _held(self, journal: str, stream: str) -> int:
        """Up to where central has committed a journal's stream without a gap."""
        sql = (
            "SELECT seq FROM gate_event WHERE journal = ? AND stream = ?"
            " UNION SELECT seq FROM quarantine WHERE journal = ? AND stream = ? ORDER BY seq"
        )
        held = 0
        for (seq,) in self._reader.execute(sql, [journal, str(stream)] * 2):
            if seq != held + 1:
                break
            held = seq
        return held

    # -- at the end

    def at_the_end(self, troubles: Troubles) -> None:
        for gate in self.gates:
            self._everything_delivered(gate)
        with self.central.db.read() as session:
            quarantined = list(session.scalars(select(Quarantine.reason)))
            if quarantined:
                raise Wrong(f"central could not apply: {quarantined[0]}")
            self._one_stay_each(session, troubles)
            self._one_exit_each(session, troubles)
            self._gates_know(session)
            for problem in [*ledger.problems(session, self.central.psp), *books.check(session)]:
                raise Wrong(problem)

    def _everything_delivered(self, gate: Gate) -> None:
        journal = gate.life.journal
        if depth := journal.outbox.depth():
            raise Wrong(f"{gate.id}: {depth} events still wait in the outbox")
        recorded = {row.event.id: row.event for row in journal.log.recent(1_000_000)}
        held = {row[0] for row in self._reader.execute("SELECT id FROM gate_event WHERE gate_id = ?", [gate.id])}
        if lost := recorded.keys() - held:
            raise Wrong(f"{gate.id}: recorded and never kept by central: {recorded[min(lost)].type}")
        if invented := held - recorded.keys():
            raise Wrong(f"{gate.id}: central holds {len(invented)} events it never recorded")

    def _one_stay_each(self, session: Session, troubles: Troubles) -> None:
        entries = [s for s in session.scalars(select(Stay)) if s.entered_at and s.status != Status.VOID]
        unpaired, left = self._pair([d.plan.read_in for d in self.drivers.values()], entries)
        for name in self.merged:
            if (plate := self.drivers[name].plan.read_in) in unpaired:
                unpaired.remove(plate)
        if unpaired:
            raise Wrong(f"entered and no stay holds them: {unpaired}; left over: {[_short(s) for s in left]}")
        for stay in left:
            if stay.entry_how not in DOUBTED and not troubles.blurred:
                raise Wrong(f"a stay without a vehicle: {_short(stay)}")

    def _one_exit_each(self, session: Session, troubles: Troubles) -> None:
        exits = [s for s in session.scalars(select(Stay)) if s.exited_at and s.status != Status.VOID]
        if len(exits) < len(self.drivers):
            raise Wrong(f"{len(self.drivers)} vehicles left, central knows of {len(exits)}")
        for driver in self.drivers.values():
            mine = [s for s in exits if s.plate == driver.plan.plate]
            if driver.plan.well_read and not (mine or driver.was_helped or driver.plan.name in troubles.blurred):
                raise Wrong(f"{driver.plan.plate} was read well at both gates, and no stay of it has ended")
        twice = [s for s in exits if "seen leaving twice" in (s.review or "")]
        if twice and not troubles.blurred:
            raise Wrong(f"left once, taken to have left twice: {_short(twice[0])}")
        phantoms = [s for s in exits if s.exit_how in DOUBTED]
        if len(exits) - len(phantoms) > len(self.drivers) and not troubles.blurred:
            raise Wrong(f"{len(self.drivers)} vehicles left, central knows of {len(exits)}")

    @staticmethod
    def _pair(plates: list[str | None], stays: list[Stay]) -> tuple[list[str | None], list[Stay]]:
        """Plates that no stay bears, an unread one's too, and the stays left over."""
        left = sorted(stays, key=lambda stay: (stay.entry_how in DOUBTED, stay.entered_at))
        unpaired = []
        for plate in plates:
            fits = next((s for s in left if s.plate == plate), None)
            left.remove(fits) if fits else unpaired.append(plate)
        for plate in [plate for plate in unpaired if plate is not None]:
            blank = next((s for s in left if s.plate is None), None)
            if blank is not None:
                left.remove(blank)
                unpaired.remove(plate)
        return unpaired, left

    def _gates_know(self, session: Session) -> None:
        """Every gate's mirror holds central's newest word on every stay."""
        for stay in session.scalars(select(Stay)):
            for gate in self.gates:
                row = gate.life.journal.mirror.session(stay.id)
                if row is None or row.state.version != stay.version:
                    known = None if row is None else row.state.version
                    raise Wrong(f"{gate.id} knows version {known} of {_short(stay)}, central holds {stay.version}")


def _short(stay: Stay) -> str:
    times = f"{stay.entered_at:%H:%M:%S}" if stay.entered_at else "never"
    out = f"{stay.exited_at:%H:%M:%S}" if stay.exited_at else "-"
    return f"{stay.plate} in {times} {stay.entry_how} out {out} {stay.exit_how} {stay.status}"
