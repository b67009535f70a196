"""The loop that owns the boom, on a simulated plant and a real journal; time is the test's own."""

from __future__ import annotations

import queue
import time
from concurrent.futures import wait
from datetime import UTC, datetime

import pytest

from edge.clock import GateClock
from edge.controller import Controller
from edge.journal.journal import Journal, read_journal
from edge.journal.recorder import Recorder
from edge.panel import Panel
from edge.protocol.ids import uuid7
from edge.protocol.messages import Command, GateState, Reply
from edge.rules.boom_words import Timing
from edge.rules.display import Screen
from edge.rules.lane.state import LaneRules
from edge.rules.lane.words import Committed
from edge.rules.records import Fact, Grant
from edge.rules.signals import Drive, Inputs, Outputs
from edge.scribe import Scribe
from edge.simulation.world.plant import Occupied, Plant
from edge.vision.messages import Fault, Ready, Voted

TICK_S = 0.02
BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class PlantBarrier:
    """The barrier's wires on a plant that moves only when the test says so."""

    def __init__(self) -> None:
        self.plant = Plant()
        self.occupied = Occupied()
        self.outputs = Outputs()
        self.broken: Exception | None = None
        self.driven: list[Drive] = []

    def read(self) -> Inputs:
        if self.broken:
            raise self.broken
        return self.plant.inputs()

    def drive(self, outputs: Outputs) -> None:
        self.outputs = outputs
        self.driven.append(outputs.drive)

    def advance(self) -> None:
        for _ in range(2):
            self.plant.advance(self.outputs.drive, TICK_S / 2, self.occupied)

    def close(self) -> None:
        self.drive(Outputs())


class Eyes:
    """Remembers what it was told to watch."""

    def __init__(self) -> None:
        self.ready = True
        self.visit: str | None = None
        self.snapshots = 0

    def watch(self, visit: str) -> None:
        self.visit = visit

    def rest(self) -> None:
        self.visit = None

    def snapshot(self) -> None:
        self.snapshots += 1


class Line:
    """Keeps what would go to central."""

    def __init__(self) -> None:
        self.states: list[GateState] = []
        self.replies: list[tuple[str, Reply]] = []

    def publish_state(self, state: GateState) -> None:
        self.states.append(state)

    def reply(self, cmd_id: str, reply: Reply) -> None:
        self.replies.append((cmd_id, reply))


class Bench:
    def __init__(self, folder, carried: Grant | None = None, held: bool = False, helpers=lambda bench: None) -> None:
        self.path = folder / "journal.db"
        self.clock = GateClock(uuid7())
        self.journal = Journal.open(self.path, gate="entry-1", at=self.clock.moment())
        self.recorder = Recorder(self.journal)
        self.recorder.start()
        self.news: queue.SimpleQueue = queue.SimpleQueue()
        self.scribe = Scribe(self.recorder, self.clock, folder, self.news.put)
        self.barrier, self.eyes, self.line, self.panel = PlantBarrier(), Eyes(), Line(), Panel()
        self.controller = Controller(
            self.barrier,
            self.scribe,
            self.eyes,
            self.line,
            self.panel,
            rules=LaneRules("entry"),
            timing=Timing(),
            news=self.news,
            wall=lambda: datetime.now(UTC),
            free_bytes=lambda: 10 << 30,
            carried=carried,
            held=held,
            helpers=helpers(self),
            boot=self.clock.boot,
        )
        self.now = time.monotonic()
        self.run(3.0)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now += TICK_S
            heard = []
            while not self.news.empty():
                heard.append(self.news.get())
            self.controller.tick(self.now, heard)
            self.barrier.advance()
            # the recorder's answers are in the queue before the next tick
            wait([self.recorder.submit(lambda journal: None)], timeout=10.0)

    def set(self, seconds: float, **zones: bool) -> None:
        self.barrier.occupied = self.barrier.occupied._replace(**zones)
        self.run(seconds)

    def vote(self, confidence: float = 0.97, frames: int = 3, accepted: bool = True, text: str = "MH12AB1234") -> None:
        assert self.eyes.visit is not None
        self.news.put(
            Voted(
                visit=self.eyes.visit,
                text=text,
                raw="MH12AB1234",
                format="civil",
                confidence=confidence,
                per_char=(0.99,) * 10,
                box=BOX,
                engine="test",
                frames=frames,
                accepted=accepted,
                seen_at=self.now,
                image="",
            )
        )

    def events(self, type: str | None = None) -> list:
        with read_journal(self.path) as view:
            return [row.event for row in reversed(view.log.recent(500, type=type))]

    def codes(self) -> list[str]:
        return [event.data["code"] for event in self.events("gate.notice")]


def order(bench: Bench, name: str, args: dict | None = None) -> Command:
    command = Command(
        cmd_id=uuid7(),
        gate="entry-1",
        boot=bench.clock.boot,
        nonce="n",
        not_after=datetime.now(UTC),
        name=name,
        args=args or {},
        by="anita",
    )
    bench.news.put(command)
    return command


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.recorder.stop()


