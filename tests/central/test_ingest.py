"""The ingest process over real brokers: acknowledges what is committed, tells gates, and survives its own death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from central import keys
from central.actions import access, lanes, outbox
from central.gates import Ingest
from central.settings import HomeAssistantSettings, MqttSettings, Settings
from central.store.database import Database
from central.store.reads.faults import active_faults
from central.store.schema import Gate, GateEvent, MqttOutbox
from edge.protocol import topics
from edge.protocol.ids import uuid7
from edge.protocol.messages import Command, Entered, ExitRequested, FaultState, SessionStatus, Status
from edge.protocol.signing import Verifier, public_from_text
from edge.protocol.topics import GateTopics
from tests import brokers
from tests.central.car_park import SITE, START, CarPark, Message, minutes, plate
from tests.central.mqtt_gate import MqttGate, wait_for

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(params=["mosquitto", "embedded"])
def broker(request) -> Iterator[brokers.RunningBroker]:
    with getattr(brokers, request.param)() as running:
        yield running


@pytest.fixture
def mosquitto() -> Iterator[brokers.RunningBroker]:
    with brokers.mosquitto() as running:
        yield running


@contextmanager
def ingesting(db: Database, settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Ingest(settings, db).run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def on(settings: Settings, broker: brokers.RunningBroker, **mqtt) -> Settings:
    return settings.model_copy(update={"mqtt": MqttSettings(url=broker.url, **mqtt)})


@contextmanager
def gate_on(broker: brokers.RunningBroker, settings: Settings, gate: str = "entry-1") -> Iterator[MqttGate]:
    line = MqttGate(broker.host, broker.port, gate, keys.signer(settings).public)
    yield line
    line.close()


def entries(park: CarPark, count: int) -> tuple[list[str], list[Message]]:
    """That many vehicles that come in."""
    ids = [uuid7() for _ in range(count)]
    messages = [
        park.entry.report(Entered(plate=plate(f"DL1CA{n:04d}"), ticket=park.entry.new_ticket()), minutes(n / 60), id)
        for n, id in enumerate(ids)
    ]
    return ids, messages


def test_an_event_is_acknowledged_and_its_stay_told_to_every_gate(sqlite, settings, broker):
    settings, park = on(settings, broker), CarPark(sqlite, settings)
    [session], messages = entries(park, 1)
    with ingesting(sqlite, settings), gate_on(broker, settings) as entry, gate_on(broker, settings, "exit-1") as out:
        entry.send_until_acked(messages, park.entry.journal, 1)
        assert wait_for(lambda: session in out.sessions)
        request = ExitRequested(request=uuid7(), plate=plate("DL1CA0000"))
        out.send_until_acked([park.exit.report(request, minutes(40), session)], park.exit.journal, 1)
        assert wait_for(lambda: out.sessions[session].status is SessionStatus.QUOTED)
        quote = out.sessions[session].quote
        assert (quote.request, quote.amount_paise) == (request.request, 17_000)
        assert quote.pay_url.startswith(f"{settings.public_url}/p/")


def test_a_broker_that_is_away_is_waited_for_and_one_that_forgot_is_told_again(sqlite, settings, broker):
    settings, park = on(settings, broker), CarPark(sqlite, settings)
    [session], messages = entries(park, 1)
    broker.kill()
    with ingesting(sqlite, settings):
        broker.start()
        with gate_on(broker, settings) as entry:
            entry.send_until_acked(messages, park.entry.journal, 1)
            assert wait_for(lambda: session in entry.sessions)
        broker.kill()
        broker.start()
        with gate_on(broker, settings) as entry:
            assert wait_for(lambda: session in entry.sessions), "an open stay must be told to a broker that lost it"
            assert wait_for(lambda: topics.access(SITE) in entry.raw)


def test_orders_go_out_signed_unretained_and_not_when_they_are_old(sqlite, settings, mosquitto):
    settings, park = on(settings, mosquitto), CarPark(sqlite, settings)
    park.online(park.entry)
    from central.gates import utc_now

    with sqlite.begin() as session:
        old = lanes.operator_open(session, SITE, "entry-1", minutes(-9999), by="asha", reason="lorry stuck")
    with gate_on(mosquitto, settings) as entry:
        assert wait_for(lambda: entry._client.is_connected())
        with ingesting(sqlite, settings):
            assert wait_for(lambda: topics.access(SITE) in entry.raw)
            with sqlite.begin() as session:
                new = lanes.operator_open(session, SITE, "entry-1", utc_now(), by="asha", reason="lorry stuck")
                access.set_rule(session, SITE, "DL1CA0009", "denied", utc_now(), "asha")
            topic = topics.GateTopics(SITE, "entry-1").command("open")
            assert wait_for(lambda: topic in entry.raw)
            command = Command.decode(
                Verifier([public_from_text(keys.signer(settings).public)]).open(topic, entry.raw[topic])
            )
            assert (command.cmd_id, command.boot, command.by) == (new, park.entry.boot, "asha")
            assert command.cmd_id != old
            assert wait_for(lambda: b"DL1CA0009" in entry.raw[topics.access(SITE)])
    with gate_on(mosquitto, settings) as later:
        assert wait_for(lambda: topics.access(SITE) in later.raw)
        assert topic not in later.raw, "an order must never wait for a gate"


def test_a_stay_cleared_from_the_broker_is_gone_for_who_comes_later(sqlite, settings, mosquitto):
    settings, park = on(settings, mosquitto), CarPark(sqlite, settings)
    [session], messages = entries(park, 1)
    with ingesting(sqlite, settings), gate_on(mosquitto, settings) as entry:
        entry.send_until_acked(messages, park.entry.journal, 1)
        topic = topics.session(SITE, session)
        assert wait_for(lambda: entry.raw.get(topic))
        with sqlite.begin() as db:
            outbox.clear_retained(db, park.stay(session), minutes(1))
        assert wait_for(lambda: entry.raw[topic] == b"")


def test_garbage_on_the_wire_stops_nothing(sqlite, settings, mosquitto):
    settings, park = on(settings, mosquitto), CarPark(sqlite, settings)
    _, messages = entries(park, 3)
    topic = messages[0][0]
    with ingesting(sqlite, settings), gate_on(mosquitto, settings) as entry:
        entry.send([(topic, b"\x00\xff"), (topic, b"{}"), ("parking/v1/delhi/entry-1/state", b"[]")])
        entry.send_until_acked(messages, park.entry.journal, 3)


def test_mqtt_5_with_a_shared_subscription_works_alike(sqlite, settings, mosquitto):
    settings, park = on(settings, mosquitto, version="5", share="central"), CarPark(sqlite, settings)
    _, messages = entries(park, 3)
    with ingesting(sqlite, settings), gate_on(mosquitto, settings) as entry:
        entry.send_until_acked(messages, park.entry.journal, 3)


def test_a_killed_ingest_loses_nothing_and_doubles_nothing(databases, settings, mosquitto, tmp_path):
    park = CarPark(databases, settings)
    count = 150
    ids, messages = entries(park, count)
    config = tmp_path / "central.toml"
    config.write_text(f'data_dir = "data"\n[mqtt]\nurl = "{mosquitto.url}"\n')
    environment = os.environ | {"DATABASE_URL": databases.url.render_as_string(hide_password=False)}

    def start() -> subprocess.Popen:
        command = [sys.executable, "-m", "central", "ingest", "--config", str(config)]
        return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)

    def stored() -> int:
        with databases.read() as session:
            return session.scalar(select(func.count()).select_from(GateEvent))

    def unpublished() -> int:
        with databases.read() as session:
            return session.scalar(select(func.count()).where(MqttOutbox.published_at.is_(None)))

    process = start()
    try:
        with gate_on(mosquitto, settings) as entry:
            for part in (1, 2, 3):
                wanted = (part - 1) * count // 3
                for _ in range(30):
                    entry.send(messages[: part * count // 3])
                    if wait_for(lambda wanted=wanted: stored() > wanted, 2):
                        break
                assert stored() > wanted
                process.send_signal(signal.SIGKILL)
                process.wait()
                process = start()
            entry.send_until_acked(messages, park.entry.journal, count, 60)
            assert wait_for(lambda: set(ids) <= set(entry.sessions), 60)
            assert wait_for(lambda: unpublished() == 0, 60)
    finally:
        process.terminate()
        assert process.wait(20) == 0, "asked to stop, it stops cleanly"
    assert stored() == count
    assert sorted(stay.id for stay in park.stays()) == sorted(ids)


def test_home_automation_asks_and_central_signs_for_the_gate_but_not_what_was_retained(sqlite, settings, mosquitto):
    allowed = HomeAssistantSettings(commands=("open", "close"))
    settings = on(settings, mosquitto).model_copy(update={"home_assistant": allowed})
    CarPark(sqlite, settings)
    topics_of, boot = GateTopics(SITE, "entry-1"), uuid7()
    verifier = Verifier([public_from_text(keys.signer(settings).public)])
    with gate_on(mosquitto, settings) as gate:
        gate.say(topics_of.ask("close"), b"close", retain=True)
        gate.say(topics_of.status, Status(state="online", boot=boot).encode(), retain=True)
        gate.say(topics_of.fault("too_hot"), FaultState(code="too_hot", severity="alarm", since=START).encode(), True)
        with ingesting(sqlite, settings):

            def known() -> bool:
                with sqlite.read() as session:
                    return session.get_one(Gate, (SITE, "entry-1")).boot == boot and bool(active_faults(session, SITE))

            assert wait_for(known)
            gate.say(topics_of.ask("hold"), b"hold")
            gate.say(topics_of.ask("open"), b"open")
            assert wait_for(lambda: topics_of.command("open") in gate.raw)
            command = Command.decode(verifier.open(topics_of.command("open"), gate.raw[topics_of.command("open")]))
            assert (command.name, command.by, command.boot) == ("open", "home-assistant", boot)
            assert not {topics_of.command("close"), topics_of.command("hold")} & set(gate.raw)
