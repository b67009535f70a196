"""One connection to the broker, from greeting to goodbye. The gate's only file of paho."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from edge.protocol import topics as names
from edge.protocol.messages import Event, Status
from edge.uplink.broker import UplinkSettings, tls_context
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
ONLINE_AGAIN_S = 60.0  # the last will of the connection before may overtake what the new one says


class Nudge:
    """Wakes the uplink's thread while it waits for the broker."""

    def __init__(self) -> None:
        self.heard, self._said = socket.socketpair()
        self.heard.setblocking(False)
        self._said.setblocking(False)

    def __call__(self) -> None:
        with suppress(OSError):  # full: it has been nudged plenty; closed: it has ended
            self._said.send(b"x")

    def close(self) -> None:
        self.heard.close()
        self._said.close()


@dataclass(slots=True)
class Works:
    """What outlives a connection, and what each of them works with.

    inbox     what came, until it is in the journal; inflight: events sent and not yet acknowledged by central
    tray      what is to be shown and answered; turns: exchanges with the journal
    nudge     wakes whoever waits for the broker
    stopping  the uplink ends
    beat      monotonic seconds of the last sign of life
    """

    settings: UplinkSettings
    inbox: Inbox
    inflight: InFlight
    tray: OutTray
    turns: Turns
    nudge: Nudge
    stopping: threading.Event = field(default_factory=threading.Event)
    beat: float = field(default_factory=time.monotonic)


class Link:
    """Lives and dies on the uplink's thread; a new one, with a new paho client, for each connection.

    trouble  why it ended, to follow the broker's name in a log line
    """

    def __init__(self, works: Works) -> None:
        self.trouble = "went away"
        self._works = works
        self._settings = works.settings
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
        self._works.beat = time.monotonic()
        try:
            client = self._client = new_client(self._settings)
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
            self._works.inbox.heard.clear()
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
            if self._works.stopping.is_set() or not self._pump(0.2):
                return answered()
        return True

    def serve(self) -> None:
        """Works until the connection is lost or the uplink stops."""
        self._works.tray.refill()
        while not self._works.stopping.is_set():
            if not self._pump(self.turn(time.monotonic())):
                return
        self._say_goodbye()

    def turn(self, now: float, idle_s: float = IDLE_S) -> float:
        """Takes in what has come and sends what is due; seconds until there may be more to do, `idle_s` at most."""
        works = self._works
        self._take_in(now)
        for event in works.turns.finish(now):
            self._publish(event)
        works.turns.begin(now)
        self._send_rest(now)
        return works.tray.wait_s(works.inflight.wait_s(now, idle_s))

    def _take_in(self, now: float) -> None:
        inbox = self._works.inbox
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
        for event in self._works.inflight.due(now):
            self._publish(event)
        for topic, payload in self._works.tray.replies():
            self._client.publish(topic, payload, qos=1)
        if not self._client.want_write():  # a slow broker gets only the latest
            for topic, payload in self._works.tray.due(now):
                self._client.publish(topic, payload, qos=0, retain=True)
            for topic, payload in self._works.tray.said():
                self._client.publish(topic, payload, qos=0)

    def _publish(self, event: Event) -> None:
        told = event.model_copy(update={"waiting_from": self._works.inflight.lowest(event.stream)})
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
        client, woken = self._client, self._works.nudge.heard
        self._works.beat = time.monotonic()
        line = client.socket()
        if line is None:
            return False
        if self._settings.broker.tls and line.pending():
            timeout_s = 0.0  # TLS has read ahead, so the socket itself may stay silent
        with selectors.DefaultSelector() as selector:
            selector.register(line, selectors.EVENT_READ | (selectors.EVENT_WRITE if client.want_write() else 0))
            selector.register(woken, selectors.EVENT_READ)
            ready = {key.fileobj: events for key, events in selector.select(timeout_s)}
        if woken in ready:
            woken.recv(4096)
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
            self._works.inbox.refuse(f"a topic that is no UTF-8 text ({error})")
        else:
            self._arrived.append((topic, message.payload, message.retain))

    def _on_subscribe(self, _client, _data, _mid, reasons, _properties) -> None:
        self._listening = True
        self._refusals += [f"refused a subscription ({reason})" for reason in reasons if reason.is_failure]

    def _on_publish(self, _client, _data, _mid, reason, _properties) -> None:
        # only MQTT 5 can say so, and even success is no proof: a row goes on central's own ack alone
        if reason.is_failure:
            self._refusals.append(f"refused an event ({reason})")


def new_client(settings: UplinkSettings) -> mqtt.Client:
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
