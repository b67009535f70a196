"""The audit log as a chain of hashes: how a row is linked to the one before, and what a break in it tells. Pure.

A link's hash is SHA-256 of the hash before it and of the row in one canonical form, so no row can be changed, taken out
or put in without every later hash changing too. Plates stand in a row as seals: SHA-256 of a random salt and the plate,
which are kept beside the log. When a plate has to be forgotten, salt and plate go, and the chain holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

START = "0" * 64  # what the very first link stands on
SEAL = "sealed:"
# rows of the log that tell of the log itself
CHECKED, CUT = "audit checked", "audit erased"
_PLATE_FIELDS = frozenset({"plate", "plates", "was", "is", "read"})
_PLATE = re.compile(r"(?=.*[0-9])[A-Z0-9]{4,16}")


class Break(StrEnum):
    """What was done to the log."""

    EDITED = "edited"  # a row is not what was linked
    DELETED = "deleted"  # a row is gone from between others
    INSERTED = "inserted"  # a row was put among older ones
    TRUNCATED = "truncated"  # the newest rows are gone
    REWRITTEN = "rewritten"  # sound in itself, and not the log whose heads were written down


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log, as it is hashed."""

    id: int
    at: datetime
    by: str
    what: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a row stands in the chain: position from 1 without a gap, the hash it stands on, and its own."""

    position: int
    entry_id: int
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is wrong. entry_id: the row to look at, None where it is gone with its number."""

    kind: Break
    position: int
    entry_id: int | None


def canonical(entry: Entry) -> bytes:
    """The same bytes on every database: sorted keys, no spaces, UTC to the microsecond."""
    fields = {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by": entry.by,
        "what": entry.what,
        "subject": entry.subject,
        "detail": entry.detail,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def linked(previous: str, entry: Entry) -> str:
    """The hash of a row that stands on `previous`, hexadecimal."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(entry)).hexdigest()


def seal(salt: str, plate: str) -> str:
    """What stands in the log for a plate."""
    return SEAL + hashlib.sha256(f"{salt}\n{plate}".encode()).hexdigest()


def plates_in(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each plate that a row tells of: ("plate", "MH12AB1234"), and ("plates.0", ...) where there are several."""
    for field in sorted(_PLATE_FIELDS & set(detail)):
        value = detail[field]
        several = list(enumerate(value)) if isinstance(value, list | tuple) else []
        for name, text in [(field, value), *((f"{field}.{at}", one) for at, one in several)]:
            if isinstance(text, str) and _PLATE.fullmatch(text):
                yield name, text


def with_values(detail: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The same detail with other texts in those fields, named as `plates_in` does."""
    made = {key: list(value) if isinstance(value, list | tuple) else value for key, value in detail.items()}
    for name, text in values.items():
        field, _dot, at = name.partition(".")
        if at:
            made[field][int(at)] = text
        else:
            made[field] = text
    return made


class Walk:
    """Follows a chain from a known hash; `step` for each link in turn, until one does not fit.

    position, hash  of the last link that was sound
    """

    def __init__(self, position: int = 0, hash: str = START) -> None:
        self.position, self.hash = position, hash
        self._before = ""  # the hash that the last sound link stands on
        self._entry: int | None = None  # and its row

    def step(self, link: Link, entry: Entry | None) -> Broken | None:
        """None where the link fits; entry is the row it names, None where that is gone."""
        if link.position != self.position + 1:
            return Broken(Break.DELETED, self.position + 1, None)
        if entry is None:
            return Broken(Break.DELETED, link.position, link.entry_id)
        if linked(link.previous, entry) != link.hash:
            return Broken(Break.EDITED, link.position, link.entry_id)
        if link.previous != self.hash:
            # sound by itself: what it stood on is another row than the one that is there now
            if link.previous == self._before:
                return Broken(Break.INSERTED, self.position, self._entry)
            return Broken(Break.DELETED, link.position, None)
        self._before, self._entry = self.hash, link.entry_id
        self.position, self.hash = link.position, link.hash
        return None


def ends_early(walk: Walk, heads: Iterable[tuple[int, str]], passed: Mapping[int, str], first: int) -> Broken | None:
    """What heads that were written down elsewhere say of a chain that is sound in itself.

    heads   (position, hash) as written down
    passed  the hash that the chain has at each of those positions
    first   the first position that is still kept
    """
    for position, known in sorted(heads):
        if position > walk.position:
            return Broken(Break.TRUNCATED, walk.position + 1, None)
        if position >= first and passed.get(position) != known:
            return Broken(Break.REWRITTEN, position, None)
    return None
