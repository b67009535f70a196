"""The controller's pen: nothing it was given is lost in silence, and what it knows is found quickly and safely."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import wait

import pytest

from edge import unwritten
from edge.clock import GateClock
from edge.journal.journal import Journal, JournalError
from edge.journal.recorder import Recorder
from edge.pictures.pictures import REMEMBERED, VisitPictures
from edge.protocol.ids import uuid7
from edge.protocol.messages import AccessEntry, AccessList, EntryRefused, GateNotice, OpeningHours
from edge.rules.access import SiteRules, decide_entry
from edge.rules.lane.words import CommitGrant
from edge.rules.records import Fact
from edge.scribe import Scribe, known
from tests.edge.journal_makers import NOON, at, entered, entry_grant, refused


class Bench:
    def __init__(self, folder) -> None:
        self.clock = GateClock(uuid7())
        self.journal = Journal.open(folder / "journal.db", gate="entry-1", at=at())
        self.recorder = Recorder(self.journal)
        self.recorder.start()
        self.spool = folder / "spool"
        self.spool.mkdir()
        self.news: list = []
        self.scribe = Scribe(self.recorder, self.clock, self.spool, self.news.append)

    def ask(self, do=lambda journal: None):
        return self.recorder.submit(do).result(timeout=20)

    def limit(self, pages: int | None) -> None:
        """How many pages the journal's file may have; None: as many as now."""
        now = self.ask(lambda journal: journal._db.execute("PRAGMA page_count").fetchone()[0])
        self.ask(lambda journal: journal._db.execute(f"PRAGMA max_page_count = {pages or now}").fetchone())

    def fill(self, count: int = 60, first: int = 0) -> None:
        for n in range(first, first + count):
            self.scribe.record([Fact(GateNotice(code=f"notice_{n}", detail="x" * 2000))])
        self.ask()

    def retry(self) -> None:
        self.scribe.retry()
        while self.scribe._retrying:
            self.ask()

    def codes(self) -> list[str]:
        lines = self.ask(lambda journal: journal.log.recent(20_000, type="gate.notice"))
        return [row.event.data["code"] for row in reversed(lines)]

    def waiting(self) -> list[str]:
        return [image.sha256 for image in self.ask(lambda journal: journal.images.oldest(100))]

    def picture(self, visit: str, n: int) -> str:
        sha256 = f"{n:064x}"
        (self.spool / f"{sha256}.jpg").write_bytes(b"\xff\xd8")
        self.scribe.pictures.taken(visit, sha256)
        self.scribe.pictures.queue_due()  # as the controller does now and then
        self.ask()
        return sha256

    def files(self) -> list[str]:
        return sorted(path.stem for path in self.spool.iterdir())


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.recorder.stop()


# -- what the disk refuses -------------------------------------------------------------------------------------------


def test_what_a_full_disk_refused_is_written_in_order_when_there_is_room(bench):
    bench.limit(None)
    bench.fill()
    assert bench.scribe.unwritten > 10
    bench.limit(1 << 20)
    bench.retry()
    assert bench.scribe.unwritten == 0
    codes = bench.codes()
    assert codes == [f"notice_{n}" for n in range(60)]


def test_what_waits_is_counted_also_while_it_is_being_tried_again(bench):
    bench.limit(None)
    bench.fill()
    before = bench.scribe.unwritten
    free = threading.Event()
    bench.recorder.submit(lambda journal: free.wait(20))
    bench.scribe.retry()
    bench.scribe.retry()
    assert bench.scribe.unwritten == before
    free.set()
    bench.ask()
    assert bench.scribe.unwritten == before


def test_beyond_its_bound_the_least_important_goes_to_the_log_and_a_notice_says_so(bench, monkeypatch, caplog):
    monkeypatch.setattr(unwritten, "MOST", 10)
    bench.limit(None)
    bench.fill()
    assert bench.scribe.unwritten == 10
    money = entered()
    bench.scribe.record([Fact(money, uuid7())])
    bench.fill(40, first=60)
    assert bench.scribe.unwritten == 10
    assert "not on record, and not tried again" in caplog.text and "notice_5" in caplog.text
    bench.limit(1 << 20)
    bench.retry()
    assert bench.codes()[-1] == "facts_lost"
    [told] = [row.event for row in bench.ask(lambda journal: journal.log.recent(1, type="vehicle.entered"))]
    assert told.data["ticket"] == money.ticket
    bench.retry()
    assert bench.codes().count("facts_lost") == 1


