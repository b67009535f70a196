"""Central: its real ingest, jobs and payments on a real database; pages are called as the web's views call them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from sqlalchemy.orm import Session

from central import jobs, keys, outgoing
from central.actions import gates, tariffs
from central.gates import Came, Ingest
from central.links import Links
from central.payments import service
from central.payments.provider import ProviderEvent
from central.settings import Settings
from tests.simulation.world.life import SITE
from tests.simulation.world.network import Broker, Client, Connection
from tests.simulation.world.power import FragileDatabase, Power, PowerCut
from tests.simulation.world.psp import Psp
from tests.simulation.world.timeline import Timeline

T = TypeVar("T")
TARIFF = Path("config/tariffs/delhi-example.toml").read_text(encoding="utf-8")
JOBS_AT_ONCE = 30


class Away(Exception):
    """Central does not answer."""


@dataclass(slots=True)
class Central:
    """The service and what survives its processes: database, keys, power.

    idle   asked whether nothing goes on, so that the jobs may be looked at more seldom
    """

    timeline: Timeline
    dice: Random
    broker: Broker
    folder: Path
    idle: Callable[[], bool] = lambda: False
    power: Power = field(default_factory=Power)
    up: bool = False
    psp: Psp = field(init=False)
    settings: Settings = field(init=False)
    links: Links = field(init=False)
    db: FragileDatabase = field(init=False)
    _ingest: Ingest = field(init=False)
    _connection: Connection | None = None
    _came: list[Came] = field(default_factory=list)
    _confirmed: list[int] = field(default_factory=list)
    _life: int = 0
    _turning: bool = False

    def __post_init__(self) -> None:
        self.settings = Settings(data_dir=self.folder)
        keys.make(self.settings)
        self.links = Links.of(self.settings)
        self.psp = Psp(self.timeline, self.dice, self._webhook)
        self.db = FragileDatabase(self.settings.database, self.power)
        with self.db.begin() as session:
            gates.add_site(session, SITE, self.timeline.utc, "simulation", gstin="07AAAAA0000A1Z5")
            for gate, lane in (("entry-1", "entry"), ("exit-1", "exit")):
                gates.add_gate(session, SITE, gate, self.timeline.utc, "simulation", lane=lane)
            tariffs.load_tariff(session, SITE, TARIFF, self.timeline.utc, "simulation")
        jobs.queue_standing(self.db, self.timeline.utc)

    def start(self) -> None:
        if self.up:
            return
        self.up, self._life = True, self._life + 1
        self._ingest = Ingest(self.settings, self.db, now=lambda: self.timeline.utc)
        self._came, self._confirmed, self._connection, self._turning = [], [], None, False
        self.timeline.note("central: starts")
        self._after(0.0, self._connect)
        self._after(5.0, self._jobs)

    def lose_power(self) -> None:
        """All of central's processes are gone; they come back some time later."""
        if not self.up:
            return
        self.up, self.power.cut_in = False, None
        self.timeline.note("central: power lost")
        if self._connection is not None and self._connection.alive:
            self.broker.lose(self._connection)
        self.timeline.after(self.dice.choice([1.0, 10.0, 90.0]), self.start)

    def web(self, view: Callable[[Session], T], *, write: bool = True) -> T:
        """What a page does in its transaction. Away when central is down, or goes down over it."""
        return self.call(lambda: self._in_transaction(view, write))

    def call(self, do: Callable[[], T]) -> T:
        """Anything that a page does; Away as with `web`."""
        if not self.up:
            raise Away
        try:
            return do()
        except PowerCut:
            self.lose_power()
            raise Away from None
        finally:
            self._turn_soon()

    def _in_transaction(self, view: Callable[[Session], T], write: bool) -> T:
        with self.db.begin() if write else self.db.read() as session:
            return view(session)

    def _webhook(self, event: ProviderEvent) -> bool:
        try:
            outcome = self.web(lambda session: service.apply_event(session, self.psp.name, event, self.timeline.utc))
        except Away:
            return False
        self.timeline.note(f"central: {event.event_id} is {outcome}")
        return True

    # -- ingest

    def _connect(self) -> None:
        client = Client(
            name="central", keeps=True, on_message=self._arrived, on_confirmed=self._confirm, on_lost=self._lost
        )
        self._connection = self.broker.connect(client)
        if self._connection is None:
            self._after(self.dice.uniform(0.5, 10.0), self._connect)
            return
        ingest = self._ingest
        ingest._client, ingest._connected, ingest._in_flight = self._connection, False, {}
        ingest._welcome()
        self._turn_soon()

    def _arrived(self, topic: str, payload: bytes, retained: bool) -> None:
        self._came.append(Came(topic, payload))
        self._turn_soon()

    def _confirm(self, mid: int) -> None:
        self._confirmed += self._ingest._in_flight.pop(mid, [])
        self._turn_soon()

    def _lost(self) -> None:
        self._connection = None
        self._ingest._client, self._ingest._connected = None, False
        self.timeline.note("central: connection lost")
        self._after(self.dice.uniform(0.5, 5.0), self._connect)

    def _turn_soon(self) -> None:
        if self.up and not self._turning:
            self._turning = True
            self._after(self.dice.uniform(0.01, 0.1), self._turn)

    def _turn(self) -> None:
        """A turn of `Ingest._serve`."""
        self._turning = False
        came, self._came = self._came, []
        if came:
            self._ingest._apply(came)
        confirmed, self._confirmed = self._confirmed, []
        if confirmed:
            outgoing.confirm(self.db, confirmed, self.timeline.utc)
        if self._connection is not None:
            self._ingest._send()

    # -- jobs

    def _jobs(self) -> None:
        desk = jobs.Desk(self.db, self.settings, self.psp)
        for _ in range(JOBS_AT_ONCE):
            if not jobs.run_one(desk, self.timeline.utc):
                break
        self._turn_soon()
        self._after(120.0 if self.idle() else 15.0, self._jobs)

    def _after(self, delay_s: float, do: Callable[[], None]) -> None:
        life = self._life

        def unless_gone() -> None:
            if not self.up or life != self._life:
                return
            try:
                do()
            except PowerCut:
                self.lose_power()

        self.timeline.after(delay_s, unless_gone)
