"""What maintenance orders: carried out by the crew beside a running lane, on record, answered, and never in its way."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import threading

import pytest

from edge.devices.health import Machine
from edge.diagnostics.bulletin import Bulletin
from edge.diagnostics.surroundings import Lookout, Surroundings
from edge.maintenance.camera import Darkroom
from edge.maintenance.crew import MOST_WAITING, Crew
from edge.maintenance.self_test import SelfTest
from edge.maintenance.updating import Updating
from edge.maintenance.words import CannotDo, Outcome
from edge.orders import Orders
from edge.parts import Helpers
from edge.protocol.messages import Clock, FaultState, GateHealth, Reply, VehicleTold
from edge.protocol.topics import GateTopics
from edge.rules.boom_words import BoomState
from edge.rules.commands import TurnedAway
from edge.rules.signals import Drive, Light
from tests.edge.test_controller import Bench, Eyes
from tests.edge.test_controller import order as command
from tests.waiting import wait_for

TOPICS = GateTopics("main", "entry-1")
BROKEN = "import sys; print('no bundle'); sys.exit(4)"


class Seeing(Eyes):
    """Vision that gives a picture each time it is asked, as long as it can; its process is a real one."""

    def __init__(self, spool, tell) -> None:
        super().__init__()
        self.picture = spool / "live.jpg"
        self._tell = tell
        self.blind = False
        self.process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process.poll() is None else None

    def snapshot(self) -> None:
        super().snapshot()
        if not self.blind:
            self.picture.write_bytes(b"a picture")
            self._tell(str(self.picture))

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


class Care:
    """The lane's bench with a crew, as the gate wires it; what it says live is kept here."""

    def __init__(self, folder, update=()) -> None:
        self.kept: dict[str, bytes] = {}
        self.said: list[tuple[str, bytes]] = []
        self.machine = Machine(48.0, ())
        self.bench = Bench(folder, helpers=lambda bench: self._helpers(bench, folder, update))

    def _helpers(self, bench: Bench, folder, update) -> Helpers:
        self.eyes = Seeing(folder, lambda path: self.darkroom.taken(path))
        self.darkroom = Darkroom(self.eyes, folder, bench.scribe.pictures.keep)
        lookout = Lookout(bench.recorder, bench.clock, sensors=lambda: self.machine)
        self.orders = Orders(bench.recorder, bench.news.put, bench.clock.wall)
        wall = bench.clock.wall
        test = SelfTest(bench.recorder, self.darkroom, lookout, bench.news.put, wall, lambda: 10 << 30)
        self.updating = Updating(update, folder / "asked.json", "1.0", bench.news.put)
        does = {
            "self_test": test.run,
            "snapshot": self.darkroom.snapshot,
            "restart_vision": self.darkroom.restart,
            "update": self.updating.start,
            "rotate_key": self._cannot,
        }
        self.crew = Crew(bench.news.put, lookout, does)
        bulletin = Bulletin(TOPICS, self.kept.__setitem__, lambda *said: self.said.append(said), bench.clock.boot)
        return Helpers(self.crew, bulletin, self.orders.answered, self.darkroom.taken)

    def _cannot(self, *_) -> Reply:
        raise CannotDo("not enrolled")

    def order(self, name: str, **args) -> Reply:
        """Gives the order while the lane goes on; what became of it in the end."""
        given = command(self.bench, name, args)

        def done():
            self.bench.run(0.02)
            return [reply for cmd_id, reply in self.bench.line.replies if cmd_id == given.cmd_id]

        wait_for(done, f"{name} is answered", 30.0)
        return done()[-1]

    def faults(self) -> dict[str, FaultState]:
        return {topic.rpartition("/")[2]: FaultState.decode(body) for topic, body in self.kept.items() if body}

    def close(self) -> None:
        self.crew.stop()
        self.eyes.close()
        self.bench.recorder.stop()


@pytest.fixture
def care(tmp_path):
    care = Care(tmp_path)
    care.crew.start()
    yield care
    care.close()


def checks(reply: Reply) -> dict[str, tuple[bool, str]]:
    return {one["check"]: (one["ok"], one["detail"]) for one in reply.result["checks"]}


