"""The journal: nothing that was committed is lost, no number is used twice."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.journal import file as journal_file
from edge.journal.image_queue import QueuedImage
from edge.journal.journal import Fact, Journal, JournalError, JournalFull, read_journal
from edge.journal.recorder import Recorder
from edge.protocol.ids import uuid7
from edge.protocol.messages import Ack, CommandDone, EntryHow, Exited, GateNotice, GateStarted, PassageEnded
from edge.protocol.topics import Stream
from edge.rules.room import MB, Room
from tests.edge.journal_makers import (
    NOON,
    at,
    entered,
    entry_grant,
    exit_grant,
    fresh_journal_path,
    health,
    refused,
)
from tests.edge.small_disk import run_on_small_disk
from tests.waiting import wait_for


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.sqlite3"


def opened(path, gate="entry-1") -> Journal:
    return Journal.open(path, gate=gate, at=at())


@pytest.fixture
def journal(path):
    journal = opened(path)
    yield journal
    journal.close()


def seqs(journal, stream=Stream.MONEY, limit=1000):
    return [event.seq for event in journal.outbox.window(limit) if event.stream is stream]


def ack(journal, **through) -> Ack:
    return Ack(journal=journal.uuid, through={Stream(stream): seq for stream, seq in through.items()})


def test_a_fact_gets_the_next_number_of_its_stream_and_a_place_in_the_outbox(journal):
    first, second, third = (journal.record(what, at=at()) for what in (entered(), refused(), entered()))
    assert [(e.stream, e.seq) for e in (first, second, third)] == [("money", 1), ("ops", 1), ("money", 2)]
    assert journal.outbox.window(10) == [first, third, second]
    assert first.facts() == entered().model_copy(update={"ticket": first.data["ticket"]})


def test_an_event_says_when_where_and_how_it_happened(journal):
    session = uuid7()
    event = journal.record(entered(), session=session, at=at(1.5, offline=True))
    assert (event.gate, event.journal, event.session) == ("entry-1", journal.uuid, session)
    assert (event.mono_ms, event.offline, event.wall) == (1500, True, NOON + timedelta(seconds=1.5))


def test_numbers_go_on_after_the_outbox_is_empty_and_after_a_restart(path):
    with_journal = opened(path)
    with_journal.record_all([Fact(entered()), Fact(entered())], at=at())
    assert with_journal.acknowledge(ack(with_journal, money=2)) == 2
    known = with_journal.uuid
    with_journal.prune(NOON + timedelta(days=1))
    with_journal.close()
    again = opened(path)
    assert again.uuid == known and again.outbox.depth() == 0
    assert again.record(entered(), at=at()).seq == 3
    again.close()


def test_several_facts_are_committed_together_or_not_at_all(journal):
    class Odd(Exited):
        """Not a kind of event."""

    with pytest.raises(KeyError):
        journal.record_all([Fact(entered()), Fact(Odd(plate=None))], at=at())
    assert journal.outbox.depth() == 0 and journal.last_seq(Stream.MONEY) == 0


def test_an_ack_drops_only_what_it_covers_and_only_of_this_journal(journal):
    for what in (entered(), entered(), refused()):
        journal.record(what, at=at())
    assert journal.acknowledge(Ack(journal=uuid7(), through={Stream.MONEY: 2})) == 0
    assert journal.acknowledge(ack(journal, money=1)) == 1
    assert journal.acknowledge(ack(journal, money=1)) == 0
    assert [(e.stream, e.seq) for e in journal.outbox.window(10)] == [("money", 2), ("ops", 1)]


def test_the_window_goes_on_beyond_what_is_in_flight(journal):
    for _ in range(5):
        journal.record(entered(), at=at())
        journal.record(health(), at=at())
    window = journal.outbox.window(4, {Stream.MONEY: 3})
    assert [(e.stream, e.seq) for e in window] == [("money", 4), ("money", 5), ("diag", 1), ("diag", 2)]


@given(st.data())
def test_any_order_of_recording_acking_and_restarting_is_as_the_model_says(data):
    with fresh_journal_path() as path:
        journal = opened(path)
        makers = {Stream.MONEY: entered, Stream.OPS: refused, Stream.DIAG: health}
        last = dict.fromkeys(Stream, 0)
        through = dict.fromkeys(Stream, 0)
        steps = st.sampled_from(["record", "record", "record", "ack", "restart", "fail"])
        for step in data.draw(st.lists(steps, max_size=12)):
            stream = data.draw(st.sampled_from(Stream))
            match step:
                case "record":
                    events = journal.record_all([Fact(makers[stream]())] * 2, at=at())
                    assert [event.seq for event in events] == [last[stream] + 1, last[stream] + 2]
                    last[stream] += 2
                case "ack":
                    reached = data.draw(st.integers(0, last[stream]))
                    dropped = journal.acknowledge(Ack(journal=journal.uuid, through={stream: reached}))
                    assert dropped == max(0, reached - through[stream])
                    through[stream] = max(through[stream], reached)
                case "restart":
                    journal.close()
                    journal = opened(path)
                case "fail":
                    with pytest.raises(ZeroDivisionError), journal.transaction():
                        journal.record(makers[stream](), at=at())
                        raise ZeroDivisionError
            waiting = [(e.stream, e.seq) for e in journal.outbox.window(1000)]
            assert waiting == [(s, n) for s in Stream for n in range(through[s] + 1, last[s] + 1)]
            assert journal.outbox.depth() == len(waiting)
        journal.close()


def test_a_grant_is_open_until_its_vehicle_has_passed(path):
    journal = opened(path)
    grant = entry_grant()
    journal.grant(grant)
    journal.close()
    journal = opened(path)
    assert journal.open_grants() == [grant]
    (event,) = journal.record_all([Fact(grant.passed(), grant.session)], at=at(3), resolves=grant.id)
    assert (event.type, event.session, event.data["ticket"]) == ("vehicle.entered", grant.session, grant.ticket)
    assert journal.open_grants() == []
    journal.close()


def test_what_a_crash_left_is_recorded_as_assumed(journal):
    for grant in (entry_grant(), exit_grant(uuid7()), exit_grant(None)):
        journal.grant(grant)
        (event,) = journal.record_all([Fact(grant.assumed(), grant.session)], at=at(), resolves=grant.id)
        assert event.facts().how == EntryHow.ASSUMED and event.session == grant.session


def test_a_grant_nobody_used_ends_without_an_entry(journal):
    grant = entry_grant()
    journal.grant(grant)
    journal.record_all([Fact(PassageEnded(outcome="no_show"), grant.session)], at=at(), resolves=grant.id)
    assert journal.open_grants() == [] and journal.mirror.session(grant.session) is None


def test_a_vehicle_costs_two_commits(path):
    journal = opened(path)
    commits = []
    journal._db.conn.set_trace_callback(lambda sql: commits.append(sql) if sql.startswith("COMMIT") else None)
    grant = entry_grant()
    journal.grant(grant)
    journal.record_all([Fact(grant.passed(), grant.session)], at=at(), resolves=grant.id)
    assert len(commits) == 2
    journal.close()


WRITER = """
import sys
from pathlib import Path
from edge.journal.journal import Journal
from edge.protocol.messages import Ack
from tests.edge.journal_makers import at, entered
journal = Journal.open(Path(sys.argv[1]), gate="entry-1", at=at())
while True:
    event = journal.record(entered(), at=at())
    print(event.seq, event.id, flush=True)
    if event.seq % 10 == 0:
        journal.acknowledge(Ack(journal=journal.uuid, through={"money": event.seq - 5}))
