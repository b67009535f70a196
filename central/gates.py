"""Central's end of the edge API over MQTT: messages in, acknowledgements, states, lists and orders out.

Callbacks only enqueue. One thread applies what came in batches, commits, and only then acknowledges. What goes out are
rows of the outbox, sent until the broker has confirmed them, by one process at a time: of two, the slower one would
leave an older state retained than the faster. Each connection has a client of its own, so that paho
never sends again, from its memory, what the database has overtaken.
"""

from __future__ import annotations

import logging
import queue
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from central import handlers, keys, outgoing
from central.links import Links
from central.settings import Settings, SettingsError
from central.store.alone import Alone
from central.store.database import Database
from edge.protocol import topics

log = logging.getLogger(__name__)

BATCH = 200
WINDOW = 100  # messages sent and not yet confirmed
POLL_S = 0.1  # how soon a row another process has written goes out
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
KEEPALIVE_S = 20
SESSION_EXPIRY_S = 7 * 24 * 3600
PUBLISHER = 0x504D4F42  # the part of publishing what central has to tell


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Came:
    """A message of a gate. retained: the broker had kept it."""

    topic: str
    payload: bytes
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker let us in; reason "" then, else why not."""

    client: mqtt.Client
    reason: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    client: mqtt.Client
    reason: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The broker has taken message `mid`; refused: it took it and threw it away."""

    client: mqtt.Client
    mid: int
    refused: bool


class Ingest:
    """Runs until `stop` is set. A broker that is away is waited for; a database error ends it, to be started anew."""

    def __init__(self, settings: Settings, db: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._settings, self._db, self._now = settings, db, now
        self._signer, self._links = keys.signer(settings), Links.of(settings)
        self._publisher = Alone(db, PUBLISHER)
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._client: mqtt.Client | None = None
        self._connected = False
        self._in_flight: dict[int, list[int]] = {}  # message id -> outbox rows it covers

    def run(self, stop: threading.Event) -> None:
        failures = 0
        while not stop.is_set():
            if not self._connect():
                stop.wait(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
                failures += 1
                continue
            try:
                served = self._serve(stop)
            finally:
                self._drop()
            failures = 0 if served else failures + 1
            if not stop.is_set() and not served:
                stop.wait(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])

    def _connect(self) -> bool:
        client = _new_client(self._settings)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        mqtt_settings = self._settings.mqtt
        try:
            client.connect(mqtt_settings.host, mqtt_settings.port, KEEPALIVE_S, **_session(self._settings))
        except OSError as error:  # refused, unknown host, TLS
            log.warning("broker %s: %s", mqtt_settings.url, error)
            return False
        self._client, self._connected, self._in_flight = client, False, {}
        client.loop_start()
        return True

    def _drop(self) -> None:
        client, self._client, self._connected = self._client, None, False
        if client is not None:
            client.disconnect()
            client.loop_stop()
        self._publisher.give_up()

    def _serve(self, stop: threading.Event) -> bool:
        """Until the connection or `stop` ends it; True when the broker had let us in."""
        served = False
        deadline = time.monotonic() + KEEPALIVE_S
        while not stop.is_set():
            batch = self._batch()
            messages = [item for item in batch if isinstance(item, Came)]
            if messages:
                self._apply(messages)
            confirmed: list[int] = []
            for item in batch:
                if isinstance(item, Came) or item.client is not self._client:
                    continue
                match item:
                    case Connected(reason=""):
                        self._welcome()
                        served = True
                    case Connected() | Disconnected():
                        log.warning("broker %s: %s", self._settings.mqtt.url, item.reason)
                        return served
                    case Confirmed(refused=False):
                        confirmed += self._in_flight.pop(item.mid, [])
                    case Confirmed():
                        log.error("the broker refused a message; may central write below %s?", topics.ROOT)
                        self._in_flight.pop(item.mid, None)
            if confirmed:
                outgoing.confirm(self._db, confirmed, self._now())
            if self._connected:
                self._send()
            elif time.monotonic() > deadline:
                log.warning("broker %s: no answer to our connect", self._settings.mqtt.url)
                return served
        return served

    def _batch(self) -> list[Any]:
        """What has come, in order; waits a moment for the first."""
        batch: list[Any] = []
        try:
            batch.append(self._news.get(timeout=POLL_S))
            while len(batch) < BATCH:
                batch.append(self._news.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _apply(self, messages: list[Came]) -> None:
        now = self._now()
        touched = handlers.Touched()
        with self._db.begin() as session:
            for message in messages:
                handlers.handle(
                    session,
                    message.topic,
                    message.payload,
                    now,
                    touched,
                    retained=message.retained,
                    asks=self._settings.home_assistant.commands,
                )
            through = touched.acknowledge(session, now)
        # only now is it true
        for topic, payload in outgoing.acks(through):
            if self._client is not None:
                self._client.publish(topic, payload, qos=1, retain=True)

    def _welcome(self) -> None:
        log.info("connected to %s", self._settings.mqtt.url)
        share = self._settings.mqtt.share
        prefix = f"$share/{share}/" if share else ""
        self._client.subscribe([(prefix + topic, 1) for topic in topics.CENTRAL_SUBSCRIPTIONS])
        # the broker may have lost what it was told to keep
        outgoing.repeat_everything(self._db, self._now())
        self._connected = True

    def _send(self) -> None:
        if not self._publisher.ours():
            return
        busy = {row for rows in self._in_flight.values() for row in rows}
        room = WINDOW - len(self._in_flight)
        if room <= 0:
            return
        for message in outgoing.waiting(self._db, self._signer, self._links, self._now(), room, busy):
            info = self._client.publish(message.topic, message.payload, qos=1, retain=message.retained)
            if info.rc != mqtt.MQTT_ERR_SUCCESS:
                return  # the disconnect is on its way; the rows stay
            self._in_flight[info.mid] = message.rows

    def _on_connect(self, client: mqtt.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._news.put(Connected(client, f"refused us: {reason}" if reason.is_failure else ""))

    def _on_disconnect(self, client: mqtt.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._news.put(Disconnected(client, f"connection lost: {reason}"))

    def _on_message(self, _client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        self._news.put(Came(message.topic, message.payload, message.retain))

    def _on_publish(self, client: mqtt.Client, _userdata: Any, mid: int, reason: Any, _properties: Any) -> None:
        self._news.put(Confirmed(client, mid, reason.is_failure))


def _new_client(settings: Settings) -> mqtt.Client:
    ours = settings.mqtt
    five = ours.version == "5"
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=ours.client_id,
        protocol=mqtt.MQTTv5 if five else mqtt.MQTTv311,
        clean_session=None if five else False,
        reconnect_on_failure=False,
    )
    client.max_inflight_messages_set(2 * WINDOW)
    if ours.username:
        client.username_pw_set(ours.username, keys.mqtt_password(settings))
    if ours.tls:
        try:
            context = ssl.create_default_context(cafile=ours.ca_file)
            if ours.cert_file:
                context.load_cert_chain(ours.cert_file, ours.key_file)
        except OSError as error:
            raise SettingsError(f"mqtt certificate files: {error}") from error
        client.tls_set_context(context)
    return client


def _session(settings: Settings) -> dict[str, Any]:
    """Arguments of connect that make the broker keep our queue while we are away."""
    if settings.mqtt.version != "5":
        return {}
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = SESSION_EXPIRY_S
    return {"clean_start": False, "properties": properties}
