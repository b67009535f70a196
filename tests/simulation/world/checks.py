"""What must hold: after every turn of the world, and when all is mended and drained."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing
from central.rules.stay_table import INSIDE, Status
from central.store.schema import Due, GateEvent, Quarantine, Stay
from edge.protocol.messages import Ack
from tests.simulation.world import ledger
from tests.simulation.world.central import Central
from tests.simulation.world.drivers import Driver
from tests.simulation.world.gate import Gate
from tests.simulation.world.timeline import Timeline
from tests.simulation.world.troubles import Troubles

# how a stay may come to be known whose vehicle nobody saw clearly: each is put before a person
DOUBTED = ("assumed", "tailgated", "operator")


class Wrong(Exception):
    """Something that must not happen: says what."""


class Checks:
    """Truth, as the lanes saw it, against what gates and central hold."""

    def __init__(self, timeline: Timeline, central: Central, gates: list[Gate], drivers: dict[str, Driver]) -> None:
        self.timeline, self.central, self.gates, self.drivers = timeline, central, gates, drivers
        self._reader = sqlite3.connect(f"file:{central.folder}/central.db?mode=ro", uri=True)
        central.broker.on_published = self._published

    def who_is_stuck(self) -> str:
        out = {n: d for n, d in self.drivers.items() if d.out_at is None}
        where = [
            f"{name} {'at ' + d.here.id if d.here else 'parked'}, shown {d.here.life.panel.display.screen if d.here and d.here.life else None}"
            for name, d in out.items()
        ]
        return f"never got out: {'; '.join(where)}"

    # -- after every turn

    def after_every_turn(self) -> None:
        for gate in self.gates:
            if violations := gate.lane.world.plant.violations:
                raise Wrong(f"{gate.id}: {violations[0]}")

    def _published(self, topic: str, payload: bytes) -> None:
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
            for problem in ledger.problems(session, self.central.psp):
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
        if unpaired:
            raise Wrong(f"entered and no stay holds them: {unpaired}; left over: {[_short(s) for s in left]}")
        for stay in left:
            if stay.entry_how not in DOUBTED and not troubles.blurred:
                raise Wrong(f"a stay without a vehicle: {_short(stay)}")

    def _one_exit_each(self, session: Session, troubles: Troubles) -> None:
        exits = [s for s in session.scalars(select(Stay)) if s.exited_at and s.status != Status.VOID]
        if len(exits) < len(self.drivers):
            raise Wrong(f"{len(self.drivers)} vehicles left, central knows of {len(exits)}")
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
