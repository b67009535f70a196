"""A small central for the edge's tests: takes events at a real broker, acks what has no gap, signs what it sends."""

from __future__ import annotations

import threading

import paho.mqtt.client as mqtt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.enums import CallbackAPIVersion

from edge.protocol import topics as names
from edge.protocol.messages import AccessList, Ack, Command, Event, SessionState
from edge.protocol.signing import Signer
from edge.protocol.topics import GateTopics, Stream


class FakeCentral:
    """Stands at one broker for one gate.

    deliveries  every event as it came, repeats and all
    events      each event once, in the order of its first coming
    said        the latest payload of every other topic of the gate
    acking      whether it answers
    """

    def __init__(self, port: int, topics: GateTopics, username: str = "", password: str = "") -> None:
        self.topics = topics
        self.acking = True
        self.deliveries: list[Event] = []
        self.events: list[Event] = []
        self.said: dict[str, bytes] = {}
        self.history: list[tuple[str, bytes]] = []
        self.signer = Signer(Ed25519PrivateKey.generate())
        self._seen: dict[tuple[str, Stream], set[int]] = {}
        self._through: dict[tuple[str, Stream], int] = {}
        self._lock = threading.Lock()
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="central")
        if username:
            self._client.username_pw_set(username, password)
        self._client.reconnect_delay_set(0.1, 0.5)
        self._client.on_connect = lambda client, *_: client.subscribe(f"{topics.prefix}/#", qos=1)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_disconnect = lambda *_: self._subscribed.clear()
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port, keepalive=10)
        self._client.loop_start()
        self.wait_subscribed()

    def wait_subscribed(self) -> None:
        assert self._subscribed.wait(20)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def seqs(self, stream: Stream) -> list[int]:
        with self._lock:
            return [event.seq for event in self.events if event.stream is stream]

    def ack_all(self) -> None:
        """Acks what it has, as a central that comes back does."""
        with self._lock:
            acks = {journal: self._ack_of(journal) for journal, _ in self._through}
        for ack in acks.values():
            self.send(self.topics.ack, ack.encode(), retain=True)

    def session(self, state: SessionState, *, retain: bool = True, signer: Signer | None = None) -> None:
        topic = names.session(self.topics.site, state.session)
        self.send(topic, (signer or self.signer).sign(topic, state.encode().decode()), retain=retain)

    def clear(self, session: str) -> None:
        self.send(names.session(self.topics.site, session), b"", retain=True)

    def lists(self, lists: AccessList) -> None:
        topic = names.access(self.topics.site)
        self.send(topic, self.signer.sign(topic, lists.encode().decode()), retain=True)

    def command(self, command: Command, *, retain: bool = False) -> bytes:
        topic = self.topics.command(command.name)
        payload = self.signer.sign(topic, command.encode().decode())
        self.send(topic, payload, retain=retain)
        return payload

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain)

    def _take(self, _client, _data, message) -> None:
        if not message.topic.startswith(f"{self.topics.prefix}/event/"):
            self.said[message.topic] = message.payload
            self.history.append((message.topic, message.payload))
            return
        event = Event.decode(message.payload)
        with self._lock:
            key = (event.journal, event.stream)
            seen = self._seen.setdefault(key, set())
            self.deliveries.append(event)
            if event.seq not in seen:
                seen.add(event.seq)
                self.events.append(event)
            through = self._through.get(key, 0)
            while through + 1 in seen:
                through += 1
            self._through[key] = through
            ack = self._ack_of(event.journal)
        if self.acking:
            self.send(self.topics.ack, ack.encode(), retain=True)

    def _ack_of(self, journal: str) -> Ack:
        through = {stream: seq for (of, stream), seq in self._through.items() if of == journal}
        return Ack(journal=journal, through=through)
