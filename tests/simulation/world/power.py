"""Machines that lose their power at a commit, and disks that fill up: the real journal and database, made fragile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from central.store.database import Database
from edge.journal import file as journal_file
from edge.journal.journal import Journal

PAGE_BYTES = 4096
FREE_BYTES = 1 << 30


class PowerCut(BaseException):
    """The machine is gone this very moment; no code of its own runs any more."""


class Power:
    """The power supply of one machine.

    cut_in  the power goes at the so-manieth commit from now, None: it holds
    after   right after that commit, else right before it
    """

    def __init__(self) -> None:
        self.cut_in: int | None = None
        self.after = False

    def cut_at(self, commit: int, *, after: bool) -> None:
        self.cut_in, self.after = commit, after

    @contextmanager
    def through_commit(self, commit) -> Iterator:
        """Wraps the context of a transaction."""
        with commit as inside:
            yield inside
            due = self._counts_down()
            if due and not self.after:
                raise PowerCut
        if due:
            raise PowerCut

    def _counts_down(self) -> bool:
        if self.cut_in is None:
            return False
        self.cut_in = self.cut_in - 1 or None
        return self.cut_in is None


class Disk:
    """A gate's card. full: nothing more fits, but for what the journal's reserve gives back."""

    def __init__(self) -> None:
        self.full = False
        self._full_at = 0

    @property
    def free_bytes(self) -> int:
        return 0 if self.full else FREE_BYTES

    def fill(self, pages: int) -> None:
        """From now on there is room for so many pages at most."""
        self.full, self._full_at = True, pages

    def pages(self, journal: FragileJournal) -> int:
        """How large the journal's file may grow."""
        if not self.full:
            return 1 << 30
        reserved = journal.path.with_name(journal.path.name + ".reserve").exists()
        return self._full_at + (0 if reserved else journal_file.RESERVE_BYTES // PAGE_BYTES)


class FragileJournal(Journal):
    """The real journal on a machine that may stop at any commit and on a disk that may be full."""

    power: Power | None = None
    disk: Disk | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.power is None or self.disk is None or self._db.conn.in_transaction:
            with super().transaction():
                yield
            return
        self._db.execute(f"PRAGMA max_page_count = {self.disk.pages(self)}").fetchone()
        with self.power.through_commit(super().transaction()):
            yield

    def versions(self) -> list[tuple[str, int]]:
        """How new what is known of each stay is."""
        return self._db.execute("SELECT session, version FROM sessions").fetchall()

    @property
    def size_pages(self) -> int:
        return self._db.execute("PRAGMA page_count").fetchone()[0]


class FragileDatabase(Database):
    """Central's real database on a machine that may stop at any commit."""

    def __init__(self, url: str, power: Power) -> None:
        super().__init__(url)
        self.power = power

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self.power.through_commit(super().begin()) as session:
            yield session
