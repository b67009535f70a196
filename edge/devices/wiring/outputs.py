"""The bench test of the outputs: lamps and buzzer by eye and ear, the boom by its limits. Nothing moves unasked."""

from __future__ import annotations

from edge.devices.wiring.bench import Bench, Movement, Person
from edge.devices.wiring.inputs import Seen
from edge.devices.wiring.report import Verdict
from edge.rules.signals import Drive, Light

#   output           shown as                 and what a person should see
SIGNS: dict[str, tuple[dict, str]] = {
    "light_red":    ({"light": Light.RED},   "Is the red lamp on, and the green one off?"),
    "light_green":  ({"light": Light.GREEN}, "Is the green lamp on, and the red one off?"),
    "buzzer":       ({"buzzer": True},       "Does the buzzer sound?"),
}  # fmt: skip
# what must work before anything is driven
GUARDS = ("stop", "fire", "photocell", "closing_loop", "detached", "limit_open", "limit_closed")
KEEP_CLEAR = "Is nobody near the boom, and may it"
STOP_S = 3.0  # a stopped boom is watched for so long


def check_sign(bench: Bench, person: Person, wire: str) -> Seen:
    """Shows one lamp, or sounds the buzzer, and asks."""
    shown, question = SIGNS[wire]
    if not person.confirm(f"Shall {wire} be switched on?"):
        return Seen(Verdict.SKIPPED, "left out")
    bench.show(**shown)
    seen = person.sees(wire, question)
    bench.show()
    if seen:
        return Seen(Verdict.PASS, "seen" if wire != "buzzer" else "heard")
    return Seen(Verdict.FAIL, "not as expected: look for its wire, its fuse, or one crossed with another")


def check_raise(bench: Bench, person: Person) -> Seen:
    """From its lower limit to its upper one; where it does not move, tells a dead relay from two swapped ones."""
    if not bench.inputs.limit_closed:
        return Seen(Verdict.SKIPPED, "the boom is not down")
    if not person.confirm(f"{KEEP_CLEAR} be raised?"):
        return Seen(Verdict.SKIPPED, "left out")
    moved = bench.move(Drive.OPEN)
    if moved.arrived or moved.left or moved.cut:
        return _seen(moved, "up")
    other_way = f"It did not move. {KEEP_CLEAR} be driven the other way for a moment?"
    if person.confirm(other_way) and bench.rises_on(Drive.CLOSE):
        person.please("boom", "down", "Lower the boom, by the operator's own buttons or by hand")
        return Seen(Verdict.FAIL, "it rises on lower_boom: the two relays' wires are swapped, exchange them")
    return Seen(Verdict.FAIL, "it does not leave its lower limit: look for the relay, its wire, the operator's supply")


def check_lower(bench: Bench, person: Person) -> Seen:
    """From its upper limit to its lower one."""
    if not bench.inputs.limit_open:
        return Seen(Verdict.SKIPPED, "the boom is not up")
    if not person.confirm(f"{KEEP_CLEAR} be lowered?"):
        return Seen(Verdict.SKIPPED, "left out")
    moved = bench.move(Drive.CLOSE)
    if not moved.left and not moved.cut:
        return Seen(Verdict.FAIL, "it does not leave its upper limit: look for the relay and its wire")
    return _seen(moved, "down")


def check_stop(bench: Bench, person: Person) -> Seen:
    """STOP while the boom rises: our relay goes off at once, and the operator must stand still by itself."""
    if not bench.inputs.limit_closed:
        return Seen(Verdict.SKIPPED, "the boom is not down")
    if not person.confirm(f"{KEEP_CLEAR} be raised? Press STOP while it rises"):
        return Seen(Verdict.SKIPPED, "left out")
    person.please("stop", "act while moving", "Press STOP now, while it rises")
    moved = bench.move(Drive.OPEN)
    if moved.cut != "stop":
        person.please("stop", "rest", "Release the emergency stop")
        return Seen(Verdict.FAIL, f"STOP did not end the movement ({_short(moved)}): was it pressed in time?")
    went_on = any(inputs.limit_open for inputs in bench.wait(max(STOP_S, bench.timing.travel_s)))
    person.please("stop", "rest", "Release the emergency stop")
    bench.until(lambda inputs: not inputs.stop, 60.0)
    if went_on:
        return Seen(Verdict.FAIL, "the boom went on after STOP: STOP must be wired to the operator itself, too")
    return Seen(Verdict.PASS, f"the relay off at once, the boom stood still, {moved.seconds:.1f} s after the start")


def check_beam(bench: Bench, person: Person) -> Seen:
    """The beam broken while the boom comes down: the drive ends, and it is raised again."""
    if not person.confirm(f"{KEEP_CLEAR} be raised and lowered? Break the beam with a stick while it comes down"):
        return Seen(Verdict.SKIPPED, "left out")
    if not bench.inputs.limit_open and not bench.move(Drive.OPEN).arrived:
        return Seen(Verdict.FAIL, "the boom did not come all the way up")
    person.please("photocell", "act while moving", "Break the beam now, with a stick")
    moved = bench.move(Drive.CLOSE)
    raised = bench.move(Drive.OPEN) if moved.cut else None
    person.please("photocell", "rest", "Take the stick out of the beam")
    bench.until(lambda inputs: not inputs.photocell, 60.0)
    if raised is None:
        return Seen(Verdict.FAIL, f"the beam did not end the movement ({_short(moved)}): was it broken in time?")
    if not raised.arrived:
        return Seen(Verdict.FAIL, "the drive ended, but the boom did not rise again")
    return Seen(Verdict.PASS, f"the drive off at once, the boom raised again in {raised.seconds:.1f} s")


def _seen(moved: Movement, end: str) -> Seen:
    if moved.arrived:
        return Seen(Verdict.PASS, f"all the way {end} in {moved.seconds:.1f} s")
    return Seen(Verdict.FAIL, f"did not come all the way {end} ({_short(moved)})")


def _short(moved: Movement) -> str:
    if moved.cut:
        return f"ended by {moved.cut} after {moved.seconds:.1f} s"
    return f"{'its limit came' if moved.arrived else 'no limit came'}, {moved.seconds:.1f} s"
