"""A site's access list from a CSV file: read line by line, tried with nothing done, and applied whole or in part."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from central.actions import access
from central.actions.errors import Refused
from central.actions.passes import rule_of
from edge.protocol.messages import VehicleClass

COLUMNS = ("plate", "kind", "class", "from", "until", "note")
LONGEST_LINES, LONGEST_NOTE = 5_000, 200
ADD, CHANGE, SAME = "add", "change", "same"
_EXPECTED = f"expected the columns {', '.join(COLUMNS)}, of which plate and kind are needed"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file. number: as an editor counts it; wrong: why it can't be taken, "" where it can.

    does  what it comes to: ADD, CHANGE, or SAME where the list says just that; "" where it is wrong
    """

    number: int
    plate: str
    kind: str = ""
    vehicle_class: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    note: str = ""
    does: str = ""
    wrong: str = ""


def read(session: Session, site_id: str, raw: bytes, zone: ZoneInfo) -> list[Line]:
    """What the file says, checked line by line; nothing is changed. Refused where it is no such file at all."""
    rows = _rows(raw)
    seen: dict[str, int] = {}
    lines = []
    for number, row in rows:
        line = _line(number, row, zone)
        if not line.wrong and line.plate in seen:
            line = Line(number, line.plate, wrong=f"plate {line.plate} stands in line {seen[line.plate]} already")
        if not line.wrong:
            seen[line.plate] = number
            line = _compared(session, site_id, line)
        lines.append(line)
    if not lines:
        raise Refused("the file has no line below its heading")
    return lines


def apply(
    session: Session, site_id: str, raw: bytes, zone: ZoneInfo, now: datetime, by: str, *, in_part: bool
) -> list[Line]:
    """Puts the lines on the list; what was done. in_part: leave those out that are wrong, instead of refusing all."""
    lines = read(session, site_id, raw, zone)
    wrong = [line for line in lines if line.wrong]
    if wrong and not in_part:
        raise Refused(f"line {wrong[0].number}: {wrong[0].wrong}. Nothing was changed")
    todo = [line for line in lines if line.does in (ADD, CHANGE)]
    for line in todo:
        access.set_rule(
            session, site_id, line.plate, line.kind, now, by, vehicle_class=line.vehicle_class,
            valid_from=line.valid_from, valid_until=line.valid_until, note=line.note, tell=False,
        )  # fmt: skip
    if todo:
        access.tell_gates(session, site_id, now)
    return lines


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A day, from its midnight, or a time of the site's own clock; None for nothing. Refused for anything else."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or not 2000 <= found.year < 2200:
        raise Refused(f"{text[:30]!r}: expected a day or time such as 2026-11-24 or 2026-11-24 14:05")
    return found.replace(tzinfo=zone)


def _rows(raw: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("the file is not UTF-8 text: save it as CSV UTF-8") from error
    if "\0" in text:
        raise Refused("the file is not text: expected CSV")
    head, _newline, _rest = text.partition("\n")
    table = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",", strict=True)
    try:
        found = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise Refused(f"line {table.line_num}: {error}") from error
    if not found:
        raise Refused(f"the file is empty: {_EXPECTED}")
    names = [name.strip().lower() for name in found[0][1]]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) < len(names) or not {"plate", "kind"} <= set(names):
        raise Refused(f"heading {', '.join(names)[:80]!r}: {_EXPECTED}")
    if len(found) - 1 > LONGEST_LINES:
        raise Refused(f"{len(found) - 1} lines: expected at most {LONGEST_LINES}; split the file")
    return [(number, _cells(names, row)) for number, row in found[1:]]


def _cells(names: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """By column. An apostrophe that a download of ours, or a spreadsheet, put before a formula is not part of it."""
    cells = {name: cell.strip() for name, cell in zip(names, row, strict=False)}
    if any(cell.strip() for cell in row[len(names) :]):
        cells["beyond"] = "more cells than the heading has"
    return {name: cell[1:] if cell[:1] == "'" else cell for name, cell in cells.items()}


def _line(number: int, row: dict[str, str], zone: ZoneInfo) -> Line:
    plate, kind = row.get("plate", ""), row.get("kind", "").lower()
    try:
        if "beyond" in row:
            raise Refused(row["beyond"])
        plate = access.normal_plate(plate)
        if kind not in ("pass", "denied"):
            raise Refused(f"kind {kind[:20]!r}: expected pass or denied")
        vehicle_class = row.get("class", "").lower() or None
        if vehicle_class not in (None, *get_args(VehicleClass)):
            raise Refused(
                f"class {vehicle_class[:20]!r}: expected one of {', '.join(get_args(VehicleClass))}, or nothing"
            )
        begins, ends = moment(row.get("from", ""), zone), moment(row.get("until", ""), zone)
        if begins and ends and ends <= begins:
            raise Refused("until: expected a time after from")
        note = " ".join(row.get("note", "").split())
        if len(note) > LONGEST_NOTE:
            raise Refused(f"note: expected at most {LONGEST_NOTE} characters, got {len(note)}")
    except Refused as error:
        return Line(number, plate[:40], wrong=str(error))
    return Line(number, plate, kind, vehicle_class, begins, ends, note)


def _compared(session: Session, site_id: str, line: Line) -> Line:
    rule = rule_of(session, site_id, line.plate)
    if rule is not None and rule.note.startswith("sold to "):
        return Line(line.number, line.plate, wrong="has a pass that was sold: give that up first, under Passes")
    said = (line.kind, line.vehicle_class, line.valid_from, line.valid_until, line.note)
    stands = rule and (rule.kind, rule.vehicle_class, rule.valid_from, rule.valid_until, rule.note)
    does = ADD if rule is None else SAME if stands == said else CHANGE
    return Line(line.number, line.plate, *said, does=does)
