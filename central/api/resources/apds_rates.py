"""A tariff's elements as the RateLines of APDS, and in words whatever those can't say. Values are rupees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from central.api.words import Answer
from central.rules.tariff import Tariff
from central.rules.tariff_parts import Component, Element, Flat, StepTable, TimePrice, When


class RateLine(Answer):
    """durationStart, durationEnd: "HH:MM" since charging began; incrementPeriod: as of ISO 8601."""

    sequence: int
    rateLineType: Literal["flatRate", "flatRateTier", "incrementingRate"]
    value: float
    durationStart: str | None
    durationEnd: str | None
    incrementPeriod: str | None
    usageCondition: Literal["once", "unlimited"]


class RateLineCollection(Answer):
    collectionSequence: int
    applicableCurrency: Literal["INR"] = "INR"
    relativeTimes: Literal[True] = True
    taxIncluded: bool
    rateLines: list[RateLine]


def collections(tariff: Tariff) -> list[RateLineCollection]:
    """One for each element that charges by time, in the tariff's order: the first that fits a moment prices it."""
    found = []
    for element in tariff.elements:
        lines = [line for component in element.components for line in _lines(component)]
        if lines:
            numbered = [line.model_copy(update={"sequence": number}) for number, line in enumerate(lines)]
            found.append(
                RateLineCollection(
                    collectionSequence=len(found), taxIncluded=tariff.tax_included, rateLines=numbered
                )
            )  # fmt: skip
    return found


def not_told(tariff: Tariff) -> Iterator[str]:
    """What the lines leave unsaid, in sentences."""
    number = 0
    for element in tariff.elements:
        if element.when != When():
            yield f"{element.name}: holds only at certain times, days, lengths, passes or classes of vehicle."
        if not any(True for component in element.components for _ in _lines(component)):
            yield f"{element.name}: {_other(element)}"
        else:
            number += 1
    if number > 1:
        yield "Of several collections the first that fits a moment prices it."
    if tariff.free:
        yield f"The first {int(tariff.free.total_seconds()) // 60} minutes are free ({tariff.free_mode})."
    if tariff.limits:
        yield "Caps, minimums and the price of a lost ticket are in the tariff itself."


def _other(element: Element) -> str:
    return "charged once for each window that a stay touches." if element.components else "free of charge."


def _lines(component: Component) -> Iterator[RateLine]:
    match component:
        case Flat(price):
            yield _line("flatRate", price, 0, None, None)
        case TimePrice(price, block):
            yield _line("incrementingRate", price, 0, None, block)
        case StepTable(steps, then):
            begin = before = 0
            for until, price in steps:
                yield _line("flatRateTier", price - before, begin, until, until - begin)
                begin, before = until, price
            if then is not None:
                yield _line("incrementingRate", then.price_paise, begin, None, then.block_minutes)


def _line(kind: str, paise: int, begin: int, end: int | None, block: int | None) -> RateLine:
    return RateLine(
        sequence=0,
        rateLineType=kind,
        value=paise / 100,
        durationStart=_clock(begin),
        durationEnd=None if end is None else _clock(end),
        incrementPeriod=None if block is None else f"PT{block}M",
        usageCondition="unlimited" if kind == "incrementingRate" else "once",
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
