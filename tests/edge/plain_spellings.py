"""How the formats are walked, written as plainly as it can be: what the quick walk is held against."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from edge.rules.plate.formats import ALPHABET
from edge.rules.plate.trie import End, Node, allowed
from edge.rules.plate.walk import BEAM, EDGE_NOTHING, NOTHING, UNSEEN

Way = tuple[float, tuple[float, ...]]  # log weight, and each character's probability


def plain_spellings(
    slots: Sequence[Mapping[str, float]], root: Node
) -> list[tuple[str, float, End, tuple[float, ...]]]:
    """(text, log weight, end, probabilities) of every text the beam kept that ends a format."""
    ways: dict[tuple[int, str], tuple[Node, Way]] = {(id(root), ""): (root, (0.0, ()))}
    for slot in slots:
        spread = max(0.0, 1 - sum(slot.values())) / len(ALPHABET)
        after: dict[tuple[int, str], tuple[Node, Way]] = {}
        for (_, text), (node, (weight, chances)) in ways.items():
            least = EDGE_NOTHING if not text or node.ends else NOTHING
            _keep(after, node, text, (weight + math.log(max(slot.get("", 0.0), least)), chances))
            for place, onward in node.onward.items():
                for character, share in allowed(place, text).items():
                    seen = slot.get(character, 0.0) + spread
                    if seen >= UNSEEN:
                        gained = weight + math.log(seen * share * len(ALPHABET))
                        _keep(after, onward, text + character, (gained, (*chances, min(1.0, seen))))
        ways = dict(sorted(after.items(), key=lambda item: -item[1][1][0])[:BEAM])
    return [
        (text, weight + math.log(end.share), end, chances)
        for (_, text), (node, (weight, chances)) in ways.items()
        for end in node.ends
    ]


def _keep(ways: dict[tuple[int, str], tuple[Node, Way]], node: Node, text: str, way: Way) -> None:
    if (id(node), text) in ways:
        other = ways[id(node), text][1]
        high, low = max(way[0], other[0]), min(way[0], other[0])
        way = (high + math.log1p(math.exp(low - high)), (way if way[0] > other[0] else other)[1])
    ways[id(node), text] = (node, way)
