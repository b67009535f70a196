"""From a fact of business to its postings in double entry, by one literal table. Pure.

Every list of postings that leaves this file sums to zero; amounts that would not are refused with ValueError.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from central.rules.ledger_accounts import Account


class Fact(StrEnum):
    """Something that happened to money, or to a claim for it."""

    CHARGED = "charged"  # a stay owes its price
    PENALTY_CHARGED = "penalty_charged"  # a notice of a violation is paid
    PAID_BY_UPI = "paid_by_upi"
    PAID_BY_CARD = "paid_by_card"
    PAID_BY_CASH = "paid_by_cash"
    PAID_BY_WALLET = "paid_by_wallet"
    WALLET_FILLED = "wallet_filled"
    WALLET_FILLED_BY_CARD = "wallet_filled_by_card"
    WALLET_FILLED_IN_CASH = "wallet_filled_in_cash"
    WALLET_PAID_OUT = "wallet_paid_out"  # the driver's own money is to go back to where it came from
    REFUNDED_TO_WALLET = "refunded_to_wallet"
    WAIVED = "waived"  # owed by a vehicle that has left, and given up by a person
    CAPTURED_FOR_NOTHING = "captured_for_nothing"  # a duplicate, or an amount nobody asked for: it is the payer's
    CREDITED = "credited"  # a credit note: part of an invoice is the payer's again
    PENALTY_CREDITED = "penalty_credited"  # the same of what a notice asked for
    REFUNDED_BY_UPI = "refunded_by_upi"
    REFUNDED_IN_CASH = "refunded_in_cash"
    REFUNDED_BY_CARD = "refunded_by_card"
    CREDIT_APPLIED = "credit_applied"  # an odd capture is taken for what was asked after all: booked as paid next
    CARD_PAID_OUT = "card_paid_out"  # the terminal's bank has paid a batch out, less its fee
    CARD_TAKEN_OFF = "card_taken_off"  # the terminal's bank takes money from ours
    CARD_GIVEN_UP = "card_given_up"  # taken by card, and given up as its bank never paid it out
    SETTLED = "settled"  # the provider has paid a payment out to the bank, less its fee
    SETTLED_REFUND = "settled_refund"  # the provider has taken a refund off what it pays out
    SETTLED_STRANGE = "settled_strange"  # paid out, and no payment of ours
    SETTLED_STRANGE_REFUND = "settled_strange_refund"  # taken off, and no refund of ours
    STRANGE_GOES_BACK = "strange_goes_back"
    NEVER_SETTLED = "never_settled"  # captured, and given up as the provider never paid it out
    FLOAT_TAKEN = "float_taken"
    CASH_DROPPED = "cash_dropped"  # from the drawer to the safe, while the shift goes on
    CASHED_UP = "cashed_up"  # what was counted at its end goes to the safe
    CASH_BANKED = "cash_banked"  # from the safe
    CHANGE_FETCHED = "change_fetched"  # from the bank
    CASH_OVER = "cash_over"
    CASH_SHORT = "cash_short"
    ACCOUNT_CHARGED = "account_charged"  # a firm owes a stay's price, to be paid with its next invoice
    ACCOUNT_CREDITED = "account_credited"  # a credit note of a firm's invoice
    ACCOUNT_PAID_BY_UPI = "account_paid_by_upi"
    ACCOUNT_PAID_AT_BANK = "account_paid_at_bank"  # by transfer or cheque
    ACCOUNT_WRITTEN_OFF = "account_written_off"


A = Account
_SPLIT = ("taxable", "cgst", "sgst", "igst", "rounding")
_TAXES = ((A.CGST, "cgst"), (A.SGST, "sgst"), (A.IGST, "igst"), (A.ROUNDING, "rounding"))
_EARNED = ((A.REVENUE, "taxable"), *_TAXES)
_CREDITED = ((A.REFUNDS, "taxable"), *_TAXES)
_PENALTY = ((A.PENALTIES, "taxable"), *_TAXES)
_PAID_OUT = ((A.BANK, "net"), (A.PSP_FEES, "fee"), (A.GST_INPUT, "fee_gst"))

Side = tuple[tuple[Account, str], ...]
#   fact                         debit                             credit
TABLE: dict[Fact, tuple[Side, Side]] = {
    Fact.CHARGED:                (((A.RECEIVABLE, "total"),),      _EARNED),
    Fact.PENALTY_CHARGED:        (((A.RECEIVABLE, "total"),),      _PENALTY),
    Fact.PAID_BY_UPI:            (((A.PSP_CLEARING, "total"),),    ((A.RECEIVABLE, "total"),)),
    Fact.PAID_BY_CARD:           (((A.CARD_CLEARING, "total"),),   ((A.RECEIVABLE, "total"),)),
    Fact.PAID_BY_CASH:           (((A.CASH_DRAWER, "total"),),     ((A.RECEIVABLE, "total"),)),
    Fact.PAID_BY_WALLET:         (((A.WALLET, "total"),),          ((A.RECEIVABLE, "total"),)),
    Fact.WALLET_FILLED:          (((A.PSP_CLEARING, "total"),),    ((A.WALLET, "total"),)),
    Fact.WALLET_FILLED_BY_CARD:  (((A.CARD_CLEARING, "total"),),   ((A.WALLET, "total"),)),
    Fact.WALLET_FILLED_IN_CASH:  (((A.CASH_DRAWER, "total"),),     ((A.WALLET, "total"),)),
    Fact.WALLET_PAID_OUT:        (((A.WALLET, "total"),),          ((A.CUSTOMER_CREDIT, "total"),)),
    Fact.REFUNDED_TO_WALLET:     (((A.CUSTOMER_CREDIT, "total"),), ((A.WALLET, "total"),)),
    Fact.WAIVED:                 (((A.WRITE_OFF, "total"),),       ((A.RECEIVABLE, "total"),)),
    Fact.CAPTURED_FOR_NOTHING:   (((A.PSP_CLEARING, "total"),),    ((A.CUSTOMER_CREDIT, "total"),)),
    Fact.CREDITED:               (_CREDITED,                       ((A.CUSTOMER_CREDIT, "total"),)),
    Fact.PENALTY_CREDITED:       (_PENALTY,                        ((A.CUSTOMER_CREDIT, "total"),)),
    Fact.REFUNDED_BY_UPI:        (((A.CUSTOMER_CREDIT, "total"),), ((A.PSP_CLEARING, "total"),)),
    Fact.REFUNDED_IN_CASH:       (((A.CUSTOMER_CREDIT, "total"),), ((A.CASH_DRAWER, "total"),)),
    Fact.REFUNDED_BY_CARD:       (((A.CUSTOMER_CREDIT, "total"),), ((A.CARD_CLEARING, "total"),)),
    Fact.CREDIT_APPLIED:         (((A.CUSTOMER_CREDIT, "total"),), ((A.PSP_CLEARING, "total"),)),
    Fact.CARD_PAID_OUT:          (_PAID_OUT,                       ((A.CARD_CLEARING, "gross"),)),
    Fact.CARD_TAKEN_OFF:         (((A.CARD_CLEARING, "total"),),   ((A.BANK, "total"),)),
    Fact.CARD_GIVEN_UP:          (((A.WRITE_OFF, "total"),),       ((A.CARD_CLEARING, "total"),)),
    Fact.SETTLED:                (_PAID_OUT,                       ((A.PSP_CLEARING, "gross"),)),
    Fact.SETTLED_REFUND:         (((A.PSP_CLEARING, "total"),),    ((A.BANK, "total"),)),
    Fact.SETTLED_STRANGE:        (_PAID_OUT,                       ((A.SUSPENSE, "gross"),)),
    Fact.SETTLED_STRANGE_REFUND: (((A.SUSPENSE, "total"),),        ((A.BANK, "total"),)),
    Fact.STRANGE_GOES_BACK:      (((A.SUSPENSE, "gross"),),        _PAID_OUT),
    Fact.NEVER_SETTLED:          (((A.WRITE_OFF, "total"),),       ((A.PSP_CLEARING, "total"),)),
    Fact.FLOAT_TAKEN:            (((A.CASH_DRAWER, "total"),),     ((A.CASH_SAFE, "total"),)),
    Fact.CASH_DROPPED:           (((A.CASH_SAFE, "total"),),       ((A.CASH_DRAWER, "total"),)),
    Fact.CASHED_UP:              (((A.CASH_SAFE, "total"),),       ((A.CASH_DRAWER, "total"),)),
    Fact.CASH_BANKED:            (((A.BANK, "total"),),            ((A.CASH_SAFE, "total"),)),
    Fact.CHANGE_FETCHED:         (((A.CASH_SAFE, "total"),),       ((A.BANK, "total"),)),
    Fact.CASH_OVER:              (((A.CASH_DRAWER, "total"),),     ((A.OVER_SHORT, "total"),)),
    Fact.CASH_SHORT:             (((A.OVER_SHORT, "total"),),      ((A.CASH_DRAWER, "total"),)),
    Fact.ACCOUNT_CHARGED:        (((A.CORPORATE, "total"),),       _EARNED),
    Fact.ACCOUNT_CREDITED:       (_CREDITED,                       ((A.CORPORATE, "total"),)),
    Fact.ACCOUNT_PAID_BY_UPI:    (((A.PSP_CLEARING, "total"),),    ((A.CORPORATE, "total"),)),
    Fact.ACCOUNT_PAID_AT_BANK:   (((A.BANK, "total"),),            ((A.CORPORATE, "total"),)),
    Fact.ACCOUNT_WRITTEN_OFF:    (((A.WRITE_OFF, "total"),),       ((A.CORPORATE, "total"),)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry.

    paise  positive: debit, negative: credit; never 0
    shift  whose drawer or terminal, None for every other account
    """

    account: Account
    paise: int
    shift: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """An amount with its tax, int paise: what an invoice, or a credit note, is made of."""

    taxable_paise: int
    cgst_paise: int = 0
    sgst_paise: int = 0
    igst_paise: int = 0
    rounding_paise: int = 0

    @property
    def tax_paise(self) -> int:
        return self.cgst_paise + self.sgst_paise + self.igst_paise

    @property
    def total_paise(self) -> int:
        return self.taxable_paise + self.tax_paise + self.rounding_paise

    def parts(self) -> dict[str, int]:
        return {name: getattr(self, f"{name}_paise") for name in (*_SPLIT, "total")}


