"""What attendants and supervisors come to do: lanes, stays, violations, cash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from central.rules.violations import Kind
from edge.protocol.messages import GateNotice, GateState
from edge.protocol.topics import GateTopics
from tests.browser.test_drivers import overstay
from tests.central.car_park import SITE
from tests.central.violations.notices import watch
from tests.central.web.town import Town, now

pytestmark = pytest.mark.browser


def alive(town: Town) -> None:
    """The entry is online and its barrier closed."""
    town.park.online(town.park.entry)
    state = GateState(boom="closed", mode="normal", inputs={}, wall=now())
    town.park.hear((GateTopics(SITE, "entry-1").state, state.encode()))


def spaced(car: str) -> str:
    """A plate as it is painted."""
    return f"DL 3 CX {car[-4:]}"


def test_an_attendant_opens_a_barrier_with_a_reason_that_is_kept(town, member):
    alive(town)
    attendant = member("attendant").follow("Open… entry-1").send("/open", reason="Emergency vehicle")
    attendant.sees("Order sent: Open once", "“Emergency vehicle”, no answer yet")


def test_an_attendant_sees_to_a_call_for_help(town, member):
    alive(town)
    town.park.hear(town.park.entry.report(GateNotice(code="help_called", detail="button"), now()), now=now())
    attendant = member("attendant").open(f"/lanes/{SITE}/entry-1").press("I see to it").sees("sees to it, since")
    attendant.page.get_by_label("What came of it").fill("showed the way to the lift")
    attendant.press("Close the call")
    expect(attendant.page.get_by_text("A driver called for help")).to_have_count(0)


def test_an_attendant_takes_cash_in_a_shift_and_cashes_up(town, member, car):
    town.enter(timedelta(minutes=50), car)
    town.ask_to_leave(car)
    attendant = member("attendant").open("/money/shift").send("/money/shift/open", float="500")
    attendant.page.get_by_label("Plate begins with").fill(car)
    attendant.press("Find").press("Ask the price").sees("₹170", "of ₹200 give back ₹30")
    attendant.press("₹170 taken in cash").sees("₹170 taken. The exit opens.")
    attendant.send("/drop", amount="500")
    attendant.send("/close", counted="169.50", reason="a coin rolled away").sees("a coin rolled away", "-₹0.50")


def test_an_attendant_takes_a_card_and_prints_the_receipt(town, member, car):
    town.enter(timedelta(minutes=50), car)
    town.ask_to_leave(car)
    attendant = member("attendant").open("/money/shift").send("/money/shift/open", float="0")
    attendant.open(f"/money/shift?plate={car}").press("Ask the price").send("", "Taken by card", slip="004711")
    attendant.follow("Print the receipt").sees("SAC 996743")


def test_an_attendant_enters_a_vehicle_that_no_gate_told_of(member, car):
    attendant = member("attendant").open("/stays").follow("Enter a vehicle")
    attendant.send("", plate=car, gate="entry-1", reason="the camera was dirty").sees("This will be recorded")
    attendant.press("Enter it").sees(spaced(car), "the camera was dirty")


def test_staff_find_a_stay_and_read_what_happened(town, member, car):
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    town.ask_to_leave(car)
    attendant = member("attendant").open("/stays")
    attendant.page.get_by_label("Plate begins with").fill(spaced(car).lower())
    attendant.press("Show")
    expect(attendant.page.locator(".plate-link")).to_have_count(1)
    attendant.follow(spaced(car)).sees(f"Wants to leave: {car}")
    assert attendant.page.url.endswith(stay_id)


def test_a_supervisor_corrects_a_plate_and_undoes_it(town, member, car):
    stay_id, _ = town.enter(timedelta(minutes=50), f"{car}Z")
    supervisor = member("supervisor").open(f"/stays/{stay_id}").follow("Correct the plate")
    supervisor.send("", plate=car, reason="seen on the camera").sees("This will change")
    supervisor.press("Correct the plate").sees("Plate corrected", "seen on the camera")
    assert town.park.stay(stay_id).plate == car
    supervisor.follow("Undo").send("", reason="the first was right").sees("undone")
    assert town.park.stay(stay_id).plate == f"{car}Z"


def test_a_supervisor_tells_a_driver_of_a_violation_and_waives_it(town, member, car):
    stay_id = overstay(town, car)
    supervisor = member("supervisor").open(f"/stays/{stay_id}")
    supervisor.page.locator('main a[href*="/violations/"]').first.click()
    supervisor.send("/tell", how="windscreen").sees("Driver told", "Pay by")
    supervisor.send("/waive", reason="first time").sees("Waived: first time")


def test_a_supervisor_raises_a_violation_by_hand(town, member, car):
    watch(town.park, Kind.WRONG_CLASS)
    stay_id, _ = town.enter(timedelta(minutes=5), car)
    supervisor = member("supervisor").open(f"/stays/{stay_id}")
    supervisor.send("/violations/raise", reason="stood across two places").sees("stood across two places")


def test_a_supervisor_gives_money_back_with_a_credit_note(town, guest, member, car):
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    guest.open(town.pay_page(stay_id)).press("Pay with UPI").follow("Pay in the browser instead").press("Approve")
    guest.open(town.pay_page(stay_id)).sees("Paid. Thank you.").follow("Receipt")
    serial = guest.page.locator("main").inner_text().split("DELH/")[1].split()[0]
    supervisor = member("supervisor").open("/money/refunds")
    supervisor.open(f"/money/refunds?receipt=DELH/{serial}").send("", "Give", amount="70", reason="waited at the exit")
    supervisor.sees("waited at the exit", "₹70")


def test_a_manager_reads_how_a_gate_is_and_orders_a_self_test(town, member):
    alive(town)
    manager = member("manager").open("/gates").follow("entry-1")
    manager.send("/order", order="self_test", reason="after the storm").sees("after the storm")
