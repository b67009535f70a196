"""What is told because time has passed, each once: paid time and passes that end, the report of the day before."""

from __future__ import annotations

from datetime import timedelta

from central import jobs
from central.actions import access, guest, pass_products, pass_sales, prepaid
from central.jobs import Desk
from central.rules.ledger import Fact
from central.store.schema import Due
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.notifications.people import holder, staff
from tests.central.notifications.post import told, words
from tests.central.visits import PLATE, enter, request


def events(park: CarPark, **where: str) -> list[str]:
    return [row.event for row in told(park.db, **where)]


def in_time(park: CarPark, settings, at: float) -> None:
    """The job that looks at the clock."""
    jobs.KINDS["tell_in_time"](Desk(park.db, settings, None), {}, minutes(at))


def test_paid_time_that_ends_soon_is_told_and_then_that_it_is_over(park: CarPark, settings):
    holder(park)
    stay_id, _ = enter(park)
    with park.db.begin() as session:
        due = prepaid.pay_ahead(session, stay_id, timedelta(hours=2), minutes(1))
    park.pay(due.id, minutes(1))
    until = park.stay(stay_id).permit_until
    ends = (until - minutes(0)).total_seconds() / 60
    in_time(park, settings, ends - 16)
    assert "expiring" not in events(park)
    for before in (14, 13, 1):
        in_time(park, settings, ends - before)
    assert words(park.db, event="expiring") == [("expiring", "inbox", "sent"), ("expiring", "email", "waiting")]
    assert told(park.db, event="expiring", channel="email")[0].useful_until == until
    for after in (30, 40):
        jobs.KINDS["end_overstayed"](Desk(park.db, settings, None), {}, minutes(ends + after))
        in_time(park, settings, ends + after)
    assert len(told(park.db, event="overstayed", channel="email")) == 1
    assert len(told(park.db, event="expiring", channel="email")) == 1


def test_the_grace_to_drive_out_after_a_payment_is_no_paid_time_that_ends(park: CarPark, settings):
    holder(park)
    stay_id, _ = enter(park)
    request(park, 45)
    park.pay(park.dues(stay_id)[0].id, minutes(46))
    in_time(park, settings, 47)
    assert "expiring" not in events(park)


def test_whose_pass_ends_while_the_vehicle_is_inside_is_told_so_once(park: CarPark):
    holder(park)
    with park.db.begin() as session:
        access.set_rule(session, SITE, PLATE, "pass", minutes(0), "tests", valid_until=minutes(60))
    stay_id, _ = enter(park)
    for at in (61, 75):
        with park.db.begin() as session:
            guest.ask_price(session, stay_id, minutes(at))
    (said,) = told(park.db, event="overstayed", channel="email")
    assert said.facts["until_at"] == minutes(60).isoformat()


def test_a_pass_that_runs_out_is_told_by_its_reminder_once(park: CarPark, settings):
    with park.db.begin() as session:
        product = pass_products.make_product(
            session, SITE, "Month", 1000_00, minutes(0), "t", vehicle_classes=["car"], days=30
        )
        sold = pass_sales.sell(
            session, product.id, "Asha", [(PLATE, "car")], minutes(0), minutes(0), "t", email="asha@example.org"
        )
    with park.db.begin() as session:
        pass_sales.paid(session, session.get_one(Due, sold.due_id), minutes(1), by="UPI", how=Fact.PAID_BY_UPI)
    for day in (26, 27, 28):
        jobs.KINDS["end_passes"](Desk(park.db, settings, None), {}, minutes(day * 1440))
        in_time(park, settings, day * 1440)
    assert len(told(park.db, event="pass_expiring", channel="email")) == 1
    assert words(park.db, event="paid", channel="email") == [("paid", "email", "waiting")]


def test_managers_get_the_report_of_the_day_before_once_in_the_morning(park: CarPark, settings):
    manager = staff(park, "manager")
    staff(park, "supervisor")
    enter(park)
    morning = 20 * 60  # 24 November 04:30 UTC, and so 06:00 in India on the 25th
    in_time(park, settings, morning - 10)
    assert events(park) == []
    for at in (morning, morning + 1, morning + 600):
        in_time(park, settings, at)
    [row] = told(park.db, recipient=f"user/{manager}", channel="email")
    assert row.facts["day"] == "2026-11-24" and row.facts["arrivals"] == 1
    assert events(park, recipient=f"site/{SITE}") == ["report"]
