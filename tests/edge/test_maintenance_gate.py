"""Maintenance over a real broker of a gate as people start it: commands, faults, health, log and the card."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.protocol.ids import uuid7
from edge.protocol.messages import Command, FaultState, GateHealth, GateState, LogLine, Reply
from edge.protocol.signing import Signer
from edge.protocol.topics import GateTopics
from tests.brokers import mosquitto
from tests.edge.fake_central import FakeCentral
from tests.edge.test_gate import Gate, folder  # noqa: F401  a fixture
from tests.waiting import wait_for

TOPICS = GateTopics("main", "entry-1")

pytestmark = [pytest.mark.slow, pytest.mark.broker]


class Technician:
    """Signs commands with a key of maintenance and waits for what becomes of them."""

    def __init__(self, central: FakeCentral, gate: Gate, signer: Signer) -> None:
        self.central, self.gate, self.signer = central, gate, signer

    def order(self, name: str, **args) -> Reply:
        command = Command(
            cmd_id=uuid7(),
            gate="entry-1",
            boot=self.gate.get("/status.json")["boot"],
            nonce="n",
            not_after=datetime.now(UTC) + timedelta(seconds=20),
            name=name,
            args=args,
            by="ravi",
        )
        topic = TOPICS.command(name)
        self.central.send(topic, self.signer.sign(topic, command.encode().decode()))
        answer = TOPICS.reply(command.cmd_id)

        def replies() -> list[Reply]:
            return [Reply.decode(payload) for topic, payload in self.central.history if topic == answer]

        wait_for(lambda: [reply for reply in replies() if reply.verdict != "accepted"], f"{name} is answered", 90.0)
        assert replies()[0].verdict == "accepted"
        return replies()[-1]


def test_a_technician_with_a_key_looks_after_a_gate_over_the_broker_alone(folder):  # noqa: F811
    staff = Signer(Ed25519PrivateKey.generate())
    with mosquitto() as broker:
        central = FakeCentral(broker.port, TOPICS)
        central._client.subscribe("homeassistant/#", qos=1)
        # an earlier start has left this behind
        left = FaultState(code="too_hot", severity="alarm", since=datetime.now(UTC))
        central.send(TOPICS.fault("too_hot"), left.encode(), retain=True)
        gate = Gate(folder, "entry", broker.url, central.signer.public)
        gate.config.write_text(gate.config.read_text() + f'\n[maintenance]\npublic_keys = ["{staff.public}"]\n')
        technician = Technician(central, gate, staff)
        try:
            gate.start()
            wait_for(lambda: central.said.get(TOPICS.fault("too_hot")) == b"", "what was left is taken away")
            card = json.loads(central.said["homeassistant/device/main-entry-1/config"])
            assert card["components"]["barrier"]["state_topic"] == TOPICS.state

            test = technician.order("self_test")
            found = {one["check"]: one["ok"] for one in test.result["checks"]}
            assert all(found[part] for part in ("inputs", "limits", "boom", "journal", "vision", "broker", "central"))
            picture = technician.order("snapshot").result["image"]
            assert (folder / "data" / "spool" / f"{picture}.jpg").is_file()

            assert technician.order("log_level", level="info").verdict == "done"
            assert technician.order("restart_vision").verdict == "done"
            faults = [body for topic, body in central.history if topic == TOPICS.fault("vision_lost")]
            wait_for(lambda: central.said.get(TOPICS.fault("vision_lost")) == b"", "vision is back")
            assert [FaultState.decode(body).severity for body in faults if body] == ["alarm"]
            lines = [LogLine.decode(body) for topic, body in central.history if topic == TOPICS.log]
            assert any(line.level == "info" for line in lines) and any("vision ended" in line.text for line in lines)

            assert "not enrolled" in technician.order("rotate_key").reason
            assert "update_command is not set" in technician.order("update").reason
            wait_for(lambda: TOPICS.health in central.said, "its health is told", 30.0)
            health = GateHealth.decode(central.said[TOPICS.health])
            assert health.vision in ("ready", "down") and health.connected_since is not None and health.rss_bytes > 0

            done = gate.events("command.done")
            assert {event.data["by"] for event in done} == {f"ravi (maintenance key {staff.key_id})"}
            assert len(done) == 6
            assert gate.stop() == 0
        finally:
            gate.close()
            central.close()
        assert not os.path.exists(folder / "data" / "update-asked.json")


def test_an_update_is_accepted_by_one_start_of_the_gate_and_its_outcome_told_by_the_next(folder):  # noqa: F811
    with mosquitto() as broker:
        central = FakeCentral(broker.port, TOPICS)
        gate = Gate(folder, "entry", broker.url, central.signer.public)
        mark = folder / "updater-ran"
        gate.config.write_text(gate.config.read_text() + f'\n[maintenance]\nupdate_command = ["touch", "{mark}"]\n')
        try:
            gate.start()
            boom = lambda: GateState.decode(central.said[TOPICS.state]).boom  # noqa: E731
            wait_for(lambda: boom() == "closed", "it is known to be down")
            command = Command(
                cmd_id=uuid7(),
                gate="entry-1",
                boot=gate.get("/status.json")["boot"],
                nonce="n",
                not_after=datetime.now(UTC) + timedelta(seconds=20),
                name="update",
                by="anita",
            )
            central.command(command)
            wait_for(mark.exists, "the updater runs")
            assert gate.stop() == 0
            gate.start()
            answer = TOPICS.reply(command.cmd_id)
            wait_for(lambda: Reply.decode(central.said[answer]).verdict == "rejected", "its outcome is told")
            assert "still version" in Reply.decode(central.said[answer]).reason
            [done] = gate.events("command.done")
            assert (done.data["cmd_id"], done.data["by"]) == (command.cmd_id, "anita")
            assert gate.stop() == 0
        finally:
            gate.close()
            central.close()
