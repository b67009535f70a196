"""The PSP's settlement file: every payment captured and refund made on one day (India's), as CSV. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone

INDIA = timezone(timedelta(hours=5, minutes=30))
COLUMNS = ("date", "type", "reference", "payment", "refund", "amount", "fee", "gst_on_fee", "net", "utr")
FEE_BP = 30  # what this PSP keeps of a payment, and GST of 18 % on that
_GST_BP = 1_800


def span(day: date) -> tuple[float, float]:
    """The day's begin and end, seconds since 1970."""
    begin = datetime.combine(day, time(), INDIA)
    return begin.timestamp(), (begin + timedelta(days=1)).timestamp()


def statement(day: date, payments: Iterable[dict], refunds: Iterable[dict], fee_bp: int = FEE_BP) -> str:
    """The file of a day. payments and refunds: rows with reference, id, amount_paise, refunds also payment_id."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(COLUMNS)
    common = {"date": day.isoformat(), "utr": f"MOCK{day:%Y%m%d}01"}
    for row in payments:
        fee = (row["amount_paise"] * fee_bp + 5_000) // 10_000
        gst = (fee * _GST_BP + 5_000) // 10_000
        line = {"type": "payment", "payment": row["id"], "refund": ""}
        write(_cells(common | line, row, fee, gst, row["amount_paise"] - fee - gst))
    for row in refunds:
        line = {"type": "refund", "payment": row["payment_id"], "refund": row["id"]}
        write(_cells(common | line, row, 0, 0, -row["amount_paise"]))
    return out.getvalue()


def _cells(line: dict, row: dict, fee: int, gst: int, net: int) -> list[str]:
    amounts = {"amount": row["amount_paise"], "fee": fee, "gst_on_fee": gst, "net": net}
    whole = line | {"reference": row["reference"]} | {name: _rupees(paise) for name, paise in amounts.items()}
    return [whole[name] for name in COLUMNS]


def _rupees(paise: int) -> str:
    return f"{'-' if paise < 0 else ''}{abs(paise) // 100}.{abs(paise) % 100:02d}"
