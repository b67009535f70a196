"""What the barrier's wires report, and the codes of everything wrong at one moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from edge.protocol.messages import GateNotice
from edge.rules.signals import Inputs

#   input            code when it becomes active, and when it ends
WIRES: dict[str, tuple[str, str]] = {
    "detached":      ("boom_detached",  "boom_attached"),
    "fire":          ("fire",           "fire_over"),
    "mains_failed":  ("mains_failed",   "mains_back"),
}  # fmt: skip


def wire_notices(before: Inputs, after: Inputs) -> list[GateNotice]:
    """What changed on the wires that a person should know; both debounced."""
    if before is after:
        return []
    notices = [
        GateNotice(code=codes[0] if getattr(after, wire) else codes[1])
        for wire, codes in WIRES.items()
        if getattr(before, wire) is not getattr(after, wire)
    ]
    if before.valid is not after.valid:
        code = "inputs_back" if after.valid else "inputs_invalid"
        notices.append(GateNotice(code=code, detail="" if after.valid else "the barrier's inputs can't be read"))
    return notices


def faults(inputs: Inputs, boom_fault: str | None, tripped: str | None, others: Iterable[str]) -> tuple[str, ...]:
    """Codes of everything wrong at this moment, sorted."""
    active = {codes[0] for wire, codes in WIRES.items() if getattr(inputs, wire)}
    if inputs.stop:
        active.add("stop_pressed")
    if not inputs.valid:
        active.add("inputs_invalid")
    if boom_fault:
        active.add(boom_fault)
    if tripped:
        active.add(f"interlock_{tripped}")
    return tuple(sorted(active | set(others)))
