"""What a plate looks like before it is drawn: its form, colours, size, and where its rows go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.vision.training.layouts_spelling import groups, rows_of, spell
from edge.vision.training.layouts_table import FORMS, INKS, Colour, Form


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a plate.

    text  as it is lettered, with its spaces and hyphens
    box   where it may go: left, top, right, bottom, millimetres; letters fill its height
    """

    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """One plate, ready to be drawn.

    text       A-Z and 0-9, rows joined; "" for an empty plate
    kind       form and arrangement: "in-hsrp-two"
    form       the form's name: "in-hsrp"
    rows       in reading order
    size_mm    width and height of the sheet
    ground, ink  colours, BGR
    family     of lettering
    marks      decorations drawn beside the text: names `plates_marks` knows
    strip_mm   left free for a strip or the IND mark
    """

    text: str
    kind: str
    form: str
    rows: tuple[Row, ...]
    size_mm: tuple[float, float]
    ground: Colour
    ink: Colour
    family: str
    marks: tuple[str, ...]
    strip_mm: float


def make_layout(dice: np.random.Generator, region: str | None = None, lines: str | None = None) -> Layout:
    """A plate of any form; `region` and `lines` (one, two, stacked) narrow the choice."""
    forms = [f for f in FORMS if region in (None, f.region) and (lines is None or lines in f.sizes)]
    if not forms:
        raise ValueError(f"no plates of region {region!r} in {lines!r} lines, expected {sorted(_known())}")
    shares = np.array([form.share for form in forms])
    form = forms[dice.choice(len(forms), p=shares / shares.sum())]
    lines = lines or _arrangement(dice, form)
    text = spell(dice, form.region, form.formats[dice.integers(len(form.formats))])
    split = rows_of(groups(text, form.region), lines, dice)
    if len(split) == 1:
        lines = "one"
    elif len(split) == 2:
        lines = "two"
    sizes = form.sizes[lines] if lines in form.sizes else form.sizes["one"]
    width, height = sizes[dice.integers(len(sizes))]
    height *= dice.uniform(1 - form.loose, 1 + form.loose)
    name = form.colours[dice.integers(len(form.colours))]
    ground, ink = (_shade(dice, colour) for colour in INKS[name])
    marks = tuple(mark for mark, share in form.marks.items() if dice.random() < share)
    strip = width * 0.085 if set(marks) & {"ind", "euro-strip", "mercosul-code", "arrow"} else 0.0
    boxes = _boxes(dice, form, lines, (width, height), strip)
    joiner = form.joiners[dice.integers(len(form.joiners))]
    rows = tuple(Row(joiner.join(parts), box) for parts, box in zip(split, boxes, strict=True))
    return Layout(
        text, f"{form.name}-{lines}", form.name, rows, (width, height), ground, ink,
        form.families[dice.integers(len(form.families))], marks, strip,
    )  # fmt: skip


def _known() -> set[tuple[str, str]]:
    return {(form.region, lines) for form in FORMS for lines in form.sizes}


def _arrangement(dice: np.random.Generator, form: Form) -> str:
    shares = {"one": 0.62, "two": 0.32, "stacked": 0.06}
    names = [name for name in shares if name in form.sizes]
    weights = np.array([shares[name] for name in names])
    return names[dice.choice(len(names), p=weights / weights.sum())]


def _shade(dice: np.random.Generator, colour: Colour) -> Colour:
    """The colour as another maker mixes it."""
    off = np.array(colour) + dice.normal(0, 4.5, 3) + dice.normal(0, 9)
    blue, green, red = np.clip(off, 2, 253).astype(int)
    return int(blue), int(green), int(red)


def _boxes(
    dice: np.random.Generator, form: Form, lines: str, size: tuple[float, float], strip: float
) -> list[tuple[float, float, float, float]]:
    """Where each row goes, millimetres."""
    width, height = size
    left, right = strip + width * dice.uniform(0.02, 0.06), width * (1 - dice.uniform(0.025, 0.06))
    top, bottom = height * form.head, height * (1 - form.foot)
    room = bottom - top
    if lines == "one":
        share = dice.uniform(*form.letter)
        middle = top + room * (0.5 + dice.normal(0, 0.015))
        return [(left, middle - room * share / 2, right, middle + room * share / 2)]
    gap, edge = room * dice.uniform(0.04, 0.12), room * dice.uniform(0.07, 0.13)
    first = room * (0.5 + (dice.uniform(-0.14, 0.02) if lines == "two" and not strip else 0))
    upper = (top + edge, top + first - gap / 2)
    lower = (top + first + gap / 2, bottom - edge)
    if lines == "stacked":
        cut = left + (right - left) * dice.uniform(0.2, 0.3)
        low = (cut + width * 0.03, top + room * 0.17, right, bottom - room * 0.17)
        return [(left, upper[0], cut, upper[1]), (left, lower[0], cut, lower[1]), low]
    # The mark stands beside the lower row alone, as on the high-security plate.
    upper_left = left - strip * 0.8 if "euro-strip" not in form.marks else left
    return [(max(width * 0.02, upper_left), upper[0], right, upper[1]), (left, lower[0], right, lower[1])]
