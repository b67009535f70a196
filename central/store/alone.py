"""A part that one process plays at a time, whichever it is: on PostgreSQL a lock its connection holds."""

from __future__ import annotations

from sqlalchemy import Connection, text

from central.store.database import Database


class Alone:
    """number tells one part from another; any will do, as long as nothing else in the database locks the same one.

    SQLite has one machine and one process of a kind: there the part is always ours.
    """

    def __init__(self, db: Database, number: int) -> None:
        self._db, self._number = db, number
        self._connection: Connection | None = None

    def ours(self) -> bool:
        """True while the part is ours; takes it where it is free. DBAPIError when the database has gone."""
        if self._db.is_sqlite:
            return True
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))  # a lock lasts as long as its connection
            return True
        connection = self._db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": self._number}):
            self._connection = connection
            return True
        connection.close()
        return False

    def give_up(self) -> None:
        """Lets another process have it. What holds the lock is closed, so that no pool keeps it."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
