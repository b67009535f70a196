"""What a gate reports of itself: its wires, its faults, its card for Home Assistant, and its heartbeat to systemd."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace

from edge.devices.health import free_bytes, machine
from edge.diagnostics import Readings, discovery, faults, health, wire_notices
from edge.protocol.topics import GateTopics
from edge.rules.signals import Inputs
from edge.watchdog import STALE_S, Watchdog


def test_each_wire_is_told_when_it_changes_and_only_then():
    calm = Inputs()
    assert wire_notices(calm, calm) == []
    alarmed = replace(calm, fire=True, detached=True)
    assert [notice.code for notice in wire_notices(calm, alarmed)] == ["boom_detached", "fire"]
    assert [notice.code for notice in wire_notices(alarmed, calm)] == ["boom_attached", "fire_over"]
    assert [notice.code for notice in wire_notices(calm, replace(calm, valid=False))] == ["inputs_invalid"]


def test_every_active_fault_is_listed_once():
    inputs = Inputs(stop=True, mains_failed=True)
    assert faults(inputs, "open_timeout", "stop", ["camera_failed"]) == (
        "camera_failed",
        "interlock_stop",
        "mains_failed",
        "open_timeout",
        "stop_pressed",
    )
    assert faults(Inputs(), None, None, []) == ()


def test_health_tells_plain_numbers():
    readings = Readings()
    readings.note(seen_at=10.0, now=10.25)
    report = health(61.04, 3, "ready", 1 << 30, readings)
    assert (report.uptime_s, report.outbox, report.reads, report.read_ms) == (61.0, 3, 1, 250.0)
    assert report.rss_bytes > 0


def test_home_assistant_is_told_where_to_look_and_when_the_gate_is_away():
    topics = GateTopics("main", "entry-1")
    topic, payload = discovery(topics, "Main entrance", "1.0")
    card = json.loads(payload)
    assert topic == "homeassistant/device/main-entry-1/config"
    assert card["avty"][0]["topic"] == topics.status
    assert {part["state_topic"] for part in card["cmps"].values()} == {topics.state}
    assert len({part["unique_id"] for part in card["cmps"].values()}) == len(card["cmps"])


def test_the_machine_is_asked_without_fail(tmp_path):
    assert free_bytes(tmp_path) > 0
    assert free_bytes(tmp_path / "none") == 0
    assert machine().complaints == ()


def test_systemd_hears_of_the_start_and_the_stop(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        dog = Watchdog({"controller": time.monotonic}, str(tmp_path / "notify"))
        dog.start()
        assert systemd.recv(100) == b"READY=1"
        dog.stop()
        assert systemd.recv(100) == b"STOPPING=1"


def test_a_thread_that_is_silent_for_too_long_is_named():
    now = time.monotonic()
    dog = Watchdog({"controller": lambda: now, "recorder": lambda: now - STALE_S - 1}, "")
    assert dog.stale(now) == ["recorder"]
    dog.start()
    dog.stop()
