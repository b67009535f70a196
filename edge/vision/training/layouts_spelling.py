"""What a rendered plate spells and how that falls into groups and rows. Pure but for the dice given."""

from __future__ import annotations

import re
from itertools import accumulate

import numpy as np

from edge.rules.plate.formats import PLACES, REGIONS, STATE, STATES

_STATES = tuple(sorted(STATES))
# Small forms are drawn more often than they are met, so that the reader learns them too.
_EVEN_OUT = 0.35


def spell(dice: np.random.Generator, region: str, name: str) -> str:
    """A plate's text of one family of a region's formats, A-Z and 0-9."""
    patterns = next(form.patterns for form in REGIONS[region] if form.name == name)
    shares = [share**_EVEN_OUT if len(patterns) < 20 else share**0.7 for share in patterns.values()]
    pattern = _pick(dice, list(patterns), shares)
    text, at = "", 0
    while at < len(pattern):
        if pattern[at] == STATE:
            text, at = text + _STATES[dice.integers(len(_STATES))], at + 2
            continue
        place = PLACES[pattern[at]]
        text, at = text + _pick(dice, list(place), list(place.values())), at + 1
    return text


def _pick(dice: np.random.Generator, among: list[str], shares: list[float]) -> str:
    steps = list(accumulate(shares))
    mark = dice.random() * steps[-1]
    return next((one for one, step in zip(among, steps, strict=True) if mark < step), among[-1])


def groups(text: str, region: str) -> list[str]:
    """The text where letters and digits change: ["MH", "12", "AB", "1234"]; Dutch ones by two or three."""
    parts = re.findall(r"[A-Z]+|[0-9]+", text)
    if region == "nl":
        return [piece for part in parts for piece in ([part[:2], part[2:]] if len(part) == 4 else [part])]
    if region == "in" and (delhi := re.fullmatch(r"(DL)(\d{1,2})([A-Z]{3})(\d+)", text)):
        state, district, series, number = delhi.groups()
        return [state, district + series[0], series[1:], number]
    return parts if len(parts) <= 5 else [text]


def rows_of(parts: list[str], lines: str, dice: np.random.Generator) -> list[list[str]]:
    """Groups by row; `lines` is one, two or stacked (two short rows left of the rest)."""
    if lines == "one" or len("".join(parts)) < 4:
        return [parts]
    if lines == "stacked" and len(parts) >= 3:
        return [parts[:1], parts[1:2], parts[2:]]
    if len(parts) == 1:
        half = (len(parts[0]) + 1) // 2
        return [[parts[0][:half]], [parts[0][half:]]]
    cut = len(parts) - 1 if len(parts) < 4 or dice.random() < 0.7 else 2
    return [parts[:cut], parts[cut:]]
