"""The first administrator's first minute, from the set-up link to a second log-in; and pages after dark."""

from __future__ import annotations

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
EMAIL = "asha@example.org"


def tell(town, **facts) -> None:
    state = {"boom": "closed", "mode": "normal", "inputs": {}, "wall": now()} | facts
    town.park.hear((GateTopics(SITE, "entry-1").state, GateState(**state).encode()))


def set_up(town, page) -> None:
    """From the set-up link to the lanes."""
    with town.park.db.begin() as session:
        token = staff.make_setup_link(session, now(), "tests")
    page.goto(f"{town.url}/setup/{token}")
    page.get_by_label("Your name").fill("Asha Rao")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password once more").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_text("Welcome, Asha Rao")).to_be_visible()


def no_sideways_scroll(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390 px", "1280 px"])
def test_the_first_administrator_watches_a_lane_come_alive_and_opens_it(new_town, visit, size):
    town, page = new_town, visit(size)
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
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    # from the second log-in on the role needs a second factor
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    page.get_by_label("Code").fill(pyotp.TOTP(page.locator("code").inner_text()).now())
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_role("link", name="I have them").click()
    expect(card).to_be_visible()


def test_the_pages_follow_the_readers_dark_mode(town, visit):
    page = visit(PHONE, color_scheme="dark")
    page.goto(f"{town.url}/ticket")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
