"""The statuses of a stay and the literal table of what happens to it. Pure: `central.rules.stay` walks it."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Of a stay. While OPEN, QUOTED, PAID, OVERSTAYED or EXEMPT the vehicle is inside."""

    PREPAID = "prepaid"  # booked for a vehicle that is yet to come
    OPEN = "open"
    QUOTED = "quoted"  # at the exit: clock stopped, a price on the display
    PAID = "paid"
    OVERSTAYED = "overstayed"  # inside longer than was paid for
    EXEMPT = "exempt"  # nothing is owed, whatever the time
    UNMATCHED = "unmatched"  # at the exit or gone, and nobody's entry fits
    LEFT_OWING = "left_owing"  # gone, the bill still open
    DISPUTED = "disputed"  # gone, and its driver or staff say that its bill is wrong: nobody asks until that is settled
    CLOSED = "closed"
    CLOSED_BY_SYSTEM = "closed_by_system"  # must have left unseen; never charged for time nobody saw
    VOID = "void"  # recorded in error, or joined into another stay


class Signal(StrEnum):
    REQUEST_EXIT = "request_exit"
    WITHDRAW = "withdraw"  # backed away from the exit
    QUOTE_EXPIRED = "quote_expired"  # after backing away: the clock runs again
    PAY = "pay"
    OVERSTAY = "overstay"  # the permit of a payment ran out
    EXEMPT = "exempt"
    LIFT_EXEMPTION = "lift_exemption"
    LEAVE = "leave"  # passed the exit with nothing owed
    LEAVE_OWING = "leave_owing"
    REPLACE = "replace"  # the plate came in again
    REVIEWED = "reviewed"  # a person looked and let it be
    DISPUTE = "dispute"
    SETTLE = "settle"  # a dispute, with nothing left to be paid
    STAND = "stand"  # a dispute: what was asked for is owed
    VOID = "void"


INSIDE = frozenset({Status.OPEN, Status.QUOTED, Status.PAID, Status.OVERSTAYED, Status.EXEMPT})
ENDED = frozenset({Status.CLOSED, Status.CLOSED_BY_SYSTEM, Status.VOID})

