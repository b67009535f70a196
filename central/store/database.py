"""One door to the database, SQLite or PostgreSQL: `begin` a transaction that writes, `read` in one that doesn't."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from central.store import figures_kept

BUSY_TIMEOUT_MS = 15_000
figures_kept.follow(Session)


class DatabaseError(RuntimeError):
    """The database can't be used: says which and what to do."""


class Database:
    """Connections to one database.

    url  "sqlite:///PATH" or "postgresql://USER@HOST/NAME"
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.engine = create_engine(self.url, hide_parameters=True, **_pool(self.url))  # errors end up in logs
        self._reader = self.engine
        if self.is_sqlite:
            _set_up_sqlite(self.engine)
        else:
            # all of a page is of one instant, and it can lock nothing
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A writing transaction: committed at the end, rolled back on an exception. Alone on SQLite from its start."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.is_sqlite:
                # a read that turns into a write part way is refused with SQLITE_BUSY at once, whatever the timeout
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view that is never written."""
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN")
            yield session  # closing rolls back, and leaves what was loaded readable

    def check(self) -> None:
        """DatabaseError unless the database answers."""
        try:
            with self.engine.connect():
                pass
        except DBAPIError as error:
            raise DatabaseError(f"database {self.url.render_as_string(hide_password=True)}: {error.orig}") from error

    def close(self) -> None:
        self.engine.dispose()


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # not shown: there may be a password in it
        raise DatabaseError("database_url: expected sqlite:///PATH or postgresql://USER@HOST/NAME") from error
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise DatabaseError(f"database_url {backend}: expected sqlite:///PATH or postgresql://USER@HOST/NAME")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.database in (None, "", ":memory:"):
        raise DatabaseError("database_url: an in-memory SQLite can't be shared between processes; name a file")
    if not Path(parsed.database).parent.is_dir():
        raise DatabaseError(f"database {parsed.database}: its folder does not exist; `python -m central init` makes it")
    return parsed


def _pool(url: URL) -> dict:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}}
    return {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection, _record) -> None:
        # the driver's own late BEGIN is switched off: `begin` and `read` say which one they want
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()
