"""What a plate may spell, region by region. Pure: tables.

Sources
- Indian civil marks, their state and union territory codes and the series after them: Central Motor Vehicles Rules 1989
  (rules 50 and 51) and the Ministry's notifications under section 41(6) of the Motor Vehicles Act 1988. TG replaced TS
  in 2024, OD replaced OR in 2012, UK replaced UA in 2007, LA came in 2019, DD serves both Dadra and Daman since 2020
  (before: DN and DD). What was issued under an old code stays valid.
  The letters I and O are left out of series: they'd be taken for 1 and 0.
- BH series: rule 47 and G.S.R. 594(E) of 26 August 2021: year, BH, four digits, one or two letters.
- Temporary marks: T, month and year, state, four digits, one or two letters; before, a civil mark with the series TR.
- Trade certificates (series TC, sometimes a letter after the number): rules 33 to 46.
- Defence vehicles: section 60 of the Act: an arrow (never read), year, class letter, serial number, check letter.
- Diplomatic and consular marks (CD, CC, UN between two numbers): rules 76 to 80.
- Elsewhere: each country's register (Slovakia, Czechia, Poland, Germany, United Kingdom; Netherlands: sidecodes 1 to
  14; Brazil: CONTRAN resolutions 231/2007 and 780/2019; United States: each state's own series).

The shares beside the patterns are round estimates of how common each form is on the road, not counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS, LETTERS = ALPHABET[:10], ALPHABET[10:]

_CODES = """
    AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD
    MH ML MN MP MZ NL OD OR PB PY RJ SK TG TN TR TS UA UK UP WB
