"""Moving the boom safely: what it does next, from the inputs and what the lane wishes. Pure.

One tick is `debounce` (raw levels to trusted ones), then `step` (a row of MOVES at most). Of what asks
for the boom at once, STOP comes before FIRE, then obstruction, hold-open, grant and close.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace

from edge.rules.boom_words import Boom, BoomState, Notice, Severity, Signal, Step, Timing, Wish
from edge.rules.signals import Drive, Inputs, Light, Outputs


def blocked(inputs: Inputs) -> bool:
    """Whether lowering could hit something, or can't be known not to."""
    return inputs.closing_loop or inputs.photocell or inputs.detached or not inputs.valid


def _wanted(boom: Boom, wish: Wish) -> bool:
    return wish.hold or (wish.grant and not boom.grant_dropped)


def _close_asked(boom: Boom, wish: Wish) -> bool:
    return wish.close and not boom.close_dropped


def _may_close(boom: Boom, inputs: Inputs, wish: Wish, now: float, timing: Timing) -> bool:
    return (
        _close_asked(boom, wish)
        and not (inputs.stop or inputs.fire or _wanted(boom, wish))
        and boom.clear_since is not None
        and now - boom.clear_since >= timing.clear_s
        and boom.reversals < timing.reversals
    )


def _at_top(boom: Boom, inputs: Inputs, _: Wish, now: float, timing: Timing) -> bool:
    """A pulsed operator may be lowering through the top's window: its pulse is never cut short."""
    return inputs.limit_open and (timing.pulse_s is None or now - boom.since >= timing.pulse_s)


def _elapsed(since: float | None, now: float, enough_s: float) -> bool:
    return since is not None and now - since >= enough_s


Holds = Callable[[Boom, Inputs, Wish, float, Timing], bool]

HOLDS: dict[Signal, Holds] = {
    Signal.SETTLED: lambda boom, i, wish, now, t: now - boom.since >= t.settle_s,
    Signal.STOP: lambda boom, i, wish, now, t: i.stop,
    Signal.STOP_RELEASED: lambda boom, i, wish, now, t: not i.stop,
    Signal.FIRE: lambda boom, i, wish, now, t: i.fire,
    Signal.BLOCKED: lambda boom, i, wish, now, t: blocked(i),
    Signal.WANTED: lambda boom, i, wish, now, t: _wanted(boom, wish),
    Signal.CLOSE_ASKED: lambda boom, i, wish, now, t: _close_asked(boom, wish),
    Signal.MAY_CLOSE: _may_close,
    Signal.RESTED: lambda boom, i, wish, now, t: _elapsed(boom.off_since, now, t.dead_time_s),
    Signal.AT_TOP: _at_top,
    Signal.AT_BOTTOM: lambda boom, i, wish, now, t: i.limit_closed,
    Signal.LEFT_TOP: lambda boom, i, wish, now, t: not i.limit_open,
    Signal.LEFT_BOTTOM: lambda boom, i, wish, now, t: not i.limit_closed,
    Signal.LIMITS_DISAGREE: lambda boom, i, wish, now, t: _elapsed(boom.disagree_since, now, t.disagree_s),
    Signal.NOT_MOVING: lambda boom, i, wish, now, t: not boom.moved and now - boom.since >= t.start_s,
    Signal.LATE: lambda boom, i, wish, now, t: now - boom.since >= t.travel_s,
    Signal.RESET: lambda boom, i, wish, now, t: wish.reset,
}

BY_LIMITS = None  # not a state: CLOSED, OPEN or UNKNOWN, as the limits say

