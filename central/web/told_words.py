"""The words of notifications on pages: events, channels, states."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

EVENT = {
    "entered": _l("A vehicle came in"),
    "exited": _l("A vehicle has left"),
    "paid": _l("A payment, with its receipt"),
    "payment_failed": _l("A payment that did not go through"),
    "refunded": _l("Money given back"),
    "expiring": _l("Paid time ends soon"),
    "overstayed": _l("Paid time is over"),
    "violation": _l("A notice was raised"),
    "decision": _l("A notice was decided"),
    "pass_expiring": _l("A pass runs out"),
    "low_wallet": _l("The wallet holds little"),
    "claim": _l("Somebody claims a vehicle"),
    "code": _l("One-time code"),
    "invitation": _l("Invitation for staff"),
    "security": _l("Change of a log-in"),
    "fault": _l("A gate has a fault"),
    "fault_over": _l("A gate's fault is over"),
    "report": _l("Report of the day before"),
}
CHANNEL = {
    "inbox": _l("Here"),
    "email": _l("E-mail"),
    "sms": _l("SMS"),
    "push": _l("Push"),
    "webhook": _l("Webhook"),
}
STATE = {
    "dead": _l("Given up"),
    "waiting": _l("Waiting"),
    "sending": _l("Being sent"),
    "sent": _l("Sent"),
    "dropped": _l("Not sent"),
}
STATE_COLOUR = {"dead": "danger", "waiting": "warning", "sending": "info", "sent": "success", "dropped": "secondary"}
LANGUAGE = {"en": "English", "hi": "हिन्दी"}
REASON = {
    "its recipient no longer wants it": _l("its recipient no longer wants it"),
    "too late to be of use": _l("too late to be of use"),
    "it can't be put in words": _l("it can't be put in words"),
    "the sender ended while it was being sent: it may have arrived": _l(
        "the sender ended while it was being sent: it may have arrived"
    ),
}
WHO = {
    "account": _l("account"),
    "guest": _l("guest"),
    "notice": _l("who appealed"),
    "user": _l("staff"),
    "site": _l("site"),
}
