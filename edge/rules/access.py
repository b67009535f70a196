"""Who may pass: whether an entry admits, refuses or asks a person, and whether an exit opens. Pure.

Words used here
    plate   what vision accepted, or None: a plate that was not accepted is no plate
    stay    one vehicle's time inside, as the mirror knows it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Literal, Protocol

from edge.protocol.messages import (
    AccessEntry,
    AccessList,
    EntryHow,
    ExitHow,
    OpeningHours,
    PlateSeen,
    SessionState,
    SessionStatus,
    VehicleClass,
)


class Reason(StrEnum):
    """Why a vehicle was not let through at once."""

    DENIED = "denied"  # on the site's denied list
    OUTSIDE_HOURS = "outside_hours"
    NO_PASS = "no_pass"  # the site takes pass holders only
    FULL = "full"
    CANT_RECORD = "cant_record"  # the disk is full: nobody may enter unrecorded
    UNREAD = "unread"
    NO_STAY = "no_stay"  # no stay of that plate is known here
    ALREADY_INSIDE = "already_inside"  # its stay has not ended: a pass handed back, or a misread one
    ALREADY_LEFT = "already_left"  # its stay has left before: a copied plate, or a misread one
    UNPAID = "unpaid"
    NO_SHOW = "no_show"  # the boom was open and nobody drove
    NO_ANSWER = "no_answer"  # central said nothing in time
    STOPPED = "stopped"  # an emergency stop ended the grant


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What this site chose.

    unread       entry and no accepted plate: let in unread, or ask (button, person)
    passes_only  entry needs a valid pass
    capacity     vehicles inside at most, 0: not counted
    when_full    what an entry does then; pass holders are always let in
    anti_passback  entry of a plate that is inside: let in and flagged, or a person is asked
    exit_without_permit  what an exit does when central does not answer: bill later, or wait for a person
    default_class        class of a vehicle nothing else is known about
    """

    unread: Literal["admit", "ask"] = "ask"
    passes_only: bool = False
    anti_passback: Literal["flag", "ask"] = "flag"
    capacity: int = 0
    when_full: Literal["refuse", "ask", "admit"] = "refuse"
    exit_without_permit: Literal["open_and_bill", "hold"] = "hold"
    default_class: VehicleClass = "car"