def test_a_vehicle_is_read_granted_let_through_and_recorded_and_the_boom_comes_down_behind_it(bench):
    bench.set(0.5, arming=True)
    bench.vote()
    bench.run(0.2)
    assert bench.barrier.outputs.drive is Drive.OPEN
    assert bench.panel.display.screen is Screen.TICKET
    [grant] = bench.journal.open_grants()
    bench.run(5.0)
    bench.set(0.5, closing=True, photocell=True)
    bench.set(0.5, arming=False, exit=True)
    assert bench.events("vehicle.entered") == []
    bench.set(0.5, closing=False, photocell=False)
    bench.set(10.0, exit=False)
    [entered] = bench.events("vehicle.entered")
    assert entered.session == grant.session
    assert entered.data["plate"]["text"] == "MH12AB1234"
    assert bench.journal.open_grants() == []
    assert bench.line.states[-1].boom == "closed"
    assert bench.barrier.plant.violations == []


def test_the_motor_runs_within_two_ticks_of_the_decision(bench):
    bench.set(0.5, arming=True)
    bench.vote()
    bench.run(0.2)
    assert 0 < bench.panel.figures["decision_to_relay_ms"] <= 41


def test_a_vote_that_vision_did_not_accept_opens_nothing(bench):
    bench.set(0.5, arming=True)
    bench.vote(accepted=False)
    bench.run(1.0)
    assert bench.barrier.plant.inputs().limit_closed
    assert bench.events("vehicle.entered") == []


def test_a_text_no_plate_can_have_is_as_good_as_unread(bench):
    bench.set(0.5, arming=True)
    bench.vote(text="MH12 <script>")
    bench.run(1.0)
    assert bench.barrier.plant.inputs().limit_closed


def test_a_boom_that_does_not_move_is_shown_as_out_of_order(bench):
    bench.barrier.plant.jammed = True
    bench.set(0.5, arming=True)
    bench.vote()
    bench.run(3.0)
    assert bench.panel.display.screen is Screen.OUT_OF_ORDER
    assert bench.line.states[-1].mode == "fault"
    assert "failed_to_start" in bench.codes()


def test_a_person_s_command_moves_the_boom_is_recorded_and_answered(bench):
    command = order(bench, "hold")
    bench.run(6.0)
    assert bench.line.states[-1].mode == "held"
    assert bench.barrier.plant.inputs().limit_open
    [done] = bench.events("command.done")
    assert (done.data["name"], done.data["by"], done.data["verdict"]) == ("hold", "anita", "done")
    assert bench.line.replies == [(command.cmd_id, Reply(verdict="done"))]


def test_a_vote_that_vision_accepted_is_believed_whatever_its_figures(bench):
    bench.set(0.5, arming=True)
    bench.vote(confidence=0.5, frames=1)
    bench.run(1.0)
    assert not bench.barrier.plant.inputs().limit_closed


def test_an_order_that_can_change_nothing_is_recorded_and_answered_as_rejected(bench):
    command = Command(
        cmd_id=uuid7(),
        gate="entry-1",
        boot=bench.clock.boot,
        nonce="n",
        not_after=datetime.now(UTC),
        name="close",
        by="anita",
    )
    bench.news.put(command)
    bench.run(0.2)
    [done] = bench.events("command.done")
    assert (done.data["verdict"], done.data["reason"]) == ("rejected", "the boom is down already")
    assert bench.line.replies == [(command.cmd_id, Reply(verdict="rejected", reason="the boom is down already"))]


def test_a_boom_that_does_not_move_takes_no_order_to_open(bench):
    bench.barrier.plant.jammed = True
    bench.set(0.5, arming=True)
    bench.vote()
    bench.run(3.0)
    order = {"gate": "entry-1", "boot": bench.clock.boot, "nonce": "n", "not_after": datetime.now(UTC), "by": "anita"}
    bench.news.put(Command(cmd_id=uuid7(), name="open", **order))
    bench.run(0.2)
    assert "out of order" in bench.line.replies[-1][1].reason


def test_a_boom_held_open_by_a_person_is_still_held_after_a_restart_until_released(tmp_path):
    first = Bench(tmp_path)
    order(first, "hold")
    first.run(6.0)
    first.recorder.stop()
    with read_journal(first.path) as view:
        assert view.held
    again = Bench(tmp_path, held=True)
    again.run(60.0)
    assert again.line.states[-1].mode == "held" and again.barrier.plant.inputs().limit_open
    order(again, "release")
    again.run(10.0)
    assert again.barrier.plant.inputs().limit_closed
    again.recorder.stop()
    with read_journal(again.path) as view:
        assert not view.held


