"""The words of the books as people read them, and amounts as people type them."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions.errors import Refused

ACCOUNT = {
    "bank": _l("Bank"),
    "psp_clearing": _l("With the payment provider"),
    "card_clearing": _l("With the card terminal's bank"),
    "cash_drawer": _l("Cash in drawers"),
    "cash_safe": _l("Cash in the safe"),
    "receivable": _l("Owed by vehicles that left"),
    "corporate": _l("Owed by firms on account"),
    "gst_input": _l("GST paid on fees"),
    "wallet": _l("Prepaid by drivers"),
    "customer_credit": _l("To be given back"),
    "suspense": _l("Not yet explained"),
    "cgst": _l("CGST"),
    "sgst": _l("SGST"),
    "igst": _l("IGST"),
    "revenue": _l("Parking, before tax"),
    "penalties": _l("Penalties, before tax"),
    "refunds": _l("Credited back, before tax"),
    "rounding": _l("Rounding"),
    "write_off": _l("Given up"),
    "psp_fees": _l("Provider's fees"),
    "over_short": _l("Cash over or short"),
}
KIND_OF_ACCOUNT = {
    "asset": _l("What we have"),
    "liability": _l("What we owe"),
    "income": _l("What was earned"),
    "expense": _l("What it cost"),
}
BOOKED = {
    "owed": _l("Left without paying"),
    "paid_by_upi": _l("Paid by UPI"),
    "paid_by_card": _l("Paid by card"),
    "paid_by_cash": _l("Paid in cash"),
    "paid_by_wallet": _l("Paid from the wallet"),
    "wallet_filled": _l("Wallet filled"),
    "wallet_filled_in_cash": _l("Wallet filled in cash"),
    "wallet_filled_by_card": _l("Wallet filled by card"),
    "wallet_paid_out": _l("Wallet paid out"),
    "refunded_to_wallet": _l("Given back to the wallet"),
    "waived": _l("Given up"),
    "captured_for_nothing": _l("Paid twice, or another amount"),
    "credited": _l("Credit note"),
    "refunded_by_upi": _l("Given back by UPI"),
    "refunded_in_cash": _l("Given back in cash"),
    "refunded_by_card": _l("Given back by card"),
    "credit_applied": _l("Another amount, taken for what was asked"),
    "card_paid_out": _l("Paid out by the card terminal's bank"),
    "card_taken_off": _l("Taken by the card terminal's bank"),
    "card_given_up": _l("Taken by card, given up"),
    "settled": _l("Paid out by the provider"),
    "settled_refund": _l("Refund taken off by the provider"),
    "settled_strange": _l("Paid out, not ours"),
    "settled_strange_refund": _l("Taken off, not ours"),
    "strange_goes_back": _l("Not ours, goes back"),
    "never_settled": _l("Never paid out, given up"),
    "float_taken": _l("Change for a shift"),
    "cash_dropped": _l("Cash to the safe"),
    "cashed_up": _l("Cash-up"),
    "cash_banked": _l("Cash to the bank"),
    "change_fetched": _l("Change from the bank"),
    "cash_over": _l("Too much in the drawer"),
    "cash_short": _l("Too little in the drawer"),
    "account_charged": _l("Parked on account"),
    "account_off": _l("Taken off the account"),
    "account_changed": _l("Tax of the account changed"),
    "account_credited": _l("Credit note to a firm"),
    "account_paid_by_upi": _l("Firm paid by UPI"),
    "account_paid_at_bank": _l("Firm paid by transfer or cheque"),
    "account_written_off": _l("Owed by a firm, given up"),
    "account_taken_back": _l("Firm's payment taken back"),
}
OUTCOME = {
    "matched": _l("Fits"),
    "late": _l("Heard of by the file"),
    "known": _l("Known from an earlier file"),
    "amount_differs": _l("Another amount"),
    "duplicate": _l("Paid out before"),
    "missing_with_us": _l("Not ours"),
    "missing_with_them": _l("Captured, not paid out"),
    "file_missing": _l("No settlement file"),
    "card_differs": _l("Card payout differs from what was taken"),
    "card_missing": _l("Taken by card, not paid out"),
}
RESOLUTION = {
    "noted": _l("Only note it"),
    "goes_back": _l("The provider takes it back"),
    "given_up": _l("Give it up"),
    "came_later": _l("Came later"),
}
FETCHED = {
    "waiting": _l("not there yet"),
    "taken": _l("taken in"),
    "empty": _l("nothing was paid out"),
    "given_up": _l("never came"),
}
ODD_WAY = {
    "back": _l("All goes back"),
    "part": _l("Taken as a part"),
    "taken": _l("Taken, the rest goes back"),
}
PAID_HOW = {
    "mock_upi": _l("UPI"),
    "cash": _l("Cash"),
    "card_terminal": _l("Card"),
    "wallet": _l("Wallet"),
}
_RUPEES = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,2}))?")


def paise(text: str, what: str) -> int:
    """What a person typed, in paise: "1,250.50" is 125050; Refused for anything but an amount of rupees."""
    typed = re.sub(r"[₹,\s]", "", text.strip().removeprefix("Rs."))
    if not (match := _RUPEES.fullmatch(typed)):
        raise Refused(_("%(what)s %(text)s: expected rupees such as 170 or 170.50.", what=what, text=text[:20]))
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