class Stay(Protocol):
    """A mirror's row: central's state of a stay, and whether its vehicle has left through this gate."""

    @property
    def state(self) -> SessionState: ...
    @property
    def passed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal knows that bears on one vehicle.

    stays     mirror rows of its plate that are not over, latest entry first
    inside    vehicles inside, as far as this gate knows
    lists     passes, denied plates, opening hours; None until central has sent some
    can_record  False when the disk is full
    zone      the zone of the opening hours; None where nobody knows it: they are not kept
    """

    stays: Sequence[Stay] = ()
    inside: int = 0
    lists: AccessList | None = None
    can_record: bool = True
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Admit:
    """An entry opens. flags: what staff should look at, e.g. "already_inside"."""

    how: EntryHow
    vehicle_class: VehicleClass
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    """An entry stays shut; a person may still open it."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Ask:
    """Nothing the gate may decide alone: the button, another reading, or a person."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Open:
    """An exit opens. session None: the stay is not known here."""

    session: str | None
    how: ExitHow


@dataclass(frozen=True, slots=True)
class Request:
    """An exit asks central what is due. session: the stay it is about, None when none is known here."""

    session: str | None
    reason: Reason


def decide_entry(plate: PlateSeen | None, known: Known, rules: SiteRules, now: datetime) -> Admit | Refuse | Ask:
    """What an entry does with the vehicle standing at it at `now` (aware).

    A pass opens the gate outside opening hours and when the car park is full: it was paid for.
    A plate that is already inside is let in all the same, flagged: the stay that is wrong is the old one.
    """
    if not known.can_record:
        return Refuse(Reason.CANT_RECORD)
    entries = entries_of(plate, known.lists, now)
    if any(entry.kind == "denied" for entry in entries):
        return Refuse(Reason.DENIED)
    with_pass = next((entry for entry in entries if entry.kind == "pass"), None)
    if with_pass is None:
        if not is_open(known.lists, known.zone, now):
            return Refuse(Reason.OUTSIDE_HOURS)
        if rules.passes_only:
            return Ask(Reason.NO_PASS) if plate is None else Refuse(Reason.NO_PASS)
        if rules.capacity and known.inside >= rules.capacity and rules.when_full != "admit":
            return Refuse(Reason.FULL) if rules.when_full == "refuse" else Ask(Reason.FULL)
        if plate is None and rules.unread == "ask":
            return Ask(Reason.UNREAD)  # last: for this reason alone the button lets in
    vehicle_class = (with_pass.vehicle_class if with_pass else None) or rules.default_class
    if plate is None:
        return Admit(EntryHow.UNREAD, vehicle_class)
    inside = any(not stay.passed and stay.state.status is not SessionStatus.UNMATCHED for stay in known.stays)
    if inside and rules.anti_passback == "ask":
        return Ask(Reason.ALREADY_INSIDE)
    return Admit(EntryHow.PLATE, vehicle_class, ("already_inside",) if inside else ())


def decide_exit(plate: PlateSeen | None, known: Known, now: datetime) -> Open | Request | Ask:
    """What an exit does with the vehicle standing at it at `now` (aware). A plate alone never opens it."""
    if plate is None:
        return Ask(Reason.UNREAD)
    stays = [stay for stay in known.stays if stay.state.status is not SessionStatus.UNMATCHED]
    inside = [stay for stay in stays if not stay.passed]
    if not inside:
        return Ask(Reason.ALREADY_LEFT) if stays else Request(None, Reason.NO_STAY)
    # two stays of one plate: the later entry is the vehicle; central ends the other
    state = inside[0].state
    if permitted(state, now):
        return Open(state.session, ExitHow.PERMIT)
    return Request(state.session, Reason.UNPAID)


def permitted(state: SessionState, now: datetime, request: str | None = None) -> bool:
    """Whether this stay may leave at `now` (aware): paid, exempt or within grace.

    request  the waiting vehicle's: a payment that answers it opens even when the gate's clock thinks it late
    """
    if state.status in (SessionStatus.CLOSED, SessionStatus.UNMATCHED):
        return False
    if state.permit_until is not None and now <= state.permit_until:
        return True
    if state.status is SessionStatus.EXEMPT:
        return state.permit_until is None
    return state.status is SessionStatus.PAID and request is not None and _answers(state, request)


def without_answer(session: str | None, rules: SiteRules) -> Open | Ask:
    """What an exit does when central has not answered in time. Only a known live stay may be billed later."""
    if rules.exit_without_permit == "open_and_bill" and session is not None:
        return Open(session, ExitHow.OPEN_AND_BILL)
    return Ask(Reason.NO_ANSWER)


def entries_of(plate: PlateSeen | None, lists: AccessList | None, now: datetime) -> list[AccessEntry]:
    """The lines of the site's lists that hold for this plate at `now`."""
    if plate is None or lists is None:
        return []
    return [
        entry
        for entry in lists.entries
        if entry.plate == plate.text
        and (entry.valid_from is None or entry.valid_from <= now)
        and (entry.valid_until is None or now < entry.valid_until)
    ]


def is_open(lists: AccessList | None, zone: tzinfo | None, now: datetime) -> bool:
    """Whether the site takes vehicles at `now`: some line of its hours holds, in its own zone, or it has none.

    zone None: nobody knows it, and a typing error at central must not shut the gate.
    """
    if lists is None or not lists.hours or zone is None:
        return True
    local = now.astimezone(zone)
    return any(_within(hours, local) for hours in lists.hours)


def _within(hours: OpeningHours, local: datetime) -> bool:
    time = f"{local:%H:%M}"
    today, yesterday = local.weekday(), (local - timedelta(days=1)).weekday()
    if hours.opens < hours.closes:
        return today in hours.weekdays and hours.opens <= time < hours.closes
    # closes after midnight: the weekday is the one it opened on
    return (today in hours.weekdays and time >= hours.opens) or (yesterday in hours.weekdays and time < hours.closes)


def _answers(state: SessionState, request: str) -> bool:
    return state.quote is not None and state.quote.request == request
