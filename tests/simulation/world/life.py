"""One start of a gate's process: wired as `edge.gate.run` does it, but for threads and sockets."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.controller import Controller
from edge.gate import _settle_grants
from edge.panel import Panel
from edge.protocol import topics as names
from edge.protocol.ids import uuid7
from edge.protocol.messages import About, GateStarted, Status
from edge.protocol.topics import GateTopics
from edge.rules.boom_words import BoomState, Timing
from edge.rules.records import Fact
from edge.scribe import Scribe
from edge.uplink.broker import Broker as BrokerAddress
from edge.uplink.broker import UplinkSettings
from edge.uplink.link import Link
from edge.uplink.uplink import Uplink
from tests.simulation.world.eyes import Eyes
from tests.simulation.world.network import Client
from tests.simulation.world.power import FragileJournal
from tests.simulation.world.stepped import GateClock, SteppedNudge, SteppedRecorder

if TYPE_CHECKING:
    from tests.simulation.world.gate import Gate

SITE = "delhi"
ADDRESS = BrokerAddress(host="broker", port=1883)
AT_REST = (BoomState.CLOSED, BoomState.OPEN, BoomState.FAULT, BoomState.UNKNOWN, BoomState.STOPPED)


class Life:
    """One start of a gate's process: all that a power cut takes away. Wired as `edge.gate.run` does it."""

    def __init__(self, gate: Gate) -> None:
        self._gate, self._site, self._timeline = gate, gate.site, gate.site.timeline
        gate.life = self
        self.news: queue.SimpleQueue = queue.SimpleQueue()
        self.panel = Panel()
        self._ended = False
        self._connection = None
        self._recording = False
        self._serve_at = float("inf")
        self._uplink: Uplink | None = None
        clock = GateClock(
            uuid7(), self._timeline, gate.wall_clock, lambda: not (self._uplink and self._uplink.connected)
        )
        self.journal = FragileJournal.open(gate.path, gate=gate.id, at=clock.moment())
        self.journal.power, self.journal.disk = gate.power, gate.disk
        left_open, held = self.journal.open_grants(), self.journal.held
        self._recorder = SteppedRecorder(self.journal)
        self._recorder.asked = self._record_soon
        self._recorder.done = lambda: gate.wrote(gate)
        scribe = Scribe(self._recorder, clock, self._site.folder, self._tell)
        carried = _settle_grants(left_open, scribe)
        self._topics = GateTopics(SITE, gate.id)
        about = About(version="simulated", lane=gate.rules.direction, name=gate.id)
        settings = UplinkSettings(broker=ADDRESS, topics=self._topics, boot=clock.boot, about=about)
        self._uplink = Uplink(
            settings, self._recorder, self._site.verifier, self._tell, clock.wall, lambda: gate.wall_clock.trust,
            nudge=SteppedNudge(self._serve_soon),
        )  # fmt: skip
        self._recorder.watch(self._uplink._grown)
        self._uplink.keep(self._topics.about, about.encode())
        self.controller = Controller(
            gate.lane,
            scribe,
            Eyes(self._timeline, self._site.dice, gate.lane, gate.reader, self._tell),
            self._uplink,
            self.panel,
            rules=gate.rules,
            timing=Timing(),
            news=self.news,
            wall=clock.wall,
            free_bytes=lambda: gate.disk.free_bytes,
            carried=carried,
            held=held,
            boot=clock.boot,
        )
        scribe.record([Fact(GateStarted(version="simulated", reason="carried on" if carried else ""))])
        self._timeline.note(f"{gate.id}: starts{', a grant carried on' if carried else ''}")
        gate.lane.tenant = self
        gate.lane.stir()
        self._connect()

    def end(self) -> None:
        """What the kernel does for a dead process: closes its files and its connection."""
        self._ended = True
        if self._connection is not None and self._connection.alive:
            self._site.broker.lose(self._connection)
        if self._uplink is not None:
            self._uplink.stop()
        self.journal.close()

    # -- the controller's thread

    @property
    def attentive(self) -> bool:
        boom, lane = self.controller._boom.state, self.controller._lane
        return not self.news.empty() or boom not in AT_REST or lane.crossing is not None or not lane.settled

    def tick(self) -> None:
        self._gate.attempt(self._tick)

    def _tick(self) -> None:
        heard = []
        while not self.news.empty():
            heard.append(self.news.get())
        self.controller.tick(self._timeline.now, heard)

    def _tell(self, item: object) -> None:
        self.news.put(item)
        self._gate.lane.wake()

    # -- the recorder's thread

    def _record_soon(self) -> None:
        if not self._recording:
            self._recording = True
            slow = self._site.dice.random() < 0.01
            self._after(self._site.dice.uniform(0.5, 3.0) if slow else 0.004, self._record)

    def _record(self) -> None:
        self._recording = False
        if self._recorder.step():
            self._record_soon()

    # -- the uplink's thread

    def _connect(self) -> None:
        status = Status(state="lost", boot=self._uplink.settings.boot)
        client = Client(
            name=self._gate.id,
            keeps=False,
            on_message=self._arrived,
            on_lost=self._lost,
            will=(self._topics.status, status.encode()),
        )
        self._connection = self._site.broker.connect(client)
        if self._connection is None:
            self._after(self._site.dice.uniform(0.5, 10.0), self._connect)
            return
        self._link = Link(self._uplink.works)
        self._link._client = self._connection
        self._uplink.works.inbox.heard.clear()
        site = self._topics.site
        listened = (self._topics.ack, names.access(site), names.sessions(site), self._topics.commands)
        self._connection.subscribe([(topic, 1) for topic in listened])
        self._uplink.works.tray.refill()
        self._uplink.connected = True
        self._serve_soon()

    def _arrived(self, topic: str, payload: bytes, retained: bool) -> None:
        self._link._arrived.append((topic, payload, retained))
        self._serve_soon()

    def _lost(self) -> None:
        if self._ended:
            return
        self._timeline.note(f"{self._gate.id}: connection lost")
        self._connection = None
        self._uplink.connected = False
        self._gate.attempt(self._settle)
        self._after(self._site.dice.uniform(0.5, 5.0), self._connect)

    def _settle(self) -> None:
        while (asked := self._uplink.works.turns._asked) and not asked[1].done():
            self._recorder.step()
        self._uplink.works.turns.settle(self._timeline.now)

    def _serve_soon(self) -> None:
        self._serve_in(0.005)

    def _serve_in(self, delay_s: float) -> None:
        due = self._timeline.now + delay_s
        if due < self._serve_at:
            self._serve_at = due
            self._after(delay_s, lambda: self._serve() if due == self._serve_at else None)

    def _serve(self) -> None:
        """A turn of the connection."""
        self._serve_at = float("inf")
        if self._connection is None or not self._connection.alive:
            return
        self._serve_in(max(0.05, self._link.turn(self._timeline.now, idle_s=5.0)))

    def _after(self, delay_s: float, do: Callable[[], None]) -> None:
        self._timeline.after(delay_s, lambda: None if self._ended else self._gate.attempt(do))
