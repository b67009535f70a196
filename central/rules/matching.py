"""Which open stay a plate seen at an exit belongs to. Pure.

Only an exact match may settle by itself. A near match is shown to the driver and queued for review; it never debits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# characters a reader takes for one another, and why
LOOK_ALIKES: tuple[tuple[str, str], ...] = (
    ("0ODQ", "closed ovals; D's corners and Q's tail go first in blur"),
    ("0C", "an oval whose right side is lost in glare"),
    ("1IL", "a single upright; serifs and L's foot are thin"),
    ("2Z", "the same strokes, curved or straight"),
    ("5S", "the same strokes, straight or curved"),
    ("8B", "two closed bowls, one flat side apart"),
    ("38", "left side of the bowls lost in glare or dirt"),
    ("6G", "an open top over a closed or barred bowl"),
    ("CG", "G's bar is short"),
    ("4A", "a closed triangle over a bar"),
    ("7T", "a top bar over an upright"),
    ("17", "the flag of 1 grows into the bar of 7"),
    ("MNH", "two uprights; the middle strokes merge"),
    ("MW", "the same zigzag, upside down"),
    ("VY", "two strokes meeting; Y's stem is cut by the frame"),
    ("UV", "two uprights joined below, round or pointed"),
    ("EF", "E's foot hides in a screw or the frame"),
    ("PR", "R's leg hides in a screw or dirt"),
    ("KX", "two crossing diagonals beside or through an upright"),
)
_ALIKE: frozenset[frozenset[str]] = frozenset(
    frozenset((one, other)) for group, _ in LOOK_ALIKES for one in group for other in group if one != other
)


@dataclass(frozen=True, slots=True)
class OpenStay:
    """An open stay to match against: its plate (None: let in unread) and vehicle class."""

    id: str
    plate: str | None
    vehicle_class: str = "car"


@dataclass(frozen=True, slots=True)
class Exact:
    """The one open stay with this very plate."""

    id: str


@dataclass(frozen=True, slots=True)
class Near:
    """The one open stay of the class whose plate differs in a single confusable character.

    position  of that character, counted from 0
    read, stored  the character at the exit and in the stay
    """

    id: str
    distance: int
    position: int
    read: str
    stored: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several open stays fit equally well: a person must choose."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """No open stay fits."""


Match = Exact | Near | Ambiguous | Unmatched


def confusable(one: str, other: str) -> bool:
    """True where readers take one character for the other. A character is not confusable with itself."""
    return frozenset((one, other)) in _ALIKE


def match(plate: str | None, open_stays: Iterable[OpenStay], vehicle_class: str | None = None) -> Match:
    """The open stay that a plate read at an exit belongs to.

    plate          normalised A-Z 0-9; None (unread) matches nothing
    vehicle_class  as seen at the exit; near matches must have it. None: any. An exact plate matches whatever the class,
                   since classes at a lane are defaults and plates are unique.
    """
    if not plate:
        return Unmatched()
    stays = [stay for stay in open_stays if stay.plate]
    exact = tuple(stay.id for stay in stays if stay.plate == plate)
    if exact:
        return Exact(exact[0]) if len(exact) == 1 else Ambiguous(exact)
    near = []
    for stay in stays:
        position = _one_confusable(plate, stay.plate)
        if position is not None and vehicle_class in (None, stay.vehicle_class):
            near.append(Near(stay.id, 1, position, plate[position], stay.plate[position]))
    if len(near) > 1:
        return Ambiguous(tuple(found.id for found in near))
    return near[0] if near else Unmatched()


def _one_confusable(read: str, stored: str) -> int | None:
    """Position of the only difference, where it is a confusable one; None otherwise."""
    if len(read) != len(stored):
        return None
    differing = [at for at, (one, other) in enumerate(zip(read, stored, strict=True)) if one != other]
    if len(differing) == 1 and confusable(read[differing[0]], stored[differing[0]]):
        return differing[0]
    return None