def test_a_self_test_looks_at_every_part_and_flashes_where_nobody_is(care):
    reply = care.order("self_test")
    assert reply.verdict == "done"
    found = checks(reply)
    assert {name for name, (ok, _) in found.items() if not ok} == {"broker"}
    assert reply.reason == f"1 of {len(found)} checks failed: broker"
    assert found["vision"] == (True, "a picture of 9 bytes") and found["journal"] == (True, "written and read")
    care.bench.run(0.1)
    assert care.bench.barrier.outputs.buzzer and care.bench.barrier.outputs.light is Light.AMBER_FLASH
    assert care.bench.barrier.outputs.drive is Drive.OFF
    care.bench.run(2.0)
    assert not care.bench.barrier.outputs.buzzer
    [done] = care.bench.events("command.done")
    assert (done.data["name"], done.data["verdict"], done.data["by"]) == ("self_test", "done", "anita")


def test_a_self_test_says_what_is_wrong_and_does_not_flash_with_a_vehicle_there(care):
    care.machine = Machine(85.0, ("under_voltage",))
    care.eyes.blind = True
    care.bench.set(0.5, arming=True)
    found = checks(care.order("self_test"))
    assert {name for name, (ok, _) in found.items() if not ok} >= {"vision", "temperature", "power", "lamp_and_buzzer"}
    assert found["lamp_and_buzzer"][1].startswith("not tried")
    care.bench.run(0.2)
    assert not care.bench.barrier.outputs.buzzer


def test_a_flash_gives_way_to_the_boom(care):
    care.order("self_test")
    care.bench.set(0.3, arming=True)
    care.bench.vote()
    care.bench.run(0.3)
    assert care.bench.barrier.outputs.drive is Drive.OPEN and not care.bench.barrier.outputs.buzzer


def test_a_snapshot_is_queued_for_central_under_its_hash(care, tmp_path):
    reply = care.order("snapshot")
    sha256 = hashlib.sha256(b"a picture").hexdigest()
    assert reply.result == {"image": sha256, "bytes": 9}
    assert (tmp_path / f"{sha256}.jpg").read_bytes() == b"a picture"
    assert care.bench.recorder.submit(lambda journal: journal.images.waits(sha256)).result(20)


@pytest.mark.parametrize("name", ["snapshot", "self_test"])
def test_a_camera_that_gives_nothing_is_said_and_the_lane_goes_on(care, name):
    care.eyes.ready = False
    reply = care.order(name)
    assert "vision" in reply.reason


def test_vision_is_ended_and_awaited(care):
    before = care.eyes.process
    replies: list[Reply] = []
    given = threading.Thread(target=lambda: replies.append(care.order("restart_vision")))
    given.start()
    wait_for(lambda: before.poll() == -signal.SIGKILL, "the old process is ended")
    before.stdin.close()
    assert not replies
    care.eyes.process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    given.join(30)
    assert [reply.verdict for reply in replies] == ["done"]


def test_what_can_not_be_done_is_refused_with_the_reason_and_on_record(care):
    assert care.order("rotate_key") == Reply(verdict="rejected", reason="not enrolled")
    assert care.order("log_level").reason == "log_level: this gate can't do that"
    assert [event.data["verdict"] for event in care.bench.events("command.done")] == ["rejected", "rejected"]


def test_a_gate_without_a_crew_says_so(tmp_path):
    bench = Bench(tmp_path)
    given = command(bench, "self_test")
    bench.run(0.1)
    assert bench.line.replies == [
        (given.cmd_id, Reply(verdict="rejected", reason="self_test: this gate can't do that now"))
    ]
    bench.recorder.stop()


def test_more_orders_than_can_wait_are_refused(tmp_path):
    care = Care(tmp_path)  # whose crew has not begun
    try:
        for _ in range(MOST_WAITING + 1):
            command(care.bench, "snapshot")
        care.bench.run(0.1)
        assert [reply.reason for _, reply in care.bench.line.replies] == [f"{MOST_WAITING} orders wait already"]
    finally:
        care.close()


def test_an_order_from_the_gate_s_own_pages_goes_the_same_way(care):
    replies: list[Reply] = []
    giver = threading.Thread(target=lambda: replies.append(care.orders.give("snapshot", {}, "http anita: look", 30.0)))
    giver.start()
    wait_for(lambda: care.bench.run(0.02) or replies, "it is answered", 30.0)
    giver.join()
    assert replies[0].verdict == "done" and "image" in replies[0].result
    [done] = care.bench.events("command.done")
    assert done.data["by"] == "http anita: look"


def test_a_lane_s_order_from_the_gate_s_own_pages_moves_the_boom(care):
    replies: list[Reply] = []
    giver = threading.Thread(target=lambda: replies.append(care.orders.give("hold", {}, "http anita: fair", 30.0)))
    giver.start()
    wait_for(lambda: care.bench.run(0.02) or replies, "it is answered", 30.0)
    giver.join()
    care.bench.run(5.0)
    assert replies == [Reply(verdict="done")] and care.bench.controller._boom.state is BoomState.OPEN


