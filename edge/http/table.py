"""Lines of the journal as CSV for a spreadsheet, in which no cell can become a formula. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from edge.http.models import Line

COLUMNS = ("n", "wall", "clock", "type", "session", "plate", "waiting", "data")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def table(lines: Iterable[Line]) -> str:
    """The lines as CSV (RFC 4180) with a head. A cell that a spreadsheet would reckon with gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in lines:
        plate = line.data.get("plate")
        text = plate.get("text", "") if isinstance(plate, dict) else ""
        data = json.dumps(line.data, ensure_ascii=False)
        cells = [line.n, line.wall.isoformat(), line.clock, line.type, line.session or "", text, line.waiting, data]
        writer.writerow([safe(str(cell)) for cell in cells])
    return out.getvalue()


def safe(cell: str) -> str:
    """A cell that stays text (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
