"""What a gate still records as its disk fills up. Pure."""

from __future__ import annotations

from enum import IntEnum

from edge.protocol.topics import Stream

MB = 1 << 20


class Room(IntEnum):
    """How much room the disk has left, from plenty to none."""

    AMPLE = 0  # everything is recorded
    SCARCE = 1  # diag is dropped
    TIGHT = 2  # and ops is thinned
    FULL = 3  # and nobody is let in; money is still recorded, from a reserve in the journal's own file


#   free bytes from   room
LEVELS: tuple[tuple[int, Room], ...] = (
    (400 * MB, Room.AMPLE),
    (200 * MB, Room.SCARCE),
    (50 * MB, Room.TIGHT),
    (0, Room.FULL),
)  # fmt: skip

# who did what must be on record however little room there is; these are few
NEVER_THINNED = frozenset({"gate.started", "command.done"})
THINNED_TO_ONE_IN = 10


def room(free_bytes: int) -> Room:
    """The room that `free_bytes` of disk give."""
    return next((level for least, level in LEVELS if free_bytes >= least), Room.FULL)


def kept(stream: Stream, event_type: str, nth: int, left: Room) -> bool:
    """Whether an event is recorded at all. A dropped event takes no sequence number, so central sees no gap.

    nth  how many of this type came before it since the room was last ample, 0 for the first
    """
    if stream is Stream.MONEY:
        return True
    if stream is Stream.DIAG:
        return left is Room.AMPLE
    return left < Room.TIGHT or event_type in NEVER_THINNED or nth % THINNED_TO_ONE_IN == 0
