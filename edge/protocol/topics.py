"""Names of the MQTT topics of DESIGN's edge API, made and taken apart in one place. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ROOT = "parking/v1"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SESSION = re.compile(r"[0-9a-f-]{36}")
_TYPE = re.compile(r"[a-z]+(\.[a-z_]+)+")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")


class TopicError(ValueError):
    """A topic, or a name meant for a topic, that is not of this API."""


class Stream(StrEnum):
    """Order in which a gate's outbox drains; also how long a full disk keeps them."""

    MONEY = "money"
    OPS = "ops"
    DIAG = "diag"


def name(value: str, what: str = "name") -> str:
    """A site's or gate's id, checked: lower-case letters, digits and hyphens, at most 32."""
    if not _NAME.fullmatch(value):
        raise TopicError(f"{what} {value!r}: expected 1 to 32 of a-z, 0-9 and '-', not starting with '-'")
    return value


@dataclass(frozen=True, slots=True)
class GateTopics:
    """Every topic of one gate.

    site, gate  ids, as `name` accepts them
    """

    site: str
    gate: str

    def __post_init__(self) -> None:
        name(self.site, "site")
        name(self.gate, "gate")

    @property
    def prefix(self) -> str:
        return f"{ROOT}/{self.site}/{self.gate}"

    @property
    def status(self) -> str:
        return f"{self.prefix}/status"

    @property
    def about(self) -> str:
        return f"{self.prefix}/about"

    @property
    def state(self) -> str:
        return f"{self.prefix}/state"

    def event(self, stream: Stream, event_type: str) -> str:
        return f"{self.prefix}/event/{stream}/{event_type}"

    @property
    def ack(self) -> str:
        return f"{self.prefix}/ack"

    def command(self, command: str) -> str:
        return f"{self.prefix}/cmd/{command}"

    @property
    def commands(self) -> str:
        return f"{self.prefix}/cmd/+"

    def reply(self, cmd_id: str) -> str:
        return f"{self.prefix}/reply/{cmd_id}"

    @property
    def health(self) -> str:
        return f"{self.prefix}/diag/health"

    @property
    def log(self) -> str:
        return f"{self.prefix}/diag/log"

    @property
    def vehicle(self) -> str:
        return f"{self.prefix}/diag/vehicle"

    def fault(self, code: str) -> str:
        return f"{self.prefix}/diag/fault/{code}"

    def ask(self, command: str) -> str:
        """Where home automation asks central for a command: unsigned, and central decides."""
        return f"{self.prefix}/ask/{command}"


def session(site: str, session_id: str) -> str:
    """Topic of one stay's retained state, read by every gate of the site."""
    if not _SESSION.fullmatch(session_id):
        raise TopicError(f"session {session_id!r}: expected a UUID in lower case")
    return f"{ROOT}/{name(site, 'site')}/session/{session_id}"


def sessions(site: str) -> str:
    """Subscription to every stay of a site."""
    return f"{ROOT}/{name(site, 'site')}/session/+"


def access(site: str) -> str:
    """Topic of a site's retained access lists."""
    return f"{ROOT}/{name(site, 'site')}/access"


_CENTRAL_HEARS = ("status", "about", "state", "event/#", "reply/+", "diag/health", "diag/fault/+", "ask/+")
CENTRAL_SUBSCRIPTIONS = tuple(f"{ROOT}/+/+/{leaf}" for leaf in _CENTRAL_HEARS)


@dataclass(frozen=True, slots=True)
class FromGate:
    """A topic below a gate's own, taken apart. All but "ask", which is home automation's, the gate itself publishes.

    kind   "status", "about", "state", "event", "reply", "health", "log", "vehicle", "fault" or "ask"
    leaf   event: its type; reply: the command's id; fault: its code; ask: the command; else ""
    stream of an event, else None
    """

    site: str
    gate: str
    kind: str
    leaf: str = ""
    stream: Stream | None = None


def parse(topic: str) -> FromGate:
    """Takes apart a topic that central hears; TopicError on any other."""
    parts = topic.split("/")
    if len(parts) < 5 or "/".join(parts[:2]) != ROOT:
        raise TopicError(f"topic {topic!r}: expected {ROOT}/SITE/GATE/...")
    site, gate, kind, *rest = parts[2:]
    name(site, "site")
    name(gate, "gate")
    match kind, rest:
        case (("status" | "about" | "state"), []):
            return FromGate(site, gate, kind)
        case "event", [stream, event_type] if stream in set(Stream) and _TYPE.fullmatch(event_type):
            return FromGate(site, gate, kind, event_type, Stream(stream))
        case "reply", [cmd_id]:
            return FromGate(site, gate, kind, cmd_id)
        case "diag", [("health" | "log" | "vehicle") as leaf]:
            return FromGate(site, gate, leaf)
        case "diag", ["fault", code] if _WORD.fullmatch(code):
            return FromGate(site, gate, "fault", code)
        case "ask", [command] if _WORD.fullmatch(command):
            return FromGate(site, gate, "ask", command)
    raise TopicError(f"topic {topic!r}: not one that a gate publishes")
