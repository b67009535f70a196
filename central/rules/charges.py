"""What a stretch of parked time costs by a tariff's elements and day caps, before anything else. Pure.

Where the tariff restarts (every 24 h, or at midnight), blocks end, and step tables, durations and flat charges begin
again. The cost is a sum of charges each caused by reaching some moment, so it never falls as the stay grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from central.rules.local_time import DAY_S, day_start, local_ordinal
from central.rules.meter import Meter, Parts
from central.rules.schedule import Piece
from central.rules.tariff import Tariff
from central.rules.tariff_parts import Limits, Restart


@dataclass(slots=True)
class Charged:
    """The cost of a stretch of time.

    parts           what is charged as the elements say
    capped_days     days that reached the day cap and cost just that
    capped_seconds  of the stay within them
    day_cap_paise   the cap each of them costs
    """

    parts: Parts = field(default_factory=dict)
    capped_days: int = 0
    capped_seconds: int = 0
    day_cap_paise: int = 0

    def repeat(self, times: int) -> None:
        """As if what is charged so far had been charged that many times."""
        for part in self.parts.values():
            part.count *= times
            part.paise *= times
            part.seconds *= times
        self.capped_days *= times
        self.capped_seconds *= times

    @property
    def paise(self) -> int:
        return sum(part.paise for part in self.parts.values()) + self.capped_days * self.day_cap_paise


def charge(tariff: Tariff, limits: Limits, pieces: Iterator[Piece], start: int, end: int) -> Charged:
    """What start..end (epoch seconds, not empty) costs; pieces fill it in order."""
    cap, cap_days = _day_cap(limits)
    charged = Charged(day_cap_paise=cap or 0)
    meter = Meter(tariff.elements, start)
    piece = next(pieces)
    days = _alike_days(tariff, cap_days, piece, start, end)
    if days > 1:
        meter.run(start, start + DAY_S, piece.choices)
        _close_day(charged, meter, cap)
        charged.repeat(days)
        start += days * DAY_S
        meter.restart(start)
    for since, until, restarts, new_day in _stretches(tariff, cap_days, start, end):
        if new_day:
            _close_day(charged, meter, cap)
        if restarts:
            meter.restart(since)
        while piece.end < until:
            meter.run(max(since, piece.start), piece.end, piece.choices, piece.extras)
            piece = next(pieces)
        meter.run(max(since, piece.start), until, piece.choices, piece.extras)
    _close_day(charged, meter, cap)
    return charged


def _alike_days(tariff: Tariff, cap_days: Restart, piece: Piece, start: int, end: int) -> int:
    """The whole days that cost the same, one after another: all begin again each 24 h, and no calendar is looked at."""
    same = piece.start <= start and piece.end >= end and not any(choice.window for choice in piece.choices)
    if not same or piece.extras or tariff.restart is not Restart.EVERY_24H or cap_days is Restart.MIDNIGHT:
        return 0
    return (end - start) // DAY_S


def _day_cap(limits: Limits) -> tuple[int | None, Restart]:
    if limits.rolling_24h_paise is not None:
        return limits.rolling_24h_paise, Restart.EVERY_24H
    if limits.calendar_day_paise is not None:
        return limits.calendar_day_paise, Restart.MIDNIGHT
    return None, Restart.NEVER


def _stretches(tariff: Tariff, cap_days: Restart, start: int, end: int) -> Iterator[tuple[int, int, bool, bool]]:
    """start..end cut where the tariff restarts or a capped day ends: (from, to, restarts there, a new day there)."""
    restarts = _day_cuts(tariff, tariff.restart, start, end)
    days = restarts if cap_days is tariff.restart else _day_cuts(tariff, cap_days, start, end)
    edges = restarts if restarts is days else sorted({*restarts, *days})
    restarts_at, days_at = set(restarts), set(days)
    since = start
    for until in (*edges, end):
        yield since, until, since in restarts_at, since in days_at
        since = until


def _day_cuts(tariff: Tariff, kind: Restart, start: int, end: int) -> list[int]:
    if kind is Restart.EVERY_24H:
        return list(range(start + DAY_S, end, DAY_S))
    if kind is Restart.NEVER:
        return []
    cuts, ordinal = [], local_ordinal(tariff.zone, start) + 1
    while (midnight := day_start(tariff.zone, ordinal)) < end:
        if midnight > start:
            cuts.append(midnight)
        ordinal += 1
    return cuts


def _close_day(charged: Charged, meter: Meter, cap: int | None) -> None:
    """Moves a day's parts from the meter to the sum, or the cap in their place."""
    parts, meter.parts = meter.parts, {}
    if cap is not None and sum(part.paise for part in parts.values()) > cap:
        charged.capped_days += 1
        charged.capped_seconds += meter.seconds
    else:
        for key, part in parts.items():
            known = charged.parts.get(key)
            if known is None:
                charged.parts[key] = part
            else:
                known.count += part.count
                known.paise += part.paise
                known.seconds += part.seconds
    meter.seconds = 0
