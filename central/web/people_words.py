"""Words about people for people, and the clock they are shown by."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from central.store.reads.sites import sites
from central.store.schema import User

HISTORY = {
    "logged in": _l("Logged in"),
    "logged out": _l("Logged out"),
    "log-in refused": _l("Wrong password"),
    "second factor refused": _l("Wrong code"),
    "password changed": _l("Password changed"),
    "password reset": _l("Password set anew by a code"),
    "email changed": _l("E-mail changed"),
    "phone changed": _l("Mobile number changed"),
    "phone taken off": _l("Mobile number taken off"),
    "second factor on": _l("Second factor switched on"),
    "second factor off": _l("Second factor switched off"),
}
CLAIM = {
    "waiting": _l("waits for the office"),
    "live": _l("yours"),
    "refused": _l("refused"),
    "withdrawn": _l("withdrawn"),
    "ended": _l("let go"),
}


def zone_of(session: Session, user: User) -> ZoneInfo:
    """The clock of where somebody works, else of the first site: a person has none of their own."""
    known = sites(session)
    site = next((one for one in known if one.id == user.site_id), known[0] if known else None)
    return ZoneInfo(site.timezone if site is not None else "Asia/Kolkata")
