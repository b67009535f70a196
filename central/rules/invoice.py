"""The tax invoice of a payment: serial number, GST split, and the proof that its lines give its total. Pure.

Rules followed: CGST Rules 2017, rule 46 (serial of at most 16 characters, unique in a financial year, of letters,
digits, "-" and "/"); IGST Act 2017, section 12(3) (a service on immovable property is supplied where the property is);
SAC 996743 (parking lot services). A buyer in a special economic zone is charged IGST (IGST Act, section 7(5)).

A penalty is another matter: what is taken to deter, and for no service that was agreed on, is no consideration, so it
is outside GST and has no SAC (CBIC circular 178/10/2022-GST of 3 August 2022, on damages, penalties and fines). Where
a site's accountant holds that it is one for tolerating an act (CGST Act 2017, schedule II, 5(e)), it is taxed under
SAC 999794 (agreeing to tolerate an act; scheme of classification of services, notification 11/2017-Central Tax (Rate)).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from central.rules.money import taxed
from central.rules.quote import Line, LineKind, Quote

SAC_PARKING = "996743"
SAC_PENALTY = "999794"
SERIAL_MAX = 16
SERIAL_DIGITS = 6


@dataclass(frozen=True, slots=True)
class FinancialYear:
    """India's, from 1 April to 31 March, named by the year it begins in."""

    begins: int

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> FinancialYear:
        """The financial year of an aware instant, by the site's own calendar."""
        local = at.astimezone(zone)
        return cls(local.year if local.month >= 4 else local.year - 1)

    def __str__(self) -> str:
        return f"{self.begins}-{(self.begins + 1) % 100:02d}"

    @property
    def short(self) -> str:
        return f"{self.begins % 100:02d}{(self.begins + 1) % 100:02d}"


@dataclass(frozen=True, slots=True)
class GstSplit:
    """The taxes on one invoice, int paise. Either both halves or IGST; the rest is 0."""

    cgst_paise: int
    sgst_paise: int
    igst_paise: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """A bill as it is stored and printed. Amounts int paise.

    number        serial, unique in its financial year
    issued_at     aware UTC
    sac           of the service; "" where it is for none, and outside GST
    supplier_state, place_of_supply  GST state codes, "07" is Delhi
    lines         as quoted; they sum to total_paise
    taxable_paise value before tax
    rounding_paise  what rounding added or took, outside the tax
    """

    number: str
    issued_at: datetime
    sac: str
    supplier_state: str
    place_of_supply: str
    lines: tuple[Line, ...]
    tax_rate_bp: int
    tax_included: bool
    taxable_paise: int
    gst: GstSplit
    rounding_paise: int
    total_paise: int


def serial(prefix: str, at: datetime, zone: ZoneInfo, number: int) -> str:
    """The invoice number of the number-th invoice (from 1) of a series in its financial year: "DEL/2627/000042".

    The caller gives each number of a (prefix, financial year) once. ValueError where the text would break rule 46.
    """
    if not re.fullmatch(r"[A-Z0-9-]{1,4}", prefix):
        raise ValueError(f"invoice prefix {prefix!r}: expected 1 to 4 of A-Z, 0-9 and '-'")
    if number < 1:
        raise ValueError(f"invoice number {number}: expected 1 or more")
    text = f"{prefix}/{FinancialYear.of(at, zone).short}/{number:0{SERIAL_DIGITS}d}"
    if len(text) > SERIAL_MAX:
        raise ValueError(
            f"invoice serial {text!r} is longer than {SERIAL_MAX} characters: start a series of another prefix"
        )
    return text


def gst_split(tax_paise: int, supplier_state: str, place_of_supply: str, *, sez: bool = False) -> GstSplit:
    """CGST and SGST in equal halves within a state, IGST across states or to a special economic zone.

    tax_paise is even, as `money.taxed` makes it.
    """
    for what, code in (("supplier's state", supplier_state), ("place of supply", place_of_supply)):
        if not re.fullmatch(r"[0-9]{2}", code):
            raise ValueError(f"{what} {code!r}: expected a two-digit GST state code, as in a GSTIN")
    if sez or supplier_state != place_of_supply:
        return GstSplit(0, 0, tax_paise)
    half = tax_paise // 2
    return GstSplit(tax_paise - half, half, 0)


def invoice(
    quote: Quote,
    number: str,
    issued_at: datetime,
    supplier_state: str,
    place_of_supply: str,
    *,
    sac: str = SAC_PARKING,
    sez: bool = False,
) -> Invoice:
    """The invoice of a quote that was paid in full."""
    return Invoice(
        number=number,
        issued_at=issued_at,
        sac=sac,
        supplier_state=supplier_state,
        place_of_supply=place_of_supply,
        lines=quote.lines,
        tax_rate_bp=quote.tax_rate_bp,
        tax_included=quote.tax_included,
        taxable_paise=quote.subtotal_paise,
        gst=gst_split(quote.tax_paise, supplier_state, place_of_supply, sez=sez),
        rounding_paise=quote.rounding_paise,
        total_paise=quote.total_paise,
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """What a set of lines adds up to, int paise."""

    taxable_paise: int
    tax_paise: int
    rounding_paise: int
    total_paise: int


def recompute(lines: Iterable[Line], tax_rate_bp: int, tax_included: bool) -> Totals:
    """The totals of stored lines, worked out anew; a true invoice gives the paise it was issued with."""
    stored = list(lines)
    rounding = sum(line.amount_paise for line in stored if line.kind is LineKind.ROUNDING)
    value = sum(line.amount_paise for line in stored if line.kind not in (LineKind.ROUNDING, LineKind.TAX))
    tax = taxed(value, tax_rate_bp, included=tax_included)
    return Totals(tax.taxable_paise, tax.tax_paise, rounding, tax.gross_paise + rounding)


def agrees(issued: Invoice) -> bool:
    """True where the invoice's lines give its own taxable value, tax, rounding and total."""
    totals = recompute(issued.lines, issued.tax_rate_bp, issued.tax_included)
    gst = issued.gst
    return totals == Totals(
        issued.taxable_paise,
        gst.cgst_paise + gst.sgst_paise + gst.igst_paise,
        issued.rounding_paise,
        issued.total_paise,
    ) and totals.total_paise == sum(line.amount_paise for line in issued.lines)
