"""The words of firms' accounts as people read them, and their terms as a person types them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions.errors import Refused
from central.rules.corporate import Supply, Terms
from central.web.coupon_words import whole
from central.web.money_words import paise

SUPPLY = {
    "site": _l("where the car park is (CGST and SGST)"),
    "recipient": _l("in the firm's state (IGST across states)"),
    "sez": _l("to a special economic zone (IGST)"),
}
HOW = {
    "upi": _l("UPI"),
    "transfer": _l("Bank transfer"),
    "cheque": _l("Cheque"),
    "write_off": _l("Given up"),
}


def terms(form: Mapping[str, str]) -> Terms:
    """What a person typed; Refused for what is no number. The action checks the rest."""
    supply = form.get("supply", "")
    if supply not in list(Supply):
        raise Refused(_("Choose where the parking is supplied."))
    return Terms(
        legal_name=form.get("legal_name", ""),
        gstin=form.get("gstin", ""),
        address=form.get("address", "").replace("\r\n", "\n"),
        state_code=form.get("state_code", ""),
        supply=Supply(supply),
        credit_limit_paise=paise(form.get("limit", ""), _("Credit limit")),
        invoice_day=whole(form.get("invoice_day", ""), _("Invoice day")),
        payment_days=whole(form.get("payment_days", ""), _("Days to pay")),
    )
