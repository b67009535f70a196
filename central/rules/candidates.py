"""Which other stays one that a person looks at may have been, the likeliest first, and what speaks for each. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from central.rules.matching import OpenStay, confusable

SHOWN = 4
FURTHEST = 3.0  # that many characters apart, and two plates are simply two vehicles


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stay that may be the same visit.

    apart       how far its plate is from the one looked at: characters, those that look alike counting half;
                None where one of the two was not read
    alike       pairs of characters that readers take for one another
    other       how many characters differ and look nothing alike
    same_class  the vehicle's class is the same
    """

    id: str
    apart: float | None
    alike: tuple[tuple[str, str], ...] = ()
    other: int = 0
    same_class: bool = True


def ranked(looked_at: OpenStay, stays: Iterable[OpenStay], most: int = SHOWN) -> list[Candidate]:
    """The likeliest first; those whose plate was not read come after those that are near.

    stays  in the order in which they are the likelier of two that are equally near
    """
    found = [one for one in (_compare(looked_at, other) for other in stays) if one is not None]
    return sorted(found, key=lambda one: (one.apart is None, one.apart or 0, not one.same_class))[:most]


def _compare(looked_at: OpenStay, other: OpenStay) -> Candidate | None:
    same_class = looked_at.vehicle_class == other.vehicle_class
    if not looked_at.plate or not other.plate:
        return Candidate(other.id, None, same_class=same_class)
    best = min(
        (_differences(one, two) for one, two in _aligned(looked_at.plate, other.plate)),
        key=lambda differences: _apart(*differences),
        default=None,
    )
    if best is None or _apart(*best) > FURTHEST:
        return None
    return Candidate(other.id, _apart(*best), *best, same_class=same_class)


def _aligned(one: str, two: str) -> Iterable[tuple[str, str]]:
    """The two beside each other; where one is a character longer, a blank stands for each that may be missing."""
    if len(one) == len(two):
        return [(one, two)]
    short, long = sorted((one, two), key=len)
    if len(long) - len(short) != 1:
        return []
    padded = [short[:at] + " " + short[at:] for at in range(len(long))]
    return [(text, long) if short == one else (long, text) for text in padded]


def _differences(one: str, two: str) -> tuple[tuple[tuple[str, str], ...], int]:
    pairs = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    alike = tuple(pair for pair in pairs if confusable(*pair))
    return alike, len(pairs) - len(alike)


def _apart(alike: tuple[tuple[str, str], ...], other: int) -> float:
    return len(alike) / 2 + other