def test_an_order_that_was_turned_away_is_on_record(care):
    refused = TurnedAway("01a20ed7-7d41-7a51-9a2a-e42dd2fbb102", "open", "", "signed by unknown key 'x'")
    care.bench.news.put(refused)
    care.bench.news.put(TurnedAway(None, "open", "", "expected a signed JSON object"))
    care.bench.run(0.1)
    [done] = care.bench.events("command.done")
    assert (done.data["verdict"], done.data["by"], done.data["reason"]) == ("rejected", "", refused.reason)
    assert "command_refused" in care.bench.codes()


def test_an_update_is_refused_unless_the_boom_is_down_and_nobody_is_there(tmp_path):
    care = Care(tmp_path, update=[sys.executable, "-c", ""])
    care.crew.start()
    try:
        care.bench.set(0.5, arming=True)
        assert "the boom must be down" in care.order("update").reason
        care.bench.set(5.0, arming=False)
        assert care.order("update").verdict == "accepted"
        assert care.updating.after_start().reply.reason == "the gate has restarted and is still version 1.0"
        assert care.bench.events("command.done")[-1].data["verdict"] == "rejected", "the first; no outcome yet"
        assert len(care.bench.events("command.done")) == 1
    finally:
        care.close()


def test_an_updater_that_fails_is_told_with_its_last_words(tmp_path):
    care = Care(tmp_path, update=[sys.executable, "-c", BROKEN])
    care.crew.start()
    try:
        care.order("update")
        wait_for(lambda: care.bench.run(0.02) or len(care.bench.line.replies) > 1, "its end is told", 30.0)
        [accepted, failed] = [reply for _, reply in care.bench.line.replies]
        assert accepted.verdict == "accepted"
        assert (failed.verdict, failed.reason) == ("rejected", "the updater ended with status 4: no bundle")
        assert care.updating.after_start() is None
    finally:
        care.close()


def test_no_updater_is_said_so(care):
    assert "update_command is not set" in care.order("update").reason


def test_the_restarted_gate_tells_what_came_of_the_update(tmp_path):
    care = Care(tmp_path, update=[sys.executable, "-c", ""])
    care.crew.start()
    try:
        care.order("update")
        note = tmp_path / "asked.json"
        later = Updating((), note, "1.1", care.bench.news.put)
        outcome = later.after_start()
        assert isinstance(outcome, Outcome) and outcome.by == "anita"
        assert outcome.reply == Reply(verdict="done", result={"before": "1.0", "version": "1.1"})
        assert later.after_start() is None and not note.exists()
        note.write_text("not JSON")
        assert later.after_start() is None and not note.exists()
    finally:
        care.close()


def test_the_crew_looks_around_by_itself_and_what_it_finds_is_a_fault(care):
    wait_for(lambda: care.bench.run(0.02) or care.bench.controller._gauges.around, "it has looked", 20.0)
    assert care.faults() == {}
    care.bench.news.put(Surroundings(temperature_c=91.0, clock=Clock.UNTRUSTED))
    care.bench.run(0.1)
    assert set(care.bench.line.states[-1].faults) == set(care.faults()) == {"too_hot", "clock_untrusted"}
    assert care.faults()["too_hot"].detail == "91 degrees"
    assert {"too_hot", "clock_untrusted"} <= set(care.bench.codes())
    care.bench.news.put(Surroundings())
    care.bench.run(0.1)
    assert care.faults() == {} and care.bench.codes().count("fault_over") == 2


def test_vehicles_and_the_minute_s_health_are_told_live(care):
    care.bench.set(0.5, arming=True)
    care.bench.vote()
    care.bench.run(5.0)
    care.bench.set(0.5, closing=True, photocell=True)
    care.bench.set(0.5, arming=False, exit=True)
    care.bench.set(0.5, closing=False, photocell=False)
    care.bench.set(55.0, exit=False)
    vehicles = [VehicleTold.decode(body) for topic, body in care.said if topic == TOPICS.vehicle]
    assert [(one.event_type, one.plate) for one in vehicles] == [("entered", None)]
    [health] = [GateHealth.decode(body) for topic, body in care.said if topic == TOPICS.health]
    assert (health.read_rate, health.vision, health.boot) == (1.0, "ready", care.bench.clock.boot)
    assert health.decision_to_relay_ms > 0


def test_a_signal_to_a_process_that_has_just_gone_is_no_crash(care):
    care.eyes.process.kill()
    care.eyes.process.wait()
    assert care.order("restart_vision").reason.startswith("vision is not running")
