"""What central sent reaches the controller whatever the disk does, and is on record as soon as it can be."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from edge.journal.journal import Journal, JournalError
from edge.journal.recorder import Recorder
from edge.protocol.ids import uuid7
from edge.protocol.messages import Ack, Clock, Command, Reply, SessionStatus
from edge.protocol.signing import Verifier
from edge.protocol.topics import GateTopics
from edge.rules.commands import REPLAYED
from edge.uplink import turns
from edge.uplink.inbox import Inbox
from edge.uplink.inflight import InFlight
from edge.uplink.turns import Turns
from tests.edge.journal_makers import BOOT, NOON, at, entered, state
from tests.edge.small_disk import run_on_small_disk

STAY, REQUEST = uuid7(), uuid7()
QUOTED = state(STAY, 1, SessionStatus.QUOTED, request=REQUEST)
PAID = state(STAY, 2, SessionStatus.PAID, request=REQUEST)


class Bench:
    """Turns over a real journal; time is the test's own."""

    def __init__(self, folder, clock: Clock = Clock.SYNCED) -> None:
        self.journal = Journal.open(folder / "journal.db", gate="exit-1", at=at())
        self.recorder = Recorder(self.journal)
        self.recorder.start()
        self.inbox = Inbox(GateTopics("main", "exit-1"), Verifier([]))
        self.inflight = InFlight(64, 20.0)
        self.news: list = []
        self.replies: list[tuple[str, Reply]] = []
        self.now = 0.0
        self.turns = Turns(
            self.recorder,
            self.inbox,
            self.inflight,
            boot=BOOT,
            wall=lambda: NOON,
            nudge=lambda: None,
            on_message=self.news.append,
            reply=lambda cmd_id, reply: self.replies.append((cmd_id, reply)),
            clock=lambda: clock,
        )

    def turn(self) -> None:
        self.now += turns.RETRY_S
        self.turns.begin(self.now)
        self.ask(lambda journal: None)
        self.turns.finish(self.now)

    def ask(self, do):
        return self.recorder.submit(do).result(timeout=20)

    def fill(self) -> None:
        """As a full disk whose reserve is used up: the file may not grow, and what is free in it is taken."""

        def fill(journal: Journal) -> None:
            pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
            journal._db.execute(f"PRAGMA max_page_count = {pages}").fetchone()
            journal.path.with_name("journal.db.reserve").unlink(missing_ok=True)
            n = 0
            while n < 10_000:
                try:
                    with journal.transaction():
                        journal._db.execute("INSERT INTO meta VALUES (?, ?)", [f"filler {n}", "x" * 50])
                except JournalError:
                    return
                n += 1

        self.ask(fill)

    def empty(self) -> None:
        self.ask(lambda journal: journal._db.execute("PRAGMA max_page_count = 1000000").fetchone())


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.recorder.stop()


def order(**changes) -> Command:
    fields = {
        "cmd_id": uuid7(),
        "gate": "exit-1",
        "boot": BOOT,
        "nonce": "n",
        "not_after": NOON + timedelta(seconds=30),
        "name": "open",
        "by": "anita",
    }
    return Command(**{**fields, **changes})


def test_a_payment_reaches_the_boom_though_the_disk_takes_nothing_and_is_recorded_later(bench):
    bench.fill()
    other = [state(uuid7(), 1) for _ in range(40)]  # more than what is left of the last page
    for each in (PAID, *other):
        bench.inbox.batch.add_session(each)
    bench.turn()
    assert PAID in bench.news
    assert bench.ask(lambda journal: journal.mirror.session(STAY)) is None
    bench.turn()
    assert bench.news.count(PAID) == 2, "told again: its vehicle may have driven up only now"
    bench.empty()
    bench.turn()
    assert bench.ask(lambda journal: journal.mirror.session(STAY)).state == PAID
    assert not bench.inbox.batch


def test_an_old_state_delivered_again_does_not_count_more_than_the_mirror_s_when_the_disk_is_full(bench):
    bench.inbox.batch.add_session(PAID)
    bench.turn()
    bench.fill()
    bench.news.clear()
    for each in (QUOTED, *(state(uuid7(), 1) for _ in range(40))):
        bench.inbox.batch.add_session(each)
    bench.turn()
    assert bench.inbox.batch.sessions, "the disk took nothing"
    assert PAID in bench.news and QUOTED not in bench.news


