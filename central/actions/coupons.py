"""A stay takes a coupon: by a code that its driver or an attendant types, or because a shop validates it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, booked_price, coupon_uses, ledger, repeats, settling
from central.actions.access import normal_plate
from central.actions.audit import audit
from central.actions.coupon_uses import HELD, USED, terms_of
from central.actions.errors import Refused
from central.actions.linking import normal_ticket, stay_with_ticket
from central.actions.records import find, lock_site, note
from central.rules.coupons import normal_code, priced, why_not
from central.rules.stay_table import INSIDE, Status
from central.store.schema import Booking, Coupon, CouponUse, Shop, Site, Stay
from edge.protocol.ids import TICKET_LENGTH, uuid7

DRIVER = "driver"
_NOT_INSIDE = (
    "No vehicle of that ticket or plate is inside now. Look at it again, or send the visitor to the attendant."
)


def apply(session: Session, stay_id: str, code: str, now: datetime, *, by: str, key: str | None = None) -> CouponUse:
    """A code is typed: the price is asked anew and held; where nothing is left to pay, the exit opens as if paid.

    by  DRIVER, or the member of staff at the till
    Refused where it is not one of the site's, can't be taken, or would take nothing off.
    """
    site, row = _held(session, stay_id)
    code = normal_code(code)
    asked = repeats.request(session, "coupon", key, stay=row.id, code=code)
    if asked.before is not None:
        return session.get_one(CouponUse, asked.before)
    coupon = session.scalar(select(Coupon).where(Coupon.site_id == site.id, Coupon.code == code))
    if coupon is None or coupon.shop_id is not None:
        raise Refused(f"Code {code[:24]} is not one of this car park's coupons. Look at it again.")
    booking = _booking(session, row)
    began = row.entered_at if booking is None else booking.arrive_from + booked_price.EARLY
    if began is None or not settling.payable(session, row, now):
        raise Refused("Nothing is to be paid for this parking now, so no coupon is needed.")
    _check(session, site, row, coupon, now)
    extra = priced(terms_of(coupon), began, ZoneInfo(site.timezone))
    quote_of = billing.quote_of if booking is None else booked_price.quote_of
    quote = quote_of(session, row, now, more=(extra,))
    if quote is None:
        raise Refused("There is no price for this parking: ask the attendant.")
    gives = sum(line.element == coupon.code for line in quote.lines)
    if gives <= sum(one.code == coupon.code for one in coupon_uses.priced_of(session, row)):
        raise Refused(f"Coupon {coupon.code} takes nothing off this parking.")
    if booking is not None and quote.total_paise <= 0:
        raise Refused(f"Coupon {coupon.code} pays for all of it: just come, and take it before you leave.")
    use = _take(session, site, row, coupon, now, by)
    _reprice(session, row, now, ask=True)
    asked.done(session, use.id, now)
    return use


def validate(
    session: Session, shop: Shop, coupon_id: str, ticket_or_plate: str, now: datetime, *, key: str | None = None
) -> CouponUse:
    """A shop lowers a visitor's price, by ticket code or exact plate. Nothing opens by that: it counts at the exit.

    Refused where nobody of it is inside, or the coupon is not the shop's or can't be taken.
    """
    site = lock_site(session, shop.site_id)
    asked = repeats.request(
        session, "validate", key, shop=shop.id, coupon=coupon_id, what=normal_ticket(ticket_or_plate)
    )
    if asked.before is not None:
        return session.get_one(CouponUse, asked.before)
    coupon = session.get(Coupon, coupon_id)
    if coupon is None or coupon.shop_id != shop.id:
        raise Refused("That is not one of your validations.")
    row = _inside(session, site, ticket_or_plate)
    _check(session, site, row, coupon, now)
    by_ticket = len(normal_ticket(ticket_or_plate)) == TICKET_LENGTH
    use = _take(session, site, row, coupon, now, shop.name, for_plate=None if by_ticket else row.plate)
    settling.reprice(session, row, now, ask=False)
    asked.done(session, use.id, now)
    return use


def take_off(session: Session, stay_id: str, use_id: str, now: datetime, *, by: str) -> None:
    """A coupon that is not yet used leaves the stay and can be taken by others; the price is asked anew."""
    _, row = _held(session, stay_id)
    use = session.get(CouponUse, use_id, populate_existing=True)
    if use is None or use.stay_id != row.id:
        raise Refused("That coupon is not on this parking.")
    if use.state != HELD:
        raise Refused(f"That coupon is {use.state} already.")
    coupon_uses.give_back([use], f"taken off by {by}", now)
    session.flush()
    note(session, row, now, "coupon taken off", by, code=session.get_one(Coupon, use.coupon_id).code)
    _reprice(session, row, now, ask=False)


def _held(session: Session, stay_id: str) -> tuple[Site, Stay]:
    known = session.get(Stay, stay_id)
    if known is None:
        raise Refused("There is no such parking.")
    site = lock_site(session, known.site_id)
    return site, find(session, site.id, stay_id)


def _inside(session: Session, site: Site, text: str) -> Stay:
    """The one vehicle inside of that ticket, or of exactly that plate."""
    ticket = normal_ticket(text)
    if len(ticket) == TICKET_LENGTH:
        named = stay_with_ticket(session, ticket)
        found = [] if named is None else [named.id]
    else:
        plate, live = normal_plate(text), Stay.status.in_([str(status) for status in INSIDE])
        found = list(session.scalars(select(Stay.id).where(Stay.site_id == site.id, Stay.plate == plate, live)))
    row = find(session, site.id, found[0]) if len(found) == 1 else None
    if row is None or Status(row.status) not in INSIDE:
        raise Refused(_NOT_INSIDE)
    if row.status == Status.EXEMPT:
        raise Refused("Nothing is to be paid for that vehicle: it has a pass.")
    return row


def _check(session: Session, site: Site, row: Stay, coupon: Coupon, now: datetime) -> None:
    beside = [terms_of(one) for _, one in coupon_uses.of_stay(session, row.id, HELD, USED)]
    day = ledger.site_day(session, site.id, now)
    why = "is over" if coupon.ended_at is not None else ""
    taken = coupon_uses.taken(session, coupon, day, row.id)
    why = why or why_not(terms_of(coupon), row.vehicle_class, now, taken, beside)
    if why:
        raise Refused(f"Coupon {coupon.code} {why}.")


def _booking(session: Session, row: Stay) -> Booking | None:
    """What is booked, while its vehicle is yet to come and its amount is yet to be paid."""
    if row.status != Status.PREPAID or billing.unpaid_due(session, row.id) is None:
        return None
    return session.get(Booking, row.id)


def _reprice(session: Session, row: Stay, now: datetime, *, ask: bool) -> None:
    if row.status == Status.PREPAID:
        booked_price.reprice(session, row, now)
    else:
        settling.reprice(session, row, now, ask=ask)


def _take(
    session: Session, site: Site, row: Stay, coupon: Coupon, now: datetime, by: str, for_plate: str | None = None
) -> CouponUse:
    use = CouponUse(
        id=uuid7(), coupon_id=coupon.id, stay_id=row.id, day=ledger.site_day(session, site.id, now), state=HELD,
        at=now, by=by, changed_at=now, for_plate=for_plate,
    )  # fmt: skip
    session.add(use)
    session.flush()
    note(session, row, now, "coupon taken", by, code=coupon.code)
    if by != DRIVER:
        audit(session, now, by, "coupon taken", row.id, code=coupon.code)
    return use
