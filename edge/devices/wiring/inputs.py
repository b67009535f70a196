"""The bench test of the inputs: what each reads at rest, when it is made to act, and at rest again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from edge.devices.wiring.bench import Bench, Person
from edge.devices.wiring.report import Verdict
from edge.rules.signals import Inputs

LOOK_S = 1.0
PATIENCE_S = 60.0

#   input             to make it act, and                                to let it rest again
ACTS: dict[str, tuple[str, str]] = {
    "button":        ("Press the driver's button and keep it pressed",  "Let the button go"),
    "arming_loop":   ("Drive onto the arming loop, before the boom",    "Drive off the arming loop"),
    "closing_loop":  ("Drive onto the closing loop, under the boom",    "Drive off the closing loop"),
    "exit_loop":     ("Drive onto the exit loop, beyond the boom",      "Drive off the exit loop"),
    "photocell":     ("Hold a hand into the beam",                      "Take the hand out of the beam"),
    "detached":      ("Swing the arm out of its holder",                "Put the arm back into its holder"),
    "stop":          ("Press the emergency stop",                       "Release the emergency stop"),
    "fire":          ("Let the fire panel call, or open its contact",   "End the fire panel's call"),
    "mains_failed":  ("Switch the mains off (no battery? leave it out)", "Switch the mains on again"),
}  # fmt: skip
# a vehicle that drives onto one of them may well cover others
ROAD = ("arming_loop", "closing_loop", "exit_loop", "photocell")
#   where the boom is      and how it gets there, by the operator's own buttons or by hand
POSITIONS = {
    "down":         "Lower the boom all the way, by the operator's own buttons or by hand",
    "half":         "Hold the boom half way up",
    "up":           "Raise the boom all the way",
}  # fmt: skip
#   limit             down   half   up
LIMITS = {
    "limit_open":   (False, False, True),
    "limit_closed": (True, False, False),
}  # fmt: skip

CUT = "reads active all the time: a cut wire, an unplugged device, or a contact that never closes"
DEAD = "never becomes active: the wire is shorted to ground, or is not on this contact"
INVERTED = "wired upside down: move the wire from the normally open to the normally closed contact"
FLICKERS = "flickers at rest: a loose contact"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check came to: its verdict, and in words why."""

    verdict: Verdict
    what: str


def check_input(bench: Bench, person: Person, wire: str) -> Seen:
    """Lets the person make this input act, and says what it did."""
    samples = [getattr(inputs, wire) for inputs in bench.wait(LOOK_S)]
    if sum(before is not after for before, after in pairwise(samples)) > 2:
        return Seen(Verdict.FAIL, FLICKERS)
    rest, before = samples[-1], bench.inputs
    act, let_rest = ACTS[wire]
    person.please(wire, "act", act)
    along = ROAD if wire in ROAD else ()
    # where another wire answers in its place this one never does
    bench.until(lambda inputs: any(name == wire or name not in along for name in changed(before, inputs)), PATIENCE_S)
    left_out = person.gave_up()
    bench.wait(LOOK_S / 2)  # what hangs together comes together
    others = [name for name in changed(before, bench.inputs) if name != wire]
    acted = getattr(bench.inputs, wire) is not rest
    person.please(wire, "rest", let_rest)
    rested = bench.until(lambda inputs: getattr(inputs, wire) is rest and not changed(before, inputs), PATIENCE_S / 2)
    if not acted and others:
        return Seen(Verdict.FAIL, f"{others[0]} answers in its place: the two wires are crossed, or this one is dead")
    if not acted and left_out:
        return Seen(Verdict.SKIPPED, "left out")
    if not acted:
        return Seen(Verdict.FAIL, CUT if rest else DEAD)
    if rest:
        return Seen(Verdict.FAIL, INVERTED)
    if not rested:
        return Seen(Verdict.FAIL, "became active and stayed so: it sticks")
    others = [name for name in others if name not in along]
    if others:
        return Seen(Verdict.FAIL, f"acts, and {others[0]} with it: these two wires touch")
    return Seen(Verdict.PASS, "at rest, active, at rest again")


def check_limits(bench: Bench, person: Person) -> dict[str, Seen]:
    """Lets the person move the boom by other means than ours, and says what each limit did."""
    seen: dict[str, list[bool]] = {wire: [] for wire in LIMITS}
    for position, how in POSITIONS.items():
        person.please("boom", position, how)
        if not person.confirm(f"Is the boom {position if position != 'half' else 'half way'} now?"):
            return {wire: Seen(Verdict.SKIPPED, "the boom was not moved") for wire in LIMITS}
        bench.wait(LOOK_S)
        for wire, levels in seen.items():
            levels.append(getattr(bench.inputs, wire))
    person.please("boom", "down", POSITIONS["down"])
    bench.wait(LOOK_S)
    found = {wire: tuple(levels) for wire, levels in seen.items()}
    if found == {"limit_open": LIMITS["limit_closed"], "limit_closed": LIMITS["limit_open"]}:
        return {wire: Seen(Verdict.FAIL, "the two limits are swapped: exchange their wires") for wire in LIMITS}
    return {wire: _limit(found[wire], expected) for wire, expected in LIMITS.items()}


def _limit(found: tuple[bool, ...], expected: tuple[bool, ...]) -> Seen:
    if found == expected:
        return Seen(Verdict.PASS, "active at its end alone")
    if found == tuple(not level for level in expected):
        return Seen(Verdict.FAIL, INVERTED)
    if len(set(found)) == 1:
        return Seen(Verdict.FAIL, CUT if found[0] else DEAD)
    levels = ", ".join("active" if level else "at rest" for level in found)
    return Seen(Verdict.FAIL, f"reads {levels} with the boom down, half way, up: adjust the switch")


def changed(before: Inputs, after: Inputs) -> list[str]:
    """Inputs that read differently now; the limits are left out, for their turn is another."""
    return [name for name in ACTS if getattr(before, name) is not getattr(after, name)]
