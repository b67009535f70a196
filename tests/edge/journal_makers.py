"""Small makers of real facts for tests of the journal and what stands on it."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.protocol.ids import ticket, uuid7
from edge.protocol.messages import (
    Entered,
    EntryHow,
    EntryRefused,
    Exited,
    ExitHow,
    GateHealth,
    PlateSeen,
    Quote,
    SessionState,
    SessionStatus,
)
from edge.rules.records import Grant, Moment

NOON = datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
BOOT = uuid7()


def at(seconds: float = 0.0, **changes) -> Moment:
    return Moment(NOON + timedelta(seconds=seconds), int(seconds * 1000), BOOT, **changes)


@contextmanager
def fresh_journal_path():
    """Where a property test makes its many journals: in memory if it may, as no power is cut there."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder, "journal.sqlite3")


def entered(plate: str | None = "MH12AB1234", how: EntryHow = EntryHow.PLATE) -> Entered:
    return Entered(plate=PlateSeen(text=plate) if plate else None, ticket=ticket(), how=how)


def exited(plate: str | None = "MH12AB1234") -> Exited:
    return Exited(plate=PlateSeen(text=plate) if plate else None)


def refused(reason: str = "denied") -> EntryRefused:
    return EntryRefused(reason=reason)


def health() -> GateHealth:
    return GateHealth(uptime_s=1.0, outbox=0, vision="ok")


def entry_grant(plate: str = "MH12AB1234", session: str | None = None) -> Grant:
    return Grant(
        id=uuid7(),
        lane="entry",
        granted_at=NOON,
        session=session or uuid7(),
        ticket=ticket(),
        plate=PlateSeen(text=plate),
        how=EntryHow.PLATE,
    )


def exit_grant(session: str | None, plate: str = "MH12AB1234") -> Grant:
    return Grant(
        id=uuid7(), lane="exit", granted_at=NOON, session=session, plate=PlateSeen(text=plate), how=ExitHow.PERMIT
    )


def state(
    session: str,
    version: int,
    status: SessionStatus = SessionStatus.OPEN,
    plate: str | None = "MH12AB1234",
    request: str | None = None,
) -> SessionState:
    quote = request and Quote(
        request=request,
        gate="exit-1",
        amount_paise=12_000,
        stopped_at=NOON,
        expires_at=NOON + timedelta(minutes=15),
        pay_url="http://127.0.0.1/t/x",
    )
    return SessionState(
        session=session, version=version, plate=plate, entered_at=NOON, status=status, quote=quote or None
    )
