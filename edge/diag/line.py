"""The diagnostic tool's line to a broker. Its callbacks only enqueue; who uses it takes the messages out."""

from __future__ import annotations

import queue
import secrets
import time
from collections.abc import Iterator
from typing import NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.protocol import topics
from edge.uplink.broker import Broker, BrokerError, tls_context

CONNECT_S = 8.0
QUIET_S = 0.7  # so long nothing came: all that the broker keeps is here
_LEAVES = ("status", "about", "state", "diag/#", "event/#", "reply/+")


class Message(NamedTuple):
    topic: str
    payload: bytes
    retained: bool


class Line:
    """Listens to gates until `close`. BrokerError where the broker can't be reached or does not take us in.

    site, gate  only this one's, None for all
    """

    def __init__(self, broker: Broker, site: str | None = None, gate: str | None = None) -> None:
        self._news: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._listened = [(f"{topics.ROOT}/{site or '+'}/{gate or '+'}/{leaf}", 1) for leaf in _LEAVES]
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"parkmeter-diag-{secrets.token_hex(4)}")
        if broker.username:
            self._client.username_pw_set(broker.username, broker.password)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._answers.put("")
        self._client.on_message = self._on_message
        try:
            if broker.tls:
                self._client.tls_set_context(tls_context(broker))
            self._client.connect(broker.host, broker.port, keepalive=20)
        except (OSError, ValueError) as error:
            raise BrokerError(f"broker {broker} can't be reached ({error})") from error
        self._client.loop_start()
        try:
            trouble = self._answers.get(timeout=CONNECT_S)
        except queue.Empty:
            trouble = "did not answer"
        if trouble:
            self.close()
            raise BrokerError(f"broker {broker} {trouble}")

    def publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1)

    def messages(self, timeout_s: float) -> Iterator[Message]:
        """What has come, waiting so long for the first."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                yield self._news.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return
            deadline = time.monotonic()

    def settled(self, most_s: float) -> Iterator[Message]:
        """What the broker keeps: until nothing has come for a moment, or `most_s` are over."""
        deadline = time.monotonic() + most_s
        while time.monotonic() < deadline:
            came = list(self.messages(QUIET_S))
            if not came:
                return
            yield from came

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client, _data, _flags, reason, _properties) -> None:
        if reason.is_failure:
            self._answers.put(f"refused us ({reason})")
        else:
            client.subscribe(self._listened)

    def _on_message(self, _client, _data, message) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return  # no gate's: theirs are plain words
        self._news.put(Message(topic, message.payload, message.retain))