"""
STATES = frozenset(_CODES.split())


def even(characters: str) -> dict[str, float]:
    """The weight spread evenly over the characters."""
    return dict.fromkeys(characters, 1 / len(characters))


def _mostly(characters: str, rare: str, share: float) -> dict[str, float]:
    """`share` of the weight spread over `rare`, the rest over the others."""
    usual = [c for c in characters if c not in rare]
    return {c: share / len(rare) if c in rare else (1 - share) / len(usual) for c in characters}


# One letter per kind of place in a pattern, and how likely each character is there.
PLACES: dict[str, dict[str, float]] = {
    "9": even(DIGITS),
    "A": even(LETTERS),
    "S": _mostly(LETTERS, "IO", 0.004),  # an Indian series
    "D": _mostly(LETTERS, "AEIOUYCMQW", 0.06),  # a Dutch series: no vowels, no C, M, Q, W
    "*": even(ALPHABET),
    **{letter.lower(): {letter: 1.0} for letter in LETTERS},  # that very letter
}
STATE = "^"  # two letters that together are one of STATES


@dataclass(frozen=True, slots=True)
class Format:
    """One family of plates.

    name      as it is recorded with a read
    patterns  each pattern with its share of the region's plates; letters of PLACES, ^^ for a state
    loose     True when the pattern says so little that a match alone proves nothing
    """

    name: str
    patterns: dict[str, float]
    loose: bool = False


def _indian_civil() -> dict[str, float]:
    """State, district, series, number: MH12AB1234, DL3CAY2231, KL7BZ99, HR696969 and everything between."""
    district = {"99": 0.93, "9": 0.07}
    series = {"SS": 0.72, "S": 0.24, "SSS": 0.025, "": 0.015}
    number = {"9999": 0.965, "999": 0.02, "99": 0.008, "9": 0.007}
    parts = product(district.items(), series.items(), number.items())
    return {f"^^{d}{s}{n}": pd * ps * pn for (d, pd), (s, ps), (n, pn) in parts}


def _delhi(share: float) -> dict[str, float]:
    """Delhi writes one digit of district, then the kind of vehicle before the series: DL3CAY2231, DL7CN5617."""
    return {f"dl{p}9999": share * part for p, part in {"9SSS": 0.5, "9SS": 0.35, "99SS": 0.1, "9S": 0.05}.items()}


def _german() -> dict[str, float]:
    town, letters, number = ("A", "AA", "AAA"), ("A", "AA"), ("9", "99", "999", "9999")
    patterns = [a + b + n for a, b, n in product(town, letters, number) if len(a + b + n) <= 8]
    return {p: 0.15 / len(patterns) for p in sorted(set(patterns))}


def _loose(shortest: int, longest: int, share: float) -> Format:
    lengths = range(shortest, longest + 1)
    return Format("loose", {"*" * n: share / len(lengths) for n in lengths}, loose=True)


def _shares(patterns: str, share: float) -> dict[str, float]:
    each = patterns.split()
    return dict.fromkeys(each, share / len(each))


_US_COMMON = "9AAA999 AAA9999 AAA999 999AAA 9999AAA AA99999 9A99999 AA9A9A A999999 99A99A9"
_US_RARER = (
    "AA9A999 A99999 A9999A AA9999 AAA99A A99AAA 99AAA9 9AA9999 AAAA99 A9AA99 AA9AAA 99A9999 9AA999 99999A "
    "999999 9999999"
)
_EUROPE = "AAA999 AA999A 9999AAA AA9999 AA9999AA AAA9999 9AAA999 AAA99999 999AAA 99AA999 AA99AAA"
_ANYWHERE = (
    "AA99AAA 9AAA999 AAA9999 AAA999 AA999AA AA9999 AA99AAAA AA999A 999AAA AA99999 9AA9999 9A99999 A999AA AA99AA9999 "
    "99AA999 9999AAA AAA99A AA9999AA"
)

REGIONS: dict[str, tuple[Format, ...]] = {
    "in": (
        Format("civil", {p: 0.9 * share for p, share in _indian_civil().items()} | _delhi(0.05)),
        Format("bharat", {"99bh9999S": 0.01, "99bh9999SS": 0.01}),
        Format("trade", {f"^^99tc{n}{end}": 0.001 for n in ("99", "999", "9999") for end in ("", "S")}),
        Format("temporary", {"t9999^^9999S": 0.002, "t9999^^9999SS": 0.003}),
        Format("vintage", {"^^vaSS9999": 0.001}),
        Format("defence", {"99A999999A": 0.002, "99A99999A": 0.002, "99A9999A": 0.001}),
        Format("diplomatic", {f"{a}{b}{c}": 2e-4 for a in ("9", "99", "999") for b in ("cd", "cc", "un")
                              for c in ("9", "99", "999", "9999")}),
    ),
    "us": (
        Format("state", _shares(_US_COMMON, 0.6) | _shares(_US_RARER, 0.25)),
        _loose(5, 8, 0.15),
    ),
    "eu": (
        Format("slovak", {"AA999AA": 0.25}),
        Format("czech", {"9A99999": 0.08, "9AA9999": 0.02}),
        Format("polish", _shares("AA99999 AAA9999 AA9999A AA999AA AAA99AA AAA9A99 AAA99A9 AAA9AA9 A999999", 0.1)),
        Format("british", {"AA99AAA": 0.06}),
        Format("german", _german()),
        Format("other european", _shares(_EUROPE, 0.16)),
        _loose(4, 8, 0.1),
    ),
    "br": (
        Format("brazilian", {"AAA9999": 0.75}),
        Format("mercosul", {"AAA9A99": 0.24}),
        _loose(7, 7, 0.01),
    ),
    "nl": (
        Format("dutch", _shares("AA9999 9999AA 99AA99 AA99AA AAAA99 99AAAA", 0.1)
               | _shares("99DDD9 9DDD99 DD999D D999DD DDD99D D99DDD 9DD999 999DD9", 0.88)),
        _loose(6, 6, 0.02),
    ),
    "oth": (
        Format("common", _shares(_ANYWHERE, 0.8)),
        _loose(4, 10, 0.2),
    ),
}  # fmt: skip

# Words printed beside the mark, on its strip or frame: read with it, never part of it.
STRIP_WORDS: dict[str, tuple[str, ...]] = {
    "in": ("IND", "INDIA", "IN", "ND"),
    "us": (),
    "eu": ("SK", "CZ", "PL", "GB", "NL", "EU"),
    "br": ("BR", "BRASIL"),
    "nl": ("NL",),
    "oth": ("GB", "UK", "NL", "EU", "AL"),
}
