"""The line to central over MQTT: outbox up; stays, lists, acks and commands down. The edge's only file of paho."""

from __future__ import annotations

import logging
import random
import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from edge.journal.recorder import Recorder
from edge.protocol import topics as names
from edge.protocol.messages import Clock, Event, GateState, Reply, Status, Wire
from edge.protocol.signing import Verifier
from edge.uplink.broker import BrokerError, UplinkSettings, tls_context
from edge.uplink.inbox import Inbox
from edge.uplink.inflight import InFlight
from edge.uplink.outtray import OutTray
from edge.uplink.turns import Turns
from edge.without import without

with without("dns"):  # it would load it for looking up SRV records, which no gate does
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

log = logging.getLogger(__name__)

IDLE_S = 1.0
GREETING_S = 10.0
FAREWELL_S = 1.0
STEADY_S = 10.0
ONLINE_AGAIN_S = 60.0  # the last will of the connection before may overtake what the new one says


class Uplink:
    """One thread that connects, for ever, and drains the recorder's outbox.

    Every connection is a new paho client, so nothing is remembered but what the journal holds. All of paho runs on
    this thread, and its callbacks only enqueue; other threads leave things to be sent and nudge it.

    on_message  called on this thread with each SessionState, AccessList, Command and Ack, verified and on record,
                and with TurnedAway for each command that was not let in
    wall        the gate's clock, aware, which commands expire by; clock: how far it can be believed
    maintenance  opens commands too, and nothing else
    connected   the broker took us in and has not gone away
    connected_since  by `wall`, None while it has
    refused     messages that were not let in
    beat        monotonic seconds of the last sign of life; a slow name server may hold it back for half a minute
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
    ) -> None:
        self.settings = settings
        self.connected = False
        self.connected_since: datetime | None = None
        self._wall = wall
        self.beat = time.monotonic()
        self._recorder = recorder
        self._inbox = Inbox(settings.topics, verifier, maintenance)
        self._inflight = InFlight(settings.window, settings.resend_s)
        self._tray = OutTray(settings.topics, settings.state_every_s)
        self._turns = Turns(
            recorder,
            self._inbox,
            self._inflight,
            boot=settings.boot,
            wall=wall,
            nudge=self._nudge,
            on_message=on_message,
            reply=self.reply,
            clock=clock,
        )
        self._trouble = ""
        try:
            _new_client(settings)
        except (OSError, ValueError) as error:  # now, not at the first connection
            raise BrokerError(f"broker {settings.broker}: its certificate files can't be used ({error})") from error
        self._awake, self._wake = socket.socketpair()
        self._awake.setblocking(False)
        self._wake.setblocking(False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)

    @property
    def refused(self) -> int:
        return self._inbox.refused

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
        self._stopping.set()
        self._nudge()
        if self._thread.is_alive():
            self._thread.join(timeout=GREETING_S + FAREWELL_S)
        if not self._thread.is_alive():
            self._awake.close()
            self._wake.close()

    def publish_state(self, state: GateState) -> None:
        """Shows the gate's state, retained: the latest wins, a few a second."""
        self._tray.state(state)
        self._nudge()

    def keep(self, topic: str, payload: bytes) -> None:
        """Publishes retained, now or once connected, and again on every connection; the latest of a topic wins."""
        self._tray.keep(topic, payload)
        self._nudge()

    def say(self, topic: str, payload: bytes) -> None:
        """Publishes once and not retained; what can't be sent is let go, but for the last few."""
        self._tray.say(topic, payload)
        self._nudge()

    def reply(self, cmd_id: str, reply: Reply) -> None:
        """Answers a command. The journal's `command.done` is the lasting record; this is for who waits for it."""
        self._tray.reply(cmd_id, reply)
        self._nudge()

    def _grown(self) -> None:
        self._turns.grown()
        self._nudge()

    def _nudge(self) -> None:
        with suppress(OSError):  # full: it has been nudged plenty; closed: it has ended
            self._wake.send(b"x")

    def _run(self) -> None:
        failures = 0
        try:
            while not self._stopping.is_set():
                link = _Link(self)
                if link.greet():
                    since = time.monotonic()
                    link.serve()
                    self.connected, self.connected_since = False, None
                    self._turns.settle(time.monotonic())
                    # a broker that takes us in only to throw us out again must not be hammered either
                    failures = 0 if time.monotonic() - since > STEADY_S else failures
                if not self._stopping.is_set():
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
        while (left := until - time.monotonic()) > 0 and not self._stopping.wait(min(left, IDLE_S)):
            self.beat = time.monotonic()


