"""What comes in from central: opened, checked, sorted into one batch, and applied to the journal in one go."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime

from edge.journal import Journal
from edge.protocol import topics as names
from edge.protocol.messages import AccessList, Ack, BadMessage, Command, Event, Reply, SessionState, Wire
from edge.protocol.signing import Verifier
from edge.protocol.topics import GateTopics, Stream
from edge.rules.commands import ACCEPTED, REPLAYED, judge

log = logging.getLogger(__name__)

LARGEST_BYTES = 64 << 10
LARGEST_LISTS_BYTES = 16 << 20
MOST_COMMANDS = 32
SQL_MAX = 1 << 63


@dataclass(slots=True)
class Batch:
    """News of one turn, the latest of each kind.

    acks      per journal UUID
    sessions  per stay
    cleared   stays whose retained state central took away
    swept     every stay heard of, when all that is retained has come; None while more may come
    """

    acks: dict[str, Ack] = field(default_factory=dict)
    sessions: dict[str, SessionState] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    access: AccessList | None = None
    commands: list[Command] = field(default_factory=list)
    swept: frozenset[str] | None = None

    def __bool__(self) -> bool:
        return bool(
            self.acks or self.sessions or self.cleared or self.access or self.commands or self.swept is not None
        )

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

    news     what was new, to be told to the gate: SessionState, AccessList, Command, Ack
    replies  to central, per command
    events   the next to send
    journal  the journal's UUID by now
    """

    news: list[Wire]
    replies: list[tuple[str, Reply]]
    events: list[Event]
    journal: str


def apply(journal: Journal, batch: Batch, *, now: datetime, boot: str, room: int, beyond: dict[Stream, int]) -> Applied:
    """Applies a batch and fetches the next events; for the recorder's thread. Doing it again does no harm."""
    before = journal.uuid
    news: list[Wire] = []
    for ack in batch.acks.values():  # first: it makes room
        journal.acknowledge(ack)
        news.append(ack)
    if journal.uuid != before:
        log.error("journal %s was an old copy put back: it counts anew as %s", before, journal.uuid)
        beyond = {}
    with journal.transaction():
        news += [state for state in batch.sessions.values() if journal.mirror.apply_session(state, now)]
        for session in batch.cleared:
            journal.mirror.forget(session)
        if batch.access and journal.mirror.apply_access(batch.access):
            news.append(batch.access)
        if batch.swept is not None and (over := journal.mirror.sweep(batch.swept)):
            log.info("%d stays ended while this gate was cut off", over)
    replies = []
    for command in batch.commands:
        verdict = judge(command, now, boot, journal.gate, journal.seen_command(command.cmd_id))
        if verdict == ACCEPTED:
            journal.remember_command(command.cmd_id, command.name, command.by, at=now)
            news.append(command)
            replies.append((command.cmd_id, Reply(verdict="accepted")))
        else:
            log.warning("command %s %s by %r refused: %s", command.name, command.cmd_id, command.by, verdict)
            if verdict != REPLAYED:  # brokers deliver twice at times; central has its answer
                replies.append((command.cmd_id, Reply(verdict="rejected", reason=verdict)))
    return Applied(news, replies, journal.outbox.window(room, beyond), journal.uuid)


class Inbox:
    """Opens what arrives and keeps the batch of the turn to come.

    refused  how many messages were not let in
    heard    stays whose retained state came on this connection
    """

    def __init__(self, topics: GateTopics, verifier: Verifier) -> None:
        self.batch = Batch()
        self.refused = 0
        self.heard: set[str] = set()
        self._topics = topics
        self._verifier = verifier
        self._sessions = names.sessions(topics.site).removesuffix("+")
        self._access = names.access(topics.site)
        self._commands = topics.commands.removesuffix("+")
        self._unsaid_until = 0.0

    def take(self) -> Batch:
        """The batch so far; the next one begins empty."""
        batch, self.batch = self.batch, Batch()
        return batch

    def put(self, topic: str, payload: bytes, retained: bool) -> None:
        """Lets a message in, or counts and logs why not. Nothing that a stranger sends raises here."""
        try:
            self._sort(topic, payload, retained)
        except (ValueError, RecursionError) as error:
            self.refused += 1
            if time.monotonic() >= self._unsaid_until:  # a flood must not fill the disk with log lines
                self._unsaid_until = time.monotonic() + 1.0
                log.warning(
                    "message refused (%d so far): %s", self.refused, str(error)[:300].encode("unicode_escape").decode()
                )

    def _sort(self, topic: str, payload: bytes, retained: bool) -> None:
        largest = LARGEST_LISTS_BYTES if topic == self._access else LARGEST_BYTES
        if len(payload) > largest:
            raise BadMessage(f"message on {topic}: {len(payload)} bytes, expected at most {largest}")
        if topic == self._topics.ack:
            self.batch.add_ack(Ack.decode(payload))
        elif topic.startswith(self._sessions):
            self._session(topic, payload)
        elif topic == self._access:
            self._lists(topic, payload)
        elif topic.startswith(self._commands):
            self._command(topic, payload, retained)
        else:
            raise BadMessage(f"message on {topic}: not a topic this gate listens to")

    def _session(self, topic: str, payload: bytes) -> None:
        session = topic.removeprefix(self._sessions)
        if not payload:
            self.batch.cleared.add(session)
            return
        state = SessionState.decode(self._verifier.open(topic, payload))
        if state.session != session:
            raise BadMessage(f"message on {topic}: it is about stay {state.session}")
        _storable(topic, state.version)
        self.heard.add(session)
        self.batch.add_session(state)

    def _lists(self, topic: str, payload: bytes) -> None:
        if not payload:
            raise BadMessage(f"message on {topic}: empty, expected signed lists")
        lists = AccessList.decode(self._verifier.open(topic, payload))
        if lists.site != self._topics.site:
            raise BadMessage(f"message on {topic}: it is for site {lists.site!r}")
        _storable(topic, lists.version)
        self.batch.add_access(lists)

    def _command(self, topic: str, payload: bytes, retained: bool) -> None:
        if not payload:
            return  # someone cleared a retained command: the right thing to do
        if retained:
            raise BadMessage(f"command on {topic}: it was retained, and would move the boom after every reconnect")
        command = Command.decode(self._verifier.open(topic, payload))
        if self._topics.command(command.name) != topic:
            raise BadMessage(f"command on {topic}: its name is {command.name!r}")
        if len(self.batch.commands) >= MOST_COMMANDS:
            raise BadMessage(f"command on {topic}: {MOST_COMMANDS} wait already")
        self.batch.commands.append(command)


def _storable(topic: str, version: int) -> None:
    if not 0 <= version < SQL_MAX:
        raise BadMessage(f"message on {topic}: version {version} is out of range")
