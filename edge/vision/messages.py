"""What the gate and its vision child say to each other: one JSON object a line, its only key naming the message.

gate to child    {"watch": {"visit": "..."}}   {"rest": {}}   {"snapshot": {}}
child to gate    {"ready": ...} {"beat": ...} {"read": ...} {"vote": ...} {"taken": ...} {"fault": ...}
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

Box = tuple[tuple[float, float], ...]


class BadLine(ValueError):
    """A line that is none of these messages."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Read the plate of the vehicle of this visit until told to rest. The visit already watched: nothing changes."""

    visit: str


@dataclass(frozen=True, slots=True)
class Rest:
    """The visit is over, or decided: stop reading."""


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """Write the newest frame as live.jpg into the spool folder."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Engine loaded and camera open; also said when a lost camera is back."""

    engine: str
    source: str


@dataclass(frozen=True, slots=True)
class Beat:
    """The child's loop is alive. About one a second, but none while a frame is being read.

    watching  the visit being watched, "" when resting
    """

    watching: str


@dataclass(frozen=True, slots=True)
class Read:
    """One frame of a visit in which a plate was read.

    text, raw, format  as `rules.plate.PlateRead`
    confidence         probability of the whole text, this frame alone
    per_char           confidence of each character of text
    box                plate corners in the frame, pixels, clockwise from top left
    engine, asked      who read it, and why a second engine was asked ("" when none was)
    seen_at            when the frame was exposed, monotonic seconds
    """

    visit: str
    text: str
    raw: str
    format: str
    confidence: float
    per_char: tuple[float, ...]
    box: Box
    engine: str
    seen_at: float
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Voted:
    """The joint result of a visit: once when it is accepted, else once when the watch ends.

    text      "" when no frame had a plate
    engine    who read the surest frame of that text, or would have
    asked     why a second engine was asked about that frame, "" when none was
    frames    how many frames read exactly that text
    accepted  enough frames agree and the confidence passes the threshold
    seen_at   when the frame of `image` was exposed, monotonic seconds
    image     SHA-256 of the best frame, or of the last one when nothing was read; "" when there is none
    """

    visit: str
    text: str
    raw: str
    format: str
    confidence: float
    per_char: tuple[float, ...]
    box: Box
    engine: str
    frames: int
    accepted: bool
    seen_at: float
    image: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot was written.

    sha256  of the file
    path    of the file; the next snapshot replaces it
    """

    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is wrong; a later Ready means that it is well again.

    code    camera_failed, engine_missing, spool_failed, or from the supervisor: vision_lost, vision_hung, vision_memory
    detail  one sentence for a person
    """

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where the camera stands in for an arming loop: whether somebody is there. Said again while it is so."""

    seen: bool


Command = Watch | Rest | TakeSnapshot
Event = Ready | Beat | Read | Voted | Taken | Fault | Arrival

COMMANDS: dict[str, type] = {"watch": Watch, "rest": Rest, "snapshot": TakeSnapshot}
EVENTS: dict[str, type] = {
    "ready": Ready, "beat": Beat, "read": Read, "vote": Voted, "taken": Taken, "fault": Fault, "arrival": Arrival,
}  # fmt: skip
_NAMES = {kind: name for name, kind in (COMMANDS | EVENTS).items()}
_TUPLES = ("per_char", "box")


def encode(message: Command | Event) -> bytes:
    """The message as a line, newline included."""
    return json.dumps({_NAMES[type(message)]: asdict(message)}).encode() + b"\n"


def decode_command(line: bytes | str) -> Command:
    return _decode(line, COMMANDS)


def decode_event(line: bytes | str) -> Event:
    return _decode(line, EVENTS)


def _decode(line: bytes | str, kinds: dict[str, type]):
    """The message of a line; keys it doesn't know are passed over. BadLine says what is wrong with it."""
    try:
        whole = json.loads(line)
    except ValueError as error:
        raise BadLine(f"no JSON: {error}") from error
    if not isinstance(whole, dict) or len(whole) != 1:
        raise BadLine("expected one object with one key")
    name, body = next(iter(whole.items()))
    if name not in kinds or not isinstance(body, dict):
        raise BadLine(f"{name!r} is none of {', '.join(kinds)}, or holds no object")
    kind = kinds[name]
    wanted = [field.name for field in fields(kind)]
    missing = [key for key in wanted if key not in body]
    if missing:
        raise BadLine(f"{name}: lacks {missing[0]}")
    return kind(**{key: _frozen(body[key]) if key in _TUPLES else body[key] for key in wanted})


def _frozen(value):
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
