"""Instants and lengths as people write them, in the language of the page; digits and the 24-hour clock are the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant as the site's people write it: "24 Nov 2026, 14:05"."""
    return format_datetime(at, "d MMM y, HH:mm", tzinfo=zone, locale=get_locale() or "en")


def exact(at: datetime, zone: ZoneInfo) -> str:
    """An instant to the second, for what follows closely: "24 Nov, 14:05:09"."""
    return format_datetime(at, "d MMM, HH:mm:ss", tzinfo=zone, locale=get_locale() or "en")


def clock(at: datetime, zone: ZoneInfo) -> str:
    """The time of day alone: "14:05"."""
    return at.astimezone(zone).strftime("%H:%M")


def day(of: date | str) -> str:
    """A day, or its ISO text as the books keep it: "24 Nov 2026"."""
    on = of if isinstance(of, date) else date.fromisoformat(of)
    return format_date(on, "d MMM y", locale=get_locale() or "en")


def month(of: str) -> str:
    """A month as the books keep it, "2026-11": "Nov 2026"."""
    return format_date(date.fromisoformat(f"{of}-01"), "MMM y", locale=get_locale() or "en")


def span(length: timedelta) -> str:
    """A length of time: "2 d 3 h", "1 h 4 min", "under 1 min"; parts of a minute are left out."""
    minutes = int(length.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{_('%(days)s d', days=days)} {_hours(hours)}"
    if hours:
        return f"{_hours(hours)} {_minutes(minutes)}"
    return _minutes(minutes) if minutes else _("under 1 min")


def length(minutes: int) -> str:
    """A length of time to the minute, as `central.rules.lines.duration` says it: "2 days 3 h", "1 h 5 min", "0 min"."""
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [ngettext("%(num)d day", "%(num)d days", days)] if days else []
    parts += [_hours(hours)] if hours else []
    parts += [_minutes(rest)] if rest or not parts else []
    return " ".join(parts)


def _hours(hours: int) -> str:
    return ngettext("%(num)d h", "%(num)d h", hours)


def _minutes(minutes: int) -> str:
    return _("%(minutes)d min", minutes=minutes)
