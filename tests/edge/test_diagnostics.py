"""What a gate reports of itself: its wires, its faults, its health, and its heartbeat to systemd."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.devices.health import Machine, free_bytes, machine
from edge.diagnostics.bulletin import Bulletin
from edge.diagnostics.health import health
from edge.diagnostics.readings import HOUR_S, Readings
from edge.diagnostics.refusals import EACH_S, MOST, Refusals
from edge.diagnostics.surroundings import SILENT_S, Lookout, Surroundings
from edge.diagnostics.wires import faults, wire_notices
from edge.gauges import Gauges
from edge.journal.journal import Journal
from edge.journal.recorder import Recorder
from edge.protocol.faults import CATALOGUE
from edge.protocol.messages import Clock, CommandDone, Entered, FaultState, GateNotice, PlateSeen, VehicleTold
from edge.protocol.topics import GateTopics
from edge.rules.commands import REPLAYED, TurnedAway
from edge.rules.records import Moment
from edge.rules.signals import Inputs
from tests.edge.journal_makers import BOOT, NOON, at, refused

TOPICS = GateTopics("main", "entry-1")
ID = "01a20ed7-7d41-7a51-9a2a-e42dd2fbb102"


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
    gauges = Gauges(started=39.0, boot=BOOT)
    gauges.readings.note(seen_at=10.0, now=10.25)
    report = health(gauges, 100.04, "ready", NOON, BOOT)
    assert (report.uptime_s, report.reads, report.read_ms, report.read_p50_ms) == (61.0, 1, 250.0, 250.0)
    assert report.rss_bytes > 0 and report.read_rate is None and report.temperature_c is None
    gauges.looked_around(Surroundings(temperature_c=51.5, oldest_s=3.0, cpu_percent=1.2, connected_since=NOON))
    report = health(gauges, 101.0, "ready", NOON, BOOT)
    assert (report.temperature_c, report.oldest_s, report.cpu_percent) == (51.5, 3.0, 1.2)
    assert report.connected_since == NOON


def test_the_read_rate_counts_each_vehicle_of_the_last_hour_once():
    readings = Readings()
    assert readings.rate(0.0) is None
    for visit, when in (("a", 0.0), ("b", 10.0), ("b", 20.0), ("c", 30.0)):
        readings.watched(visit, when)
    readings.accepted("b")
    readings.accepted("nobody")
    assert readings.rate(40.0) == pytest.approx(1 / 3, abs=1e-3)
    assert readings.rate(HOUR_S + 5.0) == 0.5
    assert readings.rate(2 * HOUR_S) is None


def test_percentiles_are_of_what_was_measured():
    readings = Readings()
    assert readings.percentile_ms(0.5) is None
    for ms in range(1, 101):
        readings.note(0.0, ms / 1000)
    assert readings.percentile_ms(0.5) == 51.0
    assert readings.percentile_ms(0.95) == 96.0


@pytest.mark.parametrize(
    "around, codes",
    [
        (Surroundings(), []),
        (Surroundings(temperature_c=79.9), []),
        (Surroundings(temperature_c=80.0), ["too_hot"]),
        (Surroundings(complaints=("too_hot", "throttled")), ["too_hot"]),
        (Surroundings(complaints=("under_voltage",)), ["under_voltage"]),
        (Surroundings(clock=Clock.UNTRUSTED), ["clock_untrusted"]),
        (Surroundings(clock=Clock.HOLDOVER), []),
        (Surroundings(oldest_s=SILENT_S), []),
        (Surroundings(oldest_s=SILENT_S + 1), ["central_silent"]),
    ],
)
def test_what_is_wrong_around_a_gate_is_a_fault(around, codes):
    assert list(around.faults()) == codes
    assert set(codes) <= set(CATALOGUE)


def test_what_begins_and_ends_around_a_gate_is_told_once_and_heat_does_not_flicker():
    gauges = Gauges(started=0.0)
    told = []
    for degrees in (70.0, 81.0, 79.0, 76.0, 74.9, 79.0):
        told.append([(one.code, one.detail) for one in gauges.looked_around(Surroundings(temperature_c=degrees))])
    assert told == [[], [("too_hot", "81 degrees")], [], [], [("fault_over", "too_hot")], []]


class OneClock:
    """A clock that the test sets."""

    boot = BOOT

    def __init__(self) -> None:
        self.wall, self.mono_ms = NOON, 0

    def moment(self) -> Moment:
        return Moment(self.wall, self.mono_ms, self.boot)

    def label(self) -> Clock:
        return Clock.SYNCED


def test_the_age_of_what_central_has_not_acknowledged_is_by_this_boot_s_clock_or_by_the_wall(tmp_path):
    recorder = Recorder(Journal.open(tmp_path / "journal.db", gate="entry-1", at=at()))
    recorder.start()
    try:
        clock = OneClock()
        lookout = Lookout(recorder, clock, sensors=lambda: Machine(48.3, ("throttled",)))
        assert lookout.look().oldest_s == 0.0
        moment = Moment(NOON, 1000, BOOT)
        recorder.submit(lambda journal: journal.record(refused(), at=moment)).result()
        clock.mono_ms, clock.wall = 61_000, NOON + timedelta(days=400)  # the wall was set meanwhile
        around = lookout.look()
        assert (around.oldest_s, around.temperature_c, around.complaints) == (60.0, 48.3, ("throttled",))
        clock.boot, clock.wall = ID, NOON + timedelta(seconds=90)
        assert lookout.look().oldest_s == 90.0
    finally:
        recorder.stop()


class Heard:
    """What a bulletin has published, retained as a broker keeps it."""

    def __init__(self, plates: bool = False) -> None:
        self.kept: dict[str, bytes] = {}
        self.said: list[tuple[str, bytes]] = []
        self.sent = 0
        self.bulletin = Bulletin(TOPICS, self.keep, lambda *each: self.said.append(each), BOOT, plates)
        self.sent = 0

    def keep(self, topic: str, payload: bytes) -> None:
        self.sent += 1
        self.kept[topic] = payload

    def active(self) -> dict[str, FaultState]:
        return {topic.rpartition("/")[2]: FaultState.decode(kept) for topic, kept in self.kept.items() if kept}


def test_a_start_takes_away_what_an_earlier_one_left_and_each_fault_is_kept_while_it_lasts():
    heard = Heard()
    lasting = {TOPICS.fault(code) for code, one in CATALOGUE.items() if one.lasts}
    assert set(heard.kept) == lasting and set(heard.kept.values()) == {b""}
    heard.bulletin.faults({"fire": "", "camera_failed": "no route"}, NOON)
    assert {code: one.detail for code, one in heard.active().items()} == {"fire": "", "camera_failed": "no route"}
    fire = heard.active()["fire"]
    assert (fire.severity, fire.since, fire.boot, fire.remedy) == ("alarm", NOON, BOOT, CATALOGUE["fire"].remedy)
    sent = heard.sent
    unchanged = {"fire": "", "camera_failed": "no route", "of/another version": ""}
    heard.bulletin.faults(unchanged, NOON + timedelta(minutes=1))
    assert heard.sent == sent
    heard.bulletin.faults({"camera_failed": "refused"}, NOON + timedelta(minutes=2))
    [camera] = heard.active().values()
    assert (camera.detail, camera.since) == ("refused", NOON)


@pytest.mark.parametrize("plates, plate", [(False, None), (True, "MH12AB1234")])
def test_a_vehicle_is_told_with_its_plate_only_where_that_is_wanted(plates, plate):
    heard = Heard(plates)
    heard.bulletin.vehicle(GateNotice(code="fire"), NOON)
    heard.bulletin.vehicle(Entered(plate=PlateSeen(text="MH12AB1234"), ticket="A" * 26), NOON)
    [(topic, payload)] = heard.said
    told = VehicleTold.decode(payload)
    assert topic == TOPICS.vehicle
    assert (told.event_type, told.how, told.plate) == ("entered", "plate", plate)
    assert b"A" * 26 not in payload


def test_refusals_are_on_record_each_but_for_a_flood_which_is_counted():
    refusals, forged = Refusals(), TurnedAway(ID, "open", "", "signed by unknown key")
    [done] = refusals.told(forged, 0.0)
    assert done == CommandDone(cmd_id=ID, name="open", verdict="rejected", reason="signed by unknown key")
    assert [type(one) for one in refusals.told(TurnedAway(ID, "open", "anita", REPLAYED), 0.0)] == [GateNotice]
    assert [type(one) for one in refusals.told(TurnedAway(None, "open", "", "no JSON"), 0.0)] == [GateNotice]
    told = [one for _ in range(1000) for one in refusals.told(forged, 1.0)]
    assert len(told) == MOST - 3
    [notice] = refusals.untold()
    assert notice.code == "command_refused" and notice.detail.startswith(f"{1000 - len(told)} more")
    assert refusals.untold() == []
    assert len(refusals.told(forged, 2.0 + EACH_S)) == 1


def test_the_machine_is_asked_without_fail(tmp_path):
    assert free_bytes(tmp_path) > 0
    assert free_bytes(tmp_path / "none") == 0
    assert machine().complaints == ()
