"""Tables as CSV files: for spreadsheets, which take a cell that begins like a formula for one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

# Excel reads UTF-8 only where the file says so; LibreOffice and Python's "utf-8-sig" take it as well
BOM = "\ufeff"
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Number(str):
    """Text of a number: it can calculate nothing, so its minus stays."""


def csv_answer(filename: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A download. Text that a spreadsheet would calculate gets an apostrophe before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([_cell(text) for text in row] for row in (head, *rows))
    answer = Response(BOM + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def amount(paise: int) -> Number:
    """Rupees with two decimals, as every spreadsheet adds them up: "-1234.50"."""
    return Number(f"{'-' if paise < 0 else ''}{abs(paise) // 100}.{abs(paise) % 100:02d}")


def _cell(text: str) -> str:
    return f"'{text}" if not isinstance(text, Number) and text.startswith(_BEGINS_A_FORMULA) else text
