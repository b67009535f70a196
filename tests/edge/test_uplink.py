"""The uplink over real brokers: a real mosquitto and the embedded one."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.journal import Journal
from edge.journal.recorder import Recorder
from edge.protocol.ids import uuid7
from edge.protocol.messages import AccessList, Ack, Command, GateState, Reply, SessionState, SessionStatus, Status
from edge.protocol.signing import Signer, Verifier, public_from_text
from edge.protocol.topics import GateTopics, Stream
from edge.rules.commands import REPLAYED, TurnedAway
from edge.uplink import link
from edge.uplink.broker import Broker, BrokerError
from edge.uplink.uplink import Uplink, UplinkSettings
from tests import brokers
from tests.edge.fake_central import FakeCentral
from tests.edge.journal_makers import BOOT, at, entered, health, refused, state
from tests.waiting import wait_for

TOPICS = GateTopics("college", "entry-1")


@pytest.fixture(params=[pytest.param("mosquitto", marks=pytest.mark.broker), "embedded"])
def broker(request):
    with getattr(brokers, request.param)() as running:
        yield running


@pytest.fixture(params=[pytest.param("mosquitto", marks=pytest.mark.broker)])
def mosquitto(request):
    with getattr(brokers, request.param)() as running:
        yield running


@contextmanager
def central_at(broker, **login):
    central = FakeCentral(broker.port, TOPICS, **login)
    try:
        yield central
    finally:
        central.close()


class Gate:
    """Journal, recorder and uplink of one gate, and all it was told."""

    def __init__(self, folder, broker, key: str, **changes) -> None:
        self.told: list = []
        self.recorder = Recorder(Journal.open(folder / "journal.sqlite3", gate=TOPICS.gate, at=at()))
        self.recorder.start()
        settings = {"settle_s": 0.5, "resend_s": 0.25, "retry_s": (0.05, 0.2), "keepalive_s": 5, **changes}
        where = settings.pop("at", None) or Broker.at(broker.url)
        staff = settings.pop("maintenance", None)
        self.uplink = Uplink(
            UplinkSettings(broker=where, topics=TOPICS, boot=BOOT, **settings),
            self.recorder,
            Verifier([public_from_text(key)]),
            self.told.append,
            maintenance=Verifier([public_from_text(staff)]) if staff else None,
        )

    def start(self, wait: bool = True) -> Gate:
        self.uplink.start()
        if wait:
            wait_for(lambda: self.uplink.connected, "the gate connects")
        return self

    def ask(self, do):
        return self.recorder.submit(do).result(timeout=20)

    def record(self, *facts) -> None:
        for what in facts:
            self.ask(lambda journal, what=what: journal.record(what, at=at()))

    def depth(self) -> int:
        return self.ask(lambda journal: journal.outbox.depth())

    def row(self, session: str):
        return self.ask(lambda journal: journal.mirror.session(session))

    def told_of(self, kind):
        return [news for news in self.told if isinstance(news, kind)]

    def close(self) -> None:
        self.uplink.stop()
        self.recorder.stop()
        assert not self.uplink.alive


@contextmanager
def gate_at(folder, broker, key, *, wait=True, **changes):
    gate = Gate(folder, broker, key, **changes)
    try:
        yield gate.start(wait)
    finally:
        gate.close()


def order(name="open", **changes) -> Command:
    fields = {
        "cmd_id": uuid7(),
        "gate": TOPICS.gate,
        "boot": BOOT,
        "nonce": "n",
        "not_after": datetime.now(UTC) + timedelta(seconds=30),
        "name": name,
        "by": "attendant",
    }
    return Command(**{**fields, **changes})


def test_events_reach_central_and_leave_the_outbox_on_its_ack(tmp_path, broker):
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        gate.record(entered(), refused(), health(), entered())
        wait_for(lambda: gate.depth() == 0, "the outbox empties")
        assert central.seqs(Stream.MONEY) == [1, 2]
        assert central.seqs(Stream.OPS) == central.seqs(Stream.DIAG) == [1]


def test_what_was_recorded_while_the_broker_was_down_drains_in_order_money_first(tmp_path, broker):
    broker.kill()
    gate = Gate(tmp_path, broker, Signer(Ed25519PrivateKey.generate()).public)
    for _ in range(50):
        gate.record(health(), refused(), entered())
    broker.start()
    try:
        # central listens before the gate speaks: what nobody hears comes again later, behind the rest
        with central_at(broker) as central:
            gate.start(wait=False)
            wait_for(lambda: gate.depth() == 0, "the outbox empties")
            for stream in Stream:
                assert central.seqs(stream) == list(range(1, 51))
            streams = [event.stream for event in central.events]
            assert streams == sorted(streams, key=list(Stream).index)
    finally:
        gate.close()


def test_nothing_leaves_the_outbox_without_an_ack_and_it_is_sent_again(tmp_path, broker):
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        central.acking = False
        gate.record(entered(), entered())
        wait_for(lambda: len(central.deliveries) >= 6, "both events come three times")
        assert gate.depth() == 2 and central.seqs(Stream.MONEY) == [1, 2]
        central.ack_all()
        wait_for(lambda: gate.depth() == 0, "the outbox empties")


def test_every_event_says_the_lowest_number_that_the_gate_still_keeps(tmp_path, broker):
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        central.acking = False
        gate.record(entered(), refused(), entered())
        wait_for(lambda: central.seqs(Stream.MONEY) == [1, 2] and central.seqs(Stream.OPS) == [1], "the events come")
        assert {event.waiting_from for event in central.deliveries} == {1}
        central.send(TOPICS.ack, Ack(journal=central.events[0].journal, through={Stream.MONEY: 1}).encode())
        wait_for(lambda: gate.depth() == 2, "the first leaves the outbox")
        gate.record(entered())
        wait_for(lambda: central.seqs(Stream.MONEY) == [1, 2, 3], "the third comes")
        assert [event.waiting_from for event in central.deliveries if event.seq == 3] == [2]


def test_acks_that_come_late_twice_or_for_another_journal_do_no_harm(tmp_path, broker):
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        central.acking = False
        gate.record(entered(), entered(), entered())
        wait_for(lambda: central.seqs(Stream.MONEY) == [1, 2, 3], "the events come")
        journal = central.events[0].journal
        for ack in (
            Ack(journal=uuid7(), through={Stream.MONEY: 3}),
            Ack(journal=journal, through={Stream.MONEY: 2}),
            Ack(journal=journal, through={Stream.MONEY: 2}),
            Ack(journal=journal, through={Stream.MONEY: 1}),
        ):
            central.send(TOPICS.ack, ack.encode())
        wait_for(lambda: len([a for a in gate.told_of(Ack) if a.journal == journal]) >= 1, "the acks come")
        wait_for(lambda: gate.depth() == 1, "two of three leave")
        central.ack_all()
        wait_for(lambda: gate.depth() == 0, "the third leaves")


def test_a_slow_central_is_never_sent_more_than_the_window(tmp_path, mosquitto):
    with central_at(mosquitto) as central, gate_at(tmp_path, mosquitto, central.signer.public, window=8) as gate:
        central.acking = False
        gate.record(*(entered() for _ in range(30)), *(health() for _ in range(30)))
        wait_for(lambda: len(central.deliveries) >= 24, "the window is sent again")
        assert central.seqs(Stream.MONEY) == list(range(1, 9))
        central.acking = True
        central.ack_all()
        wait_for(lambda: gate.depth() == 0, "the outbox empties")


def test_a_broker_killed_in_the_middle_of_the_drain_loses_nothing(tmp_path, broker):
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public, window=8) as gate:
        gate.record(*(entered() for _ in range(300)))
        for reached in (40, 150):
            wait_for(lambda reached=reached: len(central.events) >= reached, f"{reached} events come")
            broker.kill()
            wait_for(lambda: not gate.uplink.connected, "the gate notices")
            broker.start()
            central.wait_subscribed()
        wait_for(lambda: gate.depth() == 0, "the outbox empties", 40)
        assert sorted(central.seqs(Stream.MONEY)) == list(range(1, 301))


def test_a_session_state_is_mirrored_told_and_there_after_a_restart_of_an_empty_gate(tmp_path, broker):
    paid = state(uuid7(), 3, SessionStatus.PAID)
    with central_at(broker) as central:
        central.session(paid)
        for folder in ("old card", "new card"):
            (tmp_path / folder).mkdir()
            with gate_at(tmp_path / folder, broker, central.signer.public) as gate:
                wait_for(lambda gate=gate: gate.told_of(SessionState) == [paid], "the gate is told once")
                assert gate.row(paid.session).state == paid


def test_a_repeated_or_older_state_never_takes_the_gate_back(tmp_path, broker):
    session = uuid7()
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        for version in (2, 2, 1, 3):
            central.session(state(session, version))
        wait_for(lambda: [s.version for s in gate.told_of(SessionState)][-1:] == [3], "version 3 comes")
        versions = [s.version for s in gate.told_of(SessionState)]
        assert versions == sorted(versions) and set(versions) <= {2, 3}


def test_lists_are_mirrored_and_told(tmp_path, broker):
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        central.lists(AccessList(site="elsewhere", version=9))
        central.lists(AccessList(site="college", version=1))
        wait_for(lambda: gate.told_of(AccessList), "the lists come")
        assert gate.ask(lambda journal: journal.mirror.access()) == AccessList(site="college", version=1)
        assert gate.uplink.refused == 1


def test_what_is_tampered_with_or_not_understood_is_counted_and_harms_nothing(tmp_path, broker, caplog):
    caplog.set_level(logging.CRITICAL)
    known, other = uuid7(), uuid7()
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        topic = f"parking/v1/college/session/{known}"
        genuine = central.signer.sign(topic, state(known, 1).encode().decode())
        bad = [
            (topic, genuine.replace(b"MH12AB1234", b"MH12AB1235")),
            (f"parking/v1/college/session/{other}", genuine),
            (topic, central.signer.sign(topic, state(other, 1).encode().decode())),
            (topic, Signer(Ed25519PrivateKey.generate()).sign(topic, state(known, 9).encode().decode())),
            (topic, central.signer.sign(topic, state(known, 1 << 70).encode().decode())),
            (topic, central.signer.sign(topic, '{"session": 7}')),
            (topic, state(known, 5).encode()),
            (topic, b"[" * 60_000),
            (topic, b'{"key": "x", "sig": "AAAA", "body": "\\ud800"}'),
            (topic, b"x" * 70_000),
            (topic, b"\xff\xfe"),
            (TOPICS.ack, b'{"journal": "nonsense"}'),
            (TOPICS.ack, b""),
            ("parking/v1/college/access", b""),
            (TOPICS.command("open"), b"{}"),
            (TOPICS.command("open"), order().encode()),
        ]
        for where, payload in bad:
            central.send(where, payload)
        wait_for(lambda: gate.uplink.refused >= len(bad), "all are refused")
        assert all(isinstance(item, TurnedAway) for item in gate.told)
        assert gate.row(known) is None and gate.row(other) is None
        central.send(topic, genuine)
        wait_for(lambda: gate.told_of(SessionState), "a genuine one still gets in")


def test_a_command_is_told_once_and_answered(tmp_path, broker):
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        command = order()
        payload = central.command(command)
        wait_for(lambda: gate.told_of(Command) == [command], "the command comes")
        wait_for(lambda: TOPICS.reply(command.cmd_id) in central.said, "it is answered")
        gate.uplink.reply(command.cmd_id, Reply(verdict="done"))
        wait_for(lambda: Reply.decode(central.said[TOPICS.reply(command.cmd_id)]).verdict == "done", "it is done")
        central.send(TOPICS.command("open"), payload)
        later = order("close")
        central.command(later)
        wait_for(lambda: len(gate.told_of(Command)) > 1, "the next command comes")
        assert gate.told_of(Command) == [command, later]


def test_a_command_replayed_after_a_restart_is_refused(tmp_path, broker):
    with central_at(broker) as central:
        with gate_at(tmp_path, broker, central.signer.public) as gate:
            payload = central.command(order())
            wait_for(lambda: gate.told_of(Command), "the command comes")
        with gate_at(tmp_path, broker, central.signer.public) as gate:
            central.send(TOPICS.command("open"), payload)
            later = order("hold")
            central.command(later)
            wait_for(lambda: gate.told_of(Command), "the next command comes")
            assert gate.told_of(Command) == [later]


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"not_after": datetime(2026, 1, 1, tzinfo=UTC)}, "expired"),
        ({"boot": uuid7()}, "wrong boot"),
        ({"gate": "exit-1"}, "wrong gate"),
        ({"name": "explode"}, "unknown command"),
    ],
)
def test_a_command_that_must_not_be_obeyed_is_answered_with_the_reason(tmp_path, mosquitto, changes, reason):
    with central_at(mosquitto) as central, gate_at(tmp_path, mosquitto, central.signer.public) as gate:
        command = order(**changes)
        central.command(command)
        wait_for(lambda: TOPICS.reply(command.cmd_id) in central.said, "it is answered")
        answer = Reply.decode(central.said[TOPICS.reply(command.cmd_id)])
        assert answer.verdict == "rejected" and reason in answer.reason
        [turned_away] = gate.told
        assert (turned_away.cmd_id, turned_away.by) == (command.cmd_id, "attendant") and reason in turned_away.reason


def test_a_retained_command_is_refused(tmp_path, broker):
    with central_at(broker) as central:
        retained = order()
        central.command(retained, retain=True)
        with gate_at(tmp_path, broker, central.signer.public) as gate:
            wait_for(lambda: gate.uplink.refused >= 1, "it is refused")
            later = order("close")
            central.command(later)
            wait_for(lambda: gate.told_of(Command), "a proper command comes")
            assert gate.told_of(Command) == [later]
            wait_for(lambda: TOPICS.reply(retained.cmd_id) in central.said, "the retained one is answered")
            assert "retained" in Reply.decode(central.said[TOPICS.reply(retained.cmd_id)]).reason


def test_a_command_that_nobody_we_know_signed_is_refused_and_answered_as_far_as_it_says_its_id(tmp_path, mosquitto):
    stranger = Signer(Ed25519PrivateKey.generate())
    with central_at(mosquitto) as central, gate_at(tmp_path, mosquitto, central.signer.public) as gate:
        topic, forged = TOPICS.command("open"), order()
        central.send(topic, stranger.sign(topic, forged.encode().decode()))
        central.send(topic, b"open sesame")
        wait_for(lambda: len(gate.told_of(TurnedAway)) == 2, "both are turned away")
        assert [(one.cmd_id, one.by) for one in gate.told] == [(forged.cmd_id, ""), (None, "")]
        wait_for(lambda: TOPICS.reply(forged.cmd_id) in central.said, "the first is answered")
        assert "unknown key" in Reply.decode(central.said[TOPICS.reply(forged.cmd_id)]).reason


def test_what_is_said_under_the_id_of_a_command_that_was_obeyed_does_not_change_what_became_of_it(tmp_path, mosquitto):
    stranger = Signer(Ed25519PrivateKey.generate())
    with central_at(mosquitto) as central, gate_at(tmp_path, mosquitto, central.signer.public) as gate:
        topic, command = TOPICS.command("open"), order()
        central.command(command)
        wait_for(lambda: gate.told_of(Command), "the command comes")
        central.send(topic, stranger.sign(topic, command.encode().decode()))
        wait_for(lambda: gate.told_of(TurnedAway), "the forged one is turned away")
        assert [one.reason for one in gate.told_of(TurnedAway)] == [REPLAYED]


def test_a_key_of_maintenance_signs_commands_and_nothing_else(tmp_path, mosquitto):
    staff = Signer(Ed25519PrivateKey.generate())
    with (
        central_at(mosquitto) as central,
        gate_at(tmp_path, mosquitto, central.signer.public, maintenance=staff.public) as gate,
    ):
        topic, command = TOPICS.command("hold"), order("hold")
        stay = state(uuid7(), 1)
        stays = f"parking/v1/college/session/{stay.session}"
        central.send(stays, staff.sign(stays, stay.encode().decode()))
        central.send("parking/v1/college/access", staff.sign("parking/v1/college/access", AccessList(
            site="college", version=1).encode().decode()))  # fmt: skip
        central.send(topic, staff.sign(topic, command.encode().decode()))
        wait_for(lambda: gate.told_of(Command), "the command comes")
        assert [(one.cmd_id, one.by) for one in gate.told] == [
            (command.cmd_id, f"attendant (maintenance key {staff.key_id})")
        ]
        assert gate.uplink.refused == 2 and gate.row(stay.session) is None


def test_what_is_only_said_goes_out_once_and_is_not_kept(tmp_path, mosquitto):
    with central_at(mosquitto) as central, gate_at(tmp_path, mosquitto, central.signer.public) as gate:
        gate.uplink.say(TOPICS.log, b"a line")
        wait_for(lambda: (TOPICS.log, b"a line") in central.history, "it is heard")
        central.close()
        with central_at(mosquitto) as later:
            wait_for(lambda: TOPICS.status in later.said, "the retained are heard")
            assert TOPICS.log not in later.said


def test_stays_that_ended_while_the_gate_was_cut_off_are_not_inside_after_it_is_back(tmp_path, broker):
    here, over = state(uuid7(), 1), state(uuid7(), 1, plate="DL1CAB0001")
    with central_at(broker) as central:
        central.session(here)
        central.session(over)
        with gate_at(tmp_path, broker, central.signer.public) as gate:
            wait_for(lambda: len(gate.told_of(SessionState)) == 2, "both come")
        central.session(state(over.session, 2, SessionStatus.CLOSED))
        central.clear(over.session)
        with gate_at(tmp_path, broker, central.signer.public) as gate:
            wait_for(lambda: gate.ask(lambda journal: journal.mirror.inside_count()) == 1, "one is inside")
            assert gate.row(here.session).state == here


def test_a_broker_that_forgot_what_it_retained_does_not_empty_the_mirror(tmp_path, mosquitto):
    with central_at(mosquitto) as central:
        central.session(state(uuid7(), 1))
        with gate_at(tmp_path, mosquitto, central.signer.public, settle_s=0.1) as gate:
            wait_for(lambda: gate.told, "it comes")
            mosquitto.kill()
            wait_for(lambda: not gate.uplink.connected, "the gate notices")
            mosquitto.start()
            wait_for(lambda: gate.uplink.connected, "the gate is back")
            central.wait_subscribed()
            gate.record(entered())
            wait_for(lambda: gate.depth() == 0, "a whole exchange with central is over")
            assert gate.ask(lambda journal: journal.mirror.inside_count()) == 1


def test_status_tells_online_and_stopped(tmp_path, broker):
    with central_at(broker) as central:
        with gate_at(tmp_path, broker, central.signer.public):
            wait_for(lambda: TOPICS.status in central.said, "a status")
            assert Status.decode(central.said[TOPICS.status]) == Status(state="online", boot=BOOT)
        wait_for(lambda: Status.decode(central.said[TOPICS.status]).state == "stopped", "stopped")


GATE_PROCESS = """
import sys, time
from pathlib import Path
from tests.edge.test_uplink import Gate
port, folder, key = sys.argv[1:]
broker = type("Far", (), {"url": f"mqtt://127.0.0.1:{port}"})
Gate(Path(folder), broker, key).start()
sys.stdin.read()
"""


def test_a_gate_that_an_overtaken_last_will_calls_lost_says_again_that_it_is_online(tmp_path, broker, monkeypatch):
    monkeypatch.setattr(link, "ONLINE_AGAIN_S", 0.2)
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public):
        lost = Status(state="lost", boot=BOOT).encode()
        central.send(TOPICS.status, lost, retain=True)
        wait_for(lambda: (TOPICS.status, lost) in central.history, "the will of the connection before comes")
        wait_for(lambda: b'"online"' in central.said[TOPICS.status], "it is online again")


def test_a_gate_that_dies_is_told_lost_by_the_broker(tmp_path, broker):
    with central_at(broker) as central:
        command = [sys.executable, "-c", GATE_PROCESS, str(broker.port), str(tmp_path), central.signer.public]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as gate:
            wait_for(lambda: b"online" in central.said.get(TOPICS.status, b""), "online")
            gate.kill()
        wait_for(lambda: Status.decode(central.said[TOPICS.status]).state == "lost", "lost")


def test_the_latest_state_is_shown_retained_and_no_more_than_a_few_a_second(tmp_path, broker):
    with central_at(broker) as central, gate_at(tmp_path, broker, central.signer.public) as gate:
        for outbox in range(200):
            shown = GateState(boom="closed", mode="auto", inputs={}, outbox=outbox, wall=at().wall)
            gate.uplink.publish_state(shown)
        wait_for(lambda: GateState.decode(central.said.get(TOPICS.state, shown.encode())) == shown, "the last is shown")
        wait_for(lambda: TOPICS.state in central.said, "it is shown")
        assert len([topic for topic, _ in central.history if topic == TOPICS.state]) < 20


@pytest.mark.broker
def test_a_wrong_password_is_tried_again_until_it_is_right(tmp_path, caplog):
    with (
        brokers.mosquitto({"central": "c-secret", "entry-1": "g-secret"}) as broker,
        central_at(broker, username="central", password="c-secret") as central,
    ):
        url = f"mqtt://entry-1:{{}}@127.0.0.1:{broker.port}"
        (tmp_path / "wrong").mkdir()
        wrong = Gate(tmp_path / "wrong", broker, central.signer.public, at=Broker.at(url.format("guess")))
        wrong.start(wait=False)
        wait_for(lambda: "refused us" in caplog.text, "the refusal is logged")
        assert wrong.uplink.alive and not wrong.uplink.connected and "guess" not in caplog.text
        wrong.close()
        with gate_at(tmp_path, broker, central.signer.public, at=Broker.at(url.format("g-secret"))) as gate:
            gate.record(entered())
            wait_for(lambda: gate.depth() == 0, "the outbox empties")


def test_a_broker_whose_name_is_unknown_is_tried_for_ever(tmp_path, caplog):
    key = Signer(Ed25519PrivateKey.generate()).public
    nowhere = Broker.at("mqtt://broker.invalid:1883")
    gate = Gate(tmp_path, None, key, at=nowhere).start(wait=False)
    wait_for(lambda: "can't be reached" in caplog.text, "the trouble is logged")
    assert gate.uplink.alive and not gate.uplink.connected
    gate.close()


def test_the_uplink_speaks_mqtt_5_too(tmp_path, mosquitto):
    with central_at(mosquitto) as central:
        modern = Broker.at(mosquitto.url, version="5")
        with gate_at(tmp_path, mosquitto, central.signer.public, at=modern) as gate:
            gate.record(*(entered() for _ in range(100)))
            wait_for(lambda: gate.depth() == 0, "the outbox empties")
            assert central.seqs(Stream.MONEY) == list(range(1, 101))


def test_certificate_files_that_can_not_be_used_are_named_at_the_start(tmp_path):
    (tmp_path / "ca.pem").write_text("nonsense")
    key = Signer(Ed25519PrivateKey.generate()).public
    with pytest.raises(BrokerError, match="certificate"):
        Gate(tmp_path, None, key, at=Broker.at("mqtts://localhost", ca_file=tmp_path / "ca.pem"))


def test_a_topic_that_is_no_text_is_refused_and_the_line_goes_on(tmp_path, caplog):
    """From a broker that sends what no broker should."""
    connack, publish = b"\x20\x02\0\0", b"\x30\x07\0\x04\xff\xfe/xy"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        key = Signer(Ed25519PrivateKey.generate()).public
        gate = Gate(tmp_path, None, key, at=Broker.at(f"mqtt://127.0.0.1:{listening.getsockname()[1]}"))
        gate.start(wait=False)
        line, _ = listening.accept()
        with line:
            line.settimeout(20)
            line.recv(4096)
            line.sendall(connack)
            subscribe = line.recv(4096)
            line.sendall(b"\x90\x06" + subscribe[2:4] + b"\1\1\1\1" + publish)
            wait_for(lambda: gate.uplink.refused == 1, "it is refused")
            assert gate.uplink.connected and gate.uplink.alive
        gate.close()