#    in this state           on this signal           goes to                 and tells
#    (rows of a state are tried from the top: their order is the priority)
MOVES: dict[tuple[BoomState, Signal], tuple[BoomState | None, str | None]] = {
    (BoomState.BOOT,        Signal.SETTLED):         (BY_LIMITS,             None),
    (BoomState.UNKNOWN,     Signal.STOP):            (BoomState.STOPPED,     "stopped"),
    (BoomState.UNKNOWN,     Signal.FIRE):            (BoomState.PAUSE_OPEN,  None),
    (BoomState.UNKNOWN,     Signal.LIMITS_DISAGREE): (BoomState.FAULT,       "limits_disagree"),
    (BoomState.UNKNOWN,     Signal.WANTED):          (BoomState.PAUSE_OPEN,  None),
    (BoomState.UNKNOWN,     Signal.CLOSE_ASKED):     (BoomState.PAUSE_OPEN,  "homing"),
    (BoomState.CLOSED,      Signal.STOP):            (BoomState.STOPPED,     "stopped"),
    (BoomState.CLOSED,      Signal.FIRE):            (BoomState.PAUSE_OPEN,  None),
    (BoomState.CLOSED,      Signal.LIMITS_DISAGREE): (BoomState.FAULT,       "limits_disagree"),
    (BoomState.CLOSED,      Signal.LEFT_BOTTOM):     (BoomState.UNKNOWN,     "forced_open"),
    (BoomState.CLOSED,      Signal.WANTED):          (BoomState.PAUSE_OPEN,  None),
    (BoomState.PAUSE_OPEN,  Signal.STOP):            (BoomState.STOPPED,     "stopped"),
    (BoomState.PAUSE_OPEN,  Signal.RESTED):          (BoomState.OPENING,     None),
    (BoomState.OPENING,     Signal.STOP):            (BoomState.STOPPED,     "stopped"),
    (BoomState.OPENING,     Signal.AT_TOP):          (BoomState.OPEN,        None),
    (BoomState.OPENING,     Signal.NOT_MOVING):      (BoomState.FAULT,       "failed_to_start"),
    (BoomState.OPENING,     Signal.LATE):            (BoomState.FAULT,       "open_timeout"),
    (BoomState.OPEN,        Signal.STOP):            (BoomState.STOPPED,     "stopped"),
    (BoomState.OPEN,        Signal.LIMITS_DISAGREE): (BoomState.FAULT,       "limits_disagree"),
    (BoomState.OPEN,        Signal.LEFT_TOP):        (BoomState.UNKNOWN,     "left_open"),
    (BoomState.OPEN,        Signal.MAY_CLOSE):       (BoomState.PAUSE_CLOSE, None),
    (BoomState.PAUSE_CLOSE, Signal.STOP):            (BoomState.STOPPED,     "stopped"),
    (BoomState.PAUSE_CLOSE, Signal.FIRE):            (BoomState.OPEN,        None),
    (BoomState.PAUSE_CLOSE, Signal.BLOCKED):         (BoomState.OPEN,        None),
    (BoomState.PAUSE_CLOSE, Signal.WANTED):          (BoomState.OPEN,        None),
    (BoomState.PAUSE_CLOSE, Signal.RESTED):          (BoomState.CLOSING,     None),
    (BoomState.CLOSING,     Signal.STOP):            (BoomState.STOPPED,     "stopped"),
    (BoomState.CLOSING,     Signal.FIRE):            (BoomState.PAUSE_OPEN,  "reopening"),
    (BoomState.CLOSING,     Signal.BLOCKED):         (BoomState.PAUSE_OPEN,  "reversal"),
    (BoomState.CLOSING,     Signal.WANTED):          (BoomState.PAUSE_OPEN,  "reopening"),
    (BoomState.CLOSING,     Signal.AT_BOTTOM):       (BoomState.CLOSED,      None),
    (BoomState.CLOSING,     Signal.NOT_MOVING):      (BoomState.FAULT,       "failed_to_start"),
    (BoomState.CLOSING,     Signal.LATE):            (BoomState.FAULT,       "close_timeout"),
    (BoomState.STOPPED,     Signal.STOP_RELEASED):   (BY_LIMITS,             "stop_released"),
    (BoomState.FAULT,       Signal.RESET):           (BY_LIMITS,             "fault_reset"),
}  # fmt: skip

DRIVES: dict[BoomState, Drive] = {BoomState.OPENING: Drive.OPEN, BoomState.CLOSING: Drive.CLOSE}

