"""What a gate's wall clock is worth, moment by moment, and the right time for what was recorded before it was set."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import CHECK_S, GateClock
from edge.journal.file import open_writer
from edge.journal.journal import Journal, read_journal
from edge.life.back_dating import back_date, recorded
from edge.life.clock_trust import HOLDOVER_LASTS, ClockSet, Evidence, Recorded, back_dated, judge
from edge.life.machine_time import MachineTime, battery_clock_agrees
from edge.protocol.ids import uuid7
from edge.protocol.messages import Clock, Event
from edge.rules.records import Moment
from tests.edge.journal_makers import entered, health

NOON = datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Machine:
    """A machine whose power came at `wall`: true time passes by `after`, and its clock may be set."""

    def __init__(self, wall: datetime, battery: bool = False) -> None:
        self.battery, self._wall, self._mono, self._uptime, self._synced = battery, wall, 1000.0, 20.0, False

    def after(self, spell: timedelta) -> Machine:
        self._wall += spell
        self._mono += spell.total_seconds()
        self._uptime += spell.total_seconds()
        return self

    def put(self, by: timedelta) -> Machine:
        """By a person: no time server stands behind it."""
        self._wall += by
        return self

    def set(self, wall: datetime) -> None:
        self._wall, self._synced = wall, True

    def lose_time_server(self) -> None:
        self._synced = False

    def wall(self) -> datetime:
        return self._wall

    def mono(self) -> float:
        return self._mono

    def uptime(self) -> timedelta:
        return timedelta(seconds=self._uptime)

    def synced(self) -> bool:
        return self._synced


def clock_of(machine: Machine, recorded: Recorded = Recorded(), told: list | None = None) -> GateClock:  # noqa: B008
    clock = GateClock(uuid7(), recorded=recorded, time=machine)
    if told is not None:
        clock.on_set(told.append)
    return clock


#   wall       a server keeps it, a battery, uptime, latest on record by a synced clock, by any believed; label
@pytest.mark.parametrize("wall, synced, battery, uptime, by_synced, by_any, label", [
    (NOON,              True,  False, HOUR,      None,                None,               Clock.SYNCED),
    (LONG_AGO,          True,  False, HOUR,      None,                None,               Clock.UNTRUSTED),
    (NOON,              False, False, HOUR,      None,                None,               Clock.UNTRUSTED),
    (NOON,              False, True,  HOUR,      None,                None,               Clock.HOLDOVER),
    (NOON,              False, True,  73 * HOUR, None,                None,               Clock.UNTRUSTED),
    (NOON,              False, False, HOUR,      NOON - MINUTE,       NOON - MINUTE,      Clock.HOLDOVER),
    (NOON,              False, False, HOUR,      NOON - 2 * HOUR,     NOON - MINUTE,      Clock.UNTRUSTED),
    (NOON,              False, True,  HOUR,      NOON - 2 * HOUR,     NOON - MINUTE,      Clock.HOLDOVER),
    (NOON,              False, True,  HOUR,      NOON - 73 * HOUR,    NOON - MINUTE,      Clock.UNTRUSTED),
    (NOON,              False, False, 90 * HOUR, NOON - 71 * HOUR,    NOON - MINUTE,      Clock.HOLDOVER),
    (NOON,              False, True,  HOUR,      NOON + MINUTE,       NOON + MINUTE,      Clock.UNTRUSTED),
    (NOON,              False, True,  HOUR,      None,                NOON + MINUTE,      Clock.UNTRUSTED),
    (NOON,              True,  False, HOUR,      NOON + MINUTE,       NOON + MINUTE,      Clock.UNTRUSTED),
    (NOON,              True,  False, HOUR,      NOON - HOUR,         NOON + MINUTE,      Clock.SYNCED),
    (NOON,              True,  False, HOUR,      NOON + MINUTE / 60,  NOON + MINUTE / 60, Clock.SYNCED),
])  # fmt: skip
def test_a_clock_is_believed_as_far_as_the_evidence_goes(wall, synced, battery, uptime, by_synced, by_any, label):
    assert judge(Evidence(wall, synced, battery, uptime, Recorded(by_synced, by_any))) is label


def test_a_pi_without_a_battery_is_not_believed_until_a_time_server_has_set_it_and_that_is_told_once():
    machine, told = Machine(NOON - 30 * HOUR), []
    clock = clock_of(machine, Recorded(NOON - 29 * HOUR, NOON - 29 * HOUR), told)
    first = clock.moment()
    assert first.clock is Clock.UNTRUSTED
    machine.after(2 * MINUTE)
    assert clock.label() is Clock.UNTRUSTED
    machine.set(NOON)
    machine.after(timedelta(seconds=CHECK_S))
    assert clock.moment().clock is Clock.SYNCED
    machine.after(HOUR)
    assert clock.label() is Clock.SYNCED
    [set_at] = told
    assert set_at.at(first.mono_ms) == NOON - 2 * MINUTE
    assert set_at.moved == 30 * HOUR - 2 * MINUTE
    assert str(set_at) == f"mono_ms 130000 is {set_at.wall.isoformat()}; the clock was put forward by 107880.0 s"


def test_a_clock_behind_what_is_on_record_does_not_become_right_by_running_past_it():
    machine = Machine(NOON - HOUR, battery=True)
    clock = clock_of(machine, Recorded(NOON, NOON))
    assert clock.label() is Clock.UNTRUSTED
    machine.after(2 * HOUR)
    assert clock.label() is Clock.UNTRUSTED


def test_a_clock_put_back_while_the_gate_runs_is_not_believed():
    machine, told = Machine(NOON, battery=True), []
    clock = clock_of(machine, told=told)
    assert clock.label() is Clock.HOLDOVER
    machine.put(-10 * MINUTE).after(MINUTE)
    assert clock.label() is Clock.UNTRUSTED
    assert told == []


def test_a_gate_that_loses_its_time_server_holds_over_for_three_days_and_no_longer():
    machine = Machine(NOON)
    machine.set(NOON)
    clock = clock_of(machine)
    assert clock.label() is Clock.SYNCED
    machine.lose_time_server()
    assert clock.label() is Clock.SYNCED, "not looked into again yet"
    machine.after(HOLDOVER_LASTS - HOUR)
    assert clock.label() is Clock.HOLDOVER
    machine.after(2 * HOUR)
    assert clock.label() is Clock.UNTRUSTED


def test_a_clock_in_holdover_that_is_put_right_by_minutes_tells_it():
    machine, told = Machine(NOON, battery=True), []
    clock = clock_of(machine, told=told)
    clock.label()
    machine.after(MINUTE)
    machine.set(NOON + MINUTE - 5 * MINUTE)
    assert clock.label() is Clock.SYNCED
    [set_at] = told
    assert set_at.moved == -5 * MINUTE and "put back by 300.0 s" in str(set_at)


def test_this_machine_s_time_runs_and_is_labelled():
    clock = GateClock(uuid7())
    first, second = clock.moment(), clock.moment()
    assert first.clock in list(Clock) and first.boot == clock.boot
    assert 0 <= first.mono_ms <= second.mono_ms and first.wall <= second.wall
    assert abs(first.wall - datetime.now(UTC)) < MINUTE
    clock.start()
    clock.stop()


@pytest.mark.parametrize("told, agrees", [("{now}\n", True), ("300\n", False), ("no number\n", False)])
def test_a_battery_clock_without_its_battery_is_none(tmp_path, told, agrees):
    assert not battery_clock_agrees(tmp_path, NOON.timestamp())
    (tmp_path / "rtc0").mkdir()
    (tmp_path / "rtc0" / "since_epoch").write_text(told.format(now=int(NOON.timestamp()) + 2))
    assert battery_clock_agrees(tmp_path, NOON.timestamp()) is agrees


def test_a_pc_s_clock_runs_on_while_it_is_off_and_a_bare_board_s_does_not(tmp_path):
    assert MachineTime(tmp_path, "x86_64").battery
    assert not MachineTime(tmp_path, "aarch64").battery
    (tmp_path / "rtc0").mkdir()
    (tmp_path / "rtc0" / "since_epoch").write_text(str(int(time.time())))
    assert MachineTime(tmp_path, "aarch64").battery


@given(
    true=st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1)),
    wrong_by=st.timedeltas(timedelta(days=-20_000), timedelta(days=20_000)),
    recorded_ms=st.integers(0, 10**9),
    set_ms=st.integers(0, 10**9),
)
def test_what_an_unset_clock_recorded_gets_the_time_it_truly_happened(true, wrong_by, recorded_ms, set_ms):
    happened, set_at = true.replace(tzinfo=UTC), max(recorded_ms, set_ms)
    told = ClockSet(BOOT, set_at, happened + timedelta(milliseconds=set_at - recorded_ms), wrong_by)
    event = an_event(boot=BOOT, mono_ms=recorded_ms, wall=happened + wrong_by, clock=Clock.UNTRUSTED)
    right = back_dated(event, told)
    assert (right.wall, right.clock) == (happened, Clock.HOLDOVER)
    assert right.model_copy(update={"wall": event.wall, "clock": event.clock}) == event


@pytest.mark.parametrize(
    "changes", [{"boot": uuid7()}, {"clock": Clock.SYNCED}, {"clock": Clock.HOLDOVER}, {"mono_ms": 60_001}]
)
def test_no_other_event_s_time_is_touched(changes):
    told = ClockSet(BOOT, 60_000, NOON, HOUR)
    event = an_event(**{"boot": BOOT, "mono_ms": 5, "wall": LONG_AGO, "clock": Clock.UNTRUSTED} | changes)
    assert back_dated(event, told) is event


BOOT = uuid7()


def an_event(**fields) -> Event:
    shared = {"id": uuid7(), "gate": "entry-1", "journal": uuid7(), "stream": "diag", "seq": 1, "type": "gate.health"}
    return Event(**shared, data=health().model_dump(), **fields)


def moment(seconds: float, wall: datetime, clock: Clock, boot: str = BOOT) -> Moment:
    return Moment(wall, int(seconds * 1000), boot, clock)


def test_the_journal_s_waiting_events_are_back_dated_together_and_its_newest_instants_are_known(tmp_path):
    path = tmp_path / "journal.db"
    assert recorded(path) == Recorded()
    journal = Journal.open(path, gate="entry-1", at=moment(0, NOON, Clock.SYNCED))
    assert recorded(path) == Recorded()
    journal.record(health(), at=moment(0, NOON - 9 * HOUR, Clock.SYNCED, uuid7()))
    journal.record(health(), at=moment(0, NOON - 8 * HOUR, Clock.HOLDOVER, uuid7()))
    stay = uuid7()
    journal.record(entered(), session=stay, at=moment(10, LONG_AGO, Clock.UNTRUSTED))
    journal.record(health(), at=moment(40, LONG_AGO + HOUR, Clock.UNTRUSTED))
    journal.record(health(), at=moment(5, LONG_AGO, Clock.UNTRUSTED, uuid7()))
    journal.close()
    assert recorded(path) == Recorded(synced=NOON - 9 * HOUR, trusted=NOON - 8 * HOUR)
    db = open_writer(path)
    with db.atomic():
        assert back_date(db, ClockSet(BOOT, 60_000, NOON, HOUR)) == 2
        assert back_date(db, ClockSet(BOOT, 60_000, NOON, HOUR)) == 0
    db.close()
    with read_journal(path) as view:
        waiting = view.outbox.window(10)
        assert [row.event for row in reversed(view.log.recent(10))][2].wall == NOON - timedelta(seconds=50)
    placed = {event.mono_ms: (event.wall, event.clock) for event in waiting if event.boot == BOOT}
    assert placed == {
        10_000: (NOON - timedelta(seconds=50), Clock.HOLDOVER),
        40_000: (NOON - timedelta(seconds=20), Clock.HOLDOVER),
    }
    assert [event.wall for event in waiting if event.clock is Clock.UNTRUSTED] == [LONG_AGO]


def test_a_file_that_is_no_journal_tells_nothing_of_the_time(tmp_path):
    (tmp_path / "journal.db").write_bytes(b"no database at all, but long enough to be looked at as one" * 20)
    assert recorded(tmp_path / "journal.db") == Recorded()
