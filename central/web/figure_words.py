"""The words of figures as people read them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.rules.invoice import SAC_PARKING
from central.web import words
from central.web.tariff_try import CLASSES

CLASS = CLASSES
WAY = {"upi": _l("UPI"), "card": _l("Card"), "cash": _l("Cash"), "wallet": _l("Wallet"), "bank": _l("Bank transfer")}
CHARGE = {"stay": _l("Parking"), "violation": _l("Notices"), "pass": _l("Passes"), "invoice": _l("Firms on account")}
WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
HEALTH = {
    "temperature": _l("Processor's temperature"),
    "disk": _l("Free disk"),
    "queue": _l("Events that wait to be sent"),
    "latency": _l("Frame to read, 95th percentile"),
    "read_rate": _l("Plates accepted in the hour before"),
}


def charge(kind: str) -> str:
    """What a due of that kind is for; "" of what is booked for no due."""
    return words.say(CHARGE, kind) or _("Other")


def supplied(kind: str) -> str:
    """The same with its code of services: a notice has one of its own, which its receipt prints."""
    return charge(kind) if kind == "violation" else _("%(what)s, SAC %(sac)s", what=charge(kind), sac=SAC_PARKING)