def test_a_fact_the_journal_can_not_take_is_not_tried_for_ever_and_holds_up_nobody(bench, caplog):
    def spoil(journal: Journal) -> None:
        journal._db.execute(
            "CREATE TRIGGER odd BEFORE INSERT ON events WHEN NEW.type = 'entry.refused'"
            " BEGIN SELECT RAISE(ABORT, 'odd'); END"
        )

    bench.ask(spoil)
    bench.scribe.record([Fact(refused("odd one"))])
    bench.ask()
    bench.limit(None)
    bench.fill(40)
    bench.limit(1 << 20)
    for _ in range(unwritten.MOST_TRIES):
        bench.retry()
    assert bench.scribe.unwritten == 0
    assert "odd one" in caplog.text
    assert bench.codes()[-1] == "facts_lost" and len(bench.codes()) == 41
    assert bench.news == []


def test_at_the_stop_all_is_tried_once_more(bench):
    bench.limit(None)
    bench.fill()
    assert bench.scribe.unwritten
    bench.limit(1 << 20)
    bench.scribe.close()
    assert bench.scribe.unwritten == 0 and len(bench.codes()) == 60


def test_a_fact_that_is_refused_only_as_the_gate_stops_is_tried_or_logged_too(bench, caplog):
    bench.limit(None)
    for n in range(60):
        bench.scribe.record([Fact(GateNotice(code=f"notice_{n}", detail="x" * 2000))])
    bench.scribe.close()
    assert bench.scribe.unwritten == 0
    assert len(bench.codes()) + caplog.text.count("(the gate stops)") == 60


def test_what_can_not_be_written_at_the_stop_is_in_the_log(bench, caplog):
    caplog.set_level(logging.CRITICAL)
    bench.limit(None)
    bench.fill()
    lost = bench.scribe.unwritten
    bench.scribe.close()
    assert bench.scribe.unwritten == 0
    assert caplog.text.count("not on record, and not tried again (the gate stops)") == lost


def test_that_the_boom_is_held_is_written_when_the_disk_takes_it_again(bench):
    with bench.journal.transaction():
        bench.journal._db.execute("CREATE TRIGGER odd BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'odd'); END")
    bench.scribe.hold(True)
    assert not bench.ask(lambda journal: journal.held)
    bench.ask(lambda journal: journal._db.execute("DROP TRIGGER odd"))
    bench.scribe.retry()
    assert bench.ask(lambda journal: journal.held)


def test_the_latest_word_on_holding_wins_whatever_failed_before_it(bench):
    with bench.journal.transaction():
        bench.journal._db.execute("CREATE TRIGGER odd BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'odd'); END")
    bench.scribe.hold(True)
    bench.scribe.hold(False)
    bench.ask(lambda journal: journal._db.execute("DROP TRIGGER odd"))
    bench.scribe.retry()
    bench.scribe.retry()
    assert not bench.ask(lambda journal: journal.held)


# -- pictures --------------------------------------------------------------------------------------------------------


def test_of_a_driver_who_waits_the_first_picture_is_sent_and_only_the_latest_other_is_kept(bench):
    names = [bench.picture("visit", n) for n in range(20)]
    assert bench.waiting() == [names[0]]
    assert bench.files() == sorted([names[0], names[-1]])


def test_a_first_picture_is_queued_in_the_commit_of_the_grant_that_follows(bench):
    commits = []
    bench.ask(lambda journal: journal._db.conn.set_trace_callback(commits.append))
    picture = f"{7:064x}"
    (bench.spool / f"{picture}.jpg").write_bytes(b"\xff\xd8")
    bench.scribe.pictures.taken("visit", picture)
    bench.scribe.commit(CommitGrant(entry_grant()))
    assert bench.waiting() == [picture]
    assert commits.count("COMMIT") == 1


