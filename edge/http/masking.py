"""What a caller without the scope plates sees of a plate, and what nobody sees: what opens a stay's page. Pure."""

from __future__ import annotations

from typing import Any

SHOWN = 2  # characters at either end: enough to recognise a vehicle one stands before
SECRETS = ("pay_url",)


def masked(plate: str) -> str:
    """A plate with its middle hidden: "MH12AB1234" as "MH••••••34". A short one is hidden whole."""
    if len(plate) <= 2 * SHOWN:
        return "•" * len(plate)
    return plate[:SHOWN] + "•" * (len(plate) - 2 * SHOWN) + plate[-SHOWN:]


def shown(data: dict[str, Any], *, plates: bool) -> dict[str, Any]:
    """An event's fields for staff. A ticket opens its stay's page to who has it: only its beginning is shown."""
    return {key: _shown(key, value, plates) for key, value in data.items() if key not in SECRETS}


def _shown(key: str, value: Any, plates: bool) -> Any:
    if key == "ticket" and isinstance(value, str):
        return f"{value[:4]}…"
    if key == "plate" and not plates:
        if isinstance(value, str):
            return masked(value)
        if isinstance(value, dict):  # what the reader read is left out, and how sure it was of each character
            kept = {name: what for name, what in value.items() if name not in ("raw", "per_char")}
            return kept | {"text": masked(str(value.get("text", "")))}
    if isinstance(value, dict):
        return shown(value, plates=plates)
    if isinstance(value, list):
        return [shown(one, plates=plates) if isinstance(one, dict) else one for one in value]
    return value
