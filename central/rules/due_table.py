"""The statuses of a due and the literal table of what happens to it. Pure: `central.rules.due` walks it."""

from __future__ import annotations

from enum import StrEnum


class DueStatus(StrEnum):
    OPEN = "open"
    QUOTED = "quoted"
    PAID = "paid"
    WAIVED = "waived"
    ON_ACCOUNT = "on_account"  # a firm owes it, with all else on its next invoice
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"


class DueSignal(StrEnum):
    QUOTE = "quote"
    QUOTE_EXPIRED = "quote_expired"
    SETTLE = "settle"
    WAIVE = "waive"
    CHARGE = "charge"  # an account
    TAKE_OFF = "take_off"  # the account: whoever owes it is asked anew
    REFUND_PART = "refund_part"
    REFUND_REST = "refund_rest"


#    in this status              on this signal              go to
DUE_MOVES: dict[tuple[DueStatus, DueSignal], DueStatus] = {
    (DueStatus.OPEN,          DueSignal.QUOTE):         DueStatus.QUOTED,
    (DueStatus.OPEN,          DueSignal.SETTLE):        DueStatus.PAID,
    (DueStatus.OPEN,          DueSignal.WAIVE):         DueStatus.WAIVED,
    (DueStatus.OPEN,          DueSignal.CHARGE):        DueStatus.ON_ACCOUNT,
    (DueStatus.QUOTED,        DueSignal.CHARGE):        DueStatus.ON_ACCOUNT,
    (DueStatus.ON_ACCOUNT,    DueSignal.TAKE_OFF):      DueStatus.WAIVED,
    (DueStatus.QUOTED,        DueSignal.QUOTE):         DueStatus.QUOTED,
    (DueStatus.QUOTED,        DueSignal.QUOTE_EXPIRED): DueStatus.OPEN,
    (DueStatus.QUOTED,        DueSignal.SETTLE):        DueStatus.PAID,
    (DueStatus.QUOTED,        DueSignal.WAIVE):         DueStatus.WAIVED,
    (DueStatus.PAID,          DueSignal.REFUND_PART):   DueStatus.PART_REFUNDED,
    (DueStatus.PAID,          DueSignal.REFUND_REST):   DueStatus.REFUNDED,
    (DueStatus.PART_REFUNDED, DueSignal.REFUND_PART):   DueStatus.PART_REFUNDED,
    (DueStatus.PART_REFUNDED, DueSignal.REFUND_REST):   DueStatus.REFUNDED,
}  # fmt: skip
