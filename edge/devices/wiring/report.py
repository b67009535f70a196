"""What a bench test found, wire by wire: as JSON for machines and as text for people."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One wire, or one movement of the boom.

    wire     its name in edge.toml, or "raise", "lower", "stop while moving", "beam while lowering"
    pin      BCM number; None for a movement
    verdict  see Verdict
    what     what was seen, and where it failed what to do about it
    seconds  how long the check took
    """

    wire: str
    pin: int | None
    verdict: Verdict
    what: str
    seconds: float


@dataclass(slots=True)
class Report:
    """One bench test.

    simulated  on a simulated barrier, which says nothing about any real one
    finished   False: it was broken off
    """

    site: str
    gate: str
    began: datetime
    simulated: bool
    findings: list[Finding] = field(default_factory=list)
    finished: bool = False

    @property
    def passed(self) -> bool:
        """Everything was tried and nothing failed."""
        return self.finished and all(finding.verdict is Verdict.PASS for finding in self.findings)

    def json(self) -> str:
        return json.dumps(
            {
                "site": self.site,
                "gate": self.gate,
                "began": self.began.isoformat(timespec="seconds"),
                "simulated": self.simulated,
                "finished": self.finished,
                "passed": self.passed,
                "wires": [asdict(finding) for finding in self.findings],
            },
            indent=2,
        )

    def text(self) -> str:
        where = " (simulated)" if self.simulated else ""
        lines = [f"Wiring of gate {self.gate} of {self.site}{where}, {self.began:%Y-%m-%d %H:%M}", ""]
        for finding in self.findings:
            pin = "" if finding.pin is None else f"GPIO {finding.pin}"
            verdict = finding.verdict.upper()
            lines.append(f"{verdict:<8}{finding.wire:<21}{pin:<9}{finding.seconds:>5.1f} s  {finding.what}")
        wrong = [finding.wire for finding in self.findings if finding.verdict is Verdict.FAIL]
        left = [finding.wire for finding in self.findings if finding.verdict is Verdict.SKIPPED]
        lines.append("")
        if not self.finished:
            lines.append("Broken off: this gate has not been tested whole.")
        if wrong:
            lines.append(f"FAILED: {', '.join(wrong)}")
        if left:
            lines.append(f"Not tried: {', '.join(left)}")
        if self.passed:
            lines.append("Every wire passed.")
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> Path:
        """Writes wiring-TIME.json and .txt; the path of the text. OSError where the folder can't be written."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"wiring-{self.began:%Y%m%dT%H%M%S}.txt"
        path.with_suffix(".json").write_text(self.json() + "\n", encoding="utf-8")
        path.write_text(self.text(), encoding="utf-8")
        return path
