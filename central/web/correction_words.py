"""Corrections in people's words: what each is called and asks for, and what one changes, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.rules.corrections import Kind
from central.rules.money import rupees
from central.store.schema import CorrectionImage
from central.web.moments import exact
from central.web.words import DUE, STAY, say

NAME = {
    Kind.ENTRY: _l("Enter it by hand"),
    Kind.EXIT: _l("It was seen leaving"),
    Kind.GONE: _l("It is not here any more"),
    Kind.PLATE: _l("Correct the plate"),
    Kind.CLASS: _l("Correct the vehicle's class"),
    Kind.LOST_TICKET: _l("The ticket is lost"),
    Kind.DISPUTE: _l("Mark as disputed"),
    Kind.RESOLVE: _l("Decide the dispute"),
    Kind.MERGE: _l("Merge with another stay"),
    Kind.SPLIT_EXIT: _l("The exit was another vehicle's"),
    Kind.SPLIT_VISIT: _l("It left unseen and came again"),
    Kind.REOPEN: _l("It never left: reopen"),
    Kind.VOID: _l("Strike out"),
}
HINT = {
    Kind.ENTRY: _l("It came in, and no gate told. It is priced from that time on."),
    Kind.EXIT: _l("It owes what it had not paid until then."),
    Kind.GONE: _l("Closed by system: nobody saw it leave, so nothing is charged."),
    Kind.PLATE: _l("What the reader saw stays on record."),
    Kind.CLASS: _l("What is not paid yet is priced anew."),
    Kind.LOST_TICKET: _l("It costs at least what the tariff says for a lost ticket, also where its entry is unknown."),
    Kind.DISPUTE: _l("Nobody asks for the bill of a vehicle that has left until this is decided."),
    Kind.RESOLVE: _l("What was paid is given back under Money, Refunds."),
    Kind.MERGE: _l("Both were one visit. This stay keeps its plate; what was paid for either counts."),
    Kind.SPLIT_EXIT: _l("This vehicle is inside again; the exit becomes a stay of its own, with what was paid there."),
    Kind.SPLIT_VISIT: _l("Becomes two stays. The first left unseen and is not charged."),
    Kind.REOPEN: _l("Its clock runs since its entry, less what was paid."),
    Kind.VOID: _l("Recorded in error. What it was asked for is given up."),
}
COLUMN = {
    "status": _l("Status"),
    "plate": _l("Plate"),
    "vehicle_class": _l("Vehicle"),
    "entered_at": _l("Came in"),
    "requested_at": _l("Asked to leave"),
    "stopped_at": _l("Clock stopped"),
    "exited_at": _l("Went out"),
    "permit_until": _l("Exit opens until"),
    "lost_ticket": _l("Ticket lost"),
    "disputed_at": _l("Disputed since"),
    "joined_to": _l("Part of another stay"),
}


@dataclass
class Changed:
    """One stay and what becomes of it: (what, before, after) each. new: the correction makes it."""

    stay_id: str
    plate: str | None
    new: bool = False
    lines: list[tuple[str, str, str]] = field(default_factory=list)


def changes(images: Iterable[CorrectionImage], zone: ZoneInfo, plates: dict[str, str | None]) -> list[Changed]:
    """What a correction changes, stay by stay; plates: of the stays as they are now, by id."""
    found: dict[str, Changed] = {}
    images = list(images)
    for image in (one for one in images if one.of == "stay"):
        before = image.before or {}
        plate = plates.get(image.row_id) or image.after.get("plate")
        one = found.setdefault(image.row_id, Changed(image.row_id, plate, new=image.before is None))
        for name, text in COLUMN.items():
            if name in image.after and (image.before is not None or image.after[name]):
                one.lines.append((str(text), _said(name, before.get(name), zone), _said(name, image.after[name], zone)))
    money = [line for image in images if image.of == "due" for line in _about_due(image)]
    moved = sum(image.of == "receipt" for image in images)
    if moved:
        money.append((_("Receipts"), "", _("%(count)d go with the stay they are for", count=moved)))
    shown = [one for one in found.values() if one.lines]
    return shown + ([Changed("", None, lines=money)] if money else [])


def _about_due(image: CorrectionImage) -> list[tuple[str, str, str]]:
    before, after = image.before, image.after
    if before is None:
        return [(_("To be paid"), "", rupees(after["amount_paise"]))] if after["state"] in ("open", "quoted") else []
    if "amount_paise" in after:
        return [(_("To be paid"), rupees(before["amount_paise"]), rupees(after["amount_paise"]))]
    if "state" in after:
        return [(_("Amount asked for"), say(DUE, before["state"]), say(DUE, after["state"]))]
    return [(_("What was paid"), "", _("goes with the stay it was paid for"))] if "stay_id" in after else []


def _said(name: str, value: Any, zone: ZoneInfo) -> str:
    if value is None or value == "":
        return "–"
    if name == "status":
        return say(STAY, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith(("_at", "_until")):
        return exact(datetime.fromisoformat(value), zone)
    return str(_("yes")) if name == "joined_to" else str(value)