def test_an_operator_s_order_moves_the_boom_once_though_the_disk_takes_nothing(bench):
    bench.fill()
    command = order(by="anita" * 1000)
    for _ in range(3):
        bench.inbox.batch.commands += [command, command]
        bench.turn()
    assert [item for item in bench.news if isinstance(item, Command)] == [command]
    again = (command.cmd_id, Reply(verdict="rejected", reason=REPLAYED))
    assert bench.replies == [(command.cmd_id, Reply(verdict="accepted")), *[again] * 5]
    assert not bench.ask(lambda journal: journal.seen_command(command.cmd_id))
    bench.empty()
    bench.inbox.batch.commands.append(command)
    bench.turn()
    assert [item for item in bench.news if isinstance(item, Command)] == [command]


def test_a_state_that_was_put_on_record_by_a_turn_that_died_is_told_by_the_next(bench):
    bench.ask(lambda journal: journal.mirror.apply_session(PAID, NOON))
    bench.inbox.batch.add_session(PAID)
    bench.turn()
    assert bench.news == [PAID]


def test_states_and_commands_of_one_turn_are_recorded_together_or_not_at_all(bench):
    bench.fill()
    bench.inbox.batch.add_session(state(STAY, 1))
    bench.inbox.batch.commands.append(order(by="anita" * 1000))
    bench.turn()
    assert bench.ask(lambda journal: journal.mirror.session(STAY)) is None
    assert len(bench.news) == 2


def test_a_disk_that_hangs_as_the_line_breaks_swallows_neither_a_payment_nor_an_order(bench, monkeypatch):
    monkeypatch.setattr(turns, "SETTLE_S", 0.05)
    free = threading.Event()
    bench.recorder.submit(lambda journal: free.wait(20))
    command = order()
    bench.inbox.batch.add_session(PAID)
    bench.inbox.batch.commands.append(command)
    bench.turns.begin(1.0)
    bench.turns.settle(1.0)
    assert [(cmd_id, reply.verdict) for cmd_id, reply in bench.replies] == [(command.cmd_id, "rejected")]
    free.set()
    bench.turn()
    assert bench.news == [PAID]


@pytest.mark.parametrize("clock, obeyed", [(Clock.SYNCED, False), (Clock.HOLDOVER, True), (Clock.UNTRUSTED, True)])
def test_an_order_expires_only_by_a_clock_that_can_be_believed(tmp_path, clock, obeyed):
    bench = Bench(tmp_path, clock)
    command = order(not_after=NOON - timedelta(minutes=20))
    bench.inbox.batch.commands.append(command)
    bench.turn()
    assert (command in bench.news) is obeyed
    bench.recorder.stop()


def test_acks_are_taken_also_when_what_came_with_them_can_not_be_recorded(bench):
    bench.ask(lambda journal: journal.record(entered(), at=at()))
    bench.turn()
    assert bench.inflight.beyond()
    bench.fill()
    bench.inbox.batch.add_ack(Ack(journal=bench.journal.uuid, through={"money": 1}))
    for _ in range(400):
        bench.inbox.batch.add_session(state(uuid7(), 1))
    bench.turn()
    assert bench.inbox.batch.sessions, "the disk took no states"
    assert bench.ask(lambda journal: journal.outbox.depth()) == 0 and not bench.inflight.beyond()


REAL_DISK = """
import logging
logging.disable(logging.CRITICAL)
from edge.uplink.batch import Batch, apply
from edge.journal.journal import Journal
from tests.edge.journal_makers import BOOT, NOON, at, entered, state
from tests.edge.test_turns import PAID, STAY, order
journal = Journal.open(disk / "journal.db", gate="exit-1", at=at())
for _ in range(50):
    journal.record(entered(), at=at())
fill()
command = order()
for n in range(3000):  # what room the write-ahead log still has is used up
    batch = Batch()
    batch.add_session(state(f"{n:08x}-0000-7000-8000-000000000000", 1))
    apply(journal, batch, now=NOON, boot=BOOT, room=0, beyond={})
    if not (disk / "journal.db.reserve").exists():
        break
batch = Batch(commands=[command])
batch.add_session(PAID)
done = apply(journal, batch, now=NOON, boot=BOOT, room=0, beyond={})
assert done.trouble is None, done.trouble
assert done.news == [PAID, command]
assert journal.mirror.session(STAY).state == PAID and journal.seen_command(command.cmd_id)
journal.close()
print("held")
"""


def test_on_a_real_full_disk_the_reserve_takes_payments_and_orders(tmp_path):
    run_on_small_disk(tmp_path, REAL_DISK)
