"""The price of a stay that is booked: as long as its vehicle is yet to come, it begins when it was booked for."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from central.actions import billing, coupon_uses
from central.rules.pricing import price
from central.rules.quote import Coupon, PricedStay, Quote
from central.rules.tariff import TariffError
from central.store.schema import Booking, Stay

# who is early is let in on it all the same
EARLY = timedelta(minutes=30)


def quote_of(session: Session, row: Stay, now: datetime, more: tuple[Coupon, ...] = ()) -> Quote | None:
    """What the booked time costs with the coupons it has, and `more`; None where there is no price any more."""
    booking, tariff = session.get_one(Booking, row.id), billing.tariff_of(session, row)
    begins = booking.arrive_from + EARLY
    facts = PricedStay(
        entered_at=begins,
        vehicle_class=row.vehicle_class,
        stopped_at=begins + timedelta(minutes=booking.minutes),
        coupons=coupon_uses.priced_of(session, row, begins) + more,
    )
    try:
        return None if tariff is None else price(tariff, facts, now)
    except TariffError:
        return None


def reprice(session: Session, row: Stay, now: datetime) -> None:
    """Its coupons have changed: the amount follows, and is to be paid by when it was to be."""
    asked = billing.unpaid_due(session, row.id)
    quote = quote_of(session, row, now)
    if asked is not None and quote is not None and quote.total_paise > 0:
        until = asked.expires_at
        billing.ask_for(session, row, quote, now).expires_at = until
        session.flush()
