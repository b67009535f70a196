"""What people are told of, by which channels unless they choose otherwise, and when a message may go out. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Channel(StrEnum):
    """The ways to reach somebody. An inbox is a page of ours; a webhook is a site's own, for what staff are told."""

    INBOX = "inbox"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    WEBHOOK = "webhook"


class Event(StrEnum):
    """What is told. Each has a template of its name in every language."""

    ENTERED = "entered"
    EXITED = "exited"
    PAID = "paid"
    PAYMENT_FAILED = "payment_failed"
    REFUNDED = "refunded"
    EXPIRING = "expiring"
    OVERSTAYED = "overstayed"
    VIOLATION = "violation"
    DECISION = "decision"
    PASS_EXPIRING = "pass_expiring"
    LOW_WALLET = "low_wallet"
    CLAIM = "claim"
    CODE = "code"
    INVITATION = "invitation"
    SECURITY = "security"  # what was changed about who logs in, to where they are reached
    FAULT = "fault"
    FAULT_OVER = "fault_over"
    REPORT = "report"


_APP, _WRITTEN = (Channel.INBOX,), (Channel.INBOX, Channel.EMAIL)

#   event                 told by, unless its recipient chooses otherwise
DEFAULTS: dict[Event, tuple[Channel, ...]] = {
    Event.ENTERED:        _APP,
    Event.EXITED:         _APP,
    Event.PAID:           _WRITTEN,
    Event.PAYMENT_FAILED: _WRITTEN,
    Event.REFUNDED:       _WRITTEN,
    Event.EXPIRING:       _WRITTEN,
    Event.OVERSTAYED:     _WRITTEN,
    Event.VIOLATION:      _WRITTEN,
    Event.DECISION:       _WRITTEN,
    Event.PASS_EXPIRING:  _WRITTEN,
    Event.LOW_WALLET:     _WRITTEN,
    Event.CLAIM:          _WRITTEN,
    Event.CODE:           (Channel.EMAIL,),
    Event.INVITATION:     (Channel.EMAIL,),
    Event.SECURITY:       (Channel.EMAIL,),
    Event.FAULT:          (Channel.INBOX, Channel.EMAIL, Channel.WEBHOOK),
    Event.FAULT_OVER:     (Channel.INBOX, Channel.WEBHOOK),
    Event.REPORT:         (Channel.INBOX, Channel.EMAIL, Channel.WEBHOOK),
}  # fmt: skip

OF_STAFF = frozenset({Event.FAULT, Event.FAULT_OVER, Event.REPORT})
# to an address as such, at once: whoever has it has just asked for it, or somebody who may has
OF_ADDRESS = frozenset({Event.CODE, Event.INVITATION, Event.SECURITY})
OF_ACCOUNT = frozenset(Event) - OF_STAFF - OF_ADDRESS
# a guest has asked for the receipt; the rest only where the box for it was ticked
OF_GUEST = frozenset({Event.PAID, Event.REFUNDED})
OF_GUEST_MORE = OF_GUEST | {
    Event.PAYMENT_FAILED, Event.EXPIRING, Event.OVERSTAYED, Event.VIOLATION, Event.DECISION,
}  # fmt: skip
# money, and what somebody is accused of: in an inbox at once, whatever the hour
AT_ONCE = frozenset({
    Event.PAID, Event.PAYMENT_FAILED, Event.REFUNDED, Event.LOW_WALLET, Event.VIOLATION, Event.DECISION,
})  # fmt: skip
# an e-mail may be sent again, its Message-ID stays; any other may have arrived, and is not repeated
REPEATABLE = frozenset({Channel.EMAIL})

LANGUAGES = ("en", "hi")
# before paid time ends
EXPIRES_SOON = timedelta(minutes=15)
# news of a vehicle that a gate tells of so late is no news
NEWS_FOR = timedelta(hours=6)
# the hour of the site's day at which managers get the report of the day before
REPORT_HOUR = 6
BACK_OFF = tuple(timedelta(seconds=each) for each in (30, 120, 600, 3600, 4 * 3600, 12 * 3600))


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nobody is disturbed, by the site's clock; they may pass midnight.

    begins, ends  minutes of the day, 0 to 1439; the same: none
    """

    begins: int
    ends: int

    def hold(self, minute: int) -> bool:
        if self.begins <= self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends


def may_go_at(now: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """The first moment from now on that is outside quiet hours."""
    wall = now.astimezone(zone)
    if quiet is None or not quiet.hold(wall.hour * 60 + wall.minute):
        return now
    ends = time(quiet.ends // 60, quiet.ends % 60)
    day = wall.date() if ends > wall.time().replace(tzinfo=None) else wall.date() + timedelta(days=1)
    return max(now, datetime.combine(day, ends, zone).astimezone(UTC))


def send_at(event: Event, channel: Channel, now: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """When a message of now is due."""
    if channel is Channel.INBOX and event in AT_ONCE:
        return now
    return may_go_at(now, quiet, zone)


def channels(
    event: Event,
    reachable: Collection[Channel],
    chosen: Mapping[str, Sequence[str]],
    muted: Collection[str],
) -> tuple[Channel, ...]:
    """By what a recipient is told of an event: never more than was chosen, where anything was.

    reachable  where it can be told at all
    chosen     the channels it has set by event; one it has not set goes by the defaults
    muted      channels it has switched off altogether
    """
    wanted = [Channel(each) for each in chosen[event]] if event in chosen else list(DEFAULTS[event])
    if event not in chosen and Channel.EMAIL in wanted and Channel.EMAIL not in reachable:
        wanted.append(Channel.SMS)  # who has given only a number is reached there
    return tuple(each for each in wanted if each in reachable and each not in muted)


def back_off(row_id: str, tries: int) -> timedelta:
    """How long to wait after so many tries: a quarter more or less, by the row's id, so that not all come at once."""
    base = BACK_OFF[min(tries, len(BACK_OFF)) - 1]
    lot = hashlib.sha256(f"{row_id}:{tries}".encode()).digest()[0]
    return base * (0.75 + lot / 510)
