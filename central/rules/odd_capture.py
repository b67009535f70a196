"""What may become of money that came as another amount than was asked for. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from central.rules.money import rupees, taxed, untaxed
from central.rules.quote import Line, LineKind, Quote


class Way(StrEnum):
    """BACK: all of it goes back. PART: it is less than was asked, and counts; the rest is asked for.
    TAKEN: it is enough; what was asked for is paid, and the difference goes back."""

    BACK = "back"
    PART = "part"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way, and its amounts, int paise, which sum to what was captured."""

    way: Way
    taken_paise: int
    back_paise: int


def choices(captured_paise: int, asked_paise: Collection[int], *, unpaid: bool, may_part: bool) -> tuple[Choice, ...]:
    """What a person may choose among, the kindest to the payer first.

    asked_paise  every amount at which the due may be settled: what its attempt asked for, and what is asked now
    unpaid       the due is still to be paid; may_part: the rest of it can be asked for
    """
    back = Choice(Way.BACK, 0, captured_paise)
    if not unpaid:
        return (back,)
    enough = [paise for paise in asked_paise if paise <= captured_paise]
    if enough:
        # with the most of them, the least is left to be asked for again
        return Choice(Way.TAKEN, max(enough), captured_paise - max(enough)), back
    return (Choice(Way.PART, captured_paise, 0), back) if may_part else (back,)


def part_of(quote: Quote, paise: int) -> Quote:
    """The quote as it is paid in part: a line takes off what is still to be paid, and tax is worked out of the part.

    Its lines sum to `paise`, and recompute to its tax. ValueError unless that is above 0 and less than the quote's.
    """
    if not 0 < paise < quote.total_paise:
        raise ValueError(f"part of {paise} paise: expected 1 to {quote.total_paise - 1}")
    kept = [line for line in quote.lines if line.kind not in (LineKind.TAX, LineKind.ROUNDING)]
    value = paise if quote.tax_included else untaxed(paise, quote.tax_rate_bp)
    tax = taxed(value, quote.tax_rate_bp, included=quote.tax_included)
    rounded = paise - tax.gross_paise
    rest = f"Paid in part: {rupees(quote.total_paise - paise)} is still to be paid"
    lines = [*kept, Line(LineKind.CREDIT, rest, value - sum(line.amount_paise for line in kept))]
    if not quote.tax_included and tax.tax_paise:
        lines.append(_tax_line(quote, tax.tax_paise))
    if rounded:
        lines.append(Line(LineKind.ROUNDING, "Rounding", rounded))
    return replace(
        quote, lines=tuple(lines), subtotal_paise=tax.taxable_paise, tax_paise=tax.tax_paise, rounding_paise=rounded,
        total_paise=paise,
    )  # fmt: skip


def _tax_line(quote: Quote, paise: int) -> Line:
    known = next((line for line in quote.lines if line.kind is LineKind.TAX), None)
    return replace(known, amount_paise=paise) if known else Line(LineKind.TAX, "Tax", paise)
