"""Integer paise: rounding, Indian grouping, and the tax inside or on top of an amount. Pure."""

from __future__ import annotations

from dataclasses import dataclass

WHOLE_BP = 10_000  # basis points in the whole: 1 800 bp is 18 %


def half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest whole number, a half going up. denominator > 0."""
    return (2 * numerator + denominator) // (2 * denominator)


def share(amount_paise: int, rate_bp: int) -> int:
    """rate_bp basis points of an amount, part paise dropped."""
    return amount_paise * rate_bp // WHOLE_BP


def rupees(paise: int) -> str:
    """An amount as Indians write it, lakhs grouped: 12345600 is "₹1,23,456", 5 is "₹0.05", -1000 is "-₹10"."""
    whole, part = divmod(abs(paise), 100)
    sign = "-" if paise < 0 else ""
    return f"{sign}₹{_grouped(whole)}" + (f".{part:02d}" if part else "")


def _grouped(whole: int) -> str:
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    groups = []
    while head:
        head, group = head[:-2], head[-2:]
        groups.insert(0, group)
    return ",".join([*groups, tail])


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount and the tax that goes with it, both int paise.

    taxable_paise  value before tax
    tax_paise      tax, always even: two equal halves (CGST and SGST), or both together as IGST
    """

    taxable_paise: int
    tax_paise: int

    @property
    def gross_paise(self) -> int:
        return self.taxable_paise + self.tax_paise


def taxed(amount_paise: int, rate_bp: int, *, included: bool) -> Taxed:
    """The tax on an amount (included False) or inside it (included True).

    Each half of the tax is rounded by itself, so that CGST equals SGST to the paise and the sum does not depend
    on whether the buyer is charged both halves or IGST.
    """
    if included:
        half = half_up(amount_paise * rate_bp, 2 * (WHOLE_BP + rate_bp))
        return Taxed(amount_paise - 2 * half, 2 * half)
    half = half_up(amount_paise * rate_bp, 2 * WHOLE_BP)
    return Taxed(amount_paise, 2 * half)


def untaxed(gross_paise: int, rate_bp: int) -> int:
    """The taxable value whose sum with its tax is gross_paise, to the nearest paise."""
    return half_up(gross_paise * WHOLE_BP, WHOLE_BP + rate_bp)
