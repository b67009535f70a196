"""Whole journeys in a real browser: the first administrator's first minute, and a driver who pays on a phone."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from central.actions import staff
from edge.protocol.messages import GateState
from edge.protocol.topics import GateTopics
from tests.browser.conftest import DESK, PHONE
from tests.central.car_park import SITE, plate
from tests.central.web.people import PASSWORD
from tests.central.web.town import now

pytestmark = pytest.mark.browser


def tell(town, **facts) -> None:
    state = {"boom": "closed", "mode": "normal", "inputs": {}, "wall": now()} | facts
    town.park.hear((GateTopics(SITE, "entry-1").state, GateState(**state).encode()))


def set_up(town, page) -> None:
    """From the set-up link to the lanes."""
    with town.park.db.begin() as session:
        token = staff.make_setup_link(session, now(), "tests")
    page.goto(f"{town.url}/setup/{token}")
    page.get_by_label("Your name").fill("Asha Rao")
    page.get_by_label("E-mail").fill("asha@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password once more").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_text("Welcome, Asha Rao")).to_be_visible()


def no_sideways_scroll(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_first_administrator_watches_a_lane_come_alive_and_opens_it(town, visit, size):
    page = visit(size)
    town.park.online(town.park.entry)
    tell(town)
    set_up(town, page)
    card = page.locator(f"#now-{SITE}-entry-1")
    expect(card).to_contain_text("Closed")
    tell(town, boom="opening", message="ticket", visit=town.park.entry.new_id(), plate=plate("MH12AB1234"))
    expect(card).to_contain_text("MH 12 AB 1234")
    expect(card).to_contain_text("Letting in")
    assert no_sideways_scroll(page)
    page.get_by_role("link", name="Open… entry-1").click()
    page.get_by_label("Emergency vehicle").check()
    page.get_by_role("button", name="Open the barrier").click()
    expect(page.get_by_text("Order sent: Open once")).to_be_visible()
    expect(card).to_contain_text("“Emergency vehicle”, no answer yet")
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("E-mail").fill("asha@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    # from the second log-in on the role needs a second factor
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    page.get_by_label("Code").fill(pyotp.TOTP(page.locator("code").inner_text()).now())
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_role("link", name="I have them").click()
    expect(card).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_guest_is_declined_once_then_pays_and_gets_a_receipt(town, visit, scripts):
    _, ticket = town.enter(timedelta(minutes=50))
    page = visit(PHONE, java_script_enabled=scripts)
    page.goto(f"{town.url}/ticket")
    page.get_by_label("Ticket code").fill(f"{ticket[:13].lower()} {ticket[13:]}")
    page.get_by_role("button", name="Show my parking").click()
    expect(page.get_by_text("DL 1 CAB 1234")).to_be_visible()
    expect(page.locator(".amount")).to_have_text("₹170")
    pay_page = page.url
    page.get_by_role("button", name="Pay with UPI").click()
    expect(page.locator("svg.qr")).to_be_visible()
    assert page.get_by_role("link", name="Open my UPI app").get_attribute("href").startswith("upi://pay?pa=")
    page.get_by_role("link", name="Pay in the browser instead").click()
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Not paid")).to_be_visible()
    page.goto(pay_page)
    expect(page.get_by_text("No money was taken")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("link", name="Pay in the browser instead").click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Back to the car park").click()
    # the page looks again by itself, should the news not have come yet
    expect(page.get_by_text("Paid. Thank you.")).to_be_visible(timeout=15_000)
    if scripts:
        assert no_sideways_scroll(page)
    page.get_by_role("link", name="Receipt").click()
    expect(page.get_by_text("SAC 996743")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_have_count(1 if scripts else 0)


def test_staff_find_a_stay_and_read_what_happened(town, visit):
    page = visit(PHONE)
    stay_id, _ = town.enter(timedelta(minutes=50))
    town.enter(timedelta(minutes=5), text="MH12AB1234")
    town.ask_to_leave()
    set_up(town, page)
    page.get_by_role("link", name="Stays").click()
    page.get_by_label("Plate begins with").fill("dl 1")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".plate-link")).to_have_count(1)
    page.locator(".plate-link").click()
    assert page.url.endswith(stay_id)
    expect(page.get_by_text("Wants to leave: DL1CAB1234")).to_be_visible()
    assert no_sideways_scroll(page)


def test_the_pages_follow_the_readers_dark_mode(town, visit):
    page = visit(PHONE, color_scheme="dark")
    page.goto(f"{town.url}/ticket")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
