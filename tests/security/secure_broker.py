"""A real mosquitto on the very files that `broker-files` writes, and clients that say what became of them."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from central.pki import broker_files, mosquitto
from central.pki.authority import Authority, Use, pem
from central.pki.key_pairs import key_pem, new_key
from central.pki.mosquitto import FILES, Place
from central.pki.principals import Rights
from tests import brokers
from tests.brokers import RunningBroker

GATES = [("north", "entry-1"), ("north", "exit-1"), ("south", "entry-1")]
SITES = ["north", "south"]
WAIT_S = 15.0


@dataclass(frozen=True)
class Paper:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


@dataclass
class SiteCa:
    """A CA in a folder of a test's own."""

    folder: Path
    authority: Authority = field(init=False)

    def __post_init__(self) -> None:
        self.authority = Authority.make(self.folder, f"CA {self.folder.name}", now())

    @property
    def path(self) -> Path:
        return self.folder / "ca.pem"

    def paper(
        self, name: str, use: Use = "client", hosts: tuple[str, ...] = (), lasts: timedelta = timedelta(days=1)
    ) -> Paper:
        key = new_key()
        made = self.authority.issue(key.public_key(), name, use, now(), hosts=hosts, lasts=lasts)
        stem = f"{name}-{made.serial_number:x}"[:60]
        paper = Paper(self.folder / f"{stem}.pem", self.folder / f"{stem}.key")
        paper.certificate.write_text(pem(made))
        paper.key.write_bytes(key_pem(key))
        return paper

    def revoke(self, *serials: str) -> bytes:
        return self.authority.revocations([(serial, now()) for serial in serials], now())


def folder_of(folder: Path, profile: int, passwords: dict[str, str], *, ca: SiteCa | None = None, port: int) -> Path:
    """The broker's folder for the small car parks of these tests; its mosquitto.conf."""
    folder.mkdir()
    data = folder / "data"
    data.mkdir()
    people: list[Rights] = broker_files.everybody(GATES, SITES, list(passwords))
    (folder / "acl").write_text(mosquitto.access_list(people))
    (folder / "passwd").write_text(
        mosquitto.password_list({name: mosquitto.password_hash(word) for name, word in passwords.items()})
    )
    if ca:
        paper = ca.paper("broker", "server", ("localhost", "127.0.0.1"))
        (folder / "ca.pem").write_bytes(ca.path.read_bytes())
        (folder / "broker.pem").write_bytes(paper.certificate.read_bytes())
        (folder / "broker.key").write_bytes(paper.key.read_bytes())
        (folder / "crl.pem").write_bytes(ca.revoke())
    place = Place(PurePosixPath(folder), data=PurePosixPath(data), bind="127.0.0.1", port=port)
    text = mosquitto.configuration(profile, place)
    # started by root it steps down to a user who can't read the test's folder
    text += "user root\n" if os.getuid() == 0 else ""
    path = folder / FILES[profile]
    path.write_text(text)
    return path


@contextmanager
def running(configuration: Path, port: int) -> Iterator[RunningBroker]:
    assert brokers.MOSQUITTO, "no mosquitto found: apt install mosquitto"
    broker = RunningBroker([brokers.MOSQUITTO, "-c", str(configuration)], port)
    try:
        yield broker
    finally:
        broker.kill()


def reload(broker: RunningBroker) -> None:
    """As `systemctl reload mosquitto` does."""
    broker._process.send_signal(signal.SIGHUP)


def tls(ca: Path | None, paper: Paper | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if paper:
        context.load_cert_chain(paper.certificate, paper.key)
    return context


class Client:
    """One connection. Remembers what arrived; `said` is the broker's word on our connect."""

    def __init__(
        self,
        port: int,
        username: str = "",
        password: str = "",
        *,
        tls: ssl.SSLContext | None = None,
        client_id: str = "",
        will: str = "",
    ) -> None:
        self.arrived: list[str] = []
        self.said: str | None = None
        self.lost = threading.Event()
        self._confirmed: set[int] = set()
        self._changed = threading.Condition()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id or f"{username}-{id(self)}", reconnect_on_failure=False
        )
        if username:
            self._client.username_pw_set(username, password)
        if tls:
            self._client.tls_set_context(tls)
        if will:
            self._client.will_set(will, will.encode(), qos=1)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._came
        self._client.on_publish = lambda _c, _u, mid, _r, _p: self._confirm(mid)
        self._client.on_subscribe = lambda _c, _u, mid, _r, _p: self._confirm(mid)
        try:
            self._client.connect("127.0.0.1", port, 30)
        except OSError:  # hung up on before a word was said
            self._client._reset_sockets()
            self.lost.set()
            return
        self._client.loop_start()
        self._until(lambda: self.said is not None or self.lost.is_set())

    @property
    def welcome(self) -> bool:
        return self.said == "Success" and not self.lost.is_set()

    def subscribe(self, *topics: str) -> None:
        """Returns once the broker has answered."""
        for topic in topics:
            self._wait(self._client.subscribe(topic, 1)[1])

    def publish(self, *topics: str, retain: bool = False) -> None:
        """Returns once the broker has taken, or thrown away, every one."""
        for mid in [self._client.publish(topic, topic.encode(), qos=1, retain=retain).mid for topic in topics]:
            self._wait(mid)

    def wait_for(self, topic: str) -> None:
        self._until(lambda: topic in self.arrived)

    def send(self, topic: str, payload: bytes) -> None:
        self._wait(self._client.publish(topic, payload, qos=1).mid)

    def clear(self, *topics: str) -> None:
        """Takes back what is retained there."""
        for mid in [self._client.publish(topic, b"", qos=1, retain=True).mid for topic in topics]:
            self._wait(mid)

    def drop(self) -> None:
        """Cuts the line without a word, as a lost network does."""
        self._client.socket().shutdown(socket.SHUT_RDWR)
        self._until(self.lost.is_set)
        self._client.loop_stop()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _wait(self, mid: int | None) -> None:
        self._until(lambda: mid in self._confirmed or self.lost.is_set())
        assert not self.lost.is_set(), "the broker hung up"

    def _until(self, holds) -> None:
        deadline = time.monotonic() + WAIT_S
        with self._changed:
            while not holds():
                assert self._changed.wait(deadline - time.monotonic()), "waited in vain for the broker"

    def _confirm(self, mid: int) -> None:
        with self._changed:
            self._confirmed.add(mid)
            self._changed.notify_all()

    def _connected(self, _client, _userdata, _flags, reason, _properties) -> None:
        with self._changed:
            self.said = str(reason)
            self._changed.notify_all()

    def _disconnected(self, _client, _userdata, _flags, _reason, _properties) -> None:
        with self._changed:
            self.lost.set()
            self._changed.notify_all()

    def _came(self, _client, _userdata, message) -> None:
        with self._changed:
            self.arrived.append(message.topic)
            self._changed.notify_all()


def now() -> datetime:
    return datetime.now(UTC)
