"""What a reader saw, decoded over the formats a site accepts. Pure.

The reader gives a `Slot` per character place: every character it thought possible with its probability, and under the
empty string the probability that nothing stands there (a bolt, a hologram, a smear). `decode` walks all formats at
once, keeping the best texts. What a text weighs is the reader's probabilities times how common such a mark is: a
confusable character is settled by the reader's own doubt, never by a substitution table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.rules.plate.formats import ALPHABET, REGIONS, STRIP_WORDS
from edge.rules.plate.trie import trie
from edge.rules.plate.walk import UNSEEN, Slot, Spelling, log_add, spellings

SHORTEST, LONGEST = 4, 13  # characters of a mark
FREE_TEXT = 0.01  # share of plates that follow none of the formats
# Text that is no plate: words, then numbers (dates, telephones), seldom a mixture.
WORD, NUMBER, MIXTURE = 0.75, 0.22, 0.03
STRIP_READ = 0.1  # how often the country word beside a mark is read with it
KEPT = 8  # alternatives kept with a read


@dataclass(frozen=True, slots=True)
class Decoded:
    """The best text for one line (or joined lines), and what else it might have been.

    text          normalised; empty when no format fits
    raw           what the reader saw, character by character, before any format was considered
    format        name of the format the text follows, "" when none
    confidence    probability that the text is right, given the formats, 0.0 to 1.0
    per_char      per character of text, 0.0 (a guess) to 1.0 (certain)
    loose         the format says so little that a match alone proves nothing
    evidence      log of how much likelier this is a plate of these formats than any other text; higher is better
    alternatives  (text, probability), best first
    """

    text: str
    raw: str
    format: str = ""
    confidence: float = 0.0
    per_char: tuple[float, ...] = ()
    loose: bool = True
    evidence: float = -math.inf
    alternatives: tuple[tuple[str, float], ...] = ()


def spell(text: str, certainty: float = 0.99) -> list[Slot]:
    """Slots of a reader that saw exactly `text` with that certainty in each character."""
    return [{c: certainty, "": 1 - certainty} for c in text.upper() if c in ALPHABET]


def decode(slots: Sequence[Slot], regions: Iterable[str]) -> Decoded:
    """The likeliest mark of `regions` that the slots can spell. ValueError names a region that doesn't exist."""
    regions = checked_regions(regions)
    raw = raw_text(slots)
    best = _decode(slots, raw, regions)
    for stripped in _without_strip_words(slots, regions):
        other = _decode(stripped, raw, regions)
        if other.evidence + math.log(STRIP_READ) > best.evidence:
            best = other
    return best


def checked_regions(regions: Iterable[str]) -> tuple[str, ...]:
    """The regions, once each, in order. ValueError names one that doesn't exist."""
    wanted = tuple(dict.fromkeys(regions))
    unknown = [r for r in wanted if r not in REGIONS]
    if unknown or not wanted:
        named = f"unknown plate region {unknown[0]!r}" if unknown else "no plate region given"
        raise ValueError(f"{named}; expected one or more of {', '.join(REGIONS)}")
    return wanted


def raw_text(slots: Iterable[Slot]) -> str:
    """The likeliest character of each slot; a slot that is likeliest nothing leaves none."""
    return "".join(max(slot, key=slot.__getitem__, default="") for slot in slots)


def _decode(slots: Sequence[Slot], raw: str, regions: tuple[str, ...]) -> Decoded:
    spelt = spellings(slots, trie(regions))
    if not spelt:
        return Decoded("", raw)
    texts: dict[str, float] = {}
    likeliest: dict[str, Spelling] = {}
    for spelling in spelt:
        texts[spelling.text] = log_add(texts.get(spelling.text, -math.inf), spelling.weight)
        if spelling.text not in likeliest or spelling.weight > likeliest[spelling.text].weight:
            likeliest[spelling.text] = spelling
    # A plate that follows no format is a rival of all that do, but never an answer of its own.
    total = math.log(FREE_TEXT) + sum(math.log(max(UNSEEN, *slot.values())) for slot in slots if slot)
    for weight in texts.values():
        total = log_add(total, weight)
    ranked = sorted(texts, key=lambda text: (-texts[text], text))
    shares = {t: min(1.0, math.exp(texts[t] - total)) * likeliest[t].end.whole for t in ranked[:KEPT]}
    text = ranked[0]
    return Decoded(
        text=text,
        raw=raw,
        format=likeliest[text].end.name,
        confidence=shares[text],
        per_char=likeliest[text].per_char,
        loose=likeliest[text].end.loose,
        evidence=texts[text] - _background(text),
        alternatives=tuple(shares.items()),
    )


def _background(text: str) -> float:
    """Log of how likely `text` is as a text that is no plate, against characters drawn evenly."""
    if text.isdigit():
        return math.log(NUMBER) + len(text) * math.log(len(ALPHABET) / 10)
    if text.isalpha():
        return math.log(WORD) + len(text) * math.log(len(ALPHABET) / 26)
    return math.log(MIXTURE)


def _without_strip_words(slots: Sequence[Slot], regions: tuple[str, ...]) -> Iterable[Sequence[Slot]]:
    """The slots without a country word at their start or end, for each word that is really read there."""
    written = [slot for slot in slots if _top(slot) or slot.get("", 1.0) < 0.5]
    raw = raw_text(written)
    for word in dict.fromkeys(word for region in regions for word in STRIP_WORDS[region]):
        if len(raw) - len(word) < SHORTEST:
            continue
        if raw.startswith(word):
            yield written[len(word) :]
        if raw.endswith(word):
            yield written[: -len(word)]


def _top(slot: Slot) -> str:
    return max(slot, key=slot.__getitem__, default="")
