"""All formats of the accepted regions as one trie, so that `decode` walks them at once. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from edge.rules.plate.formats import PLACES, REGIONS, STATE, STATES, Format, even

MAIMED = 0.003  # how often a reader loses a piece of a plate without noticing
_AFTER = {first: even("".join(sorted(s[1] for s in STATES if s[0] == first))) for first in {s[0] for s in STATES}}
_FIRST = {first: len(after) / len(STATES) for first, after in _AFTER.items()}


@dataclass(frozen=True, slots=True)
class End:
    """A pattern that ends at a node.

    name   of its format
    share  of the accepted regions' plates
    loose  as Format
    whole  how likely a text of this pattern is all of the plate, and not what is left of a longer one
    """

    name: str
    share: float
    loose: bool
    whole: float


@dataclass(slots=True)
class Node:
    """One place in the trie of formats: where each kind of place leads, and the patterns that end here."""

    onward: dict[str, Node] = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)


@lru_cache(maxsize=64)
def trie(regions: tuple[str, ...]) -> Node:
    """All patterns of these regions as one trie; the regions share the weight evenly."""
    root = Node()
    for region in regions:
        remains = _remains(REGIONS[region])
        for family in REGIONS[region]:
            for pattern, share in family.patterns.items():
                node = root
                for place in pattern:
                    node = node.onward.setdefault(place, Node())
                whole = share / (share + MAIMED * remains[pattern])
                node.ends.append(End(family.name, share / len(regions), family.loose, whole))
    return root


def _remains(families: tuple[Format, ...]) -> Counter[str]:
    """For each pattern, the share of the telling longer ones that would leave it, were a piece of them not read:
    one character, or any number at an end (a bar across the plate, a crop too tight).
    """
    remains: Counter[str] = Counter()
    for family in families:
        if family.loose:
            continue
        for pattern, share in family.patterns.items():
            ends = {pattern[:n] for n in range(1, len(pattern))} | {pattern[n:] for n in range(1, len(pattern))}
            for rest in ends | {pattern[:n] + pattern[n + 1 :] for n in range(len(pattern))}:
                remains[rest] += share
    return remains


def allowed(place: str, before: str) -> dict[str, float]:
    """Characters that may stand at `place` after the text `before`, with how likely each is there."""
    if place != STATE:
        return PLACES[place]
    return _AFTER[before[-1]] if _second_of_state(before) else _FIRST


def _second_of_state(before: str) -> bool:
    """A state is first in a mark (MH12...) or follows a temporary mark's T and four digits (T0123MH...)."""
    return len(before) in (1, 6)
