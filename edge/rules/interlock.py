"""The second opinion on every drive: looks only at outputs and inputs, and can only take drive away. Pure.

It runs last, after whatever decided the outputs, and shares no code with it, so that one mistake in
the boom's rules can't reach the motor. In sound rules it never trips: a trip is a fault to report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.rules.signals import Drive, Inputs, Light, Outputs


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the interlock allows. Keep each a little wider than the boom's own timing.

    settle_s     no drive for this long after the start, 0.0 to 60.0
    dead_time_s  both relays off between two directions, 0.3 to 5.0
    max_run_s    longest run in one direction, pauses shorter than dead_time_s included, 1.0 to 40.0
    """

    settle_s: float = 1.9
    dead_time_s: float = 0.3
    max_run_s: float = 6.5

    def __post_init__(self) -> None:
        for name, low, high in (("settle_s", 0.0, 60.0), ("dead_time_s", 0.3, 5.0), ("max_run_s", 1.0, 40.0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
                raise ValueError(f"interlock bound {name} is {value!r}: expected {low} to {high} seconds")


@dataclass(frozen=True, slots=True)
class Interlock:
    """What the interlock remembers between two ticks. Times are monotonic seconds.

    started_at    when it began to watch
    direction     the last direction it let out; OFF before the first
    run_since     when the run in that direction began
    off_since     since when it lets nothing out; None while driving
    ran_too_long  a run was cut; nothing is let out until a reset
    """

    started_at: float
    direction: Drive = Drive.OFF
    run_since: float = 0.0
    off_since: float | None = None
    ran_too_long: bool = False

    @staticmethod
    def at_start(now: float) -> Interlock:
        """An interlock that has let nothing out yet, at monotonic time `now`."""
        return Interlock(started_at=now, off_since=now)


def guard(
    state: Interlock, outputs: Outputs, inputs: Inputs, now: float, bounds: Bounds, reset: bool = False
) -> tuple[Interlock, Outputs, str | None]:
    """The state after this tick, what may go to the motor, and why drive was taken away (None: it was not).

    Give it the raw levels, so that it stands on no one's debounce. Whatever it can't judge, a drive
    it doesn't know or a clock that is not a number, it answers with OFF and a red light.
    `reset` is maintenance's, for one tick: it forgives a run that was too long.
    """
    if reset and state.ran_too_long:
        state = replace(state, ran_too_long=False)
    if outputs.drive is Drive.OFF:
        return (state if state.off_since is not None else replace(state, off_since=now)), outputs, None
    rested = state.off_since is not None and now - state.off_since >= bounds.dead_time_s
    fresh = rested or state.direction is not outputs.drive
    tripped = _objection(state, outputs.drive, inputs, now, bounds, rested, fresh)
    if tripped is not None:
        too_long = tripped == "ran_too_long"
        if state.off_since is None or too_long != state.ran_too_long:
            off_since = now if state.off_since is None else state.off_since
            state = replace(state, off_since=off_since, ran_too_long=state.ran_too_long or too_long)
        return state, Outputs(Drive.OFF, Light.RED, outputs.buzzer), tripped
    if fresh or state.off_since is not None:
        run_since = now if fresh else state.run_since
        state = replace(state, direction=outputs.drive, run_since=run_since, off_since=None)
    return state, outputs, None


def _objection(
    state: Interlock, drive: Drive, inputs: Inputs, now: float, bounds: Bounds, rested: bool, fresh: bool
) -> str | None:
    """Why this drive must not go out; None when it may. Each test is written so that a NaN fails it."""
    if drive is not Drive.OPEN and drive is not Drive.CLOSE:
        return "unknown_drive"
    if inputs.stop:
        return "stop"
    if not now - state.started_at >= bounds.settle_s:
        return "settling"
    if state.ran_too_long:
        return "ran_too_long"
    if drive is Drive.CLOSE:
        obstruction = _obstruction(inputs)
        if obstruction is not None:
            return obstruction
    if not rested and state.direction is not Drive.OFF and state.direction is not drive:
        return "no_dead_time"
    if not fresh and not 0.0 <= now - state.run_since < bounds.max_run_s:
        return "ran_too_long"
    return None


def _obstruction(inputs: Inputs) -> str | None:
    """What forbids lowering, the gravest first; None when nothing does."""
    if not inputs.valid:
        return "close_on_invalid_inputs"
    if inputs.fire:
        return "close_in_fire"
    if inputs.photocell:
        return "close_on_photocell"
    if inputs.closing_loop:
        return "close_on_closing_loop"
    if inputs.detached:
        return "close_while_detached"
    return None