def test_an_emergency_stop_takes_the_drive_away_at_once_and_is_told(bench):
    bench.set(0.5, arming=True)
    bench.vote()
    bench.run(0.5)
    bench.barrier.plant.stop_pressed = True
    bench.run(0.02)
    assert bench.barrier.outputs.drive is Drive.OFF
    bench.run(0.1)
    assert "stopped" in bench.codes()
    assert "stop_pressed" in bench.line.states[-1].faults
    assert bench.panel.display.screen is Screen.STOPPED


def test_what_changes_on_the_wires_is_told_once(bench):
    bench.barrier.plant.broken_wires.add("mains_failed")
    bench.run(1.0)
    bench.barrier.plant.broken_wires.clear()
    bench.run(1.0)
    assert [code for code in bench.codes() if code.startswith("mains")] == ["mains_failed", "mains_back"]


def test_a_fault_of_vision_is_told_once_and_ends_when_it_is_back(bench):
    for _ in range(3):
        bench.news.put(Fault("camera_failed", "the camera does not open"))
        bench.run(0.1)
    assert "camera_failed" in bench.line.states[-1].faults
    bench.news.put(Ready("rapidocr", "folder"))
    bench.run(0.1)
    assert bench.line.states[-1].faults == ()
    assert [code for code in bench.codes() if code in ("camera_failed", "vision_back")] == [
        "camera_failed",
        "vision_back",
    ]


def test_a_live_picture_is_asked_for_only_while_vision_is_well(bench):
    before = bench.eyes.snapshots
    bench.run(4.5)
    assert bench.eyes.snapshots > before
    bench.eyes.ready = False
    before = bench.eyes.snapshots
    bench.run(4.5)
    assert bench.eyes.snapshots == before


def test_health_is_recorded_once_a_minute(bench):
    bench.run(61.0)
    [health] = bench.events("gate.health")
    assert health.data["vision"] == "ready"
    assert health.data["disk_free_bytes"] == 10 << 30


def test_the_same_state_is_not_published_again(bench):
    bench.run(1.0)
    before = len(bench.line.states)
    bench.run(1.0)
    assert len(bench.line.states) == before


def test_facts_a_full_disk_refuses_are_kept_and_written_later(bench):
    def limit(pages: int):
        return bench.recorder.submit(lambda journal: journal._db.execute(f"PRAGMA max_page_count = {pages}"))

    pages = bench.recorder.submit(lambda journal: journal._db.execute("PRAGMA page_count").fetchone()[0]).result()
    wait([limit(pages)])
    for n in range(400):
        bench.news.put(Fault(f"camera_{n}", "x" * 2000))
        if n % 20 == 0:
            bench.run(0.02)
    bench.run(0.1)
    assert bench.scribe.unwritten > 0
    assert "journal_full" in bench.line.states[-1].faults
    wait([limit(1 << 20)])
    bench.run(5.0)
    assert bench.scribe.unwritten == 0
    assert len([code for code in bench.codes() if code.startswith("camera_")]) == 400


def test_an_exception_switches_the_outputs_off_and_ends_the_loop(bench):
    bench.set(0.5, arming=True)
    bench.vote()
    bench.run(0.2)
    assert bench.barrier.outputs.drive is Drive.OPEN
    bench.barrier.broken = RuntimeError("a programmer's mistake")
    with pytest.raises(RuntimeError, match="a programmer's mistake"):
        bench.controller.run()
    assert bench.barrier.outputs == Outputs()


def test_stop_ends_the_loop_with_the_outputs_off(bench):
    bench.controller.stop()
    bench.controller.run()
    assert bench.barrier.outputs == Outputs()


def test_a_failure_in_the_recorder_s_thread_ends_the_gate(bench):
    bench.recorder.submit(lambda journal: None).result()
    bench.scribe.record([Fact("not a model of the wire")])
    with pytest.raises(KeyError):
        bench.run(1.0)


def test_a_grant_left_by_a_crash_with_nobody_there_is_recorded_as_assumed(tmp_path):
    grant = Grant(id=uuid7(), lane="entry", granted_at=datetime.now(UTC), session=uuid7(), ticket="A" * 26, how="plate")
    first = Bench(tmp_path)
    first.recorder.submit(lambda journal: journal.grant(grant)).result()
    first.recorder.stop()
    again = Bench(tmp_path, carried=grant)
    [entered] = again.events("vehicle.entered")
    assert entered.data["how"] == "assumed" and entered.session == grant.session
    assert again.journal.open_grants() == []
    again.recorder.stop()


def test_news_that_a_driver_waits_for_is_acted_on_at_once_and_other_news_at_the_next_beat(bench):
    due = time.monotonic() + 30.0
    committed = Committed("grant", done=True)
    bench.news.put(Ready("rapidocr", "folder"))
    bench.news.put(committed)
    assert bench.controller._gather(due)[-1] is committed
    assert time.monotonic() < due
    bench.news.put(Ready("rapidocr", "folder"))
    due = time.monotonic() + 0.05
    assert len(bench.controller._gather(due)) == 1
    assert time.monotonic() >= due
