"""The machines' words as people read them. A word nobody has named here is shown as it came, blanks for underscores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

STAY = {
    "prepaid": _l("Booked"),
    "open": _l("Inside"),
    "quoted": _l("At the exit"),
    "paid": _l("Paid, inside"),
    "overstayed": _l("Overstayed"),
    "exempt": _l("Inside, exempt"),
    "unmatched": _l("No entry known"),
    "left_owing": _l("Left owing"),
    "disputed": _l("Disputed"),
    "closed": _l("Left"),
    "closed_by_system": _l("Closed by system"),
    "void": _l("Struck out"),
}
# Bootstrap's colour of each
STAY_COLOUR = {
    "prepaid": "info",
    "overstayed": "danger",
    "disputed": "warning",
    "open": "primary",
    "quoted": "warning",
    "paid": "success",
    "exempt": "info",
    "unmatched": "danger",
    "left_owing": "danger",
    "closed": "secondary",
    "closed_by_system": "secondary",
    "void": "secondary",
}
GATE = {"online": _l("Online"), "lost": _l("Lost"), "stopped": _l("Switched off"), "new": _l("Never heard")}
BOOM = {
    "boot": _l("Starting"),
    "unknown": _l("Position unknown"),
    "closed": _l("Closed"),
    "pause_open": _l("Opening"),
    "opening": _l("Opening"),
    "open": _l("Open"),
    "pause_close": _l("Closing"),
    "closing": _l("Closing"),
    "stopped": _l("Stopped"),
    "fault": _l("Fault"),
}
SCREEN = {
    "welcome": _l("Nobody waits"),
    "reading": _l("Reading the plate"),
    "wait": _l("Asking central"),
    "ticket": _l("Letting in"),
    "go": _l("Letting out"),
    "pay": _l("Waiting for payment"),
    "button": _l("Waiting for the button"),
    "refused": _l("Refused"),
    "help": _l("Help wanted"),
    "held": _l("Held open"),
    "farewell": _l("Vehicle has left"),
    "fire": _l("Fire alarm: lane open"),
    "stopped": _l("Emergency stop"),
}
REASON = {
    "denied": _l("on the denied list"),
    "outside_hours": _l("outside opening hours"),
    "no_pass": _l("no pass"),
    "full": _l("car park full"),
    "cant_record": _l("the gate's disk is full"),
    "unread": _l("plate not read"),
    "no_stay": _l("no stay of that plate"),
    "already_left": _l("that plate has left already"),
    "unpaid": _l("not paid"),
    "no_show": _l("nobody drove through"),
    "no_answer": _l("central did not answer"),
    "stopped": _l("an emergency stop"),
}
HOW = {
    "plate": _l("by plate"),
    "unread": _l("plate not read"),
    "button": _l("by button"),
    "operator": _l("opened by a person"),
    "assumed": _l("assumed after a power cut"),
    "tailgated": _l("followed another vehicle"),
    "permit": _l("with a permit"),
    "open_and_bill": _l("let out to be billed"),
}
EVENT = {
    "vehicle.entered": _l("Came in"),
    "exit.requested": _l("Wants to leave"),
    "exit.withdrawn": _l("Backed away from the exit"),
    "vehicle.exited": _l("Went out"),
    "entry.refused": _l("Not let in"),
    "passage.ended": _l("Did not pass"),
    "gate.notice": _l("Gate says"),
    "gate.started": _l("Gate started"),
    "command.done": _l("Order carried out"),
    "gate.health": _l("Gate is well"),
}
NOTE = {
    "entered": _l("Stay begins"),
    "exit requested": _l("Clock stopped at the exit"),
    "exit withdrawn": _l("Backed away from the exit"),
    "exited": _l("Stay ends"),
    "exited again": _l("Seen leaving twice"),
    "exempt": _l("Nothing is owed"),
    "joined": _l("Exit joined to this stay"),
    "nothing due": _l("Nothing to pay"),
    "booked": _l("Booked"),
    "booking taken": _l("Came in as booked"),
    "booking: taken": _l("Its vehicle has come"),
    "booking: nobody came": _l("Nobody came"),
    "booking: nobody paid": _l("Nobody paid"),
    "entered by hand": _l("Entered by hand"),
    "left by hand": _l("Left, by hand"),
    "gone unseen": _l("Closed, seen by nobody"),
    "plate corrected": _l("Plate corrected"),
    "class corrected": _l("Class corrected"),
    "lost ticket": _l("Ticket lost"),
    "disputed": _l("Disputed"),
    "dispute resolved": _l("Dispute decided"),
    "merged": _l("Merged"),
    "exit split off": _l("Exit split off"),
    "visit split off": _l("Visit split off"),
    "reopened": _l("Reopened"),
    "struck out": _l("Struck out"),
    "undone": _l("Undone"),
    "looked at": _l("Looked at, and left as it is"),
    "to be looked at again": _l("To be looked at again"),
    "overstayed": _l("Stayed beyond the grace"),
    "quote ran out": _l("Quote ran out"),
    "quoted": _l("Price asked"),
    "paid": _l("Paid"),
    "on account": _l("Goes on account"),
    "not on account": _l("Not put on account"),
    "off account": _l("Taken off the account"),
    "waived": _l("Given up"),
    "paid twice": _l("Paid twice"),
    "paid too late": _l("Paid when the price no longer held"),
    "violation": _l("Notice raised"),
    "violation not raised": _l("Notice not raised, to be looked at"),
    "exit was another's": _l("Another vehicle had been at the exit"),
    "refunded": _l("Given back"),
    "payment failed": _l("Payment declined"),
    "payment unknown": _l("Bank has not answered"),
    "payment expired": _l("Payment page expired"),
    "payment mismatch": _l("Another amount came"),
}
DUE = {
    "open": _l("Owed"),
    "quoted": _l("Asked for"),
    "paid": _l("Paid"),
    "waived": _l("Given up"),
    "on_account": _l("On account"),
    "part_refunded": _l("Partly given back"),
    "refunded": _l("Given back"),
}
ATTEMPT = {
    "created": _l("Begun"),
    "pending": _l("Waiting for the payer"),
    "captured": _l("Paid"),
    "failed": _l("Declined"),
    "expired": _l("Expired"),
    "cancelled": _l("Cancelled"),
    "unknown": _l("Bank has not answered"),
    "mismatch": _l("Another amount came"),
    "duplicate": _l("Paid a second time"),
}
ORDER = {
    "open": _l("Open once"),
    "hold": _l("Hold open"),
    "release": _l("End the hold"),
    "close": _l("Close"),
    "reset_fault": _l("Reset the fault"),
}
OUTCOME = {"accepted": _l("taken"), "done": _l("done"), "rejected": _l("refused by the gate")}
# NPCI's response codes that a driver meets
BANK = {
    "ZM": _l("wrong UPI PIN"),
    "Z9": _l("not enough money in the account"),
    "U30": _l("your bank declined"),
    "U69": _l("the request was not answered in time"),
}
ROLE = {
    "administrator": _l("administrator"),
    "manager": _l("manager"),
    "supervisor": _l("supervisor"),
    "attendant": _l("attendant"),
    "driver": _l("driver"),
}
#   wire             what a lamp says
LAMPS = {
    "arming_loop": _l("Arming loop"),
    "closing_loop": _l("Closing loop"),
    "photocell": _l("Photocell"),
    "exit_loop": _l("Exit loop"),
}  # fmt: skip


def say(words: Mapping[str, Any], word: str | None) -> str:
    """The word for people."""
    if not word:
        return ""
    return str(words.get(word, word.replace("_", " ")))
