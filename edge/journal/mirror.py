"""The gate's own copy of its site's stays and access lists: what makes an exit decision local and instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from edge.journal.file import Database
from edge.protocol.messages import AccessEntry, AccessList, Entered, SessionState, SessionStatus

_COLUMNS = "SELECT body, passed, local FROM sessions"
_LIVE = f"NOT gone AND status != '{SessionStatus.CLOSED}'"


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """One stay as this gate knows it.

    state   central's last word, or the gate's own (version 0) until central has spoken
    passed  the vehicle has left through this gate: its permit must not serve a second time
    local   central has not spoken yet
    """

    state: SessionState
    passed: bool = False
    local: bool = False


class Mirror:
    """Stays and access lists in the journal, over a writing or a reading connection."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lists: AccessList | None = None
        self._by_plate: dict[str, list[AccessEntry]] = {}

    def apply_session(self, state: SessionState, now: datetime) -> bool:
        """Takes central's state of a stay; False when it is no news. A lower version never replaces a higher one."""
        known = self._db.execute(
            "SELECT version, local, status, gone FROM sessions WHERE session = ?", [state.session]
        ).fetchone()
        if known is None:
            self._put(state, local=False, now=now)
            return True
        version, local, status, gone = known
        if not local and state.version <= version:
            if gone and state.version == version:
                self._db.execute("UPDATE sessions SET gone = 0 WHERE session = ?", [state.session])
                return True
            return False
        self._put(state, local=False, now=now)
        if status == SessionStatus.CLOSED and state.status is not SessionStatus.CLOSED:
            # a person has reopened the stay after its exit was known, so that exit no longer counts
            self._db.execute("UPDATE sessions SET passed = 0 WHERE session = ?", [state.session])
        return True

    def enter(self, session: str, entered: Entered, now: datetime) -> None:
        """Makes the row of a vehicle that has just entered here, unless central was quicker."""
        if self.session(session) is None:
            state = SessionState(
                session=session,
                version=0,
                plate=entered.plate.text if entered.plate else None,
                vehicle_class=entered.vehicle_class,
                entered_at=now,
                status=SessionStatus.OPEN,
            )
            self._put(state, local=True, now=now)

    def mark_passed(self, session: str) -> None:
        """The vehicle of this stay has left here; central's answer may be hours away."""
        self._db.execute("UPDATE sessions SET passed = 1 WHERE session = ?", [session])

    def forget(self, session: str) -> bool:
        """Central cleared this stay's retained state; False when the stay is not known to be over.

        Clearing is the one thing central can't sign, so it counts only after a signed `closed` or an exit here.
        """
        sql = f"UPDATE sessions SET gone = 1 WHERE session = ? AND (passed OR status = '{SessionStatus.CLOSED}')"
        return self._db.execute(sql, [session]).rowcount > 0

    def sweep(self, heard: Collection[str]) -> int:
        """Hides the stays that central ended while this gate was cut off; how many.

        heard  every stay whose retained state came since the subscription. A stay that central has not heard
               of yet, because an event about it still waits in the outbox, stays.
        """
        rows = self._db.execute(
            f"SELECT session FROM sessions WHERE {_LIVE} AND session NOT IN"
            " (SELECT session FROM outbox JOIN events USING (n) WHERE session IS NOT NULL)"
        ).fetchall()
        over = [session for (session,) in rows if session not in heard]
        with self._db.atomic():
            for session in over:
                self._db.execute("UPDATE sessions SET gone = 1 WHERE session = ?", [session])
        return len(over)

    def prune(self, older_than: datetime) -> int:
        """Deletes stays that ended before `older_than`; how many."""
        sql = f"DELETE FROM sessions WHERE changed_ms < ? AND NOT ({_LIVE})"
        return self._db.execute(sql, [_ms(older_than)]).rowcount

    def session(self, session: str) -> MirrorRow | None:
        """One stay, over or not."""
        return next(self._rows("session = ?", [session]), None)

    def sessions_with_plate(self, text: str) -> list[MirrorRow]:
        """Stays of that plate that are not over, the latest entry first; those that have passed here are marked."""
        return list(self._rows(f"plate = ? AND {_LIVE}", [text]))

    def inside_count(self) -> int:
        """Vehicles inside as far as this gate knows. An exit that fits no entry is not counted twice."""
        sql = f"SELECT count(*) FROM sessions WHERE {_LIVE} AND NOT passed AND status != '{SessionStatus.UNMATCHED}'"
        return self._db.execute(sql).fetchone()[0]

    def apply_access(self, lists: AccessList) -> bool:
        """Takes the site's lists; False when they are no newer than what is here."""
        fresh = (
            self._db.execute(
                "INSERT INTO access VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET version = excluded.version,"
                " body = excluded.body WHERE excluded.version > access.version",
                [lists.version, lists.encode().decode()],
            ).rowcount
            > 0
        )
        if fresh:
            self._sort(lists)  # where the commit fails, the version on the disk is another, and this is not used
        return fresh

    def access(self) -> AccessList | None:
        """The site's lists; None until central has sent some. A version is taken apart once, however often asked."""
        row = self._db.execute("SELECT version FROM access").fetchone()
        if row is None:
            return None
        if self._lists is None or self._lists.version != row[0]:
            self._sort(AccessList.decode(self._db.execute("SELECT body FROM access").fetchone()[0]))
        return self._lists

    def access_of(self, plate: str | None) -> AccessList | None:
        """The site's lists with the lines of one plate only; of none for an unread one."""
        lists = self.access()
        entries = tuple(self._by_plate.get(plate, ())) if plate else ()
        return lists and lists.model_copy(update={"entries": entries})

    def _sort(self, lists: AccessList) -> None:
        self._lists, self._by_plate = lists, {}
        for entry in lists.entries:
            self._by_plate.setdefault(entry.plate, []).append(entry)

    def _rows(self, where: str, values: list):
        rows = self._db.execute(f"{_COLUMNS} WHERE {where} ORDER BY entered_ms DESC, session DESC", values)
        return (MirrorRow(SessionState.decode(body), bool(passed), bool(local)) for body, passed, local in rows)

    def _put(self, state: SessionState, *, local: bool, now: datetime) -> None:
        self._db.execute(
            "INSERT INTO sessions (session, version, local, plate, status, entered_ms, body, changed_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session) DO UPDATE SET version = excluded.version,"
            " local = excluded.local, plate = excluded.plate, status = excluded.status, gone = 0,"
            " entered_ms = excluded.entered_ms, body = excluded.body, changed_ms = excluded.changed_ms",
            [
                state.session,
                state.version,
                int(local),
                state.plate,
                str(state.status),
                _ms(state.entered_at) if state.entered_at else None,
                state.encode().decode(),
                _ms(now),
            ],
        )


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
