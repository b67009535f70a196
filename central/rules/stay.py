"""The life of one stay: what is known of it and the steps that happen to it. Pure.

Every step returns a new Stay; one that `MOVES` does not have raises IllegalStep. Facts of the lane may come in any
order: the steps keep the instants they happened at, so the end is the same. What an entry or an exit means among all
stays of a plate is decided in `central.rules.arrivals`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from central.rules.quote import EarlierStay, Quote
from central.rules.stay_table import INSIDE, MOVES, Signal, Status
from central.rules.tariff import Tariff

# the least time by which one thing is told from the one after it
AT_ONCE = timedelta(milliseconds=1)


class IllegalStep(ValueError):
    """A step the table does not have. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One vehicle's time on the site. Instants are aware UTC, of when it happened, not of when we heard.

    plate          normalised; None for a vehicle let in unread
    entered_at     None while the entry is unknown
    permit_until   the exit opens unasked until then: free minutes, then grace after payment, or the end of a pass;
                   None: not at all, or always where it is exempt
    requested_at   last request to leave
    stopped_at     the clock has stood still since; None: it runs
    withdrawn_at   last time it backed away from the exit
    restarted_at   the withdrawal after which the clock was let run again
    exited_at      when it passed the exit
    exempt         nothing is owed
    """

    id: str
    plate: str | None
    vehicle_class: str
    status: Status
    entered_at: datetime | None = None
    permit_until: datetime | None = None
    requested_at: datetime | None = None
    stopped_at: datetime | None = None
    withdrawn_at: datetime | None = None
    restarted_at: datetime | None = None
    exited_at: datetime | None = None
    exempt: bool = False

    @property
    def inside(self) -> bool:
        return self.status in INSIDE

    @property
    def withdrawn(self) -> bool:
        """True while the vehicle that asked to leave has backed away and not asked again."""
        return self.withdrawn_at is not None and (self.requested_at is None or self.withdrawn_at > self.requested_at)

    @property
    def waiting(self) -> bool:
        """True while its vehicle stands at an exit, as far as is known."""
        return self.requested_at is not None and not self.withdrawn and self.exited_at is None

    def permitted(self, at: datetime) -> bool:
        """True where the exit may open at that instant with nothing owed."""
        if self.permit_until is None:
            return self.exempt
        return at <= self.permit_until


def move(stay: Stay, signal: Signal, **facts: object) -> Stay:
    """The stay after a signal, with the facts that came with it; IllegalStep where the table has none."""
    status = MOVES.get((stay.status, signal))
    if status is None:
        raise IllegalStep(f"stay {stay.id} is {stay.status} and can't {signal}")
    return replace(stay, status=status, **facts)


def permit_at_entry(tariff: Tariff, entered_at: datetime, earlier: EarlierStay | None = None) -> datetime | None:
    """Until when a vehicle may drive out again without charge; None where it gets no free minutes."""
    if not tariff.free or (earlier and tariff.is_return(earlier.left_at, entered_at)):
        return None
    return entered_at + tariff.free


def permit_after_payment(tariff: Tariff, paid_at: datetime) -> datetime:
    """Until when the exit opens unasked after a payment."""
    return paid_at + tariff.exit_grace


def paid_for(stay: Stay, paid: Quote, tariff: Tariff, now: datetime) -> bool:
    """Whether the amount of that quote, captured now, pays for the stay as it is: late money buys no later time.

    It does while the clock stands where that quote priced it, and until its amount and the grace after it are over.
    """
    if stay.stopped_at is not None and paid.until >= stay.stopped_at:
        return True
    return now <= permit_after_payment(tariff, paid.valid_until)


def enter(
    stay_id: str, plate: str | None, vehicle_class: str, entered_at: datetime, permit_until: datetime | None
) -> Stay:
    """A fresh stay. permit_until as `permit_at_entry` says."""
    return Stay(stay_id, plate, vehicle_class, Status.OPEN, entered_at, permit_until)


def unmatched(stay_id: str, plate: str | None, vehicle_class: str) -> Stay:
    """The record of a vehicle at (or past) the exit whose entry nobody knows; then `request_exit` or `leave` it."""
    return Stay(stay_id, plate, vehicle_class, Status.UNMATCHED)


def request_exit(stay: Stay, at: datetime) -> Stay:
    """The stay once its vehicle asked to leave: its clock stands still since the first such request that counts."""
    stay = overstay(stay, at)
    if stay.status is Status.OVERSTAYED and stay.permitted(at):
        stay = move(stay, Signal.PAY)  # told late: it asked while what it had paid still held
    if stay.restarted_at is not None and at <= stay.restarted_at:
        return stay  # told late: that visit of the exit is over
    return move(
        stay,
        Signal.REQUEST_EXIT,
        stopped_at=min(stay.stopped_at or at, at),
        requested_at=max(stay.requested_at or at, at),
    )


def withdraw(stay: Stay, at: datetime) -> Stay:
    """The stay once its vehicle backed away from the exit. The clock stays stopped while a quote lives."""
    after = move(stay, Signal.WITHDRAW, withdrawn_at=max(stay.withdrawn_at or at, at))
    if stay.status is not Status.EXEMPT or stay.stopped_at is None or stay.stopped_at > at:
        return after
    # nothing was quoted that would have to run out first
    asked_since = stay.requested_at if stay.requested_at is not None and stay.requested_at > at else None
    return replace(after, stopped_at=asked_since, restarted_at=max(stay.restarted_at or at, at))


def quote_expired(stay: Stay) -> Stay:
    """The stay once its quote ran out unpaid: if it backed away its clock runs again, at the exit it still stands."""
    if stay.status is not Status.QUOTED or not stay.withdrawn:
        return stay
    return move(stay, Signal.QUOTE_EXPIRED, stopped_at=None, restarted_at=stay.withdrawn_at)


def pay(stay: Stay, permit_until: datetime) -> Stay:
    """The stay once what was asked for it is paid. permit_until as `permit_after_payment` says, of the bank's instant.

    A payment whose permit had run out before the vehicle left does not close the stay: the time after it is still owed.
    """
    longest = max(stay.permit_until or permit_until, permit_until)
    if stay.status is Status.LEFT_OWING and longest < stay.exited_at:
        return replace(stay, permit_until=longest)
    return _gone_already(move(stay, Signal.PAY, permit_until=longest))


def overstay(stay: Stay, now: datetime) -> Stay:
    """The stay at `now`: owing again where the grace after its payment, or its pass, ran out inside; else unchanged."""
    if stay.status not in (Status.PAID, Status.EXEMPT) or stay.permitted(now):
        return stay
    if stay.status is Status.EXEMPT:
        return lift_exemption(stay)
    # the permit stays: who had left within it, as is told late, has paid
    return move(stay, Signal.OVERSTAY, stopped_at=None)


def exempt(stay: Stay, until: datetime | None = None) -> Stay:
    """The stay with nothing owed until then, None: whatever the time. A pass, a waived due, a person's decision."""
    if stay.status is Status.EXEMPT:
        return replace(stay, permit_until=until)
    return _gone_already(move(stay, Signal.EXEMPT, exempt=True, permit_until=until))


