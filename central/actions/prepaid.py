"""Stays of a wished length, paid ahead: by a vehicle that is inside, or for one that is yet to come."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, coupon_uses, repeats
from central.actions.access import normal_plate
from central.actions.audit import audit
from central.actions.booked_price import EARLY
from central.actions.corrections import move_money
from central.actions.errors import Refused
from central.actions.records import as_rule, find, hold, lock_site, new_stay, note, put
from central.actions.tariffs import read_tariff, tariff_at
from central.rules import stay as rules
from central.rules.pricing import price
from central.rules.quote import PricedStay, Quote
from central.rules.stay_table import Signal, Status
from central.rules.tariff import TariffError
from central.store.schema import Booking, Due, Receipt, Site, Stay
from edge.protocol.ids import uuid7

SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=30)
# a booking may be made so long before
AHEAD = timedelta(days=30)
# an amount that nobody pays in that time is given up
HELD = timedelta(minutes=20)


def pay_ahead(session: Session, stay_id: str, length: timedelta, now: datetime) -> Due:
    """What a vehicle inside pays now to stay that long from its entry; then the exit opens until that is over.

    Refused where that costs nothing more than was paid, or is over already.
    """
    _sound_length(length)
    known = session.get(Stay, stay_id)
    site = None if known is None else lock_site(session, known.site_id)
    row = None if site is None else find(session, site.id, stay_id)
    if row is None or row.status not in (Status.OPEN, Status.PAID, Status.OVERSTAYED) or row.entered_at is None:
        raise Refused("only for a vehicle that is inside, and not at the exit")
    end = row.entered_at + length
    if end <= now:
        raise Refused(f"that is over already: it came in {_minutes(now - row.entered_at)} ago", field="hours")
    quote = billing.quote_of(session, row, now, until=end)
    if quote is None:
        raise Refused("there is no price for this stay here")
    if quote.total_paise <= 0:
        raise Refused("nothing more is to be paid for that time", field="hours")
    return billing.ask_for(session, row, quote, now)


def price_ahead(session: Session, row: Stay, length: timedelta, now: datetime) -> int:
    """What a vehicle inside would pay now to stay that long from its entry, paise; 0 where there is no price."""
    if row.entered_at is None:
        return 0
    quote = billing.quote_of(session, row, now, until=row.entered_at + length)
    return 0 if quote is None else quote.total_paise


def book(
    session: Session,
    site_id: str,
    plate: str,
    vehicle_class: str,
    arrives_at: datetime,
    length: timedelta,
    now: datetime,
    by: str = "guest",
    *,
    key: str | None = None,
) -> str:
    """A stay for a vehicle that is yet to come, to be paid within `HELD`; its id.

    Whether such a plate is here, or booked, is not told: anybody may type a plate.
    """
    site = session.get(Site, site_id)
    if site is None:
        raise Refused(f"site {site_id[:40]!r} is not known")
    plate = normal_plate(plate)
    _sound_length(length)
    if not now - timedelta(minutes=1) <= arrives_at <= now + AHEAD:
        raise Refused(f"arrival: expected a time from now to {AHEAD.days} days ahead", field="at")
    lock_site(session, site_id)
    told = {"site": site_id, "plate": plate, "class": vehicle_class, "at": arrives_at, "length": length, "by": by}
    asked = repeats.request(session, "book", key, **told)
    if asked.before is not None:
        return asked.before
    version, quote = _price(session, site_id, vehicle_class, arrives_at, length, now)
    row = new_stay(session, uuid7(), site_id, now)
    row.plate, row.vehicle_class, row.status = plate, vehicle_class, str(Status.PREPAID)
    # no gate is told of it before its vehicle is there
    row.tariff_id, row.cleared_at = version, now
    session.flush()
    session.add(
        Booking(
            stay_id=row.id,
            minutes=int(length.total_seconds() // 60),
            arrive_from=arrives_at - EARLY,
            arrive_until=arrives_at + length,
            by=by,
        )
    )
    session.flush()
    due = billing.ask_for(session, row, quote, now)
    due.expires_at = now + HELD
    note(session, row, now, "booked", by, amount_paise=due.amount_paise)
    session.flush()
    asked.done(session, row.id, now)
    return row.id


def booking_of(session: Session, stay_id: str) -> Booking | None:
    return session.get(Booking, stay_id)


def take(session: Session, row: Stay, now: datetime) -> None:
    """A vehicle has come in: a booking of exactly its plate, paid and for now, becomes this stay, with its money."""
    if row.plate is None or row.entered_at is None or row.status not in (Status.OPEN, Status.QUOTED, Status.LEFT_OWING):
        return
    booked = (
        select(Booking)
        .join(Stay, Stay.id == Booking.stay_id)
        .where(Stay.site_id == row.site_id, Stay.plate == row.plate, Stay.status == str(Status.PREPAID))
        .where(Booking.arrive_from <= row.entered_at, Booking.arrive_until >= row.entered_at)
        .order_by(Booking.arrive_from)
    )
    paid = (one for one in session.scalars(booked) if billing.paid_paise(session, one.stay_id) > 0)
    booking = next(paid, None)
    if booking is None:
        return
    ahead = hold(session, booking.stay_id)
    row.tariff_id = ahead.tariff_id  # the prices it was sold at
    move_money(session, ahead, row)
    coupon_uses.move(session, ahead, row, now)
    booking.taken_by, booking.ended_at = row.id, now
    _end(session, ahead, now, "taken", row.id)
    until = row.entered_at + timedelta(minutes=booking.minutes)
    permit = rules.permit_after_payment(billing.tariff_of(session, row), until)
    if (row.stopped_at or row.entered_at) <= permit:
        put(session, row, rules.pay(as_rule(row), permit), now)
    note(session, row, row.entered_at, "booking taken", "central", booking=ahead.id, minutes=booking.minutes)


def over(session: Session, now: datetime, limit: int = 200) -> list[str]:
    """Ids of bookings that nobody paid in time, or whose vehicle did not come."""
    live = select(Booking.stay_id).join(Stay, Stay.id == Booking.stay_id).where(Booking.ended_at.is_(None))
    unpaid = select(Due.id).where(Due.stay_id == Stay.id, Due.state.in_(billing.UNPAID), Due.quoted_at <= now - HELD)
    return list(session.scalars(live.where((Booking.arrive_until < now) | unpaid.exists()).limit(limit)))


def end(session: Session, stay_id: str, now: datetime) -> tuple[Receipt, int] | None:
    """Ends such a booking. Its receipt and what is left of it, where it was paid and nobody came: to be given back."""
    lock_site(session, session.get_one(Stay, stay_id).site_id)
    row, booking = hold(session, stay_id), session.get_one(Booking, stay_id)
    if booking.ended_at is not None:
        return None
    paid = billing.paid_paise(session, stay_id)
    if paid > 0 and now <= booking.arrive_until:
        return None
    booking.ended_at = now
    billing.waive_unpaid(session, row, now, "nobody paid")
    _end(session, row, now, "nobody came" if paid else "nobody paid")
    uses = coupon_uses.of_stay(session, row.id, coupon_uses.HELD, coupon_uses.USED)
    coupon_uses.give_back((use for use, _ in uses), "the booking is over", now)
    if paid <= 0:
        return None
    receipt = session.scalar(select(Receipt).where(Receipt.stay_id == stay_id).order_by(Receipt.issued_at.desc()))
    return None if receipt is None else (receipt, paid)


def _end(session: Session, row: Stay, now: datetime, why: str, taken_by: str | None = None) -> None:
    """No gate was told of it, and none need be told of its end."""
    stay = rules.move(as_rule(row), Signal.VOID)
    row.status, row.closed_reason, row.closed_at = str(stay.status), why, now
    row.joined_to = taken_by
    note(session, row, now, f"booking: {why}", "central")
    audit(session, now, "central", "booking ended", row.id, why=why)
    session.flush()


def _price(
    session: Session, site_id: str, vehicle_class: str, arrives_at: datetime, length: timedelta, now: datetime
) -> tuple[str, Quote]:
    version = tariff_at(session, site_id, arrives_at)
    if version is None:
        raise Refused("there are no prices here for that day", field="at")
    facts = PricedStay(entered_at=arrives_at, vehicle_class=vehicle_class, stopped_at=arrives_at + length)
    try:
        quote = price(read_tariff(version), facts, now)
    except TariffError as error:
        raise Refused(str(error), field="class") from error
    if quote.total_paise <= 0:
        raise Refused("that time costs nothing here: just come", field="hours")
    return version.id, quote


def _sound_length(length: timedelta) -> None:
    if not SHORTEST <= length <= LONGEST:
        raise Refused(
            f"length of {_minutes(length)}: expected {_minutes(SHORTEST)} to {LONGEST.days} days", field="hours"
        )


def _minutes(length: timedelta) -> str:
    return f"{int(length.total_seconds() // 60)} minutes"
