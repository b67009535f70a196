"""The line to central over MQTT: outbox up; stays, lists, acks, commands down. One connection at a time, for ever."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from edge.journal.recorder import Recorder
from edge.protocol.messages import Clock, GateState, Reply, Wire
from edge.protocol.signing import Verifier
from edge.uplink.broker import BrokerError, UplinkSettings
from edge.uplink.inbox import Inbox
from edge.uplink.inflight import InFlight
from edge.uplink.link import FAREWELL_S, GREETING_S, IDLE_S, Link, Nudge, Works, new_client
from edge.uplink.outtray import OutTray
from edge.uplink.turns import Turns

log = logging.getLogger(__name__)

STEADY_S = 10.0


class Uplink:
    """One thread that connects, for ever, and drains the recorder's outbox.

    Every connection is a new paho client, so nothing is remembered but what the journal holds. All of paho runs on
    this thread, and its callbacks only enqueue; other threads leave things to be sent and nudge it.

    on_message  called on this thread with each SessionState, AccessList, Command and Ack, verified and on record,
                and with TurnedAway for each command that was not let in
    wall        the gate's clock, aware, which commands expire by; clock: how far it can be believed
    maintenance  opens commands too, and nothing else
    nudge       wakes this thread, where it is not to wait on sockets
    connected   the broker took us in and has not gone away
    connected_since  by `wall`, None while it has
    refused     messages that were not let in
    beat        monotonic seconds of the last sign of life; a slow name server may hold it back for half a minute
    works       what a connection works with
    """

    def __init__(
        self,
        settings: UplinkSettings,
        recorder: Recorder,
        verifier: Verifier,
        on_message: Callable[[Wire], None],
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], Clock] = lambda: Clock.SYNCED,
        maintenance: Verifier | None = None,
        nudge: Nudge | None = None,
    ) -> None:
        self.settings = settings
        self.connected = False
        self.connected_since: datetime | None = None
        self._wall = wall
        self._recorder = recorder
        self._trouble = ""
        try:
            new_client(settings)
        except (OSError, ValueError) as error:  # now, not at the first connection
            raise BrokerError(f"broker {settings.broker}: its certificate files can't be used ({error})") from error
        inbox = Inbox(settings.topics, verifier, maintenance)
        inflight = InFlight(settings.window, settings.resend_s)
        tray, nudge = OutTray(settings.topics, settings.state_every_s), nudge or Nudge()
        turns = Turns(
            recorder,
            inbox,
            inflight,
            boot=settings.boot,
            wall=wall,
            nudge=nudge,
            on_message=on_message,
            reply=self.reply,
            clock=clock,
        )
        self.works = Works(settings, inbox, inflight, tray, turns, nudge)
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)

    @property
    def beat(self) -> float:
        return self.works.beat

    @property
    def refused(self) -> int:
        return self.works.inbox.refused

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._recorder.watch(self._grown)
        if self.settings.about:
            self.keep(self.settings.topics.about, self.settings.about.encode())
        self._thread.start()

    def stop(self) -> None:
        """Says goodbye to the broker and ends the thread. Safe to call twice."""
        self.works.stopping.set()
        self.works.nudge()
        if self._thread.is_alive():
            self._thread.join(timeout=GREETING_S + FAREWELL_S)
        if not self._thread.is_alive():
            self.works.nudge.close()

    def publish_state(self, state: GateState) -> None:
        """Shows the gate's state, retained: the latest wins, a few a second."""
        self.works.tray.state(state)
        self.works.nudge()

    def keep(self, topic: str, payload: bytes) -> None:
        """Publishes retained, now or once connected, and again on every connection; the latest of a topic wins."""
        self.works.tray.keep(topic, payload)
        self.works.nudge()

    def say(self, topic: str, payload: bytes) -> None:
        """Publishes once and not retained; what can't be sent is let go, but for the last few."""
        self.works.tray.say(topic, payload)
        self.works.nudge()

    def reply(self, cmd_id: str, reply: Reply) -> None:
        """Answers a command. The journal's `command.done` is the lasting record; this is for who waits for it."""
        self.works.tray.reply(cmd_id, reply)
        self.works.nudge()

    def _grown(self) -> None:
        self.works.turns.grown()
        self.works.nudge()

    def _run(self) -> None:
        failures = 0
        try:
            while not self.works.stopping.is_set():
                link = Link(self.works)
                if link.greet():
                    since = time.monotonic()
                    self.connected, self.connected_since, self._trouble = True, self._wall(), ""
                    log.info("broker %s: connected", self.settings.broker)
                    link.serve()
                    self.connected, self.connected_since = False, None
                    self.works.turns.settle(time.monotonic())
                    # a broker that takes us in only to throw us out again must not be hammered either
                    failures = 0 if time.monotonic() - since > STEADY_S else failures
                if not self.works.stopping.is_set():
                    self._rest(link.trouble, failures)
                    failures += 1
        finally:
            self.connected, self.connected_since = False, None

    def _rest(self, trouble: str, failures: int) -> None:
        first, longest = self.settings.retry_s
        # spread, so that a car park's gates don't all knock at once when the broker comes back
        pause = min(longest, first * 2 ** min(failures, 16)) * random.uniform(0.5, 1.0)
        if trouble != self._trouble:
            log.warning("broker %s %s; trying again for ever, first in %.1f s", self.settings.broker, trouble, pause)
            self._trouble = trouble
        until = time.monotonic() + pause
        while (left := until - time.monotonic()) > 0 and not self.works.stopping.wait(min(left, IDLE_S)):
            self.works.beat = time.monotonic()
