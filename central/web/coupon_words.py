"""What a coupon gives in words, and its terms as people type them."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions.errors import Refused
from central.rules.money import rupees
from central.store.schema import Coupon
from central.web.moments import length
from central.web.money_words import paise

KIND = {
    "amount": _l("Amount off, in rupees"),
    "minutes": _l("Minutes free"),
    "percent": _l("Per cent off"),
    "free_until": _l("Free until, a time of the day of entry"),
}
STATE = {"held": _l("in a price, not yet paid"), "used": _l("used"), "returned": _l("given back")}


def gives(coupon: Coupon) -> str:
    """What a coupon takes off: "₹50 off", "1 h free", "25 % off", "free until 14:00"."""
    match coupon.kind:
        case "amount":
            return _("%(amount)s off", amount=rupees(coupon.value))
        case "minutes":
            return _("%(time)s free", time=length(coupon.value))
        case "percent":
            return _("%(share)s %% off", share=f"{coupon.value / 100:g}")
        case _other:
            return _("free until %(time)s", time=f"{coupon.value // 60:02d}:{coupon.value % 60:02d}")


def plate_end(plate: str | None) -> str:
    """The last four characters of a plate, for those whom the rest does not concern."""
    return f"…{plate[-4:]}" if plate else "–"


def value_of(kind: str, text: str) -> int:
    """What a person typed, in the unit of that kind; Refused for anything else."""
    text = text.strip()
    match kind:
        case "amount":
            return paise(text, _("Amount"))
        case "minutes":
            return whole(text, _("Minutes"))
        case "percent":
            if not (match := re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?\s*%?", text)):
                raise Refused(_("Per cent %(text)s: expected one such as 25 or 12.5.", text=text[:20]))
            return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
        case "free_until":
            if not (match := re.fullmatch(r"([01]?[0-9]|2[0-4]):([0-5][0-9])", text)):
                raise Refused(_("Free until %(text)s: expected a time such as 14:00.", text=text[:20]))
            return int(match[1]) * 60 + int(match[2])
    raise Refused(_("Choose what the coupon gives."))


def whole(text: str, what: str) -> int:
    """A whole number; Refused for anything else."""
    if not re.fullmatch(r"[0-9]{1,7}", text.strip()):
        raise Refused(_("%(what)s %(text)s: expected a whole number.", what=what, text=text[:20]))
    return int(text)


def moment(text: str, zone: ZoneInfo, what: str) -> datetime | None:
    """A date and time of the site's clock, as a browser sends it; None for nothing."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError as error:
        raise Refused(
            _("%(what)s %(text)s: expected a date and time such as 2026-12-01T09:00.", what=what, text=text[:30])
        ) from error
