"""One attempt to pay: its statuses, the literal table of what reports do to it, and the merge. Pure.

Reports (webhook, poll, settlement file, operator) come doubled and in any order; the table is a ladder that is only
climbed, so the end is the same whatever the order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class AttemptStatus(StrEnum):
    """Of one attempt to pay. DUPLICATE: captured although nothing was owed any more, to be refunded.
    MISMATCH: captured with another amount than asked for, a person decides."""

    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CAPTURED = "captured"
    DUPLICATE = "duplicate"
    MISMATCH = "mismatch"


class Report(StrEnum):
    """What somebody says about an attempt."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CAPTURED = "captured"


# A timer (expired, cancelled) never overrules a bank that does not know, a bank's refusal overrules a timer, and money
# that came overrules everything.
#    in this status              on this report        go to
ATTEMPT_MOVES: dict[tuple[AttemptStatus, Report], AttemptStatus] = {
    (AttemptStatus.CREATED,   Report.PENDING):   AttemptStatus.PENDING,
    (AttemptStatus.CREATED,   Report.CANCELLED): AttemptStatus.CANCELLED,
    (AttemptStatus.CREATED,   Report.EXPIRED):   AttemptStatus.EXPIRED,
    (AttemptStatus.CREATED,   Report.UNKNOWN):   AttemptStatus.UNKNOWN,
    (AttemptStatus.CREATED,   Report.FAILED):    AttemptStatus.FAILED,
    (AttemptStatus.CREATED,   Report.CAPTURED):  AttemptStatus.CAPTURED,
    (AttemptStatus.PENDING,   Report.CANCELLED): AttemptStatus.CANCELLED,
    (AttemptStatus.PENDING,   Report.EXPIRED):   AttemptStatus.EXPIRED,
    (AttemptStatus.PENDING,   Report.UNKNOWN):   AttemptStatus.UNKNOWN,
    (AttemptStatus.PENDING,   Report.FAILED):    AttemptStatus.FAILED,
    (AttemptStatus.PENDING,   Report.CAPTURED):  AttemptStatus.CAPTURED,
    (AttemptStatus.CANCELLED, Report.EXPIRED):   AttemptStatus.EXPIRED,
    (AttemptStatus.CANCELLED, Report.UNKNOWN):   AttemptStatus.UNKNOWN,
    (AttemptStatus.CANCELLED, Report.FAILED):    AttemptStatus.FAILED,
    (AttemptStatus.CANCELLED, Report.CAPTURED):  AttemptStatus.CAPTURED,
    (AttemptStatus.EXPIRED,   Report.UNKNOWN):   AttemptStatus.UNKNOWN,
    (AttemptStatus.EXPIRED,   Report.FAILED):    AttemptStatus.FAILED,
    (AttemptStatus.EXPIRED,   Report.CAPTURED):  AttemptStatus.CAPTURED,
    (AttemptStatus.UNKNOWN,   Report.FAILED):    AttemptStatus.FAILED,
    (AttemptStatus.UNKNOWN,   Report.CAPTURED):  AttemptStatus.CAPTURED,
    (AttemptStatus.FAILED,    Report.CAPTURED):  AttemptStatus.CAPTURED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to pay a due. Amounts int paise.

    amount_paise    asked for
    captured_paise  what came; None until money came
    captured_at     when the bank captured it, aware UTC (not when we heard)
    reason          the bank's code of the last refusal or doubt, "" for none
    """

    id: str
    amount_paise: int
    status: AttemptStatus = AttemptStatus.CREATED
    captured_paise: int | None = None
    captured_at: datetime | None = None
    reason: str = ""

    @property
    def pending(self) -> bool:
        """True while money may still come without anything more from the payer."""
        return self.status in (AttemptStatus.CREATED, AttemptStatus.PENDING, AttemptStatus.UNKNOWN)


def hear(attempt: Attempt, report: Report, reason: str = "") -> Attempt:
    """The attempt after a report. One that the table overrules (stale, doubled) changes nothing."""
    status = ATTEMPT_MOVES.get((attempt.status, report))
    return attempt if status is None else replace(attempt, status=status, reason=reason)
