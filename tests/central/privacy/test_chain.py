"""The audit log's chain: sound however it is written to, and whatever is done to it past the triggers is found."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from central.actions import audit_chain
from central.actions.audit import audit
from central.rules import chain
from central.rules.chain import Break, Entry
from central.store.database import Database
from central.store.schema import Audit, AuditHead, AuditLink, AuditPlate
from tests.central.car_park import START
from tests.central.ledger.unguarded import unguarded


def write(db: Database, count: int, what: str = "done", **detail) -> None:
    with db.begin() as session:
        for number in range(count):
            audit(session, START + timedelta(seconds=number), "asha", what, f"thing/{number}", number=number, **detail)
            session.flush()


def link(db: Database) -> int:
    with db.begin() as session:
        return audit_chain.link_new(session)


def verdict(db: Database, folder) -> audit_chain.Verdict:
    with db.read() as session:
        return audit_chain.check(session, folder)


@pytest.fixture
def log(databases) -> Database:
    """Ten rows, linked."""
    write(databases, 10)
    assert link(databases) == 10
    return databases


def tamper(db: Database, *statements: str) -> None:
    """As somebody who may drop triggers does it."""
    with db.begin() as session, unguarded(session):
        if db.is_sqlite:
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            session.execute(text(statement))


def ids(db: Database) -> list[int]:
    with db.read() as session:
        return list(session.scalars(select(AuditLink.audit_id).order_by(AuditLink.position)))


def test_a_log_that_nobody_touched_is_sound_and_its_tail_is_counted(log, tmp_path):
    write(log, 3)
    found = verdict(log, tmp_path)
    assert (found.rows, found.tail, found.broken) == (10, 3, None)
    assert link(log) == 3 and link(log) == 0
    assert verdict(log, tmp_path) == audit_chain.Verdict(13, 0, None, 0)


def test_an_empty_log_is_sound(databases, tmp_path):
    assert verdict(databases, tmp_path) == audit_chain.Verdict(0, 0, None, 0)
    link(databases)
    assert verdict(databases, tmp_path) == audit_chain.Verdict(0, 0, None, 0)


@pytest.mark.parametrize(
    "change",
    ["by = 'roopa'", "what = 'nothing'", "subject = 'thing/9'", "at = '2026-11-24 05:00:00.000000'", "detail = '{}'"],
)
def test_an_edited_row_is_found(log, tmp_path, change):
    victim = ids(log)[3]
    tamper(log, f"UPDATE audit SET {change} WHERE id = {victim}")
    broken = verdict(log, tmp_path).broken
    assert (broken.kind, broken.position, broken.entry_id) == (Break.EDITED, 4, victim)


def test_a_deleted_row_is_found(log, tmp_path):
    victim = ids(log)[3]
    tamper(log, f"DELETE FROM audit_link WHERE audit_id = {victim}", f"DELETE FROM audit WHERE id = {victim}")
    broken = verdict(log, tmp_path).broken
    assert (broken.kind, broken.position) == (Break.DELETED, 4)


def test_a_deleted_row_is_found_though_the_others_were_moved_up(log, tmp_path):
    victim = ids(log)[3]
    tamper(
        log,
        f"DELETE FROM audit_link WHERE audit_id = {victim}",
        f"DELETE FROM audit WHERE id = {victim}",
        *(f"UPDATE audit_link SET position = {at - 1} WHERE position = {at}" for at in range(5, 11)),
        "UPDATE audit_head SET position = 9",
    )
    broken = verdict(log, tmp_path).broken
    assert (broken.kind, broken.position) == (Break.DELETED, 4)


def test_a_row_that_was_put_among_others_is_found_though_they_made_room(log, tmp_path):
    with log.read() as session:
        before = session.get_one(AuditLink, 3)
    at = f"{START:%Y-%m-%d %H:%M:%S.%f}" + ("" if log.is_sqlite else "+00")
    forged = Entry(999, START, "roopa", "nothing", "x", {})
    tamper(
        log,
        *(f"UPDATE audit_link SET position = {at + 1} WHERE position = {at}" for at in range(10, 3, -1)),
        f"INSERT INTO audit (id, at, by, what, subject, detail) VALUES (999, '{at}', 'roopa', 'nothing', 'x', '{{}}')",
        "INSERT INTO audit_link (position, audit_id, previous, hash)"
        f" VALUES (4, 999, '{before.hash}', '{chain.linked(before.hash, forged)}')",
        "UPDATE audit_head SET position = 11",
    )
    broken = verdict(log, tmp_path).broken
    assert (broken.kind, broken.position, broken.entry_id) == (Break.INSERTED, 4, 999)


def test_an_old_row_that_was_never_linked_is_found(log, tmp_path):
    tamper(log, f"UPDATE audit_head SET audit_id = {max(ids(log)) + audit_chain.BEHIND + 5}")
    tamper(
        log,
        "INSERT INTO audit (id, at, by, what, subject, detail)"
        f" VALUES ({min(ids(log)) - 1}, '2026-11-24 04:00:00', 'roopa', 'nothing', 'x', '{{}}')",
    )
    assert link(log) == 0
    assert verdict(log, tmp_path).broken.kind is Break.INSERTED


def test_a_log_cut_short_is_found(log, tmp_path):
    last = ids(log)[-2:]
    tamper(log, "DELETE FROM audit_link WHERE position > 8", f"DELETE FROM audit WHERE id IN ({last[0]}, {last[1]})")
    broken = verdict(log, tmp_path).broken
    assert (broken.kind, broken.position) == (Break.TRUNCATED, 9)


def test_a_log_cut_short_with_its_head_is_found_by_the_head_that_was_written_down(log, tmp_path):
    with log.read() as session:
        written = audit_chain.write_head(session, tmp_path, "2026-11-24", START)
        assert written is not None and written[0] == 10
        assert audit_chain.write_head(session, tmp_path, "2026-11-24", START) is None
        shorter = session.get_one(AuditLink, 8)
    tamper(
        log,
        "DELETE FROM audit_link WHERE position > 8",
        f"UPDATE audit_head SET position = 8, hash = '{shorter.hash}'",
    )
    broken = verdict(log, tmp_path).broken
    assert (broken.kind, broken.position) == (Break.TRUNCATED, 9)


def test_a_log_written_anew_as_a_whole_is_found_by_the_head_that_was_written_down(log, tmp_path):
    with log.read() as session:
        audit_chain.write_head(session, tmp_path, "2026-11-24", START)
    edit = f"UPDATE audit SET by = 'roopa' WHERE id = {ids(log)[3]}"
    tamper(log, edit, "DELETE FROM audit_link", "DELETE FROM audit_head")
    assert link(log) == 10
    broken = verdict(log, tmp_path).broken
    assert (broken.kind, broken.position) == (Break.REWRITTEN, 10)
    (tmp_path / audit_chain.HEADS).unlink()
    assert verdict(log, tmp_path).broken is None  # nothing else can tell


def test_a_file_of_heads_that_is_not_ours_is_said(log, tmp_path):
    (tmp_path / audit_chain.HEADS).write_text("{}\n")
    with pytest.raises(ValueError, match="expected a day, a position and a hash"):
        verdict(log, tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET by = 'x'",
        "DELETE FROM audit",
        "UPDATE audit_link SET hash = 'x'",
        "DELETE FROM audit_link",
        "DELETE FROM audit_link WHERE position = 10",
        "INSERT INTO audit_link SELECT 5, audit_id, previous, hash FROM audit_link WHERE position = 6",
    ],
)
def test_the_database_refuses_to_change_what_is_linked(log, tmp_path, statement):
    with pytest.raises(IntegrityError), log.begin() as session:
        session.execute(text(statement))
    assert verdict(log, tmp_path).broken is None


def test_on_sqlite_replacing_is_refused_too(sqlite, tmp_path):
    write(sqlite, 2)
    link(sqlite)
    for statement in (
        "REPLACE INTO audit SELECT id, at, 'x', what, subject, detail FROM audit",
        "REPLACE INTO audit_link SELECT position, audit_id, previous, 'x' FROM audit_link",
    ):
        with pytest.raises(IntegrityError, match="what is written stays"), sqlite.begin() as session:
            session.execute(text(statement))


def test_a_plate_stands_in_the_log_as_a_seal_and_can_be_forgotten(databases, tmp_path):
    write(databases, 1, "vehicle registered", plate="MH12AB1234", plates=["DL1CAB1234"], was=None)
    link(databases)
    with databases.read() as session:
        row = session.scalars(select(Audit)).one()
        assert row.detail["plate"].startswith(chain.SEAL) and "MH12AB1234" not in json.dumps(row.detail)
        assert sorted(session.scalars(select(AuditPlate.plate))) == ["DL1CAB1234", "MH12AB1234"]
    with databases.begin() as session:
        session.execute(text("UPDATE audit_plate SET plate = 'MH12AB1235' WHERE field = 'plate'"))
    assert verdict(databases, tmp_path).broken.kind is Break.EDITED
    with databases.begin() as session:
        session.execute(text("DELETE FROM audit_plate"))
    assert verdict(databases, tmp_path).broken is None


def test_many_writers_and_linkers_at_once_make_one_chain(databases, tmp_path):
    def work() -> None:
        for _ in range(5):
            write(databases, 3)
            link(databases)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    link(databases)
    assert verdict(databases, tmp_path) == audit_chain.Verdict(60, 0, None, 0)


def test_on_postgresql_a_row_that_is_committed_late_is_linked_after_its_elders(postgres_database, tmp_path):
    with closing(postgres_database.engine.connect()) as slow:
        slow.execute(text("INSERT INTO audit (at, by, what, subject, detail) VALUES (now(), 'a', 'b', 'c', '{}')"))
        write(postgres_database, 3)
        assert link(postgres_database) == 3
        slow.commit()
    assert link(postgres_database) == 1
    assert verdict(postgres_database, tmp_path) == audit_chain.Verdict(4, 0, None, 0)


def test_what_was_found_is_written_into_the_log(log, tmp_path):
    found = verdict(log, tmp_path)
    with log.begin() as session:
        audit_chain.note_check(session, found, START, "roopa")
        row = session.scalars(select(Audit).where(Audit.what == chain.CHECKED)).one()
        assert (row.by, row.detail) == ("roopa", {"rows": 10, "tail": 0, "sound": True})
        assert session.get_one(AuditHead, 1).position == 10
