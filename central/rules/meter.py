"""Runs through parked time piece by piece and counts what each element charges. Pure.

A block or step that has begun is paid whole and runs on: the next element's hours are charged from its end, until the
tariff restarts.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from central.rules.schedule import Choice
from central.rules.tariff_parts import Element, Flat, StepTable, TimePrice, WindowFlat


@dataclass(slots=True)
class Part:
    """What one component of one element came to.

    count    blocks begun, or times charged
    paise    in all
    seconds  of the stay it priced
    """

    count: int = 0
    paise: int = 0
    seconds: int = 0


Parts = dict[tuple[int, int], Part]  # by (element index, component index)


class Meter:
    """Runs through pieces of time in order and counts what their elements charge.

    parts     charged since the day began     seconds  run through since then
    _since    charging began, or restarted    _paid_until  end of the last block or step begun
    _bought   element -> (seconds, paise) of its step table bought since the restart
    _flats, _windows  charged already: (element) since the restart, (element, window) since ever
    """

    def __init__(self, elements: tuple[Element, ...], start: int) -> None:
        self.parts: Parts = {}
        self.seconds = 0
        self._elements = elements
        self._windows: set[tuple[int, int]] = set()
        self.restart(start)

    def restart(self, at: int) -> None:
        self._since = self._paid_until = at
        self._bought: dict[int, tuple[int, int]] = {}
        self._flats: set[int] = set()

    def run(self, start: int, end: int, choices: tuple[Choice, ...], extras: tuple[tuple[int, int], ...] = ()) -> None:
        """Charges start..end, in which the first choice whose duration fits applies, and every surcharge of extras."""
        if start >= end:
            return
        self.seconds += end - start
        for index, window in extras:
            self._window(index, window)
        if len(choices) == 1:  # it has no limits, or a checked tariff would offer another
            self._price(choices[0], start, end)
            return
        while start < end:
            choice, until = self._choose(choices, start, end)
            self._price(choice, start, until)
            start = until

    def _choose(self, choices: tuple[Choice, ...], at: int, end: int) -> tuple[Choice, int]:
        """The first element whose duration fits, and until when it stays the first."""
        until = end
        for choice in choices:
            first = self._since + choice.min_s
            last = end if choice.max_s is None else self._since + choice.max_s
            if first <= at < last:
                return choice, min(until, last)
            if at < first:
                until = min(until, first)
        raise AssertionError("a checked tariff has an element for every duration")

    def _price(self, choice: Choice, start: int, end: int) -> None:
        """Charges the part of an element's time that is not paid yet."""
        index = choice.element
        components = self._elements[index].components
        if choice.window:
            self._window(index, choice.window)
        unpaid = max(start, self._paid_until)
        if unpaid >= end:
            return
        for number, component in enumerate(components):
            if isinstance(component, TimePrice):
                self._time(index, number, component, unpaid, end)
            elif isinstance(component, StepTable):
                self._steps(index, number, component, unpaid, end)
            elif isinstance(component, Flat) and index not in self._flats:
                self._add(index, number, 1, component.price_paise, 0)
        self._flats.add(index)

    def _window(self, index: int, window: int) -> None:
        """Charges an element's window, once."""
        if (index, window) in self._windows:
            return
        self._windows.add((index, window))
        for number, component in enumerate(self._elements[index].components):
            if isinstance(component, WindowFlat):
                self._add(index, number, 1, component.price_paise, 0)

    def _time(self, index: int, number: int, price: TimePrice, unpaid: int, end: int) -> None:
        block_s = price.block_minutes * 60
        blocks = -((unpaid - end) // block_s)
        self._paid_until = unpaid + blocks * block_s
        self._add(index, number, blocks, blocks * price.price_paise, end - unpaid)

    def _steps(self, index: int, number: int, table: StepTable, unpaid: int, end: int) -> None:
        had_s, had_paise = self._bought.get(index, (0, 0))
        need_s = had_s + end - unpaid
        bought_s, paise = steps_up_to(table, need_s)
        self._bought[index] = bought_s, paise
        self._paid_until = unpaid + bought_s - had_s
        self._add(index, number, 1, paise - had_paise, end - unpaid)

    def _add(self, index: int, number: int, count: int, paise: int, seconds: int) -> None:
        part = self.parts.get((index, number))
        if part is None:
            self.parts[index, number] = Part(count, paise, seconds)
        else:
            part.count += count
            part.paise += paise
            part.seconds += seconds


def steps_up_to(table: StepTable, seconds: int) -> tuple[int, int]:
    """(seconds, paise) of the smallest whole number of steps, and blocks beyond them, that cover a duration > 0."""
    step = bisect_left(table.steps, seconds, key=lambda limit: limit[0] * 60)
    if step < len(table.steps):
        return table.steps[step][0] * 60, table.steps[step][1]
    last_s, paise = table.steps[-1][0] * 60, table.steps[-1][1]
    if table.then is None:
        return seconds, paise
    block_s = table.then.block_minutes * 60
    blocks = -((last_s - seconds) // block_s)
    return last_s + blocks * block_s, paise + blocks * table.then.price_paise