Postings = tuple[Posting, ...]


def postings(fact: Fact, shift: str | None = None, **paise: int) -> Postings:
    """The postings of a fact; `paise` gives each part that its row of the table names, at least 0 but for roundings.

    ValueError where a part is missing, strange or negative, or the two sides differ.
    """
    debit, credit = TABLE[fact]
    named = {part for _, part in (*debit, *credit)}
    if named != paise.keys():
        raise ValueError(f"{fact}: expected the parts {', '.join(sorted(named))}, got {', '.join(sorted(paise))}")
    below = sorted(part for part, amount in paise.items() if amount < 0 and part != "rounding")
    if below:
        raise ValueError(f"{fact}: {below[0]} is {paise[below[0]]} paise, expected 0 or more")
    lines = [Posting(account, paise[part], _of(account, shift)) for account, part in debit]
    lines += [Posting(account, -paise[part], _of(account, shift)) for account, part in credit]
    if sum(line.paise for line in lines):
        raise ValueError(f"{fact}: the two sides differ by {sum(line.paise for line in lines)} paise")
    return together(lines)


def charged(split: Split, *, penalty: bool = False) -> Postings:
    """What a stay's price does to the books, or what a notice asked for, once it is paid."""
    return postings(Fact.PENALTY_CHARGED if penalty else Fact.CHARGED, **split.parts())


