"""How gates are, as central keeps it: health, faults, whether they are there; what home automation may ask of them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from central.handlers import Touched, handle
from central.store.reads.faults import active_faults
from central.store.schema import Audit, Gate, MqttOutbox, Quarantine
from edge.protocol.ids import uuid7
from edge.protocol.messages import Command, FaultState, GateHealth, GateState, Reply, Status
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, START, minutes

TOPICS = GateTopics(SITE, "entry-1")
BOOT, LATER_BOOT = uuid7(), uuid7()
ALL = ("open", "close", "hold", "self_test")


class Line:
    """Hands messages of one gate to central's handlers."""

    def __init__(self, park) -> None:
        self.park, self.at = park, START

    def hear(self, topic: str, payload: bytes, retained: bool = False, asks=()) -> None:
        self.at += timedelta(seconds=10)
        touched = Touched()
        with self.park.db.begin() as session:
            handle(session, topic, payload, self.at, touched, retained=retained, asks=asks)

    def status(self, state: str, boot: str = BOOT) -> None:
        self.hear(TOPICS.status, Status(state=state, boot=boot).encode(), retained=True)

    def state(self, boot: str | None = BOOT, retained: bool = False) -> None:
        state = GateState(boom="closed", mode="normal", inputs={}, wall=self.at, boot=boot)
        self.hear(TOPICS.state, state.encode(), retained)

    def fault(self, code: str, boot: str | None = BOOT, severity: str = "alarm", detail: str = "") -> None:
        fault = FaultState(code=code, severity=severity, since=self.at, detail=detail, boot=boot)
        self.hear(TOPICS.fault(code), fault.encode())

    @property
    def gate(self) -> Gate:
        with self.park.db.read() as session:
            return session.get_one(Gate, (SITE, "entry-1"))

    def faults(self) -> list[str]:
        with self.park.db.read() as session:
            return [row.code for row in active_faults(session, SITE, "entry-1")]

    def commands(self) -> list[Command]:
        with self.park.db.read() as session:
            rows = session.scalars(select(MqttOutbox).where(MqttOutbox.topic.like("%/cmd/%")).order_by(MqttOutbox.id))
            return [Command.decode(row.body) for row in rows]

    def all(self, table) -> list:
        with self.park.db.read() as session:
            return list(session.scalars(select(table)))


@pytest.fixture
def line(park):
    line = Line(park)
    line.status("online")
    return line


def test_the_latest_health_is_kept(line):
    line.hear(TOPICS.health, GateHealth(uptime_s=60, outbox=0, vision="ready", temperature_c=50.0).encode())
    line.hear(TOPICS.health, GateHealth(uptime_s=120, outbox=2, vision="down").encode())
    assert (line.gate.health["uptime_s"], line.gate.health["vision"]) == (120, "down")
    assert line.gate.health_at == line.at


def test_a_health_that_waited_in_the_outbox_does_not_replace_a_newer_one(line):
    line.hear(TOPICS.health, GateHealth(uptime_s=999, outbox=0, vision="ready").encode())
    line.park.hear(line.park.entry.report(GateHealth(uptime_s=1, outbox=0, vision="ready"), minutes(-60)))
    assert line.gate.health["uptime_s"] == 999


def test_faults_are_kept_while_they_last_the_gravest_first(line):
    line.fault("too_hot", detail="81 degrees")
    line.fault("inputs_invalid", severity="fault")
    line.fault("too_hot", detail="82 degrees")
    assert line.faults() == ["inputs_invalid", "too_hot"]
    line.hear(TOPICS.fault("inputs_invalid"), b"")
    line.hear(TOPICS.fault("never_heard_of"), b"")
    assert line.faults() == ["too_hot"]


def test_a_fault_of_an_earlier_start_says_nothing_any_more(line):
    line.fault("too_hot")
    line.status("online", LATER_BOOT)
    assert line.faults() == []
    line.fault("too_hot", LATER_BOOT)
    assert line.faults() == ["too_hot"]


def test_a_fault_on_another_s_topic_is_put_aside(line):
    fault = FaultState(code="too_hot", severity="alarm", since=START)
    line.hear(TOPICS.fault("fire"), fault.encode())
    assert line.faults() == [] and len(line.all(Quarantine)) == 1


def test_a_gate_that_its_will_called_lost_is_there_again_once_it_says_anything(line):
    for speaks in (line.state, lambda: line.park.hear(line.park.entry.report(health(), line.at))):
        line.status("lost", BOOT)
        line.park.entry.boot = BOOT
        assert line.gate.status == "lost"
        speaks()
        assert line.gate.status == "online"
    line.status("lost", BOOT)
    assert line.gate.status == "lost", "a later will of that start counts"


def test_what_the_broker_had_kept_and_what_an_earlier_start_says_proves_nothing(line):
    line.status("lost")
    line.state(retained=True)
    line.state(boot=LATER_BOOT)
    line.state(boot=None)
    assert line.gate.status == "lost"
    line.status("stopped")
    line.state()
    assert line.gate.status == "stopped", "it said goodbye itself"


def test_what_home_automation_asks_is_signed_for_the_gate_where_it_is_allowed(line):
    line.hear(TOPICS.ask("self_test"), b"self_test", asks=ALL)
    line.hear(TOPICS.ask("boom"), b"open", asks=ALL)
    assert [(one.name, one.by, one.boot) for one in line.commands()] == [
        ("self_test", "home-assistant", BOOT),
        ("open", "home-assistant", BOOT),
    ]
    orders = [row for row in line.all(Audit) if row.by == "home-assistant"]
    assert [row.what for row in orders] == ["order self_test", "order open"]


@pytest.mark.parametrize(
    "topic, payload, retained, asks",
    [
        ("open", b"open", False, ()),
        ("open", b"open", False, ("close",)),
        ("boom", b"open", False, ("close",)),
        ("boom", b"rotate_key", False, ALL),
        ("boom", b"\xff\xfe", False, ALL),
        ("open", b"open", True, ALL),
        ("open", b"", False, ALL),
    ],
)
def test_what_it_may_not_ask_and_what_was_retained_moves_nothing(line, topic, payload, retained, asks):
    line.hear(TOPICS.ask(topic), payload, retained, asks)
    assert line.commands() == [] and line.all(Quarantine) == []


def test_the_same_asked_again_at_once_is_given_once(line):
    line.hear(TOPICS.ask("open"), b"open", asks=ALL)
    line.at -= timedelta(seconds=9)
    line.hear(TOPICS.ask("open"), b"open", asks=ALL)
    assert len(line.commands()) == 1
    line.hear(TOPICS.ask("open"), b"open", asks=ALL)
    assert len(line.commands()) == 2


def test_a_gate_that_is_away_is_not_ordered_to_do_anything(line):
    line.status("lost")
    line.hear(TOPICS.ask("open"), b"open", asks=ALL)
    assert line.commands() == []


def test_a_command_that_came_twice_leaves_what_became_of_the_first(line):
    cmd_id = uuid7()
    for reply in (Reply(verdict="done"), Reply(verdict="rejected", reason="replayed")):
        line.hear(TOPICS.reply(cmd_id), reply.encode())
    assert [row.what for row in line.all(Audit) if row.detail.get("cmd_id") == cmd_id] == ["order done"]


def health() -> GateHealth:
    return GateHealth(uptime_s=1, outbox=0, vision=json.dumps("ready"))
