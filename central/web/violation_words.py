"""The words of violations as people read them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.store.schema import Violation
from central.web.figure_words import CLASS
from central.web.moments import length
from central.web.words import say

KIND = {
    "overstay": _l("Stayed too long"),
    "blocklisted": _l("Not allowed here"),
    "unpaid_exit": _l("Left without paying"),
    "wrong_class": _l("Wrong vehicle class"),
    "anti_passback": _l("Came in while inside"),
}
STATUS = {
    "raised": _l("Raised"),
    "notified": _l("Driver told"),
    "appealed": _l("Appealed"),
    "upheld": _l("Upheld"),
    "waived": _l("Waived"),
    "paid": _l("Paid"),
    "written_off": _l("Written off"),
    "live": _l("Not ended"),
}
# Bootstrap's colour of each
COLOUR = {
    "raised": "danger",
    "notified": "primary",
    "appealed": "warning",
    "upheld": "danger",
    "waived": "secondary",
    "paid": "success",
    "written_off": "secondary",
}
TOLD = {
    "page": _l("on its page"),
    "windscreen": _l("on the windscreen"),
    "by hand": _l("by hand"),
    "message": _l("by message"),
    "post": _l("by post"),
}
# what a site sets beside the amount, by kind
WAIT = {
    "overstay": _l("May stay, minutes"),
    "unpaid_exit": _l("Has to pay, minutes after leaving"),
}
STEP = {
    "violation raised": _l("Raised"),
    "violation notified": _l("Driver told"),
    "violation appealed": _l("Appealed"),
    "violation upheld": _l("Appeal turned down"),
    "violation waived": _l("Waived"),
    "violation paid": _l("Paid"),
    "violation written off": _l("Written off"),
}


def what_happened(one: Violation) -> str:
    """The violation in a sentence for its driver."""
    facts = one.facts
    match one.kind:
        case "overstay" if one.since is not None:
            stayed = length(int((one.happened_at - one.since).total_seconds() // 60))
            if "allowed" not in facts:
                return _("The vehicle stayed for %(stayed)s.", stayed=stayed)
            allowed = length(facts["allowed"])
            return _("The vehicle stayed for %(stayed)s; %(allowed)s are allowed.", stayed=stayed, allowed=allowed)
        case "blocklisted" if facts.get("refused"):
            return _("The vehicle may not come in here, stood at the entry and was not let in.")
        case "blocklisted":
            return _("The vehicle may not come in here and was inside.")
        case "unpaid_exit":
            return _("The vehicle left without paying for its parking, and did not pay in the time there was for it.")
        case "wrong_class" if "pass" in facts:
            return _(
                "The pass is for a %(one)s, the vehicle is a %(other)s.",
                one=say(CLASS, facts["pass"]).lower(),
                other=say(CLASS, facts["vehicle"]).lower(),
            )
        case "wrong_class":
            return _("The vehicle is not of the class its pass is for.")
        case "anti_passback":
            return _("The vehicle came in while a vehicle of the same plate was inside and had not been at an exit.")
    return say(KIND, one.kind)
