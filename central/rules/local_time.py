"""What the clock on the site's wall says, as whole epoch seconds: local dates and the moments that cut them. Pure.

Safe where the clock jumps: a time that is skipped cuts nothing, one that comes twice cuts twice, the jump itself cuts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_S = 86_400


def local_ordinal(zone: ZoneInfo, epoch_s: int) -> int:
    """Ordinal (date.toordinal) of the local date at an instant."""
    return datetime.fromtimestamp(epoch_s, zone).toordinal()


@lru_cache(maxsize=16_384)
def day_start(zone: ZoneInfo, ordinal: int) -> int:
    """First second of a local date; of the next one where the date is skipped altogether."""
    midnights = _instants(zone, ordinal, 0)
    if midnights:
        return midnights[0]
    midnight = datetime.fromordinal(ordinal)
    early, late = sorted(int(midnight.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1))
    return _first_second(early, late, lambda at: datetime.fromtimestamp(at, zone).replace(tzinfo=None) >= midnight)


@lru_cache(maxsize=16_384)
def day_pieces(zone: ZoneInfo, ordinal: int, minutes: tuple[int, ...]) -> tuple[tuple[int, int, int], ...]:
    """A local date cut at minutes of the day and at any jump of the clock: (first second, local ordinal, minute) each.

    Ordinal and minute are what the wall shows at that second; the pieces are in order and fill the date.
    """
    start, end = day_start(zone, ordinal), day_start(zone, ordinal + 1)
    if start >= end:
        return ()
    cuts = {start}
    for minute in minutes:
        cuts.update(at for at in _instants(zone, ordinal, minute) if start < at < end)
    offset = _offset(zone, start)
    if _offset(zone, end - 1) != offset:
        cuts.add(_first_second(start, end - 1, lambda at: _offset(zone, at) != offset))
    pieces = []
    for at in sorted(cuts):
        wall = datetime.fromtimestamp(at, zone)
        pieces.append((at, wall.toordinal(), wall.hour * 60 + wall.minute))
    return tuple(pieces)


def _instants(zone: ZoneInfo, ordinal: int, minute: int) -> list[int]:
    """Every second at which the wall begins to show a minute of a date: none, one or two."""
    wall = datetime.fromordinal(ordinal) + timedelta(minutes=minute)
    found = set()
    for fold in (0, 1):
        at = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
            found.add(int(at.timestamp()))
    return sorted(found)


def _offset(zone: ZoneInfo, epoch_s: int) -> timedelta:
    return datetime.fromtimestamp(epoch_s, zone).utcoffset()


def _first_second(low: int, high: int, true_from) -> int:
    """The first second in low..high for which true_from holds; it holds for high, and from then on."""
    while low < high:
        middle = (low + high) // 2
        if true_from(middle):
            high = middle
        else:
            low = middle + 1
    return low
