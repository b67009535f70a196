"""The journal's file: makes it, opens it for its one writer or for readers, and sets a broken one aside."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from edge.without import without

with without("numpy", "pandas"):  # it would load them to know their types: 20 MB
    from sqlite_utils import Database

log = logging.getLogger(__name__)

APPLICATION_ID = 0x504D4A31  # "PMJ1"
SCHEMA_VERSION = 1
RESERVE_BYTES = 4 << 20  # a thousand vehicles and more, recorded after the disk is full

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE counters (stream TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
CREATE TABLE events (
    n INTEGER PRIMARY KEY AUTOINCREMENT, life INTEGER NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
    type TEXT NOT NULL, session TEXT, wall_ms INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (life, stream, seq)) STRICT;
CREATE INDEX events_type ON events (type, n);
CREATE TABLE outbox (
    rank INTEGER NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL UNIQUE REFERENCES events (n),
    PRIMARY KEY (rank, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE grants (id TEXT PRIMARY KEY, body TEXT NOT NULL, granted_ms INTEGER NOT NULL) STRICT;
CREATE TABLE sessions (
    session TEXT PRIMARY KEY, version INTEGER NOT NULL, local INTEGER NOT NULL, plate TEXT, status TEXT NOT NULL,
    entered_ms INTEGER, body TEXT NOT NULL,
    passed INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0, changed_ms INTEGER NOT NULL) STRICT;
CREATE INDEX sessions_plate ON sessions (plate);
CREATE TABLE access (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE commands (cmd_id TEXT PRIMARY KEY, name TEXT NOT NULL, by TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE images (
    n INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
    bytes INTEGER NOT NULL, taken_ms INTEGER NOT NULL) STRICT;
"""


class JournalError(Exception):
    """The journal can't be opened, read or written: says which file, why, and what to do."""


class JournalFull(JournalError):
    """There is no room left to record this. What was committed before is safe."""


class JournalCorrupt(JournalError):
    """The file is damaged."""


def open_writer(path: Path) -> Database:
    """The journal at `path`, made when missing. Raises JournalCorrupt, or JournalError for a file that is not ours.

    Every commit is on the disk when it returns: in WAL mode only synchronous=FULL survives a power cut.
    """
    try:
        fresh = not path.exists() or path.stat().st_size == 0
        if fresh:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # the recorder's thread takes the connection over from the thread that opened it
        connection = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise JournalError(f"journal {path}: can't be opened ({error}): expected a writable file or folder") from error
    try:
        db = Database(connection, recursive_triggers=False)
        if not fresh:
            _check_ours(connection, path)
        connection.execute("PRAGMA auto_vacuum = NONE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 250")  # a write-ahead log of about a megabyte at most
        if not _value(connection, "PRAGMA application_id"):
            _make(db)
        if (verdict := _value(connection, "PRAGMA quick_check(1)")) != "ok":
            raise JournalCorrupt(f"journal {path}: damaged ({verdict})")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise explain(error, path) from error
    except BaseException:
        connection.close()
        raise
    fill_reserve(path)
    return db


def open_reader(path: Path) -> Database:
    """A connection of its own that can only read, for any thread; JournalError when there is no journal."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise JournalError(f"journal {path}: can't be read ({error})") from error
    return Database(connection, recursive_triggers=False)


def set_aside(path: Path, now: datetime) -> Path:
    """Renames a damaged journal and its side files, keeping them for a person to look into; the new name."""
    stem = f"{path.name}.damaged-{now:%Y%m%dT%H%M%S}"
    taken = sum(1 for other in path.parent.glob(f"{stem}*") if not other.name.endswith(("-wal", "-shm")))
    kept = path.with_name(f"{stem}-{taken}" if taken else stem)
    for suffix in ("-wal", "-shm", ""):
        side = path.with_name(path.name + suffix)
        if side.exists():
            side.rename(kept.with_name(kept.name + suffix))
    log.error("journal %s was damaged: kept as %s, a new one is made", path, kept.name)
    return kept


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Holds the journal for this process; JournalError when another one has it. The kernel lets go at any death."""
    # a file of its own: closing a descriptor of the database would drop SQLite's own locks on it
    try:
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalError(f"journal {path}: can't be opened ({error}): expected a writable file or folder") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise JournalError(f"journal {path}: another gate process uses it; stop that one first") from error
    finally:
        os.close(descriptor)


def explain(error: sqlite3.Error, path: Path) -> JournalError:
    """SQLite's error as one of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return JournalFull(f"journal {path}: the disk is full")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return JournalCorrupt(f"journal {path}: damaged ({error})")
    return JournalError(f"journal {path}: {error}")


def fill_reserve(path: Path) -> None:
    """Sets room aside beside the journal, so that money can still be recorded when the disk has none."""
    reserve = _reserve(path)
    descriptor = None
    try:
        descriptor = os.open(reserve, os.O_CREAT | os.O_RDWR, 0o600)
        os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
    except OSError as error:
        reserve.unlink(missing_ok=True)
        log.error("journal %s: no room for its reserve (%s)", path, error)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def release_reserve(path: Path) -> bool:
    """Gives the room back to the disk; False when it was given before."""
    try:
        _reserve(path).unlink()
    except OSError:
        return False
    log.error("journal %s: the disk is full; its reserve of %d bytes is now in use", path, RESERVE_BYTES)
    return True


def _reserve(path: Path) -> Path:
    return path.with_name(path.name + ".reserve")


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    if not (tables := _value(connection, "SELECT count(*) FROM sqlite_master")):
        return  # the power went while it was being made
    if _value(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise JournalError(
            f"journal {path}: a database of something else ({tables} tables): name another file or move it"
        )
    if (version := _value(connection, "PRAGMA user_version")) != SCHEMA_VERSION:
        raise JournalError(f"journal {path}: written by version {version} of the journal, expected {SCHEMA_VERSION}")


def _make(db: Database) -> None:
    with db.atomic():
        for statement in filter(None, map(str.strip, SCHEMA.split(";"))):
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES ('journal', ?), ('life', '1')", [str(uuid.uuid4())])
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _value(connection: sqlite3.Connection, sql: str):
    return connection.execute(sql).fetchone()[0]
