"""Rows by the million into either database: past the ORM, without indexes and triggers meanwhile."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, text

from central.store.base import Base
from central.store.database import Database

AT_ONCE = 20_000
# a row: which table, and its columns; what is not named gets its default
Row = tuple[type[Base], dict[str, Any]]


def load(db: Database, rows: Iterable[Row]) -> None:
    """Writes the rows in their order, a batch of each table at a time."""
    waiting: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
    with db.engine.connect() as connection, _bare(connection):
        for model, row in rows:
            waiting[model].append(row)
            if len(waiting[model]) >= AT_ONCE:
                _write(connection, model.__table__, waiting.pop(model))
        for model, some in waiting.items():
            _write(connection, model.__table__, some)


@contextmanager
def _bare(connection: Connection) -> Iterator[None]:
    """No index but of keys, no trigger, no foreign key looked at, until the end: then all are made again."""
    sqlite = connection.dialect.name == "sqlite"
    indexes = [index for table in Base.metadata.sorted_tables for index in table.indexes]
    triggers = []
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        # a database that is half filled is thrown away, so nothing need be able to undo
        connection.exec_driver_sql("PRAGMA journal_mode = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)
    for _, sql in triggers:
        connection.exec_driver_sql(sql)
    connection.commit()
    if not sqlite:
        connection.execution_options(isolation_level="AUTOCOMMIT")
    connection.exec_driver_sql("ANALYZE")
    if sqlite:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("PRAGMA synchronous = FULL")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _write(connection: Connection, table: Table, rows: list[Mapping[str, Any]]) -> None:
    """All rows name the same columns."""
    given = list(rows[0])
    defaults = {
        column.name: _plain(column.default.arg)
        for column in table.columns
        if column.name not in given and column.default is not None and column.default.is_scalar
    }
    empty = {
        column.name: json.dumps(column.default.arg(None))
        for column in table.columns
        if column.name not in given and column.default is not None and column.default.is_callable
    }
    more = defaults | empty
    names = [*given, *more]
    tail = tuple(more.values())
    columns = ", ".join(f'"{name}"' for name in names)
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        cursor.executemany(
            f"INSERT INTO {table.name} ({columns}) VALUES ({marks})",
            (tuple(map(_stored, row.values())) + tail for row in rows),
        )
    else:
        with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(tuple(row.values()) + tail)
    cursor.close()


def _stored(value: Any) -> Any:
    return _instant(value) if type(value) is datetime else value


@lru_cache(maxsize=1_024)
def _instant(at: datetime) -> str:
    """As SQLAlchemy writes it to SQLite."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value
