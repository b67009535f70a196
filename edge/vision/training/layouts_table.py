"""The forms of plates that are rendered, and how often. Pure: a table.

Sizes and colours of Indian plates after the Central Motor Vehicles Rules 1989, rules 50 and 51 (one line 500 x 120 mm,
two lines 340 x 200, motorcycles 200 x 100 and 285 x 45); Europe 520 x 110 and 520 x 113; North America 305 x 152;
Brazil 400 x 130. Shares are chosen so that every form is learned, not counted on the road.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Colour = tuple[int, int, int]
Sizes = list[tuple[float, float]]

WHITE, BLACK, YELLOW = (240, 243, 243), (26, 24, 24), (34, 192, 244)
INKS: dict[str, tuple[Colour, Colour]] = {  # ground, letters; BGR
    "white": (WHITE, BLACK),
    "grey-white": ((214, 218, 218), (36, 32, 30)),
    "yellow": (YELLOW, BLACK),
    "green": ((72, 128, 24), (242, 246, 246)),
    "green-yellow": ((66, 122, 28), (60, 214, 246)),
    "rental-black": ((32, 30, 30), (40, 200, 245)),
    "old-black": ((34, 32, 32), (236, 238, 238)),
    "red": ((34, 30, 190), (242, 244, 246)),
    "temporary": (YELLOW, (34, 30, 190)),
    "dealer": ((236, 240, 240), (34, 30, 190)),
    "diplomatic": ((176, 108, 26), (244, 246, 246)),
    "uk-rear": ((40, 206, 250), (22, 20, 20)),
    "us-blue": ((238, 236, 228), (120, 52, 22)),
    "us-green": ((228, 238, 232), (56, 92, 24)),
    "us-red": ((232, 232, 240), (44, 32, 150)),
    "us-dark": ((96, 44, 26), (100, 214, 248)),
    "us-gold": ((120, 208, 240), (110, 46, 24)),
    "br-grey": ((176, 176, 174), (34, 32, 32)),
    "br-red": ((42, 38, 176), (240, 242, 242)),
    "br-blue": (WHITE, (150, 70, 24)),
    "euro-blue": (WHITE, (120, 40, 16)),
    "euro-green": (WHITE, (60, 104, 18)),
}


@dataclass(frozen=True, slots=True)
class Form:
    """One form of plate.

    name      region and form: "in-hsrp"
    region    of edge.rules.plate.formats
    share     how often it is drawn
    formats   names of the region's formats its text comes from
    colours   keys of INKS
    families  of lettering
    sizes     by arrangement (one, two, stacked): sheets, millimetres
    joiners   what may stand between the groups of a row
    marks     decorations and the share of plates that carry each
    letter    height of letters on a one-line plate, share of the room between head and foot
    head, foot  share of the sheet's height taken by printing above and below
    loose     how far the sheet's height may differ, share
    """

    name: str
    region: str
    share: float
    formats: tuple[str, ...]
    colours: tuple[str, ...]
    families: tuple[str, ...]
    sizes: dict[str, Sizes]
    joiners: tuple[str, ...] = (" ",)
    marks: dict[str, float] = field(default_factory=dict)
    letter: tuple[float, float] = (0.5, 0.68)
    head: float = 0.0
    foot: float = 0.0
    loose: float = 0.04


_INDIAN: dict[str, Sizes] = {"one": [(500, 120)], "two": [(340, 200), (200, 100)], "stacked": [(340, 160), (400, 150)]}
_OLD: dict[str, Sizes] = {
    "one": [(500, 120), (480, 110), (430, 110), (300, 70), (285, 60)],
    "two": [(340, 200), (300, 170), (280, 200), (220, 140), (200, 100)],
    "stacked": [(340, 160), (420, 150)],
}
_PRESSED = {"border": 0.6, "bolts": 0.7, "ind": 0.12, "words": 0.12}
_PAINTED = {"border": 0.3, "bolts": 0.4, "flourish": 0.35, "words": 0.3}
_HSRP = {"border": 0.95, "bolts": 0.8, "ind": 0.92, "laser": 0.5}
_EURO: dict[str, Sizes] = {"one": [(520, 110), (520, 113), (440, 120)], "two": [(280, 200), (240, 130)]}
_EURO_MARKS = {"border": 0.8, "bolts": 0.3, "euro-strip": 0.65, "seal": 0.35, "frame": 0.4}
_US_MARKS = {"bolts": 0.8, "head-words": 0.85, "foot-words": 0.6, "picture": 0.3, "frame": 0.5, "tab": 0.5}
_BR_OLD = {"border": 0.7, "bolts": 0.6, "head-words": 0.9}

FORMS: tuple[Form, ...] = (
    Form("in-hsrp", "in", 20, ("civil",), ("white", "white", "white", "yellow", "yellow", "green", "green-yellow",
         "rental-black"), ("hsrp",), _INDIAN, marks=_HSRP),
    Form("in-bharat", "in", 3, ("bharat",), ("white", "green"), ("hsrp",), _INDIAN, marks=_HSRP),
    Form("in-pressed", "in", 16, ("civil",), ("white", "white", "grey-white", "yellow", "rental-black", "old-black"),
         ("pressed", "hsrp"), _OLD, (" ", " ", " ", "-", "", "."), _PRESSED, (0.5, 0.78), loose=0.15),
    Form("in-painted", "in", 9, ("civil",), ("white", "yellow", "yellow", "old-black", "rental-black"), ("painted",),
         _OLD, (" ", " ", "-", "", "."), _PAINTED, (0.55, 0.85), loose=0.2),
    Form("in-temporary", "in", 2, ("temporary",), ("temporary", "white"), ("pressed", "hsrp"), _OLD, marks=_PRESSED),
    Form("in-trade", "in", 1.5, ("trade",), ("red", "dealer"), ("pressed", "painted"), _OLD, marks=_PRESSED),
    Form("in-vintage", "in", 1, ("vintage",), ("white",), ("hsrp",), _INDIAN, marks=_PRESSED),
    Form("in-defence", "in", 2, ("defence",), ("old-black", "white"), ("pressed", "painted"),
         {"one": [(500, 110), (480, 90)], "two": [(300, 180)]}, ("", " "), {"arrow": 0.9, "border": 0.3, "bolts": 0.5}),
    Form("in-diplomatic", "in", 1.5, ("diplomatic",), ("diplomatic", "white"), ("pressed", "hsrp"), _OLD, (" ", "-"),
         _PRESSED),
    Form("eu-plate", "eu", 12, ("slovak", "czech", "polish", "german", "other european", "loose"),
         ("white", "white", "white", "euro-blue", "euro-green"), ("european",), _EURO, (" ", " ", "", "-"), _EURO_MARKS,
         (0.62, 0.8)),
    Form("uk-plate", "eu", 3, ("british",), ("white", "uk-rear"), ("european",), _EURO, (" ",),
         {"border": 0.3, "euro-strip": 0.4, "foot-words": 0.3, "bolts": 0.4}, (0.66, 0.78)),
    Form("nl-plate", "nl", 4, ("dutch",), ("uk-rear", "yellow"), ("european",), _EURO, ("-",),
         {"border": 0.7, "euro-strip": 0.95, "frame": 0.3}, (0.6, 0.76)),
    Form("us-plate", "us", 12, ("state", "loose"), ("white", "us-blue", "us-green", "us-red", "us-dark", "us-gold"),
         ("american", "american", "pressed"), {"one": [(305, 152)]}, (" ", "", "-", "", "."), _US_MARKS, (0.72, 0.9),
         0.2, 0.16),
    Form("br-old", "br", 6, ("brazilian",), ("br-grey", "br-grey", "br-red", "white"), ("brazilian", "pressed"),
         {"one": [(400, 130)], "two": [(187, 136)]}, ("-", "-", " "), _BR_OLD, (0.68, 0.84), 0.2, 0.02),
    Form("br-mercosul", "br", 4, ("mercosul",), ("white", "white", "br-blue"), ("brazilian", "european"),
         {"one": [(400, 130)], "two": [(200, 170)]}, ("",), {"border": 0.8, "mercosul": 1.0, "mercosul-code": 0.8},
         (0.72, 0.86), 0.25, 0.02),
    Form("oth-plate", "oth", 5, ("common", "loose"), tuple(INKS), ("european", "american", "pressed"),
         {"one": [(520, 110), (440, 120), (330, 150)], "two": [(280, 200), (300, 150)]}, (" ", "-", "", "."),
         {"border": 0.6, "bolts": 0.6, "frame": 0.3, "seal": 0.2, "words": 0.1}, (0.55, 0.8), loose=0.1),
)  # fmt: skip
