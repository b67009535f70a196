"""One vehicle's visit of the lane: its stages as a literal table, and what is known of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from edge.protocol.messages import EntryHow, ExitHow, PlateSeen, Quote, VehicleClass
from edge.rules.access import Reason
from edge.rules.records import Grant


class Stage(StrEnum):
    """How far a visit has come."""

    WATCHING = "watching"  # its plate is being read
    DECIDING = "deciding"  # the journal is asked what is known of it
    ASKING = "asking"  # the button, another reading or a person must help
    REFUSED = "refused"  # an entry stays shut
    REQUESTING = "requesting"  # central is asked what is due
    QUOTED = "quoted"  # the driver sees the amount
    GRANTING = "granting"  # the grant is being committed to the journal
    OPEN = "open"  # the boom is wanted open for it
    STALLED = "stalled"  # its grant ended and it still stands there
    PASSING = "passing"  # it is in the boom's line
    PASSED = "passed"
    GONE = "gone"  # it left the way it came


class Turn(StrEnum):
    """What makes a visit go from one stage to another."""

    READ = "read"
    UNREAD = "not read in time"
    ADMITTED = "admitted"
    REFUSED = "refused"
    UNSURE = "a person must help"
    UNPAID = "no permit"
    QUOTED = "quote came"
    EXPIRED = "quote expired"
    PERMITTED = "permit came"
    UNANSWERED = "no answer, bill later"
    BUTTON = "button pressed"
    PERSON = "a person opens"
    COMMITTED = "grant committed"
    UNRECORDED = "grant not committed"
    LAPSED = "nobody drove"
    UNDER = "under the boom"
    PASSED = "passed"
    BACKED = "backed out"
    LEFT = "left the loop"
    STOOD = "stands there again"
    AGAIN = "decided again"


class LaneError(RuntimeError):
    """A step the table does not know: a programmer's mistake."""


_STANDING = [stage for stage in Stage if stage not in (Stage.PASSING, Stage.PASSED, Stage.GONE)]
_UNDECIDED = [stage for stage in _STANDING if stage not in (Stage.GRANTING, Stage.OPEN)]

#    in this stage      on this turn         goes to
MOVES: dict[tuple[Stage, Turn], Stage] = {
    (Stage.WATCHING,   Turn.READ):       Stage.DECIDING,
    (Stage.WATCHING,   Turn.UNREAD):     Stage.DECIDING,
    (Stage.DECIDING,   Turn.ADMITTED):   Stage.GRANTING,
    (Stage.DECIDING,   Turn.REFUSED):    Stage.REFUSED,
    (Stage.DECIDING,   Turn.UNSURE):     Stage.ASKING,
    (Stage.DECIDING,   Turn.UNPAID):     Stage.REQUESTING,
    (Stage.DECIDING,   Turn.PERMITTED):  Stage.GRANTING,
    (Stage.ASKING,     Turn.READ):       Stage.DECIDING,
    (Stage.ASKING,     Turn.AGAIN):      Stage.DECIDING,
    (Stage.REFUSED,    Turn.READ):       Stage.DECIDING,
    (Stage.REFUSED,    Turn.AGAIN):      Stage.DECIDING,
    (Stage.ASKING,     Turn.BUTTON):     Stage.GRANTING,
    (Stage.ASKING,     Turn.QUOTED):     Stage.QUOTED,
    (Stage.ASKING,     Turn.PERMITTED):  Stage.GRANTING,
    (Stage.REQUESTING, Turn.READ):       Stage.DECIDING,
    (Stage.REQUESTING, Turn.QUOTED):     Stage.QUOTED,
    (Stage.REQUESTING, Turn.UNSURE):     Stage.ASKING,
    (Stage.REQUESTING, Turn.PERMITTED):  Stage.GRANTING,
    (Stage.REQUESTING, Turn.UNANSWERED): Stage.GRANTING,
    (Stage.QUOTED,     Turn.QUOTED):     Stage.QUOTED,
    (Stage.QUOTED,     Turn.UNSURE):     Stage.ASKING,
    (Stage.QUOTED,     Turn.EXPIRED):    Stage.REQUESTING,
    (Stage.QUOTED,     Turn.PERMITTED):  Stage.GRANTING,
    (Stage.GRANTING,   Turn.COMMITTED):  Stage.OPEN,
    (Stage.GRANTING,   Turn.UNRECORDED): Stage.REFUSED,
    (Stage.GRANTING,   Turn.LAPSED):     Stage.STALLED,
    (Stage.OPEN,       Turn.LAPSED):     Stage.STALLED,
    (Stage.STALLED,    Turn.BUTTON):     Stage.GRANTING,
    (Stage.PASSING,    Turn.PASSED):     Stage.PASSED,
    (Stage.PASSING,    Turn.BACKED):     Stage.GONE,
    (Stage.PASSING,    Turn.STOOD):      Stage.OPEN,
    (Stage.PASSING,    Turn.AGAIN):      Stage.DECIDING,
    **{(stage,         Turn.PERSON):     Stage.GRANTING for stage in _UNDECIDED},
    **{(stage,         Turn.UNDER):      Stage.PASSING for stage in _STANDING},
    **{(stage,         Turn.LEFT):       Stage.GONE for stage in _STANDING},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """One vehicle before or under the boom. Times are monotonic seconds.

    id, since      uuid, when it arrived
    stage, staged  see Stage, and when it came there
    plate          once accepted it stays: later frames must not flip it
    image          hash of its best picture
    session, entered_at  its stay, as far as known
    grant          the right it has been given, None: none, or ended
    how            why it was given, also after it ended: EntryHow or ExitHow
    reason         why it waits
    request        id of its exit request, None until one was recorded
    asked, ask_at  how often central was asked, and when it is asked again
    quote, quote_until  central's answer, and how long it is shown
    watched        when the reading of its plate last began, None while nothing is read
    clear_since    since when its loop is clear, None while it stands on it
    by_person      a person opened for it
    loopless       no loop has felt it: a person opened for it, or it came under the boom unseen
    helped         when the driver last called for help
    doubted        its loop was clear for a moment after it was let through: it may be another vehicle by now
    """

    id: str
    since: float
    stage: Stage
    staged: float
    vehicle_class: VehicleClass
    plate: PlateSeen | None = None
    image: str | None = None
    session: str | None = None
    entered_at: datetime | None = None
    grant: Grant | None = None
    how: EntryHow | ExitHow | None = None
    reason: Reason | None = None
    request: str | None = None
    asked: int = 0
    ask_at: float = 0.0
    quote: Quote | None = None
    quote_until: float = 0.0
    watched: float | None = None
    clear_since: float | None = None
    by_person: bool = False
    loopless: bool = False
    helped: float | None = None
    doubted: bool = False


def move(visit: Visit, turn: Turn, now: float, **news) -> Visit:
    """The visit in its next stage, with `news` fields changed. LaneError leaves everything as it was."""
    stage = MOVES.get((visit.stage, turn))
    if stage is None:
        raise LaneError(f"visit {visit.id} is {visit.stage}: it can't take {turn.name}")
    return replace(visit, stage=stage, staged=now, **news)


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    rows = [f"    {at} --> {to}: {turn}" for (at, turn), to in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> watching", *rows, "    passed --> [*]", "    gone --> [*]"])