NOTICES: dict[str, tuple[Severity, str]] = {
    "stopped": (Severity.ALARM, "emergency stop pressed: the boom is off"),
    "stop_released": (Severity.INFO, "emergency stop released: what was granted before it is dropped"),
    "fault_reset": (Severity.INFO, "fault reset by maintenance"),
    "homing": (Severity.INFO, "position unknown: opening fully before closing"),
    "reopening": (Severity.INFO, "wanted open while closing: opening again"),
    "reversal": (Severity.INFO, "obstructed while closing: opening again"),
    "too_many_reversals": (Severity.ALARM, "obstructed {t.reversals} times in a row: open until a reset"),
    "forced_open": (Severity.ALARM, "the closed boom left its limit without being driven"),
    "left_open": (Severity.ALARM, "the open boom left its limit without being driven"),
    "limits_disagree": (Severity.FAULT, "both limits active for {t.disagree_s} s: a broken wire or a stuck switch"),
    "failed_to_start": (Severity.FAULT, "driven for {t.start_s} s and still at the limit it started from"),
    "open_timeout": (Severity.FAULT, "not open after {t.travel_s} s"),
    "close_timeout": (Severity.FAULT, "not closed after {t.travel_s} s"),
}

Rows = dict[BoomState, tuple[tuple[Holds, BoomState | None, str | None], ...]]


def rows_by_state(moves: dict = MOVES, holds: dict[Signal, Holds] = HOLDS) -> Rows:
    """MOVES regrouped for `step`: for each state its rows in order of priority."""
    return {
        state: tuple((holds[signal], to, code) for (at, signal), (to, code) in moves.items() if at is state)
        for state in BoomState
    }


ROWS = rows_by_state()


def step(boom: Boom, inputs: Inputs, wish: Wish, now: float, timing: Timing) -> Step:
    """The boom one tick later, with debounced `inputs`, at monotonic time `now`.

    Raises ValueError when `now` lies before the boom's own past: the caller's clock is not monotonic.
    """
    if not now >= boom.since:
        raise ValueError(f"boom stepped at {now} s but it is in {boom.state.value} since {boom.since} s")
    boom = _observed(boom, inputs, wish, now)
    notices: tuple[Notice, ...] = ()
    for holds, to, code in ROWS[boom.state]:
        if holds(boom, inputs, wish, now, timing):
            boom, notices = _moved(boom, to, code, inputs, wish, now, timing)
            break
    outputs = _outputs(boom, inputs, wish, now, timing)
    if outputs.drive is not Drive.OFF:
        if boom.off_since is not None:
            boom = replace(boom, off_since=None)
    elif boom.off_since is None:
        boom = replace(boom, off_since=now)
    return Step(boom, outputs, notices)


def _observed(boom: Boom, inputs: Inputs, wish: Wish, now: float) -> Boom:
    """The boom with this tick's inputs and wish noted, in the state it was."""
    seen = {}
    if blocked(inputs):
        if boom.clear_since is not None:
            seen["clear_since"] = None
    elif boom.clear_since is None:
        seen["clear_since"] = now
    if not (inputs.limit_open and inputs.limit_closed):
        if boom.disagree_since is not None:
            seen["disagree_since"] = None
    elif boom.disagree_since is None:
        seen["disagree_since"] = now
    if not boom.moved:
        left = (boom.state is BoomState.OPENING and not inputs.limit_closed) or (
            boom.state is BoomState.CLOSING and not inputs.limit_open
        )
        if left:
            seen["moved"] = True
    if boom.grant_dropped and not wish.grant:
        seen["grant_dropped"] = False
    if boom.close_dropped and not wish.close:
        seen["close_dropped"] = False
    if wish.reset and boom.reversals:
        seen["reversals"] = 0
    return replace(boom, **seen) if seen else boom


