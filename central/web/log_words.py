"""What a row of the audit log says was done, in the language of the page; it is stored, and looked for, in English."""

from __future__ import annotations

from functools import cache

from flask_babel import get_locale

from central.web import languages
from central.web.refusals import Known
from central.web.words import NOTE, ORDER, OUTCOME, say

N_ = str  # marks a sentence for the pages' catalogue of languages

_WHAT = (
    # people and what they may
    N_("logged in"), N_("logged out"), N_("log-in refused"), N_("second factor refused"), N_("second factor on"),
    N_("second factor off"), N_("password changed"), N_("password reset"), N_("email changed"), N_("phone changed"),
    N_("phone taken off"), N_("profile changed"), N_("logged out by an administrator"), N_("user added"),
    N_("role changed"), N_("account switched on"), N_("account switched off"), N_("invited"),
    N_("invitation withdrawn"), N_("setup link made"), N_("driver registered"), N_("driver erased"),
    N_("erasure asked for"), N_("erasure withdrawn"), N_("plate claimed"), N_("plate claim live"),
    N_("plate claim refused"), N_("plate claim %(what)s"), N_("api token made"), N_("api token ended"),
    N_("api: %(what)s"), N_("webhook added"), N_("webhook ended"), N_("webhook secret made"), N_("webhook sent again"),
    # gates and lanes
    N_("site added"), N_("gate added"), N_("gate enrolled"), N_("enrolment code made"), N_("enrolment refused"),
    N_("key rotated"), N_("key rotation refused"), N_("certificate issued"), N_("certificate revoked"), N_("CA made"),
    N_("broker password made"), N_("broker password removed"), N_("order %(order)s"), N_("help answered"),
    N_("help closed"), N_("capacity set"), N_("quarantine seen"), N_("message sent again"),
    # stays, lists, passes, coupons, notices
    N_("stay: %(note)s"), N_("exit joined"), N_("booking ended"), N_("access pass"), N_("access denied"),
    N_("access removed"), N_("pass product made"), N_("pass product ended"), N_("pass sold"),
    N_("pass renewal asked"), N_("pass paid"), N_("pass given up"), N_("coupon made"), N_("coupon taken"),
    N_("coupon ended"), N_("shop added"), N_("shop ended"), N_("shop link made"), N_("violation raised"),
    N_("violation notified"), N_("violation appealed"), N_("violation upheld"), N_("violation waived"),
    N_("violation paid"), N_("violation written off"), N_("violation rule set"), N_("violation rule dropped"),
    N_("tariff loaded"), N_("tariff ended"), N_("tariff withdrawn"), N_("tariff draft made"),
    N_("tariff draft changed"), N_("tariff draft dropped"),
    # money
    N_("paid by cash"), N_("paid by card"), N_("paid by wallet"), N_("refund"), N_("odd capture"),
    N_("odd capture held back"), N_("reconciliation"), N_("settlement file"), N_("shift opened"), N_("shift closed"),
    N_("cash dropped"), N_("cash banked"), N_("change fetched"), N_("day closed"), N_("card payout"),
    N_("card payout struck out"), N_("account opened"), N_("account linked"), N_("account looked at"),
    N_("vehicle registered"), N_("vehicle taken off"), N_("wallet filled"), N_("wallet paid out"),
    N_("wallet pays itself"), N_("wallet asks"), N_("low wallet told"), N_("UPI ID saved"), N_("UPI ID removed"),
    N_("UPI ID is default"), N_("firm invoiced"), N_("firm paid"), N_("firm suspended"),
    N_("firm's suspension lifted"), N_("firm's invoice credited"), N_("firm's members added"),
    N_("firm's member taken off"), N_("firm's payment taken back"), N_("firm's terms"),
    N_("mock payment: %(what)s"), N_("mock payments: %(what)s"),
    # what the law asks for
    N_("erased"), N_("hold placed"), N_("hold lifted"), N_("audit checked"), N_("audit erased"),
)  # fmt: skip
# values that are words of ours
_VALUES = {"order": {**ORDER, **OUTCOME}, "note": NOTE}


def done(what: str) -> str:
    """As people read it; what is not known is shown as it is stored."""
    code = str(get_locale() or "en")
    if code == "en":
        return what
    for one in _known(code):
        values = one.values_in(what)
        if values is not None:
            return one.said % {name: say(_VALUES.get(name, {}), value) for name, value in values.items()}
    return say(NOTE, what)  # of an account, as of a stay


def stored(typed: str) -> str:
    """What a person looks for, as the log has it: they may type it as the page says it."""
    code = str(get_locale() or "en")
    said = {languages.of(code).gettext(what): what for what in _WHAT if "%" not in what}
    return said.get(typed, typed)


@cache
def _known(code: str) -> tuple[Known, ...]:
    """The wordiest first: the first that fits says most."""
    catalogue = languages.of(code)
    return tuple(sorted((Known.of(what, catalogue.gettext(what)) for what in _WHAT), key=Known.wordiness))
