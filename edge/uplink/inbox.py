"""What comes in from central: opened, checked and sorted into the batch of the turn to come."""

from __future__ import annotations

import json
import logging
import re
import time

from edge.protocol import topics as names
from edge.protocol.messages import AccessList, Ack, BadMessage, Command, SessionState
from edge.protocol.signing import SignatureRefused, Verifier
from edge.protocol.topics import GateTopics
from edge.rules.commands import TurnedAway
from edge.uplink.batch import Batch
from edge.zones import zone

log = logging.getLogger(__name__)

LARGEST_BYTES = 64 << 10
LARGEST_LISTS_BYTES = 16 << 20
MOST_COMMANDS = 32
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SQL_MAX = 1 << 63


class Inbox:
    """Opens what arrives and keeps the batch of the turn to come.

    refused  how many messages were not let in
    heard    stays whose retained state came on this connection

    maintenance  also opens commands, and nothing else
    """

    def __init__(self, topics: GateTopics, verifier: Verifier, maintenance: Verifier | None = None) -> None:
        self._maintenance = maintenance
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
            self.refuse(str(error))

    def refuse(self, why: str) -> None:
        """Counts a message that is not let in, and says why."""
        self.refused += 1
        if time.monotonic() >= self._unsaid_until:  # a flood must not fill the disk with log lines
            self._unsaid_until = time.monotonic() + 1.0
            log.warning("message refused (%d so far): %s", self.refused, why[:300].encode("unicode_escape").decode())

    def _sort(self, topic: str, payload: bytes, retained: bool) -> None:
        largest = LARGEST_LISTS_BYTES if topic == self._access else LARGEST_BYTES
        if len(payload) > largest:
            raise BadMessage(f"message on {topic}: {len(payload)} bytes, expected at most {largest}")
        if topic == self._topics.ack:
            self._ack(topic, payload)
        elif topic.startswith(self._sessions):
            self._session(topic, payload)
        elif topic == self._access:
            self._lists(topic, payload)
        elif topic.startswith(self._commands):
            self._command(topic, payload, retained)
        else:
            raise BadMessage(f"message on {topic}: not a topic this gate listens to")

    def _ack(self, topic: str, payload: bytes) -> None:
        ack = Ack.decode(payload)
        for seq in ack.through.values():
            _storable(topic, seq)
        self.batch.add_ack(ack)

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
        if zone(lists.timezone) is None:
            # who may pass and who may not still counts: only the opening hours can't be kept
            log.error("access lists version %d: unknown time zone %.64r: hours not kept", lists.version, lists.timezone)
        self.batch.add_access(lists)

    def _command(self, topic: str, payload: bytes, retained: bool) -> None:
        if not payload:
            return  # someone cleared a retained command: the right thing to do
        name = topic.removeprefix(self._commands)[:40]
        try:
            command = self._open_command(topic, payload)
        except ValueError as error:
            self._turn_away(TurnedAway(_claimed_id(payload), name, "", str(error)))
            raise
        try:
            if retained:
                raise BadMessage(f"command on {topic}: it was retained, and would move the boom after every reconnect")
            if self._topics.command(command.name) != topic:
                raise BadMessage(f"command on {topic}: its name is {command.name!r}")
            if len(self.batch.commands) >= MOST_COMMANDS:
                raise BadMessage(f"command on {topic}: {MOST_COMMANDS} wait already")
        except BadMessage as error:
            self._turn_away(TurnedAway(command.cmd_id, name, command.by, str(error)))
            raise
        self.batch.commands.append(command)

    def _open_command(self, topic: str, payload: bytes) -> Command:
        try:
            return Command.decode(self._verifier.open(topic, payload))
        except SignatureRefused:
            if self._maintenance is None:
                raise
        command = Command.decode(self._maintenance.open(topic, payload))
        key = json.loads(payload)["key"]  # whose signature has just been found good
        return command.model_copy(update={"by": f"{command.by} (maintenance key {key})"})

    def _turn_away(self, refused: TurnedAway) -> None:
        if len(self.batch.refused) < MOST_COMMANDS:
            self.batch.refused.append(refused)


def _claimed_id(payload: bytes) -> str | None:
    """The id that a command which nobody vouches for claims to have, so that it can be answered; None without one."""
    try:
        cmd_id = json.loads(json.loads(payload)["body"])["cmd_id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return cmd_id if isinstance(cmd_id, str) and _ID.fullmatch(cmd_id) else None


def _storable(topic: str, number: int) -> None:
    if not 0 <= number < SQL_MAX:
        raise BadMessage(f"message on {topic}: a version or number out of range, expected 0 to 2^63 - 1")