def test_a_first_picture_is_not_forgotten_when_the_record_that_took_it_along_was_refused(bench):
    bench.limit(None)
    bench.fill()
    picture = f"{7:064x}"
    (bench.spool / f"{picture}.jpg").write_bytes(b"\xff\xd8")
    bench.scribe.pictures.taken("visit", picture)
    bench.scribe.record([Fact(GateNotice(code="x", detail="y" * 5000))])
    assert picture not in bench.waiting()
    bench.limit(1 << 20)
    bench.scribe.retry()
    bench.ask()
    assert picture in bench.waiting()


def test_a_picture_that_a_fact_names_is_sent_with_it(bench):
    names = [bench.picture("visit", n) for n in range(3)]
    bench.scribe.record([Fact(EntryRefused(reason="unread", image=names[2]))])
    later = bench.picture("visit", 3)
    assert bench.waiting() == [names[0], names[2]]
    assert bench.files() == sorted([names[0], names[2], later])


def test_a_picture_that_a_grant_names_is_kept_until_its_vehicle_has_passed(bench):
    names = [bench.picture("visit", n) for n in range(2)]
    grant = entry_grant().model_copy(update={"image": names[1]})
    bench.scribe.commit(CommitGrant(grant))
    bench.picture("visit", 2)
    bench.scribe.record([Fact(grant.passed(), grant.session)], grant.id)
    assert bench.ask(lambda journal: journal.images.waits(names[1]))
    assert names[1] in bench.files()


def test_a_picture_nobody_named_goes_with_the_memory_of_its_visit():
    visits = VisitPictures()
    visits.taken("early", "a")
    assert visits.taken("early", "b") == (False, [])
    gone = [visits.taken(f"visit {n}", f"c{n}") for n in range(REMEMBERED)]
    assert gone == [(True, [])] * (REMEMBERED - 1) + [(True, ["b"])]


# -- what is known ---------------------------------------------------------------------------------------------------

CLOSED_NOW = (OpeningHours(weekdays=(0, 1, 2, 3, 4, 5, 6), opens="02:00", closes="03:00"),)


@pytest.mark.parametrize(
    "name", ["Asia", "", "../x", "A" * 300, "Europe/", "Nowhere/X", "posix", "a\0b", "Asia/Kolkata"]
)
def test_whatever_central_calls_a_time_zone_the_gate_decides(bench, name):
    lists = AccessList(
        site="main", version=1, timezone=name, hours=CLOSED_NOW, entries=(AccessEntry(plate="DL1", kind="denied"),)
    )
    bench.ask(lambda journal: journal.mirror.apply_access(lists))
    found = bench.ask(lambda journal: known(journal, None))
    decision = decide_entry(None, found, SiteRules(unread="admit"), NOON)
    assert (type(decision).__name__ == "Refuse") is (name == "Asia/Kolkata")


def test_a_look_up_brings_the_lines_of_its_plate_alone_and_takes_the_lists_apart_once(bench):
    def lists(version: int, kind: str) -> AccessList:
        entries = tuple(AccessEntry(plate=f"MH12AB{n}", kind=kind) for n in range(3000))
        return AccessList(site="main", version=version, entries=entries)

    bench.ask(lambda journal: journal.mirror.apply_access(lists(1, "pass")))
    first = bench.ask(lambda journal: journal.mirror.access())
    found = bench.ask(lambda journal: known(journal, "MH12AB7")).lists
    assert [(entry.plate, entry.kind) for entry in found.entries] == [("MH12AB7", "pass")]
    assert bench.ask(lambda journal: known(journal, None)).lists.entries == ()
    assert bench.ask(lambda journal: journal.mirror.access()) is first
    bench.ask(lambda journal: journal.mirror.apply_access(lists(2, "denied")))
    [entry] = bench.ask(lambda journal: known(journal, "MH12AB7")).lists.entries
    assert entry.kind == "denied"


def test_lists_whose_commit_failed_are_not_used(bench):
    def fail(journal: Journal) -> None:
        with journal.transaction():
            journal.mirror.apply_access(
                AccessList(site="main", version=2, entries=(AccessEntry(plate="A", kind="pass"),))
            )
            raise JournalError("the power went")

    bench.ask(lambda journal: journal.mirror.apply_access(AccessList(site="main", version=1)))
    [done], _ = wait([bench.recorder.submit(fail)])
    assert done.exception()
    found = bench.ask(lambda journal: known(journal, "A")).lists
    assert (found.version, found.entries) == (1, ())
