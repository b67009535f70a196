"""The gate's memory, on disk before anything moves: facts, grants, the mirror and everything yet unsent."""

from __future__ import annotations

import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from edge.journal import file as journal_file
from edge.journal.event_log import EventLog
from edge.journal.file import JournalCorrupt, JournalError, JournalFull, explain
from edge.journal.image_queue import ImageQueue, QueuedImage
from edge.journal.mirror import Mirror, MirrorRow
from edge.journal.outbox import RANK, Outbox
from edge.life.back_dating import back_date
from edge.life.clock_trust import ClockSet
from edge.protocol.ids import uuid7
from edge.protocol.messages import EVENT_TYPES, EVENTS, Ack, Entered, Event, Exited, GateNotice, Wire
from edge.protocol.topics import Stream
from edge.rules.records import Fact, Grant, Moment
from edge.rules.room import Room, kept, room

__all__ = [
    "Fact",
    "Grant",
    "Journal",
    "JournalCorrupt",
    "JournalError",
    "JournalFull",
    "JournalView",
    "MirrorRow",
    "Moment",
    "read_journal",
]


T = TypeVar("T")


class JournalView:
    """The parts of a journal that can be asked: `log`, `outbox`, `mirror` and `images`."""

    def __init__(self, db: journal_file.Database) -> None:
        self._db = db
        self.log = EventLog(db)
        self.outbox = Outbox(db)
        self.mirror = Mirror(db)
        self.images = ImageQueue(db)

    @property
    def uuid(self) -> str:
        """Made with the file: sequence numbers count within it."""
        return self._meta("journal")

    def open_grants(self) -> list[Grant]:
        """Grants whose vehicles have not been seen to pass, oldest first. At start: the ones a crash left."""
        rows = self._db.execute("SELECT body FROM grants ORDER BY granted_ms, rowid").fetchall()
        return [Grant.decode(body) for (body,) in rows]

    def last_seq(self, stream: Stream) -> int:
        """The highest sequence number ever given out, 0 for none."""
        row = self._db.execute("SELECT last FROM counters WHERE stream = ?", [str(stream)]).fetchone()
        return row[0] if row else 0

    @property
    def held(self) -> bool:
        """A person holds the boom open, since before a restart too."""
        return self._meta("held") == "1"

    def _meta(self, key: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return row[0] if row else ""


class Journal(JournalView):
    """The one writer of a journal file. One thread at a time; a gate hands it to its `Recorder`.

    gate    id of the gate, in every event
    room    how much room the disk has left, see `notice_free`
    grown   how many events were recorded since it was opened
    """

    def __init__(self, db, path: Path, gate: str, new_id: Callable[[int], str], claim: ExitStack) -> None:
        super().__init__(db)
        self.path = path
        self.gate = gate
        self.room = Room.AMPLE
        self.grown = 0
        self._new_id = new_id
        self._claim = claim
        self._squeezed: Counter[str] = Counter()
        self._counted: tuple[str, int] | None = None

    @classmethod
    def open(cls, path: Path, *, gate: str, at: Moment, new_id: Callable[[int], str] = uuid7) -> Journal:
        """The journal at `path`, made when missing.

        A damaged file is kept under another name, and a new one, with a new UUID, starts with a notice of that.
        Raises JournalError for a file in use, not writable, of another gate or of something else than a journal.

        new_id  makes an event's id from milliseconds since 1970
        """
        with ExitStack() as claim:
            claim.enter_context(journal_file.claimed(path))
            lost = None
            try:
                db = journal_file.open_writer(path)
            except JournalCorrupt as error:
                kept_as = journal_file.set_aside(path, at.wall)
                lost = GateNotice(code="journal_damaged", detail=f"{error}; kept as {kept_as.name}")
                db = journal_file.open_writer(path)
            claim.callback(db.close)
            journal = cls(db, path, gate, new_id, claim)
            journal._belong()
            if lost:
                journal.record(lost, at=at)
            journal._claim = claim.pop_all()
            return journal

    def close(self) -> None:
        """Lets go of the file. Safe to call twice."""
        self._claim.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """JournalError where what is asked inside can't be read."""
        try:
            yield
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is committed together, or not at all; JournalFull when it does not fit."""
        try:
            with self._db.atomic():
                yield
        except BaseException as error:
            self._counted = None  # a new life may have begun inside, and did not after all
            if isinstance(error, sqlite3.Error):
                raise explain(error, self.path) from error
            raise

    def commit(self, write: Callable[[], T], *, reserve: bool) -> T:
        """`write()` in one commit, and its result; it may be called twice. JournalFull when it does not fit.

        reserve  a full disk's reserve is given back for it
        """
        nested = self._db.conn.in_transaction
        try:
            with self.transaction():
                return write()
        except JournalFull:
            if nested or not reserve or not journal_file.release_reserve(self.path):
                raise
        with self.transaction():
            return write()

    def record(self, what: Wire, *, session: str | None = None, at: Moment) -> Event | None:
        """Commits one fact, its sequence number and its outbox row; None when there is no room for its kind."""
        events = self.record_all([Fact(what, session)], at=at)
        return events[0] if events else None

    def record_all(
        self,
        facts: Iterable[Fact],
        *,
        at: Moment,
        resolves: str | None = None,
        pictures: Iterable[QueuedImage] = (),
    ) -> list[Event]:
        """Commits several facts together, ends the grant `resolves` with them and queues their pictures.

        An entry makes the stay's row in the mirror and an exit marks it as passed, in the same commit.
        JournalFull: nothing of this was recorded, all that was before is safe.
        """
        wanted = [fact for fact in facts if self.room is Room.AMPLE or self._fits(fact.what)]

        def write() -> list[Event]:
            if resolves is not None:
                self._db.execute("DELETE FROM grants WHERE id = ?", [resolves])
            for picture in pictures:
                self.images.add(picture)
            return self._write(wanted, at)

        money = resolves is not None or any(EVENTS[EVENT_TYPES[type(f.what)]][0] is Stream.MONEY for f in wanted)
        events = self.commit(write, reserve=money)
        self.grown += len(events)
        return events

    def grant(self, grant: Grant, pictures: Iterable[QueuedImage] = ()) -> None:
        """Commits a grant, and pictures' places on the upload's queue; only then may the boom open for it.

        An exit's may use the reserve of a full disk.
        """

        def write() -> None:
            for picture in pictures:
                self.images.add(picture)
            granted_ms = int(grant.granted_at.timestamp() * 1000)
            self._db.execute("INSERT INTO grants VALUES (?, ?, ?)", [grant.id, grant.encode().decode(), granted_ms])

        self.commit(write, reserve=grant.lane == "exit")

    def hold(self, held: bool) -> None:
        """Remembers whether a person holds the boom open: it must not come down because the gate restarted."""
        sql = "INSERT INTO meta VALUES ('held', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        self.commit(lambda: self._db.execute(sql, [str(int(held))]), reserve=True)

    def acknowledge(self, ack: Ack) -> int:
        """Drops from the outbox what central has committed; how many. An ack for another journal drops nothing."""
        if ack.journal != self.uuid:
            return 0

        def write() -> int:
            if any(through > self.last_seq(stream) for stream, through in ack.through.items()):
                self._start_new_life()
                return 0
            return self.outbox.acknowledge(ack)

        return self.commit(write, reserve=True)

    def back_date(self, told: ClockSet) -> int:
        """Gives what waits since before the clock was set its right time; how many events."""
        return self.commit(lambda: back_date(self._db, told), reserve=False)

    def remember_command(self, cmd_id: str, name: str = "", by: str = "", *, at: datetime) -> bool:
        """Notes a command before it is acted on; False when it was noted before."""
        sql = "INSERT INTO commands VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        with self.transaction():
            return self._db.execute(sql, [cmd_id, name, by, int(at.timestamp() * 1000)]).rowcount > 0

    def seen_command(self, cmd_id: str) -> bool:
        """Whether a command was noted before."""
        return self._db.execute("SELECT 1 FROM commands WHERE cmd_id = ?", [cmd_id]).fetchone() is not None

    def prune(self, older_than: datetime) -> int:
        """Forgets what is older and done with: log lines that central has, stays that are over, old commands."""
        with self.transaction():
            self._db.execute("DELETE FROM commands WHERE at_ms < ?", [int(older_than.timestamp() * 1000)])
            return self.log.prune(older_than) + self.mirror.prune(older_than)

    def notice_free(self, free_bytes: int) -> Room:
        """Sets what is recorded from now on by the disk's free bytes; refills the reserve when there is plenty."""
        self.room = room(free_bytes)
        if self.room is Room.AMPLE:
            self._squeezed.clear()
            journal_file.fill_reserve(self.path)
        return self.room

    def _fits(self, what: Wire) -> bool:
        event_type = EVENT_TYPES[type(what)]
        stream, _ = EVENTS[event_type]
        fits = kept(stream, event_type, self._squeezed[event_type], self.room)
        self._squeezed[event_type] += 1
        return fits

    def _write(self, facts: list[Fact], at: Moment) -> list[Event]:
        """Numbers, logs and queues facts in their order. Statements are few: each costs a slow processor its time."""
        uuid, life = self._count()
        wall_ms = int(at.wall.timestamp() * 1000)
        counts = Counter(EVENTS[EVENT_TYPES[type(fact.what)]][0] for fact in facts)
        taken = {stream: self._take(stream, count) for stream, count in counts.items()}
        numbers = {stream: iter(run) for stream, run in taken.items()}
        events = []
        for fact in facts:
            event_type = EVENT_TYPES[type(fact.what)]
            stream, _ = EVENTS[event_type]
            event = Event(
                id=self._new_id(wall_ms),
                gate=self.gate,
                journal=uuid,
                stream=stream,
                seq=next(numbers[stream]),
                boot=at.boot,
                mono_ms=at.mono_ms,
                wall=at.wall,
                clock=at.clock,
                offline=at.offline,
                type=event_type,
                session=fact.session,
                data=fact.what.model_dump(mode="json"),
            )
            events.append(event)
        self.log.add(events, life)
        for stream, run in taken.items():
            self.outbox.add_run(life, stream, run[0], run[-1])
        for fact in facts:
            self._mirror(fact, at)
        return events

    def _mirror(self, fact: Fact, at: Moment) -> None:
        if fact.session is None:
            return
        if isinstance(fact.what, Entered):
            self.mirror.enter(fact.session, fact.what, at.wall)
        elif isinstance(fact.what, Exited):
            self.mirror.mark_passed(fact.session)

    def _count(self) -> tuple[str, int]:
        """What numbers count within: the journal's UUID, and how many lives it has had. Only we change it."""
        if self._counted is None:
            self._counted = self.uuid, int(self._meta("life"))
        return self._counted

    def _take(self, stream: Stream, count: int) -> range:
        """The next `count` sequence numbers of a stream."""
        sql = "INSERT INTO counters VALUES (?1, ?2) ON CONFLICT (stream) DO UPDATE SET last = last + ?2 RETURNING last"
        last = self._db.conn.execute(sql, (stream.value, count)).fetchone()[0]
        return range(last - count + 1, last + 1)

    def _belong(self) -> None:
        owner = self._meta("gate")
        if not owner:
            with self.transaction():
                self._db.execute("INSERT INTO meta VALUES ('gate', ?)", [self.gate])
        elif owner != self.gate:
            raise JournalError(
                f"journal {self.path}: belongs to gate {owner!r}, not {self.gate!r}: move it or set the id back"
            )

    def _start_new_life(self) -> None:
        """Counts anew under a new UUID, with all that is unsent.

        Central has committed more than this file ever counted: it is an old copy put back. Its next numbers would
        be taken for repeats and real vehicles dropped. Ids stay, so what central does know is not doubled.
        """
        life = int(self._meta("life")) + 1
        self._counted = None
        waiting = self._db.execute("SELECT rank, n, body FROM outbox JOIN events USING (n) ORDER BY rank, n").fetchall()
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'life'", [str(life)])
        self._db.execute("UPDATE meta SET value = ? WHERE key = 'journal'", [str(uuid.uuid4())])
        self._db.execute("DELETE FROM counters")
        self._db.execute("DELETE FROM outbox")
        for rank, n, body in waiting:
            stream = next(stream for stream in RANK if RANK[stream] == rank)
            event = Event.decode(body).model_copy(update={"journal": self.uuid, "seq": self._take(stream, 1)[0]})
            sql = "UPDATE events SET life = ?, seq = ?, body = ? WHERE n = ?"
            self._db.execute(sql, [life, event.seq, event.encode().decode(), n])
            self.outbox.add(event, n)


@contextmanager
def read_journal(path: Path) -> Iterator[JournalView]:
    """A read-only view with a connection of its own, for any thread; JournalError when the file can't be read."""
    try:
        db = journal_file.open_reader(path)
        try:
            yield JournalView(db)
        finally:
            db.close()
    except sqlite3.Error as error:
        raise explain(error, path) from error
