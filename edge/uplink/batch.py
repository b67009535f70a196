"""A batch of news from central and what it comes to: applied to the journal in one commit, or told without it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime

from edge.journal.journal import Journal, JournalError
from edge.protocol.messages import AccessList, Ack, Clock, Command, Event, Reply, SessionState, Wire
from edge.protocol.topics import Stream
from edge.rules.commands import ACCEPTED, REPLAYED, TurnedAway, judge

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Batch:
    """News of one turn, the latest of each kind.

    acks      per journal UUID
    sessions  per stay
    cleared   stays whose retained state central took away
    swept     every stay heard of, when all that is retained has come; None while more may come
    refused   commands that were not let in
    """

    acks: dict[str, Ack] = field(default_factory=dict)
    sessions: dict[str, SessionState] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    access: AccessList | None = None
    commands: list[Command] = field(default_factory=list)
    refused: list[TurnedAway] = field(default_factory=list)
    swept: frozenset[str] | None = None

    def __bool__(self) -> bool:
        orders = self.commands or self.refused
        return bool(self.acks or self.sessions or self.cleared or self.access or orders or self.swept is not None)

    def add_ack(self, ack: Ack) -> None:
        known = self.acks.get(ack.journal)
        through = {**(known.through if known else {})}
        for stream, seq in ack.through.items():
            through[stream] = max(seq, through.get(stream, 0))
        self.acks[ack.journal] = Ack(journal=ack.journal, through=through)

    def add_session(self, state: SessionState) -> None:
        known = self.sessions.get(state.session)
        if known is None or state.version > known.version:
            self.sessions[state.session] = state

    def add_access(self, lists: AccessList) -> None:
        if self.access is None or lists.version > self.access.version:
            self.access = lists

    def absorb(self, older: Batch) -> None:
        """Takes back what could not be applied; commands are not kept, as they expire in seconds."""
        for ack in older.acks.values():
            self.add_ack(ack)
        for state in older.sessions.values():
            self.add_session(state)
        self.cleared |= older.cleared
        if older.access:
            self.add_access(older.access)
        self.swept = self.swept if self.swept is not None else older.swept


@dataclass(frozen=True, slots=True)
class Applied:
    """What a turn with the journal came to.

    news     to be told to the gate: SessionState (of every stay in the batch, as it now is), AccessList, Command, Ack,
             and TurnedAway of each command that was refused
    replies  to central, per command
    events   the next to send
    journal  the journal's UUID by now
    trouble  why the batch is not on record and must be applied again; None: it is
    """

    news: list[Wire | TurnedAway]
    replies: list[tuple[str, Reply]]
    events: list[Event]
    journal: str
    trouble: JournalError | None = None


def apply(
    journal: Journal,
    batch: Batch,
    *,
    now: datetime,
    boot: str,
    room: int,
    beyond: dict[Stream, int],
    clock: Clock = Clock.SYNCED,
    seen: set[str] | None = None,
) -> Applied:
    """Applies a batch and fetches the next events; for the recorder's thread. Doing it again does no harm.

    A disk that takes nothing more must keep neither a payment nor a person's word from the boom: what central signed
    is told all the same.

    now, clock  the gate's wall clock, and how far it can be believed
    room        how many events to fetch at most; beyond: per stream, those already in flight
    seen        commands of this boot that the disk could not take: read, and added to
    """
    seen = set() if seen is None else seen
    before = journal.uuid
    acks: list[Wire] = []
    trouble = None
    try:
        for ack in batch.acks.values():  # first: it makes room
            journal.acknowledge(ack)
            acks.append(ack)
    except JournalError as error:
        trouble = error
    if journal.uuid != before:
        log.error("journal %s was an old copy put back: it counts anew as %s", before, journal.uuid)
        beyond = {}
    verdicts = [
        (command, judge(command, now, boot, journal.gate, _was_seen(journal, command.cmd_id, seen), clock))
        for command in batch.commands
    ]
    events: list[Event] = []
    try:
        # the reserve of a full disk is there for this: a payment, or a person's order
        news, verdicts = journal.commit(lambda: _write(journal, batch, verdicts, now), reserve=True)
        with journal.reading():
            events = journal.outbox.window(room, beyond)
    except JournalError as error:
        trouble = error
        news, verdicts = _unwritten(journal, batch, verdicts, seen)
    accepted = [command for command, verdict in verdicts if verdict == ACCEPTED]
    refused = [TurnedAway(one.cmd_id, one.name, one.by, verdict) for one, verdict in verdicts if verdict != ACCEPTED]
    for one in refused:
        log.warning("command %s %s by %r refused: %s", one.name, one.cmd_id, one.by[:80], one.reason)
    refused += [_known_before(journal, one, seen) for one in batch.refused]
    replies = [(command.cmd_id, Reply(verdict="accepted")) for command in accepted]
    replies += [(one.cmd_id, Reply(verdict="rejected", reason=one.reason[:300])) for one in refused if one.cmd_id]
    return Applied([*acks, *news, *accepted, *refused], replies, events, journal.uuid, trouble)


def _write(
    journal: Journal, batch: Batch, verdicts: list[tuple[Command, str]], now: datetime
) -> tuple[list[Wire], list[tuple[Command, str]]]:
    """One commit's work. A state that was on record before is news all the same: whoever put it there may have died
    before it was told."""
    news: list[Wire] = []
    for state in batch.sessions.values():
        fresh = journal.mirror.apply_session(state, now)
        news.append(state if fresh else journal.mirror.session(state.session).state)
    for session in batch.cleared:
        journal.mirror.forget(session)
    if batch.access and journal.mirror.apply_access(batch.access):
        news.append(batch.access)
    if batch.swept is not None and (over := journal.mirror.sweep(batch.swept)):
        log.info("%d stays ended while this gate was cut off", over)
    written = [
        (command, verdict if verdict != ACCEPTED or _remember(journal, command, now) else REPLAYED)
        for command, verdict in verdicts
    ]
    return news, written


def _remember(journal: Journal, command: Command, now: datetime) -> bool:
    return journal.remember_command(command.cmd_id, command.name, command.by, at=now)


def _unwritten(
    journal: Journal, batch: Batch, verdicts: list[tuple[Command, str]], seen: set[str]
) -> tuple[list[Wire], list[tuple[Command, str]]]:
    """The same without a word to the disk: what was signed counts, and `seen` stands in for the journal's memory."""
    news: list[Wire] = [_newest(journal, state) for state in batch.sessions.values()]
    judged = []
    for command, verdict in verdicts:
        if verdict == ACCEPTED:
            verdict = REPLAYED if command.cmd_id in seen else ACCEPTED
            seen.add(command.cmd_id)
        judged.append((command, verdict))
    return news, judged


def _newest(journal: Journal, state: SessionState) -> SessionState:
    """The mirror's state of this stay where it is newer: an old one delivered again must not count."""
    try:
        with journal.reading():
            row = journal.mirror.session(state.session)
    except JournalError:
        return state
    return row.state if row is not None and not row.local and row.state.version > state.version else state


def _was_seen(journal: Journal, cmd_id: str, seen: set[str]) -> bool:
    if cmd_id in seen:
        return True
    try:
        with journal.reading():
            return journal.seen_command(cmd_id)
    except JournalError:
        return False  # one given to an earlier boot is refused for that


def _known_before(journal: Journal, refused: TurnedAway, seen: set[str]) -> TurnedAway:
    """A refusal as it may be told: where the command itself was obeyed before, nothing else may be said of its id."""
    if refused.cmd_id is not None and _was_seen(journal, refused.cmd_id, seen):
        return replace(refused, reason=REPLAYED)
    return refused
