"""Stretches of a site's calendar that are reported on: a day, a week from Monday, a month. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Span(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """first, last: of its days, both within."""

    span: Span
    first: date
    last: date

    @classmethod
    def around(cls, span: Span, day: date) -> Period:
        match span:
            case Span.DAY:
                return cls(span, day, day)
            case Span.WEEK:
                first = day - timedelta(days=day.weekday())
                return cls(span, first, first + timedelta(days=6))
        first = day.replace(day=1)
        return cls(span, first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1))

    @property
    def days(self) -> list[str]:
        return [
            (self.first + timedelta(days=number)).isoformat() for number in range((self.last - self.first).days + 1)
        ]

    @property
    def before(self) -> Period:
        return Period.around(self.span, self.first - timedelta(days=1))

    @property
    def after(self) -> Period:
        return Period.around(self.span, self.last + timedelta(days=1))
