"""A batch of a card terminal that its bank has paid out: what it must be, and what it does to the books. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from central.rules.ledger import Fact, Postings, postings
from central.rules.money import rupees

MOST_PAISE = 1_00_00_000_00
_REF = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,38}[\x21-\x7e]|[\x21-\x7e]")
# a retrieval reference number (ISO 8583, field 37): what a terminal prints on each slip
_RRN = re.compile(r"[0-9]{12}")


class BatchRefused(ValueError):
    """Says what is wrong with a batch, and what is expected."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One advice of the terminal's bank. Amounts int paise.

    day         the site's day it is of; paid_on: when it came to our bank; both as "2026-11-24"
    gross       what was taken less what was given back, below 0 where more was given back
    fee, fee_gst  kept by the bank, 0 or more
    """

    day: str
    batch: str
    gross_paise: int
    fee_paise: int
    fee_gst_paise: int
    paid_on: str
    bank_ref: str

    @property
    def net_paise(self) -> int:
        return self.gross_paise - self.fee_paise - self.fee_gst_paise


def check(batch: Batch, today: str) -> None:
    """BatchRefused where the advice can't be so. today: the site's."""
    for what, text in (("day", batch.day), ("day of the payout", batch.paid_on)):
        if not _is_day(text) or text > today:
            raise BatchRefused(f"{what} {text[:20]!r}: expected one up to today, such as {today}")
    if batch.paid_on < batch.day:
        raise BatchRefused(f"paid out on {batch.paid_on}: expected {batch.day}, the day of the batch, or later")
    for what, text in (("batch number", batch.batch), ("bank's reference", batch.bank_ref)):
        if not _REF.fullmatch(text):
            raise BatchRefused(f"{what} {text[:40]!r}: expected 1 to 40 printable characters")
    if not batch.gross_paise or abs(batch.gross_paise) > MOST_PAISE:
        raise BatchRefused(f"batch of {rupees(batch.gross_paise)}: expected ₹0.01 to {rupees(MOST_PAISE)}, either sign")
    if batch.fee_paise < 0 or batch.fee_gst_paise < 0:
        raise BatchRefused("fee and its GST: expected 0 or more")
    kept = batch.fee_paise + batch.fee_gst_paise
    if kept > max(batch.gross_paise, 0):
        raise BatchRefused(f"fee and GST of {rupees(kept)}: expected at most the batch, {rupees(batch.gross_paise)}")


def booked(batch: Batch) -> tuple[Fact, Postings]:
    """What a checked batch does to the books."""
    if batch.gross_paise < 0:
        return Fact.CARD_TAKEN_OFF, postings(Fact.CARD_TAKEN_OFF, total=-batch.gross_paise)
    parts = {"net": batch.net_paise, "fee": batch.fee_paise, "fee_gst": batch.fee_gst_paise}
    return Fact.CARD_PAID_OUT, postings(Fact.CARD_PAID_OUT, gross=batch.gross_paise, **parts)


def rrn(text: str) -> str:
    """The reference on a terminal's slip; BatchRefused for anything but 12 digits."""
    digits = re.sub(r"\s", "", text)
    if not _RRN.fullmatch(digits):
        raise BatchRefused(f"RRN {text[:20]!r}: expected the 12 digits on the terminal's refund slip")
    return digits


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"20\d\d-\d\d-\d\d", text) and date.fromisoformat(text))
    except ValueError:
        return False
