"""Coupons follow the visit they were given for, through merging, splitting, correcting, booking, and back by undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from central.actions import coupons, linking, prepaid, stay_fixes, stay_joins, undoing
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.payments import standing
from central.store.schema import Coupon, CouponUse, Receipt
from tests.central.accounts.coupons import bill, make, shop, take, uses, validate
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.corrections.desk import do, everything, latest, refused, sound, undo
from tests.central.visits import PLATE, enter, leave, request

OTHER = "DL1CAB1Z34"
HOUR = timedelta(hours=1)


def where(park: CarPark) -> list[tuple[str, str, str]]:
    """Code, state and stay of every use, oldest first."""
    with park.db.read() as session:
        rows = session.execute(
            select(Coupon.code, CouponUse.state, CouponUse.stay_id).join(CouponUse).order_by(CouponUse.id)
        )
        return [tuple(row) for row in rows]


def whole(park: CarPark) -> list[dict]:
    with park.db.read() as session:
        return [
            {column.name: getattr(row, column.name) for column in CouponUse.__table__.columns}
            for row in session.scalars(select(CouponUse).order_by(CouponUse.id))
        ]


def unpaid(park: CarPark, stay: str) -> list[int]:
    return [due.amount_paise for due in park.dues(stay) if due.state in ("open", "quoted")]


def pay(park: CarPark, stay: str, at: float) -> None:
    park.pay(next(due.id for due in park.dues(stay) if due.state == "quoted"), minutes(at))


def booked(park: CarPark) -> str:
    with park.db.begin() as session:
        return prepaid.book(session, SITE, PLATE, "car", minutes(60), HOUR, minutes(0))


def test_a_coupon_of_a_stay_that_is_merged_lowers_the_price_of_the_one_that_is_kept(park):
    make(park, "FEST50", "amount", 5_000)
    one, _ = enter(park, text=OTHER)
    take(park, one, "FEST50", 20)
    kept, _ = enter(park, 2)
    request(park, 45, session=kept)
    before, as_it_was = whole(park), everything(park)
    do(park, stay_joins.merge, kept, one, now=minutes(46))
    assert where(park) == [("FEST50", "held", kept)] and unpaid(park, kept) == [12_000]
    undo(park, now=minutes(47))
    assert whole(park) == before
    assert {key: everything(park)[key] for key in as_it_was} == as_it_was


def test_what_was_paid_with_a_coupon_is_not_asked_for_again_after_a_merge_and_the_receipt_keeps_its_lines(park):
    make(park, "FEST50", "amount", 5_000)
    one, _ = enter(park, text=OTHER)
    take(park, one, "FEST50", 40)
    pay(park, one, 40)
    kept, _ = enter(park, 2)
    request(park, 45, session=kept)
    do(park, stay_joins.merge, kept, one, now=minutes(46))
    assert where(park) == [("FEST50", "used", kept)] and (park.stay(kept).status, unpaid(park, kept)) == ("paid", [])
    with park.db.read() as session:
        [receipt] = session.scalars(select(Receipt))
    assert receipt.stay_id == kept and lines_from_json(receipt.lines)[-1].element == "FEST50"
    assert sum(line.amount_paise for line in lines_from_json(receipt.lines)) == receipt.total_paise == 12_000


def test_a_coupon_that_both_had_counts_once_and_the_other_can_be_taken_again(park):
    make(park, "TWICE", "amount", 5_000, per_code=2)
    one, _ = enter(park, text=OTHER)
    kept, _ = enter(park, 2)
    take(park, one, "TWICE", 20)
    take(park, kept, "TWICE", 21)
    request(park, 45, session=kept)
    do(park, stay_joins.merge, kept, one, now=minutes(46))
    assert where(park) == [("TWICE", "returned", one), ("TWICE", "held", kept)] and unpaid(park, kept) == [12_000]
    third, _ = enter(park, 50, "MH12DE5678")
    take(park, third, "TWICE", 60)
    why = "coupon TWICE, which it had, has been taken by others since"
    refused(park, why, undoing.undo, latest(park), now=minutes(61))
    with park.db.begin() as session:
        coupons.take_off(session, third, whole(park)[-1]["id"], minutes(62), by="driver")
    undo(park, now=minutes(63))
    assert where(park)[:2] == [("TWICE", "held", one), ("TWICE", "held", kept)]


def test_of_two_that_do_not_go_together_the_one_that_was_paid_with_counts(park):
    make(park, "ALONE", "amount", 5_000)
    make(park, "MINE", "percent", 1_000, stackable=True)
    paid, _ = enter(park, text=OTHER)
    take(park, paid, "ALONE", 40)
    pay(park, paid, 40)
    kept, _ = enter(park, 2)
    take(park, kept, "MINE", 41)
    do(park, stay_joins.merge, kept, paid, now=minutes(46))
    assert where(park) == [("ALONE", "used", kept), ("MINE", "returned", kept)]
    sound(park)


def test_a_coupon_typed_at_an_exit_goes_with_that_exit_when_it_was_anothers(park):
    make(park, "EARLY", "amount", 1_000, stackable=True)
    make(park, "ATEXIT", "amount", 5_000, stackable=True)
    stay, _ = enter(park)
    take(park, stay, "EARLY", 20)
    request(park, 45, session=stay)
    take(park, stay, "ATEXIT", 46)
    before = whole(park)
    made = do(park, stay_joins.split_exit, stay, "MH12DE5678", now=minutes(48))
    assert where(park) == [("EARLY", "held", stay), ("ATEXIT", "held", made)]
    undo(park, now=minutes(49))
    assert whole(park) == before and unpaid(park, stay) == [11_000]


def test_a_coupon_that_was_paid_with_at_an_exit_goes_where_the_payment_goes(park):
    make(park, "ATEXIT", "amount", 5_000)
    stay, _ = enter(park)
    theirs, _ = enter(park, 5, "MH12DE5678")
    request(park, 45, session=stay)
    take(park, stay, "ATEXIT", 46)
    pay(park, stay, 46)
    leave(park, 47, session=stay)
    made = do(park, stay_joins.split_exit, stay, "MH12DE5678", now=minutes(48))
    assert where(park) == [("ATEXIT", "used", made)]
    do(park, stay_joins.merge, theirs, made, now=minutes(49))
    assert where(park) == [("ATEXIT", "used", theirs)]
    assert (park.stay(theirs).status, unpaid(park, theirs)) == ("closed", [])


def test_of_two_visits_each_keeps_what_was_taken_during_it(park):
    make(park, "MORNING", "amount", 1_000, stackable=True)
    make(park, "EVENING", "amount", 2_000, stackable=True)
    stay, _ = enter(park)
    take(park, stay, "MORNING", 20)
    take(park, stay, "EVENING", 500)
    before = whole(park)
    made = do(park, stay_joins.split_visit, stay, minutes(400), now=minutes(600))
    # the first is not charged, so what it had can be taken by others
    assert where(park) == [("MORNING", "returned", stay), ("EVENING", "held", made)]
    undo(park, now=minutes(601))
    assert whole(park) == before


def test_a_ticket_code_at_an_exit_takes_along_what_that_exit_had(park):
    make(park, "ATEXIT", "amount", 5_000)
    stay, _ = enter(park)
    theirs, ticket = enter(park, 5, "MH12DE5678")
    request(park, 45, session=stay)
    take(park, stay, "ATEXIT", 46)
    made = do(park, stay_joins.split_exit, stay, "", now=minutes(48))
    with park.db.begin() as session:
        linking.link_unmatched(session, made, ticket, minutes(49))
    assert where(park) == [("ATEXIT", "held", theirs)] and unpaid(park, theirs) == [12_000]


def test_what_a_shop_gave_to_a_plate_goes_back_when_the_stay_never_had_that_plate(park):
    shop_id = shop(park)
    by_plate = make(park, "BYPLATE", "minutes", 60, shop_id=shop_id, stackable=True)
    by_ticket = make(park, "BYTICKET", "minutes", 30, shop_id=shop_id, stackable=True)
    stay, ticket = enter(park, text=OTHER)
    validate(park, shop_id, by_plate, OTHER, 10)
    validate(park, shop_id, by_ticket, ticket, 11)
    before = whole(park)
    do(park, stay_fixes.plate, stay, PLATE, now=minutes(20))
    assert where(park) == [("BYPLATE", "returned", stay), ("BYTICKET", "held", stay)]
    undo(park, now=minutes(21))
    assert whole(park) == before


def test_a_coupon_that_is_not_for_the_class_it_turns_out_to_be_goes_back(park):
    make(park, "CARS", "amount", 5_000, vehicle_classes=["car"])
    stay, _ = enter(park)
    take(park, stay, "CARS", 20)
    do(park, stay_fixes.vehicle_class, stay, "bike", now=minutes(30))
    assert uses(park) == [("CARS", "returned")]
    undo(park, now=minutes(31))
    assert uses(park) == [("CARS", "held")]


def test_a_booking_takes_a_coupon_and_the_vehicle_that_comes_has_it(park):
    make(park, "FEST50", "amount", 5_000, per_code=1)
    ahead = booked(park)
    take(park, ahead, "FEST50", 1)
    shown = bill(park, ahead, 2)
    assert (shown.amount_paise, shown.holds_until) == (12_000, minutes(20))
    assert shown.lines[-1].element == "FEST50"
    pay(park, ahead, 2)
    stay, _ = enter(park, 62)
    assert where(park) == [("FEST50", "used", stay)] and park.stay(stay).status == "paid"
    request(park, 62 + 170, session=stay)
    # the whole of it costs 370; 50 were off and 120 paid
    assert unpaid(park, stay) == [37_000 - 5_000 - 12_000]


def test_a_booking_that_is_not_paid_gives_its_coupon_back_and_so_does_one_nobody_came_for(park):
    make(park, "ONCE", "amount", 5_000, per_code=1)
    for coming in (False, True):
        ahead = booked(park)
        take(park, ahead, "ONCE", 1)
        if coming:
            pay(park, ahead, 2)
        standing.end_bookings(park.db, minutes(121 if coming else 21), 100)
        assert where(park)[-1] == ("ONCE", "returned", ahead)


def test_taken_off_a_booking_the_price_is_whole_again_and_one_that_pays_for_all_is_refused(park):
    make(park, "HALF", "percent", 5_000)
    make(park, "FREE", "percent", 10_000)
    ahead = booked(park)
    with pytest.raises(Refused, match="pays for all of it: just come"):
        take(park, ahead, "FREE", 1)
    use = take(park, ahead, "HALF", 1)
    assert unpaid(park, ahead) == [8_500]
    with park.db.begin() as session:
        coupons.take_off(session, ahead, use, minutes(2), by="driver")
    assert unpaid(park, ahead) == [17_000]


def test_what_was_taken_since_beside_a_coupon_that_undo_brings_back_goes_back(park):
    make(park, "CARS", "amount", 5_000, vehicle_classes=["car"])
    make(park, "ANY", "amount", 1_000)
    stay, _ = enter(park)
    take(park, stay, "CARS", 20)
    do(park, stay_fixes.vehicle_class, stay, "van", now=minutes(30))
    take(park, stay, "ANY", 31)
    undo(park, now=minutes(32))
    assert where(park) == [("CARS", "held", stay), ("ANY", "returned", stay)]
    assert unpaid(park, stay) == [12_000]
