"""The boom as values: its states and signals, what is wished of it, how long things take. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge.rules.signals import Outputs


class BoomState(Enum):
    """Where the boom is, or what it is doing. The two pauses hold both relays off before a movement."""

    BOOT = "boot"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    PAUSE_OPEN = "pause_open"
    OPENING = "opening"
    OPEN = "open"
    PAUSE_CLOSE = "pause_close"
    CLOSING = "closing"
    STOPPED = "stopped"
    FAULT = "fault"


class Signal(Enum):
    """What can make the boom leave a state; HOLDS says when each one holds."""

    SETTLED = "settled"
    STOP = "stop pressed"
    STOP_RELEASED = "stop released"
    FIRE = "fire"
    BLOCKED = "blocked"
    WANTED = "hold or grant"
    CLOSE_ASKED = "close asked"
    MAY_CLOSE = "may close"
    RESTED = "relays rested"
    AT_TOP = "limit open"
    AT_BOTTOM = "limit closed"
    LEFT_TOP = "limit open lost"
    LEFT_BOTTOM = "limit closed lost"
    LIMITS_DISAGREE = "both limits"
    NOT_MOVING = "no movement"
    LATE = "late"
    RESET = "reset"


class Severity(Enum):
    """How loudly a notice is told: for the record, for a person soon, or the lane is out of service."""

    INFO = "info"
    ALARM = "alarm"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know, told once, on the tick it happened.

    code      stable name, a key of NOTICES
    detail    one line for staff
    severity  how loudly to tell it
    """

    code: str
    detail: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Wish:
    """What the lane wants this tick. Levels: each stays True for as long as it is wanted.

    grant  let this vehicle through; holds until it stands under the boom or the lane gives it up
    hold   stay open until told otherwise
    close  the vehicle has passed, or never came, or staff closed the lane; holds until CLOSED
    reset  maintenance clears a fault and the count of reversals; True for one tick
    """

    grant: bool = False
    hold: bool = False
    close: bool = False
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take at this barrier. Each field is validated; see RANGES.

    settle_s     BOOT lasts this long: levels and debounce come to rest
    dead_time_s  both relays off between two directions
    clear_s      nothing under the boom for this long before it may lower
    start_s      a limit must have been left within this
    travel_s     a movement must have ended within this
    disagree_s   both limits active for this long is a fault
    debounce_s   a level must stand this long to be believed (safety inputs: only to be released)
    reversals    after so many obstructed closings in a row the boom stays open until a reset
    pulse_s      None: relays held while moving; else the length of the pulse an operator of its own logic wants
    """

    settle_s: float = 2.0
    dead_time_s: float = 0.3
    clear_s: float = 1.0
    start_s: float = 1.5
    travel_s: float = 6.0
    disagree_s: float = 0.5
    debounce_s: float = 0.06
    reversals: int = 3
    pulse_s: float | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if name == "pulse_s" and value is None:
                continue
            whole = not isinstance(value, bool) and isinstance(value, int if name == "reversals" else (int, float))
            if not whole or not low <= value <= high:
                raise ValueError(f"boom timing {name} is {value!r}: expected {low} to {high}")
        if self.start_s >= self.travel_s:
            raise ValueError(f"boom timing start_s is {self.start_s}: expected less than travel_s, {self.travel_s}")


RANGES = {
    "settle_s": (2.0, 60.0),
    "dead_time_s": (0.3, 5.0),
    "clear_s": (0.5, 60.0),
    "start_s": (0.3, 10.0),
    "travel_s": (1.0, 30.0),
    "disagree_s": (0.1, 5.0),
    "debounce_s": (0.0, 0.5),
    "reversals": (1, 10),
    "pulse_s": (0.1, 2.0),
}


@dataclass(frozen=True, slots=True)
class Boom:
    """The boom as the rules know it, between two ticks. Times are monotonic seconds.

    state           where it is
    since           when it came there
    off_since       since when both relays are off; None while one is on
    clear_since     since when nothing is under the boom and the sensors are valid; None while blocked
    disagree_since  since when both limits are active at once; None when they are not
    moved           this movement has left the limit it began at
    reversals       obstructed closings since the boom was last closed, or reset
    grant_dropped   the grant still asked for is from before a stop or a fault: void until asked afresh
    close_dropped   the same for a close
    fault           code of the fault it stands in; None elsewhere
    """

    state: BoomState
    since: float
    off_since: float | None
    clear_since: float | None = None
    disagree_since: float | None = None
    moved: bool = False
    reversals: int = 0
    grant_dropped: bool = False
    close_dropped: bool = False
    fault: str | None = None

    @staticmethod
    def at_start(now: float) -> Boom:
        """A boom nothing is known about yet, at monotonic time `now`."""
        return Boom(BoomState.BOOT, since=now, off_since=now)


@dataclass(frozen=True, slots=True)
class Step:
    """One tick's answer: the boom after it, what to drive, and what to tell (usually nothing)."""

    boom: Boom
    outputs: Outputs
    notices: tuple[Notice, ...]