def _moved(
    boom: Boom, to: BoomState | None, code: str | None, inputs: Inputs, wish: Wish, now: float, timing: Timing
) -> tuple[Boom, tuple[Notice, ...]]:
    """The boom come into another state, and the notices that go with it."""
    codes = [code] if code else []
    reversals = boom.reversals
    if code == "reversal":
        # Only obstruction counts: in a busy lane the next vehicle's grant reopens a closing boom all day.
        reversals += 1
        if reversals == timing.reversals:
            codes.append("too_many_reversals")
    grant_dropped, close_dropped = boom.grant_dropped, boom.close_dropped
    if boom.state in (BoomState.STOPPED, BoomState.FAULT):
        # Releasing a stop or clearing a fault must not by itself start a movement (for stops: ISO 13850).
        grant_dropped, close_dropped = wish.grant, wish.close
    state = to or _by_limits(inputs)
    boom = replace(
        boom,
        state=state,
        since=now,
        moved=False,
        reversals=0 if state is BoomState.CLOSED else reversals,
        grant_dropped=grant_dropped,
        close_dropped=close_dropped,
        fault=code if state is BoomState.FAULT else None,
    )
    return boom, tuple(notice(code, timing) for code in codes)


def notice(code: str, timing: Timing) -> Notice:
    """The notice of that code, its detail filled in from this barrier's timing."""
    severity, detail = NOTICES[code]
    return Notice(code, detail.format(t=timing), severity)


def _by_limits(inputs: Inputs) -> BoomState:
    if inputs.limit_open == inputs.limit_closed or not inputs.valid:
        return BoomState.UNKNOWN
    return BoomState.OPEN if inputs.limit_open else BoomState.CLOSED


_MOVING = (BoomState.PAUSE_OPEN, BoomState.OPENING, BoomState.PAUSE_CLOSE, BoomState.CLOSING)


def _outputs(boom: Boom, inputs: Inputs, wish: Wish, now: float, timing: Timing) -> Outputs:
    """What to drive in this state. Green only stands over an open boom and a wish to let through."""
    drive = DRIVES.get(boom.state, Drive.OFF)
    if timing.pulse_s is not None and now - boom.since >= timing.pulse_s:
        drive = Drive.OFF
    light = Light.RED
    if boom.state in _MOVING or (boom.state is BoomState.OPEN and inputs.fire):
        light = Light.AMBER_FLASH
    elif boom.state is BoomState.OPEN and _wanted(boom, wish):
        light = Light.GREEN
    return Outputs(drive, light, buzzer=boom.state is BoomState.CLOSING)


SAFETY = {"closing_loop": True, "photocell": True, "detached": True, "stop": True, "fire": True, "valid": False}
_NAMES = tuple(field.name for field in fields(Inputs))


@dataclass(frozen=True, slots=True)
class Debounce:
    """What is believed of the inputs, and what is on its way to be believed.

    inputs   the trusted levels; None before the first sample
    pending  (input's name, when it began to differ), monotonic seconds
    """

    inputs: Inputs | None = None
    pending: tuple[tuple[str, float], ...] = ()


def debounce(state: Debounce, raw: Inputs, now: float, debounce_s: float = 0.06) -> tuple[Debounce, Inputs]:
    """The state after this sample, and the levels to believe.

    Safety inputs act on their first active sample and are released only after `debounce_s` clear; the
    others need `debounce_s` either way. A sample that is not valid can raise an alarm, never end one.
    """
    if state.inputs is None:
        return Debounce(raw), raw
    if raw == state.inputs and not state.pending:
        return state, raw
    since = dict(state.pending)
    believed, pending = {}, []
    for name in _NAMES:
        level = getattr(raw, name)
        if level is getattr(state.inputs, name):
            continue
        if SAFETY.get(name) is level:
            believed[name] = level
        elif raw.valid:
            began = since.get(name, now)
            if now - began >= debounce_s:
                believed[name] = level
            else:
                pending.append((name, began))
    inputs = replace(state.inputs, **believed) if believed else state.inputs
    return Debounce(inputs, tuple(pending)), inputs


def diagram(moves: dict = MOVES) -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, signal), (to, _) in moves.items():
        for target in _targets(to):
            arrows.setdefault((state.name, target.name), []).append(signal.value)
    lines = [f"    {a} --> {b}: {', '.join(signals)}" for (a, b), signals in arrows.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {BoomState.BOOT.name}", *lines]) + "\n"


def _targets(to: BoomState | None) -> Iterable[BoomState]:
    return (to,) if to else (BoomState.CLOSED, BoomState.OPEN, BoomState.UNKNOWN)
