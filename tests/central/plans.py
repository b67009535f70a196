"""How SQLite goes about what is asked of it: by which index, and whether it reads or sorts more than it gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from central.store.database import Database


@contextmanager
def plans(db: Database) -> Iterator[list[str]]:
    """The steps of every SELECT within, as EXPLAIN QUERY PLAN words them."""
    steps: list[str] = []

    def explain(connection, _cursor, statement, parameters, _context, _many) -> None:
        if statement.startswith("SELECT"):
            asked = connection.connection.cursor()
            asked.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps.extend(row[3] for row in asked)
            asked.close()

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        yield steps
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
