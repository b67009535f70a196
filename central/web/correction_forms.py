"""What a form of a correction says, as the action it asks for; Refused naming the field that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from central.actions import disputes, repeats
from central.actions import stay_fixes as fixes
from central.actions import stay_joins as joins
from central.actions.corrections import Who
from central.actions.errors import Refused
from central.rules.corrections import Kind

Act = Callable[[Session], Any]

# what is typed or chosen in the form of each kind, beside the reason
FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.ENTRY: ("at", "gate"),
    Kind.EXIT: ("at",),
    Kind.SPLIT_VISIT: ("at",),
    Kind.PLATE: ("plate",),
    Kind.SPLIT_EXIT: ("plate",),
    Kind.CLASS: ("class",),
    Kind.MERGE: ("other", "find"),
    Kind.RESOLVE: ("owed",),
}


def local_time(form: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime:
    """A time of the site's own clock, as a browser's field for it writes it: 2026-11-24T14:05."""
    text = form.get(name, "").strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or "T" not in text or found.tzinfo is not None or not 2000 <= found.year < 2200:
        raise Refused(_("Time %(text)s: expected one such as 2026-11-24T14:05.", text=text[:30]), field=name)
    return found.replace(tzinfo=zone).astimezone(UTC)


def act(kind: Kind, stay_id: str, form: Mapping[str, str], zone: ZoneInfo, who: Who, now: datetime) -> Act:
    """The correction of a stay that a form asks for."""
    told = {"who": who, "reason": form.get("reason", ""), "now": now}
    typed = {name: form.get(name, "").strip() for name in ("plate", "class", "other", "owed", "gate")}
    match kind:
        case Kind.ENTRY:
            at = local_time(form, "at", zone)
            return lambda session: fixes.enter_unmatched(session, stay_id, at, gate_id=typed["gate"] or None, **told)
        case Kind.EXIT:
            at = local_time(form, "at", zone)
            return lambda session: fixes.leave(session, stay_id, at, **told)
        case Kind.SPLIT_VISIT:
            at = local_time(form, "at", zone)
            return lambda session: joins.split_visit(session, stay_id, at, **told)
        case Kind.PLATE:
            return lambda session: fixes.plate(session, stay_id, typed["plate"], **told)
        case Kind.SPLIT_EXIT:
            return lambda session: joins.split_exit(session, stay_id, typed["plate"], **told)
        case Kind.CLASS:
            return lambda session: fixes.vehicle_class(session, stay_id, typed["class"], **told)
        case Kind.MERGE:
            if not typed["other"]:
                raise Refused(_("Choose the other stay."), field="other")
            return lambda session: joins.merge(session, stay_id, typed["other"], **told)
        case Kind.RESOLVE:
            if typed["owed"] not in ("yes", "no"):
                raise Refused(_("Choose whether what it was asked for is owed."), field="owed")
            return lambda session: disputes.resolve(session, stay_id, owed=typed["owed"] == "yes", **told)
    plain = {
        Kind.GONE: fixes.gone,
        Kind.LOST_TICKET: fixes.lost_ticket,
        Kind.DISPUTE: disputes.dispute,
        Kind.REOPEN: fixes.reopen,
        Kind.VOID: fixes.strike_out,
    }
    return lambda session: plain[kind](session, stay_id, **told)


def once(act: Act, what: str, form: Mapping[str, str], site_id: str, now: datetime, about: str | None = None) -> Act:
    """The act, done once for the key that its form carries; it returns `about`, else what it made."""
    body = {name: value for name, value in form.items() if name not in ("csrf_token", "key", "step")}

    def do(session: Session) -> str:
        made = act(session)
        return made if about is None else about

    def done_once(session: Session) -> str:
        key = form.get("key") or None
        return repeats.once(session, site_id, what, key, now, lambda: do(session), about=about, **body)

    return done_once


def entry(form: Mapping[str, str], site_id: str, zone: ZoneInfo, who: Who, now: datetime) -> Act:
    """A vehicle that no gate told of."""
    at, gate = local_time(form, "at", zone), form.get("gate", "").strip()
    typed = {"plate": form.get("plate", ""), "vehicle_class": form.get("class", "")}
    told = {"who": who, "reason": form.get("reason", ""), "now": now}
    return lambda session: fixes.enter(session, site_id, entered_at=at, gate_id=gate or None, **typed, **told)
