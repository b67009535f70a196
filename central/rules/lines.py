"""The lines of a quote that say what parked time cost, in words a driver understands. Pure."""

from __future__ import annotations

from central.rules.charges import Charged
from central.rules.meter import Part
from central.rules.money import rupees
from central.rules.quote import Line, LineKind
from central.rules.tariff import Tariff
from central.rules.tariff_parts import Component, Element, Flat, StepTable, TimePrice

DAY_MINUTES = 1_440


def charge_lines(tariff: Tariff, charged: Charged) -> list[Line]:
    """A line for the days that cost the day cap, then one for each component that charged anything."""
    lines = []
    if charged.capped_days:
        minutes = charged.capped_seconds // 60
        days = f"{charged.capped_days} days" if charged.capped_days > 1 else "1 day"
        text = f"{days} at the day's maximum of {rupees(charged.day_cap_paise)}"
        lines.append(Line(LineKind.CAP, text, charged.capped_days * charged.day_cap_paise, minutes=minutes))
    for (index, number), part in sorted(charged.parts.items()):
        element = tariff.elements[index]
        text = _text(element, element.components[number], part)
        lines.append(Line(LineKind.CHARGE, text, part.paise, element.name, part.seconds // 60))
    return lines


def _text(element: Element, component: Component, part: Part) -> str:
    match component:
        case TimePrice(price_paise, block_minutes):
            return f"{element.name}: {part.count} × {duration(block_minutes)} at {rupees(price_paise)}"
        case StepTable():
            return f"{element.name}: {duration(part.seconds // 60)}"
        case Flat(price_paise):
            return f"{element.name}: {_times(part.count)}{rupees(price_paise)}"
        case _:
            return f"{element.name}: {_times(part.count)}{rupees(component.price_paise)} flat"


def _times(count: int) -> str:
    return f"{count} × " if count > 1 else ""


def duration(minutes: int) -> str:
    """A length of time in words: "2 days 3 h", "1 h 5 min", "0 min"."""
    days, rest = divmod(minutes, DAY_MINUTES)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} day{'s' if days > 1 else ''}"] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes or not parts else []
    return " ".join(parts)