def credited(split: Split, *, penalty: bool = False) -> Postings:
    """What a credit note does to the books."""
    return postings(Fact.PENALTY_CREDITED if penalty else Fact.CREDITED, **split.parts())


def paid(
    split: Split, by: Fact, owed: Iterable[Posting] = (), shift: str | None = None, *, penalty: bool = False
) -> Postings:
    """A due is paid, `by` one of the PAID_BY facts. owed: what was charged for it when its vehicle left without paying.

    What was charged before is taken back, as the amount that was paid may be an earlier one.
    """
    came = postings(by, shift, total=split.total_paise)
    return together(charged(split, penalty=penalty), undone(owed), came)


def together(*lists: Iterable[Posting]) -> Postings:
    """One list, with one posting for each account and shift, and none of 0."""
    sums: dict[tuple[Account, str | None], int] = defaultdict(int)
    for one in lists:
        for posting in one:
            sums[posting.account, posting.shift] += posting.paise
    return tuple(Posting(account, paise, shift) for (account, shift), paise in sums.items() if paise)


def undone(one: Iterable[Posting]) -> Postings:
    """The postings that take these back."""
    return tuple(Posting(posting.account, -posting.paise, posting.shift) for posting in one)


def _of(account: Account, shift: str | None) -> str | None:
    return shift if account in (Account.CASH_DRAWER, Account.CARD_CLEARING) else None
