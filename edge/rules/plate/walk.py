"""The walk of a reader's slots through the trie of formats: every text worth keeping, and what it weighs. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.rules.plate.formats import ALPHABET
from edge.rules.plate.trie import End, Node, allowed

Slot = Mapping[str, float]

BEAM = 48  # texts kept per slot
UNSEEN = 1e-4  # the least a reader can ever say against a character
NOTHING = 2e-3  # the least likely that a slot is no character at all
EDGE_NOTHING = 1e-2  # the same before the first and after the last character, where borders and bolts are

# One way to spell a text, a plain tuple because thousands are made for a frame: its log weight, where in the trie it
# is, the text, and the probabilities of its characters in their slots, last first: (last, (the one before, ...)).
_Path = tuple[float, Node, str, tuple]


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text that follows a pattern to its end, and its log weight, the pattern's share included."""

    text: str
    weight: float
    end: End
    per_char: tuple[float, ...]


def spellings(slots: Sequence[Slot], root: Node) -> list[Spelling]:
    """Every text the beam kept that ends a format."""
    paths: list[_Path] = [(0.0, root, "", ())]
    for slot in slots:
        blank = slot.get("", 0.0)
        skip, edge_skip = math.log(max(blank, NOTHING)), math.log(max(blank, EDGE_NOTHING))
        seen = _Seen(slot)
        after: dict[tuple[int, str], _Path] = {}
        for weight, node, text, chances in paths:
            edge = not text or bool(node.ends)
            _keep(after, (weight + (edge_skip if edge else skip), node, text, chances))
            for place, onward in node.onward.items():
                for character, gain, chance in seen.at(place, text):
                    _keep(after, (weight + gain, onward, text + character, (chance, chances)))
        paths = sorted(after.values(), key=_weight, reverse=True)[:BEAM]
    return [
        Spelling(text, weight + math.log(end.share), end, _in_order(chances))
        for weight, node, text, chances in paths
        for end in node.ends
    ]


class _Seen:
    """What one slot says at each kind of place, worked out once for all paths that come by."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        # a symbol that is no character of ours: could be any
        self._spread = max(0.0, 1 - sum(slot.values())) / len(ALPHABET)
        self._at: dict[int, list[tuple[str, float, float]]] = {}

    def at(self, place: str, before: str) -> list[tuple[str, float, float]]:
        """Each character that may stand at `place` after `before` and was seen: it, its log weight, its probability."""
        shares = allowed(place, before)
        found = self._at.get(id(shares))  # the tables live as long as the program, so each has its own id
        if found is None:
            found = self._at[id(shares)] = list(self._weighed(shares))
        return found

    def _weighed(self, shares: Mapping[str, float]) -> Iterable[tuple[str, float, float]]:
        for character, share in shares.items():
            seen = self._slot.get(character, 0.0) + self._spread
            if seen >= UNSEEN:
                # Against a reader that knew nothing (1 / 36 each), so that a character read beats one left out.
                yield character, math.log(seen * share * len(ALPHABET)), min(1.0, seen)


def _keep(paths: dict[tuple[int, str], _Path], path: _Path) -> None:
    """Joins two ways to the same text at the same place: weights add, the likelier way gives the characters."""
    key = (id(path[1]), path[2])
    other = paths.get(key)
    if other is not None:
        likelier = path if path[0] > other[0] else other
        path = (log_add(path[0], other[0]), *likelier[1:])
    paths[key] = path


def _weight(path: _Path) -> float:
    return path[0]


def _in_order(chances: tuple) -> tuple[float, ...]:
    """The probabilities of a path's characters, first character first."""
    forward = []
    while chances:
        chance, chances = chances
        forward.append(chance)
    return tuple(reversed(forward))


def log_add(a: float, b: float) -> float:
    high, low = max(a, b), min(a, b)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))