class _Link:
    """One connection, from greeting to goodbye. Lives and dies on the uplink's thread.

    trouble  why it ended, to follow the broker's name in a log line
    """

    def __init__(self, uplink: Uplink) -> None:
        self.trouble = "went away"
        self._up = uplink
        self._settings = uplink.settings
        self._client: mqtt.Client
        self._taken_in: bool | None = None
        self._listening = False
        self._arrived: list[tuple[str, bytes, bool]] = []
        self._refusals: list[str] = []
        self._retained_at: float | None = None
        self._online_at = float("-inf")

    def greet(self) -> bool:
        """Connects and subscribes; False when the broker can't be reached or does not take us in."""
        broker = self._settings.broker
        self._up.beat = time.monotonic()
        try:
            client = self._client = _new_client(self._settings)
            client.on_connect = self._on_connect
            client.on_disconnect = self._on_disconnect
            client.on_message = self._on_message
            client.on_subscribe = self._on_subscribe
            client.on_publish = self._on_publish
            client.connect(broker.host, broker.port, keepalive=self._settings.keepalive_s)
        except (OSError, ValueError) as error:  # ValueError: a host name that no resolver accepts
            self.trouble = f"can't be reached ({error})"
            return False
        if self._await(lambda: self._taken_in is not None) and self._taken_in:
            topics = self._settings.topics
            listened = (topics.ack, names.access(topics.site), names.sessions(topics.site), topics.commands)
            self._up._inbox.heard.clear()
            client.subscribe([(topic, 1) for topic in listened])
            # only then is the gate online: who sees that may send a command at once
            if self._await(lambda: self._listening):
                return True
        client.disconnect()
        return False

    def _await(self, answered: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + GREETING_S
        while not answered():
            if time.monotonic() > deadline:
                self.trouble = f"did not answer within {GREETING_S:.0f} s"
                return False
            if self._up._stopping.is_set() or not self._pump(0.2):
                return answered()
        return True

    def serve(self) -> None:
        """Works until the connection is lost or the uplink stops."""
        up = self._up
        up._tray.refill()
        up.connected, up.connected_since = True, up._wall()
        up._trouble = ""
        log.info("broker %s: connected", self._settings.broker)
        while not up._stopping.is_set():
            now = time.monotonic()
            self._take_in(now)
            for event in up._turns.finish(now):
                self._publish(event)
            up._turns.begin(now)
            self._send_rest(now)
            if not self._pump(up._tray.wait_s(up._inflight.wait_s(now, IDLE_S))):
                return
        self._say_goodbye()

    def _take_in(self, now: float) -> None:
        inbox = self._up._inbox
        for topic, payload, retained in self._arrived:
            inbox.put(topic, payload, retained)
            if retained and topic != self._settings.topics.ack:
                self._retained_at = now
        self._arrived.clear()
        # a broker that has lost all it retained sends none of it, and must not make us forget who is inside
        if self._retained_at is not None and now >= self._retained_at + self._settings.settle_s:
            self._retained_at = None
            inbox.batch.swept = frozenset(inbox.heard)
        for refusal in self._refusals:
            log.error("broker %s %s: check what it allows this gate", self._settings.broker, refusal)
        self._refusals.clear()

    def _send_rest(self, now: float) -> None:
        """What is sent again, answers to commands, and what is retained."""
        if now >= self._online_at:
            self._online_at = now + ONLINE_AGAIN_S
            self._client.publish(self._settings.topics.status, self._status("online"), qos=1, retain=True)
        for event in self._up._inflight.due(now):
            self._publish(event)
        for topic, payload in self._up._tray.replies():
            self._client.publish(topic, payload, qos=1)
        if not self._client.want_write():  # a slow broker gets only the latest
            for topic, payload in self._up._tray.due(now):
                self._client.publish(topic, payload, qos=0, retain=True)
            for topic, payload in self._up._tray.said():
                self._client.publish(topic, payload, qos=0)

    def _publish(self, event: Event) -> None:
        told = event.model_copy(update={"waiting_from": self._up._inflight.lowest(event.stream)})
        self._client.publish(self._settings.topics.event(event.stream, event.type), told.encode(), qos=1)

    def _say_goodbye(self) -> None:
        goodbye = self._client.publish(self._settings.topics.status, self._status("stopped"), qos=1, retain=True)
        deadline = time.monotonic() + FAREWELL_S
        while not goodbye.is_published() and time.monotonic() < deadline and self._pump(0.1):
            pass
        self._client.disconnect()
        while time.monotonic() < deadline and self._pump(0.1):
            pass

    def _status(self, state: str) -> bytes:
        return Status(state=state, boot=self._settings.boot).encode()

    def _pump(self, timeout_s: float) -> bool:
        """Lets paho read and write once; False when the connection is gone."""
        up, client = self._up, self._client
        up.beat = time.monotonic()
        line = client.socket()
        if line is None:
            return False
        if self._settings.broker.tls and line.pending():
            timeout_s = 0.0  # TLS has read ahead, so the socket itself may stay silent
        with selectors.DefaultSelector() as selector:
            selector.register(line, selectors.EVENT_READ | (selectors.EVENT_WRITE if client.want_write() else 0))
            selector.register(up._awake, selectors.EVENT_READ)
            ready = {key.fileobj: events for key, events in selector.select(timeout_s)}
        if up._awake in ready:
            up._awake.recv(4096)
        done = [client.loop_read()] if ready.get(line, 0) & selectors.EVENT_READ or not timeout_s else []
        if ready.get(line, 0) & selectors.EVENT_WRITE:
            done.append(client.loop_write())
        done.append(client.loop_misc())
        return all(code in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN) for code in done)

    def _on_connect(self, _client, _data, _flags, reason, _properties) -> None:
        self._taken_in = not reason.is_failure
        if reason.is_failure:
            self.trouble = f"refused us ({reason})"

    def _on_disconnect(self, _client, _data, _flags, reason, _properties) -> None:
        if self._taken_in is not False:
            self.trouble = f"went away ({reason})"

    def _on_message(self, _client, _data, message) -> None:
        try:
            topic = message.topic  # paho decodes it only here
        except UnicodeDecodeError as error:
            self._up._inbox.refuse(f"a topic that is no UTF-8 text ({error})")
        else:
            self._arrived.append((topic, message.payload, message.retain))

    def _on_subscribe(self, _client, _data, _mid, reasons, _properties) -> None:
        self._listening = True
        self._refusals += [f"refused a subscription ({reason})" for reason in reasons if reason.is_failure]

    def _on_publish(self, _client, _data, _mid, reason, _properties) -> None:
        # only MQTT 5 can say so, and even success is no proof: a row goes on central's own ack alone
        if reason.is_failure:
            self._refusals.append(f"refused an event ({reason})")


def _new_client(settings: UplinkSettings) -> mqtt.Client:
    """A client with login, certificates and last will; OSError or ValueError when a file can't be used."""
    broker, topics = settings.broker, settings.topics
    modern = broker.version == "5"
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"parkmeter-{topics.site}-{topics.gate}",
        protocol=mqtt.MQTTv5 if modern else mqtt.MQTTv311,
        clean_session=None if modern else True,
    )
    client.connect_timeout = 5.0
    if broker.username:
        client.username_pw_set(broker.username, broker.password)
    if broker.tls:
        client.tls_set_context(tls_context(broker))
    lost = Status(state="lost", boot=settings.boot)
    client.will_set(topics.status, lost.encode(), qos=1, retain=True)
    return client
