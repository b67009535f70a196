"""The accounts of a car park's books, and what kind each is. Pure.

A posting's paise are positive on the debit side and negative on the credit side: assets and expenses grow by debits,
liabilities and income by credits.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an account is of: its place in the trial balance, and the side on which it grows."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class Account(StrEnum):
    """One account of a site; the drawer's postings also name the shift whose drawer it is."""

    BANK = "bank"
    PSP_CLEARING = "psp_clearing"  # captured by the payment provider, not yet paid out to the bank
    CARD_CLEARING = "card_clearing"  # taken by a card terminal, not yet paid out to the bank
    CASH_DRAWER = "cash_drawer"  # in the hands of an attendant, by shift
    CASH_SAFE = "cash_safe"  # in the office
    RECEIVABLE = "receivable"  # owed by vehicles that have left
    CORPORATE = "corporate"  # owed by firms that park on account; below 0 where they have paid ahead
    GST_INPUT = "gst_input"  # tax in the provider's fees, set off against what is owed
    WALLET = "wallet"  # prepaid by drivers
    CUSTOMER_CREDIT = "customer_credit"  # taken, and to be given back
    SUSPENSE = "suspense"  # came to the bank, and nobody knows yet for what
    CGST = "cgst"
    SGST = "sgst"
    IGST = "igst"
    REVENUE = "revenue"  # of parking
    PENALTIES = "penalties"  # of notices of violations, less what was credited back of them
    REFUNDS = "refunds"  # what credit notes take off the revenue
    ROUNDING = "rounding"
    WRITE_OFF = "write_off"  # owed, and given up
    PSP_FEES = "psp_fees"
    OVER_SHORT = "over_short"  # cash counted more or less than the books say


KINDS: dict[Account, Kind] = {
    Account.BANK:            Kind.ASSET,
    Account.PSP_CLEARING:    Kind.ASSET,
    Account.CARD_CLEARING:   Kind.ASSET,
    Account.CASH_DRAWER:     Kind.ASSET,
    Account.CASH_SAFE:       Kind.ASSET,
    Account.RECEIVABLE:      Kind.ASSET,
    Account.CORPORATE:       Kind.ASSET,
    Account.GST_INPUT:       Kind.ASSET,
    Account.WALLET:          Kind.LIABILITY,
    Account.CUSTOMER_CREDIT: Kind.LIABILITY,
    Account.SUSPENSE:        Kind.LIABILITY,
    Account.CGST:            Kind.LIABILITY,
    Account.SGST:            Kind.LIABILITY,
    Account.IGST:            Kind.LIABILITY,
    Account.REVENUE:         Kind.INCOME,
    Account.PENALTIES:       Kind.INCOME,
    Account.REFUNDS:         Kind.INCOME,
    Account.ROUNDING:        Kind.INCOME,
    Account.WRITE_OFF:       Kind.EXPENSE,
    Account.PSP_FEES:        Kind.EXPENSE,
    Account.OVER_SHORT:      Kind.EXPENSE,
}  # fmt: skip
