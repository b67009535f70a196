"""How many commits of its journal a gate makes for one vehicle, counted by SQLite's own trace of what it ran."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.bench.lane import BenchLane
from edge.journal.journal import Journal
from edge.protocol.ids import uuid7
from edge.protocol.messages import SessionState, SessionStatus
from edge.vision.messages import Voted

PLATE = "MH12AB1234"
PICTURE = "0" * 64
HEALTH = "'gate.health'"  # as a value in an expanded statement


class SureEyes:
    """Vision that has read the plate as soon as it is told to watch, with its picture in the spool."""

    ready = True

    def __init__(self, tell: Callable[[object], None]) -> None:
        self._tell = tell

    def watch(self, visit: str) -> None:
        about = {"raw": PLATE, "format": "civil", "engine": "none", "box": (), "seen_at": 0.0}
        sure = {"confidence": 0.99, "per_char": (0.99,) * len(PLATE), "frames": 2, "accepted": True}
        self._tell(Voted(visit=visit, text=PLATE, image=PICTURE, **about, **sure))

    def rest(self) -> None:
        return

    def snapshot(self) -> None:
        return


def commits_of_entry(folder: Path) -> int:
    """Of a vehicle that comes, is read and goes in."""
    return _commits(BenchLane(folder / "entry", "entry", _eyes))


def commits_of_exit(folder: Path) -> int:
    """Of a vehicle whose stay is paid: it comes, is read and goes out. What central says of the stay is not counted."""
    lane = BenchLane(folder / "exit", "exit", _eyes)
    now = datetime.now(UTC)
    paid = SessionState(
        session=uuid7(),
        version=2,
        plate=PLATE,
        entered_at=now - timedelta(hours=1),
        status=SessionStatus.PAID,
        permit_until=now + timedelta(minutes=15),
    )
    lane.recorder.submit(lambda journal: journal.mirror.apply_session(paid, now)).result()
    return _commits(lane)


def _eyes(tell: Callable[[object], None], spool: Path) -> SureEyes:
    (spool / f"{PICTURE}.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    return SureEyes(tell)


def _commits(lane: BenchLane) -> int:
    ran: list[str] = []

    def trace(journal: Journal) -> None:
        journal._db.conn.set_trace_callback(ran.append)

    try:
        lane.recorder.submit(trace).result()
        lane.arrive()
        lane.leave()
        lane.recorder.submit(lambda journal: None).result()
    finally:
        lane.close()
    return commits_in(ran)


def commits_in(ran: Sequence[str]) -> int:
    """Commits among statements as SQLite's trace gives them; those of the gate's own health are no vehicle's."""
    commits, of_health = 0, False
    for statement in ran:
        of_health |= HEALTH in statement
        if statement.strip().rstrip(";").upper() == "COMMIT":
            commits += not of_health
            of_health = False
    return commits
