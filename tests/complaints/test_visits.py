"""Complaints about whose visit it was: two made one, a stranger's bill, the exit's queue, a visit that got lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from central import outgoing
from central.web import create_app
from central.web.limits import limiter
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, Exited, ExitHow, ExitRequested
from edge.rules.access import Open, Request
from tests.central.car_park import Message, plate
from tests.central.web.town import PLATE, Town, now, until
from tests.complaints.people import Driver, Gate, work

# one character a camera takes for another
MISREAD = "DL1CA81234"


def ago(minutes: float) -> datetime:
    return now() - timedelta(minutes=minutes)


def entry(town: Town, at: datetime, text: str = PLATE, ticket: str = "") -> tuple[str, Message]:
    stay_id = uuid7()
    facts = Entered(plate=plate(text), ticket=ticket or town.park.entry.new_ticket())
    return stay_id, town.park.entry.report(facts, at, stay_id)


def request(town: Town, at: datetime, text: str = PLATE, asked: str = "") -> str:
    asked = asked or uuid7()
    facts = ExitRequested(request=asked, plate=plate(text))
    town.park.hear(town.park.exit.report(facts, at), now=now())
    return asked


def leave(town: Town, at: datetime, text: str, session: str | None = None, **facts: object) -> Message:
    return town.park.exit.report(Exited(plate=plate(text), **facts), at, session)


def test_two_visits_of_one_day_are_two_bills(town):
    first, came = entry(town, ago(300))
    town.park.hear(came, leave(town, ago(255), PLATE, first, how=ExitHow.OPERATOR), now=now())
    second, came = entry(town, ago(50))
    town.park.hear(came, now=now())
    request(town, now())
    with Driver(town, first) as then, Driver(town, second) as today:
        assert "₹170" in then.page() and "₹170" in today.page(), "45 minutes, and 50"
        today.pay()
        today.sees("Paid. Thank you.")
        assert "Pay with UPI" in then.page() and len(today.receipts()) == 1 and then.receipts() == []


def test_two_visits_told_in_the_wrong_order_are_two_bills_all_the_same(town):
    first, came_first = entry(town, ago(300))
    second, came_again = entry(town, ago(50))
    left = leave(town, ago(255), PLATE, first, how=ExitHow.OPERATOR)
    town.park.hear(came_again, now=now())
    request(town, now())
    town.park.hear(left, came_first, now=now())
    with Driver(town, first) as then, Driver(town, second) as today:
        assert "₹170" in then.page() and "₹170" in today.page()


def test_a_visit_whose_end_nobody_saw_is_not_added_to_the_next(town):
    first, came = entry(town, ago(3000))
    town.park.hear(came, now=now())
    second, came = entry(town, ago(50))
    town.park.hear(came, now=now())
    request(town, now())
    with Driver(town, first) as then, Driver(town, second) as today:
        page = then.page()
        assert "This parking has ended" in page and "₹" not in page
        assert "₹170" in today.page()


@pytest.mark.parametrize("how", [ExitHow.OPERATOR, ExitHow.OPEN_AND_BILL, ExitHow.TAILGATED, ExitHow.ASSUMED])
def test_a_vehicle_that_was_misread_as_mine_and_left_does_not_end_or_bill_my_visit(town, gate, how):
    mine, came = entry(town, ago(50))
    town.park.hear(came, now=now())
    assert gate.decides(MISREAD) == Request(None, "no_stay")
    asked = request(town, ago(20), MISREAD)
    town.park.hear(leave(town, ago(15), MISREAD, request=asked, how=how), now=now())
    assert isinstance(gate.decides(PLATE), Request) and gate.decides(PLATE).session == mine
    request(town, now())
    with Driver(town, mine) as driver:
        page = driver.page()
        assert "₹170" in page and "Left" not in page
        driver.pay()
        driver.sees("Paid. Thank you.")
    assert gate.decides(PLATE) == Open(mine, ExitHow.PERMIT)


def test_a_vehicle_that_was_misread_as_mine_does_not_leave_on_my_payment(town, gate):
    mine, came = entry(town, ago(50))
    town.park.hear(came, now=now())
    with Driver(town, mine) as driver:
        driver.pay()
        driver.sees("Paid. Thank you.")
    assert gate.decides(MISREAD) == Request(None, "no_stay")
    asked = request(town, now(), MISREAD)
    assert gate.knows(asked).permit_until is None
    town.park.hear(leave(town, now(), MISREAD, request=asked, how=ExitHow.OPERATOR), now=now())
    assert gate.decides(PLATE) == Open(mine, ExitHow.PERMIT)


def test_the_queue_at_the_exit_costs_nothing_however_long_it_is(town):
    mine, came = entry(town, ago(80))
    town.park.hear(came, now=ago(80))
    facts = ExitRequested(request=uuid7(), plate=plate(PLATE))
    town.park.hear(town.park.exit.report(facts, ago(35), mine), now=ago(35))
    with Driver(town, mine) as driver:
        page = driver.page()
        assert "₹170" in page and "waiting there is free" in page, "45 minutes, though 80 have gone by"
        work(town, kinds=("expire_quotes",))
        assert "₹170" in driver.page(), "its quote ran out while it stood there"
        driver.pay()
        driver.sees("Paid. Thank you.")
        assert "₹170" in driver.receipts()[0]


def test_a_visit_told_long_after_its_exit_is_whole(town):
    ticket = town.park.entry.new_ticket()
    stay_id, came = entry(town, ago(50), ticket=ticket)
    request(town, now())
    town.park.hear(came, came, now=now())
    with Driver(town, stay_id) as driver:
        by_ticket = driver.phone.get(f"{town.url}/t/{ticket}")
        assert by_ticket.url == driver.url and "₹170" in driver.page()


def test_a_visit_outlives_central_and_the_gate(town, gate, tmp_path):
    stay_id, came = entry(town, ago(50))
    town.park.hear(("parking/v1/delhi/entry-1/event/money/vehicle.entered", b"{}"), came, now=now())
    gate.listen()
    again = create_app(town.settings)
    page = again.test_client().get(f"/p/{town.links.pay_token(stay_id)}").text
    again.extensions["parkmeter"].database.close()
    limiter.reset()
    assert "₹170" in page
    outgoing.repeat_everything(town.park.db, now())
    new = Gate(town, tmp_path / "new.db")
    assert new.decides(PLATE) == Request(stay_id, "unpaid")
    new.close()


def test_a_driver_nobody_has_an_entry_of_is_found_by_the_ticket(town):
    ticket = town.park.entry.new_ticket()
    _, came = entry(town, ago(50), ticket=ticket)
    town.park.hear(came, now=now())
    asked = request(town, now(), "MH12XY9999")
    with Driver(town, asked) as driver:
        page = driver.sees("We can't tell when you came in")
        form = {"csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0], "ticket": ticket}
        driver.phone.post(f"{driver.url}/ticket", data=form)
        until(lambda: "₹170" in driver.page())
        driver.pay()
        driver.sees("The barrier opens for you now")
