"""A gate's line to the broker for tests: publishes what a reporter made, and keeps what it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.protocol import topics
from edge.protocol.messages import Ack, SessionState
from edge.protocol.signing import Verifier, public_from_text
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, Message


class MqttGate:
    """Keeps every event until central acknowledges it, as an outbox does."""

    def __init__(self, host: str, port: int, gate: str, public_key: str) -> None:
        self._topics = GateTopics(SITE, gate)
        self._verifier = Verifier([public_from_text(public_key)])
        self._lock = threading.Lock()
        self.acked: dict[str, dict[str, int]] = {}
        self.sessions: dict[str, SessionState] = {}
        self.versions: dict[str, list[int]] = {}
        self.raw: dict[str, bytes] = {}
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"test-{gate}")
        self._client.on_connect = self._connected
        self._client.on_message = self._came
        self._client.connect(host, port, 20)
        self._client.loop_start()

    def send(self, messages: list[Message]) -> None:
        for topic, payload in messages:
            self._client.publish(topic, payload, qos=1)

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def send_until_acked(self, messages: list[Message], journal: str, seq: int, timeout_s: float = 30.0) -> None:
        """Sends all again and again, as a gate would, until central has the last."""
        deadline = time.monotonic() + timeout_s
        while not self.has_ack(journal, seq):
            assert time.monotonic() < deadline, f"acknowledged: {self.acked.get(journal)}, expected {seq}"
            self.send(messages)
            wait_for(lambda: self.has_ack(journal, seq), 2.0)

    def has_ack(self, journal: str, seq: int) -> bool:
        with self._lock:
            return self.acked.get(journal, {}).get("money", 0) >= seq

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client, _userdata, _flags, _reason, _properties) -> None:
        client.subscribe([(self._topics.ack, 1), (topics.sessions(SITE), 1), (topics.access(SITE), 1)])
        client.subscribe(self._topics.commands, 1)

    def _came(self, _client, _userdata, message) -> None:
        with self._lock:
            self.raw[message.topic] = message.payload
            if message.topic == self._topics.ack:
                ack = Ack.decode(message.payload)
                self.acked.setdefault(ack.journal, {}).update({str(k): v for k, v in ack.through.items()})
            elif "/session/" in message.topic and message.payload:
                state = SessionState.decode(self._verifier.open(message.topic, message.payload))
                self.sessions[state.session] = state
                self.versions.setdefault(state.session, []).append(state.version)


def wait_for(condition: Callable[[], object], timeout_s: float = 20.0) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