#    in this status            on this signal          go to
MOVES: dict[tuple[Status, Signal], Status] = {
    (Status.PREPAID,          Signal.PAY):            Status.PREPAID,
    (Status.PREPAID,          Signal.VOID):           Status.VOID,
    (Status.OPEN,             Signal.REQUEST_EXIT):   Status.QUOTED,
    (Status.OPEN,             Signal.WITHDRAW):       Status.OPEN,
    (Status.OPEN,             Signal.PAY):            Status.PAID,
    (Status.OPEN,             Signal.EXEMPT):         Status.EXEMPT,
    (Status.OPEN,             Signal.LEAVE):          Status.CLOSED,
    (Status.OPEN,             Signal.LEAVE_OWING):    Status.LEFT_OWING,
    (Status.OPEN,             Signal.REPLACE):        Status.CLOSED_BY_SYSTEM,
    (Status.OPEN,             Signal.VOID):           Status.VOID,
    (Status.QUOTED,           Signal.REQUEST_EXIT):   Status.QUOTED,
    (Status.QUOTED,           Signal.WITHDRAW):       Status.QUOTED,
    (Status.QUOTED,           Signal.QUOTE_EXPIRED):  Status.OPEN,
    (Status.QUOTED,           Signal.PAY):            Status.PAID,
    (Status.QUOTED,           Signal.EXEMPT):         Status.EXEMPT,
    (Status.QUOTED,           Signal.LEAVE):          Status.CLOSED,
    (Status.QUOTED,           Signal.LEAVE_OWING):    Status.LEFT_OWING,
    (Status.QUOTED,           Signal.REPLACE):        Status.CLOSED_BY_SYSTEM,
    (Status.QUOTED,           Signal.VOID):           Status.VOID,
    (Status.PAID,             Signal.REQUEST_EXIT):   Status.PAID,
    (Status.PAID,             Signal.WITHDRAW):       Status.PAID,
    (Status.PAID,             Signal.PAY):            Status.PAID,
    (Status.PAID,             Signal.OVERSTAY):       Status.OVERSTAYED,
    (Status.PAID,             Signal.EXEMPT):         Status.EXEMPT,
    (Status.PAID,             Signal.LEAVE):          Status.CLOSED,
    (Status.PAID,             Signal.LEAVE_OWING):    Status.LEFT_OWING,
    (Status.PAID,             Signal.REPLACE):        Status.CLOSED_BY_SYSTEM,
    (Status.OVERSTAYED,       Signal.REQUEST_EXIT):   Status.QUOTED,
    (Status.OVERSTAYED,       Signal.WITHDRAW):       Status.OVERSTAYED,
    (Status.OVERSTAYED,       Signal.PAY):            Status.PAID,
    (Status.OVERSTAYED,       Signal.EXEMPT):         Status.EXEMPT,
    (Status.OVERSTAYED,       Signal.LEAVE):          Status.CLOSED,
    (Status.OVERSTAYED,       Signal.LEAVE_OWING):    Status.LEFT_OWING,
    (Status.OVERSTAYED,       Signal.REPLACE):        Status.CLOSED_BY_SYSTEM,
    (Status.EXEMPT,           Signal.REQUEST_EXIT):   Status.EXEMPT,
    (Status.EXEMPT,           Signal.WITHDRAW):       Status.EXEMPT,
    (Status.EXEMPT,           Signal.PAY):            Status.EXEMPT,
    (Status.EXEMPT,           Signal.LIFT_EXEMPTION): Status.OPEN,
    (Status.EXEMPT,           Signal.LEAVE):          Status.CLOSED,
    (Status.EXEMPT,           Signal.REPLACE):        Status.CLOSED_BY_SYSTEM,
    (Status.EXEMPT,           Signal.VOID):           Status.VOID,
    (Status.UNMATCHED,        Signal.REQUEST_EXIT):   Status.UNMATCHED,
    (Status.UNMATCHED,        Signal.WITHDRAW):       Status.UNMATCHED,
    (Status.UNMATCHED,        Signal.PAY):            Status.PAID,
    (Status.UNMATCHED,        Signal.EXEMPT):         Status.EXEMPT,
    (Status.UNMATCHED,        Signal.LEAVE_OWING):    Status.UNMATCHED,
    (Status.UNMATCHED,        Signal.REVIEWED):       Status.CLOSED,
    (Status.UNMATCHED,        Signal.VOID):           Status.VOID,
    (Status.LEFT_OWING,       Signal.REQUEST_EXIT):   Status.LEFT_OWING,
    (Status.LEFT_OWING,       Signal.WITHDRAW):       Status.LEFT_OWING,
    (Status.LEFT_OWING,       Signal.PAY):            Status.CLOSED,
    (Status.LEFT_OWING,       Signal.EXEMPT):         Status.CLOSED,
    (Status.LEFT_OWING,       Signal.REPLACE):        Status.CLOSED_BY_SYSTEM,
    (Status.LEFT_OWING,       Signal.DISPUTE):        Status.DISPUTED,
    (Status.DISPUTED,         Signal.REQUEST_EXIT):   Status.DISPUTED,
    (Status.DISPUTED,         Signal.WITHDRAW):       Status.DISPUTED,
    (Status.DISPUTED,         Signal.PAY):            Status.DISPUTED,
    (Status.DISPUTED,         Signal.SETTLE):         Status.CLOSED,
    (Status.DISPUTED,         Signal.STAND):          Status.LEFT_OWING,
    (Status.CLOSED,           Signal.REQUEST_EXIT):   Status.CLOSED,
    (Status.CLOSED,           Signal.WITHDRAW):       Status.CLOSED,
    (Status.CLOSED,           Signal.PAY):            Status.CLOSED,
    (Status.CLOSED,           Signal.DISPUTE):        Status.DISPUTED,
    (Status.CLOSED_BY_SYSTEM, Signal.REQUEST_EXIT):   Status.CLOSED_BY_SYSTEM,
    (Status.CLOSED_BY_SYSTEM, Signal.WITHDRAW):       Status.CLOSED_BY_SYSTEM,
    (Status.CLOSED_BY_SYSTEM, Signal.PAY):            Status.CLOSED_BY_SYSTEM,
    (Status.CLOSED_BY_SYSTEM, Signal.LEAVE):          Status.CLOSED,
    (Status.CLOSED_BY_SYSTEM, Signal.LEAVE_OWING):    Status.LEFT_OWING,
    (Status.VOID,             Signal.WITHDRAW):       Status.VOID,
}  # fmt: skip
