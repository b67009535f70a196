"""The months that firms are invoiced for, by the calendar of their site. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from central.rules.local_time import day_start


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of a site's calendar, written "2026-11"."""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> Month:
        """The month that an aware instant is in."""
        local = at.astimezone(zone)
        return cls(local.year, local.month)

    @classmethod
    def read(cls, text: str) -> Month:
        """ValueError for what is no month of this century."""
        if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
            raise ValueError(f"month {text[:20]!r}: expected one such as 2026-11")
        return cls(int(text[:4]), int(text[5:]))

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"

    def moved(self, months: int) -> Month:
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    def end(self, zone: ZoneInfo) -> datetime:
        """The first instant after it, aware UTC."""
        after = self.moved(1)
        return datetime.fromtimestamp(day_start(zone, date(after.year, after.number, 1).toordinal()), UTC)

    def invoice_date(self, day: int) -> date:
        """When it is invoiced: that day of the month after, or its last where it is shorter."""
        after = self.moved(1)
        return date(after.year, after.number, min(day, monthrange(after.year, after.number)[1]))


def to_invoice(last: Month, now: datetime, zone: ZoneInfo, invoice_day: int) -> Iterator[Month]:
    """The months after `last` that are over and whose invoice day has come, oldest first."""
    today, month = now.astimezone(zone).date(), last.moved(1)
    while month.end(zone) <= now and month.invoice_date(invoice_day) <= today:
        yield month
        month = month.moved(1)


def due_on(issued_at: datetime, payment_days: int, zone: ZoneInfo) -> date:
    """The last day on which an invoice can be paid in time."""
    return issued_at.astimezone(zone).date() + timedelta(days=payment_days)
