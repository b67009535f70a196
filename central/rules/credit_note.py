"""What a refund takes back of an invoice, with its tax. Pure.

CGST Act 2017, section 34 and CGST Rules 2017, rule 53: a credit note has a serial of at most 16 characters of its own
series and names its invoice. A part refund takes back the same share of value, tax and rounding; all refunds together
come to the very paise of the invoice.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from central.rules.invoice import FinancialYear
from central.rules.ledger import Split
from central.rules.money import half_up

SERIAL_DIGITS = 5
LAST = 10**SERIAL_DIGITS - 1
LEAST_PAISE = 100


def serial(prefix: str, at: datetime, zone: ZoneInfo, number: int) -> str:
    """The number-th credit note (from 1) of a site's financial year: "DEL/2627/C00042", as no invoice is numbered."""
    if not 1 <= number <= LAST:
        raise ValueError(f"credit note number {number}: expected 1 to {LAST}")
    return f"{prefix}/{FinancialYear.of(at, zone).short}/C{number:0{SERIAL_DIGITS}d}"


def credit(invoice: Split, before_paise: int, amount_paise: int) -> Split:
    """The part of an invoice that a refund of amount_paise takes back, after refunds of before_paise altogether.

    ValueError beyond what is left of the invoice, and under a rupee where that is not all that is left.
    """
    left = invoice.total_paise - before_paise
    if amount_paise <= 0 or (amount_paise != left and not LEAST_PAISE <= amount_paise < left):
        raise ValueError(
            f"refund of {amount_paise} paise: expected {LEAST_PAISE} to {left}, which is left of the invoice"
        )
    until, before = _taken_back(invoice, before_paise + amount_paise), _taken_back(invoice, before_paise)
    return Split(
        taxable_paise=until.taxable_paise - before.taxable_paise,
        cgst_paise=until.cgst_paise - before.cgst_paise,
        sgst_paise=until.sgst_paise - before.sgst_paise,
        igst_paise=until.igst_paise - before.igst_paise,
        rounding_paise=until.rounding_paise - before.rounding_paise,
    )


def _taken_back(invoice: Split, paise: int) -> Split:
    """What refunds that add up to so much have taken back altogether."""
    cgst, sgst, igst, rounding = (
        half_up(part * paise, invoice.total_paise)
        for part in (invoice.cgst_paise, invoice.sgst_paise, invoice.igst_paise, invoice.rounding_paise)
    )
    return Split(paise - cgst - sgst - igst - rounding, cgst, sgst, igst, rounding)
