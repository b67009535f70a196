"""`bench journal`: the gate's log beside sqlite3 writing the same rows to the same disk with the same pragmas."""

from __future__ import annotations

import json
import random
import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.bench.figures import Bar, BenchError, Figure, middle
from edge.bench.passages import commits_of_entry, commits_of_exit
from edge.clock import GateClock
from edge.journal.file import open_writer
from edge.journal.journal import Fact, Journal, JournalError
from edge.protocol.ids import uuid7
from edge.protocol.messages import ExitRequested, PlateSeen

SINGLES = 400
BATCHES = ((100, 21), (1000, 9))  # events in one commit, and how often
RAW = "raw sqlite3 and json, the same statements"
READY = "raw sqlite3, rows ready-made"

NEXT = "INSERT INTO counters VALUES (?, 1) ON CONFLICT (stream) DO UPDATE SET last = last + 1 RETURNING last"
EVENT = "INSERT INTO events (life, stream, seq, type, session, wall_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
OUTBOX = "INSERT INTO outbox VALUES (?, ?, ?)"


class RawLog:
    """What anyone would write with the standard library alone: plain dicts, and one statement after another.

    The file is made by the journal's own code, so schema, indexes and pragmas are the same.
    """

    def __init__(self, path: Path, event: dict) -> None:
        self._connection: sqlite3.Connection = open_writer(path).conn
        self._event = event
        self._row = json.dumps(event, separators=(",", ":"))

    def write(self, count: int) -> None:
        """Commits that many events together, each with an id of its own."""
        self._commit(count, lambda seq: json.dumps({**self._event, "id": str(uuid.uuid4()), "seq": seq}))

    def write_ready(self, count: int) -> None:
        """The same with a row that costs nothing to make: the least that the statements and the disk take."""
        self._commit(count, lambda seq: self._row)

    def _commit(self, count: int, row: Callable[[int], str]) -> None:
        execute = self._connection.execute
        execute("BEGIN")
        for _ in range(count):
            seq = execute(NEXT, ["money"]).fetchone()[0]
            n = execute(EVENT, [1, "money", seq, "exit.requested", None, _now_ms(), row(seq)]).lastrowid
            execute(OUTBOX, [0, seq, n])
        execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


def figures(folder: Path, seed: int) -> list[Figure]:
    """Rates of single and batched commits, and how many commits a vehicle takes. BenchError for a disk that is none."""
    clock, dice = GateClock(uuid7()), random.Random(seed)
    at = clock.moment()
    try:
        journal = Journal.open(folder / "journal.db", gate="bench", at=at)
        facts = [_fact(dice) for _ in range(max(count for count, _ in BATCHES))]
        event = journal.record_all(facts[:1], at=at)[0]
        raw = RawLog(folder / "raw.db", event.model_dump(mode="json"))
    except JournalError as error:
        raise BenchError(f"{error}") from error
    found = []
    for count, rounds, bar in [(1, SINGLES, 0.8), *((*batch, 0.7) for batch in BATCHES)]:
        ours, theirs, ready = interleaved(
            rounds,
            lambda some=facts[:count]: journal.record_all(some, at=at),
            lambda count=count: raw.write(count),
            lambda count=count: raw.write_ready(count),
        )
        found.append(_rate(count, ours, RAW, theirs, Bar("ratio", ">=", bar)))
        found.append(_rate(count, ours, READY, ready, None))
    raw.close()
    journal.close()
    limit = Bar("value", "<=", 2)
    found.append(Figure("commits for a vehicle that enters", commits_of_entry(folder), "commits", bar=limit))
    found.append(Figure("commits for one that has paid and leaves", commits_of_exit(folder), "commits", bar=limit))
    return found


def interleaved(rounds: int, *runs: Callable[[], object]) -> list[list[float]]:
    """Seconds that each took, in turns and who begins in turns too, so that a busy minute falls on all alike."""
    took: list[list[float]] = [[] for _ in runs]
    for n in range(rounds + 1):
        for i in range(len(runs)):
            which = (n + i) % len(runs)
            began = time.perf_counter()
            runs[which]()
            if n:  # the first round fills caches and compiles statements
                took[which].append(time.perf_counter() - began)
    return took


def _rate(count: int, ours: Sequence[float], baseline: str, theirs: Sequence[float], bar: Bar | None) -> Figure:
    rate, beside = count / middle(ours), count / middle(theirs)
    what = "single event" if count == 1 else f"batch of {count} events"
    return Figure(f"{what}, in one commit", rate, "events/s", baseline, rate / beside, bar)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _fact(dice: random.Random) -> Fact:
    text = f"MH{dice.randrange(1, 51):02d}AB{dice.randrange(10000):04d}"
    sure = tuple(round(dice.uniform(0.9, 1.0), 4) for _ in text)
    plate = PlateSeen(
        text=text, raw=text, confidence=0.98, per_char=sure, format="in-standard", frames=2, engine="rapidocr"
    )
    return Fact(ExitRequested(request=uuid7(), plate=plate, image=f"{dice.getrandbits(256):064x}"))
