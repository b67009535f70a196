"""Both brokers keep strangers out and each gate to its own topics, with the rights a site's broker must have."""

from __future__ import annotations

import threading
import time

import paho.mqtt.client as mqtt
import pytest

from edge.protocol import topics
from edge.protocol.topics import GateTopics
from edge.simulation.demo.brokers import KINDS, Broker, central_account, choose_kind, gate_account, mosquitto_path

SITE = "demo"
OWN, OTHER = GateTopics(SITE, "entry-1"), GateTopics(SITE, "exit-1")


class Listener:
    """A connected client that keeps what it is sent."""

    def __init__(self, broker: Broker, username: str, password: str | None = None) -> None:
        self.heard: list[str] = []
        self.refused = False
        self._news = threading.Condition()
        self._answers = 0
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(username, password or broker.password_file(username).read_text())
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._answered()
        self._client.on_publish = lambda *_: self._answered()
        self._client.on_message = lambda _client, _data, message: self._hear(message.topic)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        self._wait(lambda: self._answers)

    def subscribe(self, topic: str) -> None:
        self._ask(lambda: self._client.subscribe(topic, qos=1))

    def publish(self, topic: str) -> None:
        self._ask(lambda: self._client.publish(topic, b"{}", qos=1))

    def has_heard(self, topic: str) -> bool:
        """Waits for it."""
        return self._wait(lambda: topic in self.heard, patient=True)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _ask(self, question) -> None:
        before = self._answers
        question()
        self._wait(lambda: self._answers > before, patient=True)

    def _on_connect(self, _client, _data, _flags, reason, _properties) -> None:
        self.refused = reason.is_failure
        self._answered()

    def _answered(self) -> None:
        with self._news:
            self._answers += 1
            self._news.notify_all()

    def _hear(self, topic: str) -> None:
        with self._news:
            self.heard.append(topic)
            self._news.notify_all()

    def _wait(self, holds, patient: bool = False) -> bool:
        until = time.monotonic() + 10.0
        with self._news:
            while not holds():
                if not self._news.wait(until - time.monotonic()):
                    assert patient, "the broker does not answer"
                    return False
        return True


@pytest.fixture(scope="module", params=[pytest.param("mosquitto", marks=pytest.mark.broker), "embedded"])
def broker(request, tmp_path_factory):
    if request.param == "mosquitto" and mosquitto_path(everywhere=True) is None:
        pytest.skip("mosquitto is not installed")
    accounts = [central_account(), gate_account(SITE, "entry-1")]
    running = Broker(tmp_path_factory.mktemp("broker") / "files", accounts, request.param)
    running.start()
    yield running
    running.stop()
    assert not running.running


@pytest.fixture
def client(broker):
    made = []

    def connect(username: str, password: str | None = None) -> Listener:
        made.append(Listener(broker, username, password))
        return made[-1]

    yield connect
    for listener in made:
        listener.close()


def test_a_wrong_password_is_refused(client):
    assert client("central", "guess").refused


def test_the_runs_passwords_are_readable_by_its_owner_alone(broker):
    assert broker.password_file("central").stat().st_mode & 0o077 == 0
    assert broker.password_file("central").parent.stat().st_mode & 0o077 == 0


def test_a_gate_is_heard_on_its_own_topics_only(client):
    central, gate = client("central"), client("entry-1")
    central.subscribe(f"{topics.ROOT}/#")
    gate.publish(f"{OTHER.prefix}/event/money/vehicle.entered")
    gate.publish(topics.session(SITE, "0" * 36))
    gate.publish(f"{OWN.prefix}/event/money/vehicle.entered")
    assert central.has_heard(f"{OWN.prefix}/event/money/vehicle.entered")
    assert central.heard == [f"{OWN.prefix}/event/money/vehicle.entered"]


def test_a_gate_hears_its_commands_and_its_sites_stays_but_no_other_gates(client):
    central, gate = client("central"), client("entry-1")
    for wanted in (OWN.commands, OTHER.commands, topics.sessions(SITE), topics.sessions("elsewhere")):
        gate.subscribe(wanted)
    central.publish(OTHER.command("open"))
    central.publish(topics.session("elsewhere", "0" * 36))
    central.publish(topics.session(SITE, "0" * 36))
    central.publish(OWN.command("open"))
    assert gate.has_heard(OWN.command("open"))
    assert gate.has_heard(topics.session(SITE, "0" * 36))
    assert set(gate.heard) == {topics.session(SITE, "0" * 36), OWN.command("open")}


def test_a_broker_comes_back_on_the_same_port_after_a_power_cut(tmp_path):
    broker = Broker(tmp_path / "files", [central_account()], "embedded")
    try:
        for _ in range(2):
            broker.start()
            listener = Listener(broker, "central")
            assert not listener.refused
            listener.close()
            broker.kill()
            assert not broker.running
    finally:
        broker.stop()


def test_the_embedded_broker_is_taken_where_mosquitto_is_not_on_path(monkeypatch, tmp_path):
    monkeypatch.delenv("PARKMETER_BROKER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose_kind() == "embedded"


def test_mosquitto_is_taken_where_it_is_on_path(monkeypatch, tmp_path):
    monkeypatch.delenv("PARKMETER_BROKER", raising=False)
    program = tmp_path / "mosquitto"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose_kind() == "mosquitto"


@pytest.mark.parametrize("kind", KINDS)
def test_the_environment_chooses_and_the_command_line_wins(monkeypatch, kind):
    monkeypatch.setenv("PARKMETER_BROKER", kind)
    assert choose_kind() == kind
    assert choose_kind("embedded") == "embedded"


def test_an_unknown_broker_is_refused_with_the_known_ones(monkeypatch):
    monkeypatch.setenv("PARKMETER_BROKER", "rabbit")
    with pytest.raises(ValueError, match="expected mosquitto or embedded"):
        choose_kind()