def lift_exemption(stay: Stay) -> Stay:
    """The stay owing again, for all of its time; at the exit, where its vehicle waits there."""
    owing = move(stay, Signal.LIFT_EXEMPTION, exempt=False, permit_until=None)
    return request_exit(owing, stay.requested_at) if stay.waiting else replace(owing, stopped_at=None)


def gate_restarted(stay: Stay) -> Stay:
    """The stay once the gate it waited at has started anew and forgotten it: as if it had backed away at once.

    A vehicle that still stands there asks again, which is later than any instant that could be taken here.
    """
    return withdraw(stay, stay.requested_at + AT_ONCE) if stay.waiting else stay


def leave(stay: Stay, exited_at: datetime, granted_at: datetime | None = None) -> Stay:
    """The stay once its vehicle passed the exit: closed, or owing where it held no permit.

    granted_at  when the exit let it go, where that is known: a permit must have held then, not while it rolled out
    """
    if stay.status is Status.EXEMPT:
        stay = overstay(stay, granted_at or exited_at)
    permitted = stay.permitted(granted_at or exited_at) and stay.status is not Status.UNMATCHED
    signal = Signal.LEAVE if permitted else Signal.LEAVE_OWING
    return move(stay, signal, exited_at=exited_at, stopped_at=min(stay.stopped_at or exited_at, exited_at))


def replace_by_newer(stay: Stay) -> Stay:
    """The stay closed because its plate came in again: it left unseen, and is not charged for time nobody saw."""
    return move(stay, Signal.REPLACE)


def reviewed(stay: Stay) -> Stay:
    """The unmatched stay closed by a person who looked at it."""
    return move(stay, Signal.REVIEWED)


def void(stay: Stay) -> Stay:
    """The stay struck out: recorded in error, or joined into another."""
    return move(stay, Signal.VOID)


def _gone_already(stay: Stay) -> Stay:
    """The stay closed, where its vehicle had passed the exit before it was settled."""
    return move(stay, Signal.LEAVE) if stay.inside and stay.exited_at is not None else stay
