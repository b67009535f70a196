"""Lets a test empty the books: what is written there stays, says the database, and nothing of ours can change that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from central.store.schema import AuditCut, AuditLink, LedgerDay, LedgerDaySum, LedgerEntry, LedgerPosting


@contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """While it lasts no trigger of the database is there, for this transaction alone."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        return
    triggers = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    # nothing to empty, and laying triggers anew makes every connection read the schema again
    kept = (LedgerEntry, LedgerPosting, LedgerDay, AuditLink, AuditCut)
    empty = not any(session.scalar(select(select(table).exists())) for table in kept)
    for name, _ in triggers if not empty else ():
        session.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in triggers if not empty else ():
        session.connection().exec_driver_sql(sql)


def forget_books(session: Session) -> None:
    """Books without an entry."""
    with unguarded(session):
        for table in (LedgerPosting, LedgerEntry, LedgerDaySum, LedgerDay):
            session.execute(delete(table))
