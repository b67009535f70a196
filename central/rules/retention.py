"""How long each class of data is kept, how a plate is masked, and the proof that is left of what was erased. Pure.

The Digital Personal Data Protection Act 2023, section 8(7): personal data is erased once its purpose is served, unless
a law wants it kept. One does: tax records stay (`central.rules.people.invoices_kept_until`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

MASK = "XXXXXX"  # a plate to the wire all the same, and no real one: those have digits
_PLATE = re.compile(r"(?=.*[0-9])[A-Z0-9]{4,16}")
# India's formats, also as people write them
_IN_TEXT = re.compile(
    r"(?<![A-Za-z0-9])"
    r"(?:[A-Z]{2}[ -]?[0-9]{1,2}[ -]?[A-Z]{0,3}[ -]?[0-9]{3,4}|[0-9]{2}[ -]?BH[ -]?[0-9]{4}[ -]?[A-Z]{1,2})"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# keys whose value is a plate, and those inside a reading of one
_PLATE_KEYS = frozenset({"plate", "plate_raw", "read", "was", "is"})
_READING_KEYS = frozenset({"text", "raw"})


class Kind(StrEnum):
    """A class of data, as it is erased."""

    PICTURES = "pictures"
    STAYS = "stays"
    GATE_EVENTS = "gate_events"
    NOTICES = "notices"
    PASSES = "passes"
    LISTS = "lists"
    CLAIMS = "claims"
    AUDIT_PLATES = "audit_plates"
    LOGINS = "logins"
    NOTIFICATIONS = "notifications"
    QUARANTINE = "quarantine"
    LOOKS = "looks"
    AUDIT = "audit"


_MASKED = (Kind.STAYS, Kind.GATE_EVENTS, Kind.NOTICES, Kind.PASSES, Kind.LISTS, Kind.CLAIMS, Kind.AUDIT_PLATES)


@dataclass(frozen=True, slots=True)
class Proof:
    """What one batch erased. digest: SHA-256 of its ids, one a line, in their order."""

    rows: int
    first_id: str
    last_id: str
    digest: str


def kept_for(kind: Kind, periods: Mapping[str, int]) -> timedelta:
    """How long data of that class is kept; periods: the settings' by name."""
    if kind is Kind.AUDIT:
        return timedelta(days=periods["audit_years"] * 365.25)
    return timedelta(days=periods["plates_days" if kind in _MASKED else f"{kind}_days"])


def proof(ids: Iterable[object]) -> Proof | None:
    """The proof of a batch; None for an empty one."""
    names = [str(one) for one in ids]
    if not names:
        return None
    return Proof(len(names), names[0], names[-1], hashlib.sha256("\n".join(names).encode()).hexdigest())


def masked(plate: str) -> str:
    """What is left of a plate: the letters of its state, and nothing by which it could be found again."""
    return (plate[:2] if plate[:2].isalpha() else "XX") + MASK


def partly_masked(plate: str | None) -> str:
    """A plate for lists whose reader need not know it whole: "MH12****34"."""
    if not plate:
        return ""
    return f"{plate[:4]}****{plate[-2:]}" if len(plate) > 6 else masked(plate)


def is_plate(text: object) -> bool:
    """Whether a word can be a plate, and nothing shorter that stands in other words too."""
    return isinstance(text, str) and _PLATE.fullmatch(text) is not None


def mask_text(text: str, mask: Callable[[str], str] = masked) -> str:
    """A sentence without the plates of Indian formats in it, however they are written."""
    return _IN_TEXT.sub(lambda found: mask(re.sub("[ -]", "", found[0])), text)


def is_masked(plate: str | None) -> bool:
    return plate is not None and plate.endswith(MASK)


def mask_in(value: Any, plates: Iterable[str] = (), *, reading: bool = False) -> Any:
    """The same JSON value without plates: those known, and whatever stands where a plate does."""
    known = [plate for plate in plates if plate]
    if isinstance(value, Mapping):
        return {key: _under(key, one, known, reading) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [mask_in(one, known, reading=reading) for one in value]
    if isinstance(value, str):
        for plate in sorted(known, key=len, reverse=True):
            value = value.replace(plate, masked(plate))
    return value


def _under(key: str, value: Any, known: list[str], reading: bool) -> Any:
    if isinstance(value, str):
        a_plate = key in _PLATE_KEYS and _PLATE.fullmatch(value.upper())
        return masked(value) if a_plate or (reading and key in _READING_KEYS and value) else mask_in(value, known)
    if key == "plates" and isinstance(value, list | tuple):
        return [masked(one) if isinstance(one, str) else mask_in(one, known) for one in value]
    return mask_in(value, known, reading=reading or key == "plate")


def due(kind: Kind, now: datetime, periods: Mapping[str, int]) -> datetime:
    """What is older than this goes."""
    return now - kept_for(kind, periods)