"""


def test_kill_9_at_any_point_keeps_all_that_was_answered_and_reuses_no_number(path):
    told: dict[int, str] = {}
    for length in (3, 25, 60):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
            for _ in range(length):
                seq, event_id = writer.stdout.readline().split()
                assert int(seq) not in told
                told[int(seq)] = event_id
            writer.kill()
            for line in writer.stdout:  # answered between our last look and the kill; the very last may be torn
                if line.endswith("\n"):
                    seq, event_id = line.split()
                    told[int(seq)] = event_id
        with read_journal(path) as view:
            logged = {row.event.seq: row.event.id for row in view.log.recent(10_000)}
        assert told.items() <= logged.items()
        told.update(logged)
    journal = opened(path)
    assert journal.record(entered(), at=at()).seq == max(told) + 1
    journal.close()


def limit_pages(journal, spare: int) -> None:
    """As a full disk: the file may grow by `spare` pages only."""
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages + spare}").fetchone()


FULL_DISK = """
from edge.journal.journal import Fact, Journal, JournalFull
from edge.protocol.ids import uuid7
from tests.edge.journal_makers import at, entered, entry_grant, exit_grant, exited
path = disk / "journal.sqlite3"

def until_full(do):
    done = 0
    try:
        while True:
            do()
            done += 1
    except JournalFull:
        return done

