"""One bench test from its first question to its report."""

from __future__ import annotations

from collections.abc import Callable

from edge.devices.wiring.bench import Bench, Person
from edge.devices.wiring.inputs import ACTS, Seen, check_input, check_limits
from edge.devices.wiring.outputs import GUARDS, SIGNS, check_beam, check_lower, check_raise, check_sign, check_stop
from edge.devices.wiring.report import Finding, Report, Verdict

Check = Callable[[Bench, Person], Seen]
#   movement                needs, beside GUARDS                     is checked by
MOVEMENTS: dict[str, tuple[tuple[str, ...], Check]] = {
    "raise":                ((),                                     check_raise),
    "lower":                (("raise",),                             check_lower),
    "stop while moving":    (("raise", "lower"),                     check_stop),
    "beam while lowering":  (("raise", "lower"),                     check_beam),
}  # fmt: skip


def run_test(bench: Bench, person: Person, pins: dict[str, int], report: Report) -> None:
    """Tries every wire and every movement and adds what it finds to the report, which is whole only at the end.

    pins  of inputs and outputs by their names in edge.toml
    """

    def note(wire: str, seen: Seen, began: float) -> None:
        report.findings.append(Finding(wire, pins.get(wire), seen.verdict, seen.what, round(bench.now - began, 1)))
        person.tell(f"{seen.verdict.upper():<8}{wire}: {seen.what}")

    if not bench.inputs.valid:
        person.tell("The inputs can't be read at all: every wire fails.")
    person.confirm("Is the boom down, the lane empty and nothing pressed?")
    for wire in ACTS:
        if wire in pins:
            began = bench.now
            note(wire, check_input(bench, person, wire), began)
    began = bench.now
    for wire, seen in check_limits(bench, person).items():
        note(wire, seen, began)
    for wire in SIGNS:
        began = bench.now
        note(wire, check_sign(bench, person, wire), began)
    for movement, (needs, check) in MOVEMENTS.items():
        began = bench.now
        lacking = [finding.wire for finding in report.findings
                   if finding.wire in GUARDS + needs and finding.verdict is not Verdict.PASS]  # fmt: skip
        if lacking:
            seen = Seen(Verdict.SKIPPED, f"not driven: {', '.join(lacking)} must pass before")
        else:
            seen = check(bench, person)
        note(movement, seen, began)
    if bench.inputs.limit_open and not lacking:
        check_lower(bench, person)
    if not bench.inputs.limit_closed:
        person.tell("The boom is not down: leave nobody near it.")
    report.finished = True
