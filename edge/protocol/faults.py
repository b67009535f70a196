"""Everything a gate can report as wrong or worth knowing: the one source for code, messages and docs/faults.md. Pure.

`python -m edge.protocol.faults` prints that page.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

from edge.protocol.fault_table import ALARM, FAULT, INFO, ROWS

Severity = Literal["info", "alarm", "fault"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One code of the catalogue.

    severity  "info": for the record; "alarm": a person should see to it soon; "fault": the lane is out of service
    meaning   what is so
    cause     what brings it about, the likeliest first
    remedy    what a technician does
    lasts     it holds until it is mended, and stands in the gate's state meanwhile; else it is told once
    """

    code: str
    severity: Severity
    meaning: str
    cause: str
    remedy: str
    lasts: bool


CATALOGUE: dict[str, FaultKind] = {
    code: FaultKind(code, severity, meaning, cause, remedy, lasts)
    for code, severity, lasts, meaning, cause, remedy in ROWS
}

_UNKNOWN = ("Something this version's catalogue does not know.", "", "Look at the detail and the gate's log.")


def kind(code: str) -> FaultKind:
    """What the catalogue says of a code; of one it does not know, that much."""
    return CATALOGUE.get(code) or FaultKind(code, ALARM, *_UNKNOWN, lasts=True)


def page() -> str:
    """docs/faults.md."""
    lines = [
        "# Faults and notices",
        "",
        "What a gate reports: on `diag/fault/{code}` and in its state while it lasts, and as events `gate.notice`.",
        "Made from `edge/protocol/fault_table.py` by `python -m edge.protocol.faults`; edit it there.",
        "",
        "The Pi is no safety device: a certified operator keeps people safe. Switch it off before reaching into it.",
    ]
    for title, severity in (("Out of service", FAULT), ("See to it soon", ALARM), ("For the record", INFO)):
        lines += ["", f"## {title}", "", "| code | what is so | why | what to do |", "|---|---|---|---|"]
        lines += [_row(kind) for kind in CATALOGUE.values() if kind.severity == severity]
    return "\n".join(lines) + "\n"


def _row(kind: FaultKind) -> str:
    code = f"`{kind.code}`" + (" (lasts)" if kind.lasts else "")
    return f"| {code} | {kind.meaning} | {kind.cause} | {kind.remedy} |"


if __name__ == "__main__":
    sys.stdout.write(page())
