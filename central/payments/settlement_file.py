"""Reads a settlement file, every figure of it checked before one is believed. Pure.

CSV in UTF-8 with the columns date, type, reference, payment, refund, amount, fee, gst_on_fee, net, utr; one day and one
UTR (the bank's number of the transfer) a file. Amounts are rupees with two decimals. A refund's net is negative.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import date

COLUMNS = ("date", "type", "reference", "payment", "refund", "amount", "fee", "gst_on_fee", "net", "utr")
LONGEST = 2_000_000
_AMOUNT = re.compile(r"-?[0-9]{1,9}\.[0-9]{2}")
_WORD = re.compile(r"[\x21-\x7e]{1,64}")


class SettlementRefused(ValueError):
    """A file that can't be read: names the line, what is wrong with it, and what is expected."""


@dataclass(frozen=True, slots=True)
class Line:
    """One payment paid out, or one refund taken off.

    number      of the line in its file, from 2
    reference   our own: of the attempt or refund, without hyphens
    refund_ref  "" for a payment
    text        as it came
    """

    number: int
    reference: str
    payment_ref: str
    refund_ref: str
    amount_paise: int
    fee_paise: int
    fee_gst_paise: int
    net_paise: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A day's file. net_paise: what the transfer of that UTR brought to the bank."""

    sha256: str
    day: date
    utr: str
    lines: tuple[Line, ...]
    net_paise: int


def read(raw: bytes) -> Statement:
    """The statement of a file; SettlementRefused where anything in it is not as it should be."""
    if len(raw) > LONGEST:
        raise SettlementRefused(f"settlement file of {len(raw)} bytes: expected at most {LONGEST}")
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettlementRefused(f"settlement file: expected CSV in UTF-8 ({error})") from error
    if not rows or tuple(rows[0]) != COLUMNS:
        raise SettlementRefused(f"settlement file: expected the columns {','.join(COLUMNS)}")
    found = [(number, row) for number, row in enumerate(rows[1:], 2) if row]
    if not found:
        raise SettlementRefused("settlement file: expected at least one payment or refund")
    days, utrs, lines = set(), set(), []
    for number, row in found:
        if len(row) != len(COLUMNS):
            raise _wrong(number, f"{len(row)} columns", f"{len(COLUMNS)}")
        cells = dict(zip(COLUMNS, row, strict=True))
        days.add(_day(number, cells["date"]))
        utrs.add(_word(number, "utr", cells["utr"]))
        lines.append(_line(number, cells))
    if len(days) > 1 or len(utrs) > 1:
        raise SettlementRefused(f"settlement file of {len(days)} days and {len(utrs)} UTRs: expected one of each")
    return Statement(
        sha256=hashlib.sha256(raw).hexdigest(),
        day=days.pop(),
        utr=utrs.pop(),
        lines=tuple(lines),
        net_paise=sum(line.net_paise for line in lines),
    )


def is_empty(raw: bytes) -> bool:
    """True for a file of its columns alone: the provider has paid out nothing of that day."""
    return raw.removeprefix(b"\xef\xbb\xbf").strip() == ",".join(COLUMNS).encode()


def _line(number: int, cells: dict[str, str]) -> Line:
    if cells["type"] not in ("payment", "refund"):
        raise _wrong(number, f"type {cells['type'][:20]!r}", "payment or refund")
    refund = cells["type"] == "refund"
    if not refund and cells["refund"]:
        raise _wrong(number, "a payment with a refund's id", "none")
    amount, fee, gst, net = (_paise(number, name, cells[name]) for name in ("amount", "fee", "gst_on_fee", "net"))
    if amount <= 0 or fee < 0 or gst < 0 or (refund and (fee or gst)):
        raise _wrong(number, "an amount or fee below 0", "an amount above 0, and no fee on a refund")
    wanted = -amount if refund else amount - fee - gst
    if net != wanted or (not refund and net < 0):
        raise _wrong(number, f"net {cells['net']}", f"{wanted // 100}.{wanted % 100:02d}, amount less fee and GST")
    return Line(
        number=number,
        reference=_word(number, "reference", cells["reference"]) if cells["reference"] else "",
        payment_ref=_word(number, "payment", cells["payment"]),
        refund_ref=_word(number, "refund", cells["refund"]) if refund else "",
        amount_paise=amount,
        fee_paise=fee,
        fee_gst_paise=gst,
        net_paise=net,
        text=",".join(cells.values()),
    )


def _day(number: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _wrong(number, f"date {text[:20]!r}", "one such as 2026-11-24") from error


def _paise(number: int, name: str, text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise _wrong(number, f"{name} {text[:20]!r}", "rupees such as 170.00")
    whole, _dot, part = text.removeprefix("-").partition(".")
    paise = int(whole) * 100 + int(part)
    return -paise if text.startswith("-") else paise


def _word(number: int, name: str, text: str) -> str:
    if not _WORD.fullmatch(text):
        raise _wrong(number, f"{name} {text[:20]!r}", "1 to 64 printable characters without blanks")
    return text


def _wrong(number: int, what: str, expected: str) -> SettlementRefused:
    return SettlementRefused(f"settlement file, line {number}: {what}: expected {expected}")