journal = Journal.open(path, gate="entry-1", at=at())
journal.record(entered(), at=at())
fill()
granted = until_full(lambda: journal.grant(entry_grant()))
assert len(journal.open_grants()) == granted
leaving = exit_grant(uuid7())
journal.grant(leaving)
journal.record_all([Fact(leaving.passed(), leaving.session)], at=at(), resolves=leaving.id)
left = until_full(lambda: journal.record(exited(), at=at()))
assert left > 1000, left
journal.close()
fill()
journal = Journal.open(path, gate="entry-1", at=at())
assert [event.seq for event in journal.outbox.window(1 << 20)] == list(range(1, left + 3))
os.truncate(disk / "filler", 0)
assert journal.record(exited(), at=at()).seq == left + 3
journal.close()
print("held")
"""


def test_a_full_disk_refuses_an_entry_but_still_records_money_from_the_reserve(tmp_path):
    run_on_small_disk(tmp_path, FULL_DISK)


def test_when_there_is_no_room_it_says_so_and_keeps_what_it_has(path):
    journal = opened(path)
    limit_pages(journal, 40)
    recorded = 0
    with pytest.raises(JournalFull, match="disk is full"):
        while True:
            journal.record(entered(), at=at())
            recorded += 1
    assert recorded > 20 and journal.outbox.depth() == recorded
    journal.close()
    journal = opened(path)
    assert seqs(journal, limit=10_000) == list(range(1, recorded + 1))
    assert journal.record(entered(), at=at()).seq == recorded + 1
    journal.close()


def test_acks_make_room_again_on_a_full_disk(journal):
    limit_pages(journal, 40)
    with pytest.raises(JournalFull):
        while True:
            journal.record(entered(), at=at())
    journal.acknowledge(ack(journal, money=journal.last_seq(Stream.MONEY)))
    journal.prune(NOON + timedelta(days=1))
    assert journal.record(entered(), at=at()) is not None


def test_a_disk_nearly_full_drops_diag_then_thins_ops_and_never_money(journal):
    def record_ten(make):
        return sum(journal.record(make(), at=at()) is not None for _ in range(10))

    done = CommandDone(cmd_id=uuid7(), name="open", verdict="done")
    expected = {
        1000 * MB: (Room.AMPLE, 10, 10),
        300 * MB: (Room.SCARCE, 10, 0),
        100 * MB: (Room.TIGHT, 1, 0),
        MB: (Room.FULL, 1, 0),
    }
    for free, (room, ops, diag) in expected.items():
        assert journal.notice_free(free) is room
        journal._squeezed.clear()
        assert (record_ten(entered), record_ten(refused), record_ten(health)) == (10, ops, diag)
        assert record_ten(lambda: done) == 10
    for stream in Stream:
        assert seqs(journal, stream) == list(range(1, journal.last_seq(stream) + 1)), "dropped events leave no gap"


def test_the_reserve_comes_back_when_there_is_room(path, journal):
    assert journal_file.release_reserve(path) and not journal_file.release_reserve(path)
    journal.notice_free(1000 * MB)
    assert journal_file.release_reserve(path)


@pytest.mark.parametrize("damage", ["garbage", "zeros", "middle", "header"])
def test_a_damaged_journal_is_kept_aside_and_a_new_one_tells_of_it(path, damage):
    journal = opened(path)
    for _ in range(200):
        journal.record(entered(), at=at())
    known = journal.uuid
    journal.close()
    content = bytearray(path.read_bytes())
    match damage:
        case "garbage":
            content[:] = b"not a database at all " * 500
        case "zeros":
            content[:] = bytes(len(content))
        case "middle":
            content[8192 : len(content) // 2] = b"\xa5" * (len(content) // 2 - 8192)
        case "header":
            content[:100] = b"\xff" * 100
    path.write_bytes(content)
    journal = opened(path)
    (event,) = journal.outbox.window(10)
    assert journal.uuid != known
    assert event.facts().code == "journal_damaged"
    (kept,) = path.parent.glob("*damaged*")
    assert kept.read_bytes() == content and kept.name in event.facts().detail
    journal.close()


def test_a_second_damaged_journal_does_not_replace_the_first(path):
    for _ in range(2):
        path.write_bytes(b"x" * 5000)
        opened(path).close()
    assert len(list(path.parent.glob("*damaged*"))) == 2


def test_an_empty_file_becomes_a_journal(path):
    path.touch()
    opened(path).close()
    assert not list(path.parent.glob("*damaged*"))


def test_a_database_of_something_else_is_left_alone(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="something else"):
        opened(path)
    assert path.read_bytes() == before


def test_a_journal_of_a_later_version_is_left_alone(path):
    opened(path).close()
    later = sqlite3.connect(path)
    later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(JournalError, match="version 99"):
        opened(path)


def test_a_journal_of_another_gate_is_refused(path):
    opened(path, "entry-1").close()
    with pytest.raises(JournalError, match="belongs to gate 'entry-1', not 'exit-1'"):
        opened(path, "exit-1")


def test_two_processes_can_not_have_the_same_journal(path, journal):
    with pytest.raises(JournalError, match="another gate process"):
        opened(path)


@pytest.mark.parametrize("where", ["missing/folder/journal.sqlite3", "."])
def test_a_place_that_can_not_be_written_is_named(tmp_path, where):
    with pytest.raises(JournalError, match="expected a writable file"):
        opened(tmp_path / where)


def test_others_on_the_machine_can_not_read_the_journal(path, journal):
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_an_old_copy_put_back_counts_anew_and_keeps_its_events_ids(path):
    journal = opened(path)
    journal.record(entered(), at=at())
    old = journal.uuid
    events = [journal.record(entered(), at=at()), journal.record(refused(), at=at())]
    assert journal.acknowledge(ack(journal, money=9)) == 0
    assert journal.uuid != old
    waiting = journal.outbox.window(10)
    assert [(e.stream, e.seq, e.journal) for e in waiting] == [
        ("money", 1, journal.uuid),
        ("money", 2, journal.uuid),
        ("ops", 1, journal.uuid),
    ]
    assert [e.id for e in waiting[1:]] == [e.id for e in events]
    assert journal.record(entered(), at=at()).seq == 3
    assert journal.acknowledge(Ack(journal=old, through={Stream.MONEY: 9})) == 0
    journal.close()
    again = opened(path)
    assert again.outbox.depth() == 4
    again.close()


def test_a_command_is_new_once_even_after_a_restart(path):
    cmd_id = uuid7()
    journal = opened(path)
    assert journal.remember_command(cmd_id, "open", "attendant", at=NOON)
    assert not journal.remember_command(cmd_id, at=NOON)
    journal.close()
    journal = opened(path)
    assert journal.seen_command(cmd_id) and not journal.remember_command(cmd_id, at=NOON)
    journal.close()


def test_the_log_pages_from_the_latest_and_by_type(journal):
    for code in "abcde":
        journal.record(GateNotice(code=code), at=at())
        journal.record(entered(), at=at())
    page = journal.log.recent(2, type="gate.notice")
    assert [row.event.data["code"] for row in page] == ["e", "d"]
    assert [row.event.data["code"] for row in journal.log.recent(9, page[-1].n, "gate.notice")] == ["c", "b", "a"]
    assert len(journal.log.recent(100)) == 10 and all(row.waiting for row in page)


def test_pruning_never_drops_what_central_lacks(journal):
    for second in (0, 10, 20):
        journal.record(entered(), at=at(second))
    journal.acknowledge(ack(journal, money=1))
    assert journal.prune(NOON + timedelta(seconds=15)) == 1
    assert [row.event.seq for row in journal.log.recent(10)] == [3, 2]
    assert seqs(journal) == [2, 3]


def test_pictures_queue_once_and_leave_oldest_first(journal):
    images = [QueuedImage(f"{n:064x}", f"/spool/{n}.jpg", 1000 + n, NOON) for n in range(3)]
    assert [journal.images.add(image) for image in [*images, images[0]]] == [True, True, True, False]
    assert journal.images.oldest(2) == images[:2] and journal.images.total_bytes() == 3003
    assert journal.images.remove(images[0].sha256) and not journal.images.remove(images[0].sha256)
    assert journal.images.oldest(5) == images[1:]


def test_a_reader_sees_what_is_committed_and_can_not_write(path, journal):
    with read_journal(path) as view:
        journal.record(GateStarted(version="1"), at=at())
        assert view.outbox.depth() == 1 and view.uuid == journal.uuid
    with pytest.raises(JournalError, match="readonly"), read_journal(path) as view:
        view.mirror.mark_passed("x")
    with pytest.raises(JournalError, match="unable to open"), read_journal(path.with_name("none")) as view:
        view.outbox.depth()


def test_a_hundred_thousand_queued_events_drain_in_order(path):
    journal = opened(path)
    template = json.loads(journal.record(entered(), at=at()).encode())
    with journal.transaction():  # made directly: what is measured is the draining
        for seq in range(2, 100_001):
            template["seq"] = seq
            row = journal._db.execute(
                "INSERT INTO events (life, stream, seq, type, wall_ms, body)"
                " VALUES (1, 'money', ?, 'vehicle.entered', 0, ?)",
                [seq, json.dumps(template)],
            ).lastrowid
            journal._db.execute("INSERT INTO outbox VALUES (0, ?, ?)", [seq, row])
        journal._db.execute("UPDATE counters SET last = 100000")
    expected = 1
    while window := journal.outbox.window(2000):
        assert [event.seq for event in window] == list(range(expected, expected + len(window)))
        expected += len(window)
        journal.acknowledge(ack(journal, money=expected - 1))
    assert expected == 100_001
    journal.close()


def test_the_recorder_answers_in_order_and_tells_of_growth(path):
    recorder = Recorder(opened(path))
    grown = threading.Event()
    recorder.watch(grown.set)
    recorder.start()
    answers = [recorder.submit(lambda journal: journal.record(entered(), at=at())) for _ in range(20)]
    assert [answer.result(10).seq for answer in answers] == list(range(1, 21))
    assert grown.wait(10)
    recorder.stop()
    assert not recorder.alive
    with pytest.raises(JournalError, match="stopped"):
        recorder.submit(lambda journal: journal.outbox.depth()).result(10)


def test_the_recorder_finishes_what_it_was_asked_before_it_stops(path):
    recorder = Recorder(opened(path))
    recorder.start()
    answers = [recorder.submit(lambda journal: journal.record(entered(), at=at())) for _ in range(200)]
    recorder.stop()
    assert [answer.result(0).seq for answer in answers] == list(range(1, 201))


def test_a_request_that_fails_is_told_to_its_asker_and_the_recorder_goes_on(path, caplog):
    recorder = Recorder(opened(path))
    recorder.start()
    failed = recorder.submit(lambda journal: 1 // 0)
    assert isinstance(failed.exception(10), ZeroDivisionError)
    assert recorder.submit(lambda journal: journal.record(entered(), at=at())).result(10).seq == 1
    assert "ZeroDivisionError" in caplog.text
    recorder.stop()


def test_the_recorder_shows_life_while_idle(path):
    recorder = Recorder(opened(path))
    recorder.start()
    before = recorder.beat
    wait_for(lambda: recorder.beat > before, "the recorder shows life while idle", 5)
    recorder.stop()
