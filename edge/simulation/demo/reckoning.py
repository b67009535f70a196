"""Sets what the simulated lanes saw against what central says: who was lost, doubled, misread. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Truth against claims. Plates are as painted; all but the times are counts.

    entered, exited    vehicles the lanes saw pass
    paid               stays central was paid for
    misread            stays whose plate is not the painted one, unread ones too
    unmatched          exits central could not join to an entry
    lost               vehicles that passed a gate without central knowing it
    doubled            stays central holds for which no vehicle came
    boom_violations    booms lowered onto a vehicle
    stop_to_open_ms    at the entry, from standstill at the stop line to the motor raising the boom
    """

    entered: int
    exited: int
    paid: int
    misread: int
    unmatched: int
    lost: int
    doubled: int
    boom_violations: int
    stop_to_open_ms: dict[str, float | None]

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, nobody hit."""
        return not (self.lost or self.doubled or self.boom_violations)


def reckon(entry_look: dict, exit_look: dict, stays: Sequence[dict]) -> Reckoning:
    """The reckoning of two lanes' whole looks and central's stays."""
    painted_in = [seen["plate"] for seen in entry_look["passed"]]
    painted_out = [seen["plate"] for seen in exit_look["passed"]]
    entries = [stay for stay in stays if stay["entered_at"] and stay["status"] != "unmatched"]
    closed = [stay for stay in entries if stay["exited_at"]]
    unmatched = [stay for stay in stays if stay["status"] == "unmatched" or not stay["entered_at"]]
    unknown_in, strange = _pair(painted_in, entries)
    lost_in = max(0, len(unknown_in) - len(strange))
    # an exit that could not be joined is known to central all the same
    lost_out = max(0, len(painted_out) - len(closed) - sum(bool(stay["exited_at"]) for stay in unmatched))
    return Reckoning(
        entered=len(painted_in),
        exited=len(painted_out),
        paid=sum((stay["paid_paise"] or 0) > 0 for stay in stays),
        misread=len(unknown_in) - lost_in,
        unmatched=len(unmatched),
        lost=lost_in + lost_out,
        doubled=max(0, len(strange) - len(unknown_in)),
        boom_violations=len(entry_look["violations"]) + len(exit_look["violations"]),
        stop_to_open_ms={f"p{rank}": percentile(entry_look["stop_to_open_ms"], rank) for rank in (50, 99)},
    )


def _pair(painted: Sequence[str], stays: Sequence[dict]) -> tuple[list[str], list[dict]]:
    """Plates no stay bears, and stays that bear no such plate, each plate used up once."""
    left, strange = list(painted), []
    for stay in stays:
        if stay["plate"] in left:
            left.remove(stay["plate"])
        else:
            strange.append(stay)
    return left, strange


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Nearest-rank percentile, None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None
