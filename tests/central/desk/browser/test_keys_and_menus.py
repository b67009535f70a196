"""What only a browser shows: decisions with one key, menus by keyboard, and pages that axe finds nothing wrong with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from central.actions import access, staff
from central.web import passwords
from edge.protocol.messages import GateNotice
from tests.central.car_park import SITE
from tests.central.desk.test_review import ask_to_leave, enter
from tests.central.web.people import PASSWORD
from tests.central.web.town import Town, now

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def see(town: Town, visit) -> Callable[..., Page]:
    """A page as a member of staff sees it."""
    with town.park.db.begin() as session:
        staff.add_user(
            session, now(), "tests", email="admin@example.org", name="Admin", role="administrator",
            password_hash=passwords.hashed(PASSWORD),
        )  # fmt: skip

    def seen(path: str, size: dict[str, int] = DESK, **more: object) -> Page:
        page = visit(size, **more)
        page.goto(f"{town.url}/login?next={path}")
        page.fill("[name=email]", "admin@example.org")
        page.fill("[name=password]", PASSWORD)
        page.locator("main form button").first.click()
        expect(page.locator(".staff-menu")).to_be_visible()
        page.wait_for_load_state("domcontentloaded")  # deferred scripts have run by then
        return page

    return seen


def keys_live(page: Page) -> Page:
    """Once the keys do something, which the page tells: whoever presses one right after a navigation asks first."""
    expect(page.locator("html[data-keys=live]")).to_be_attached()
    return page


def test_the_queue_is_decided_and_taken_back_without_a_mouse(town, see):
    first, second = enter(town.park, "MH12AB1", 0, how="tailgated"), enter(town.park, "MH12AB2", 1, 0.6)
    page = keys_live(see("/review"))
    expect(page.get_by_text("Keys", exact=True)).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("[data-item]").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("[data-item]").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("2")  # right as it is
    expect(page.get_by_text("Left as it is.")).to_be_visible()
    assert town.park.stay(first).review is None and town.park.stay(second).review
    keys_live(page).keyboard.press("u")
    expect(page.get_by_text("It is to be looked at again.")).to_be_visible()
    assert town.park.stay(first).review == "entered tailgated"


def test_keys_typed_into_a_field_decide_nothing(town, see):
    stay = enter(town.park, None, 0)
    page = keys_live(see("/review"))
    page.get_by_label("The right plate").click()
    page.keyboard.type("MH12JKU1234")
    assert page.get_by_label("The right plate").input_value() == "MH12JKU1234"
    page.keyboard.press("Escape")
    assert town.park.stay(stay).review
    page.get_by_role("button", name="This plate").click()
    expect(page.get_by_text("Done.")).to_be_visible()
    assert town.park.stay(stay).plate == "MH12JKU1234"


def test_a_menu_opens_and_shuts_by_keyboard_and_only_one_stands_open(see):
    page = see("/lanes")
    menus = page.locator(".staff-menu details")
    menus.nth(0).locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menus.nth(0).get_by_role("link", name="Reports")).to_be_visible()
    menus.nth(1).locator("summary").click()
    assert [menus.nth(at).evaluate("menu => menu.open") for at in range(3)] == [False, True, False]
    page.keyboard.press("Escape")
    expect(menus.nth(1).locator("ul")).to_be_hidden()
    expect(menus.nth(1).locator("summary")).to_be_focused()


def test_menus_and_decisions_work_without_javascript(town, see):
    stay = enter(town.park, "MH12AB1", 0, how="tailgated")
    page = see("/lanes", PHONE, java_script_enabled=False)
    page.locator(".staff-menu summary", has_text="Set-up").click()
    page.get_by_role("link", name="Access list").click()
    page.get_by_role("link", name="Review").click()
    expect(page.locator("details.keys")).to_have_count(1)
    expect(page.locator("details.keys")).to_be_hidden()  # none would do anything
    page.get_by_role("button", name="Right as it is").click()
    expect(page.get_by_text("Left as it is.")).to_be_visible()
    assert town.park.stay(stay).review is None


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_on_any_of_these_pages_and_none_is_wider_than_its_window(town, see, size):
    enter(town.park, None, 0)
    stay = ask_to_leave(town.park, "MH12AB1234", 30)
    town.park.hear(("parking/v1/delhi/entry-1/x", b"?"), now=now())
    call = GateNotice(code="help_called", severity="info", detail="button")
    town.park.hear(town.park.entry.report(call, now()), now=now())
    town.park.online(town.park.entry)
    with town.park.db.begin() as session:
        access.set_rule(session, SITE, "DL1CAB1234", "denied", now(), "tests", note="stolen")
    page, wrong = see("/lanes", size), []
    for path in ("/lanes", "/lanes/delhi/entry-1", "/review", "/stays?class=car", f"/stays/{stay}", "/stays/enter",
                 f"/stays/{stay}/correct/merge", "/lists", "/mock-payments", "/quarantine"):  # fmt: skip
        page.goto(town.url + path)
        if path == "/lanes":
            page.locator(".staff-menu summary").last.click()
        found = Axe().run(page)
        wrong += [found.generate_report()] if found.violations_count else []
        wrong += [f"{path} is too wide"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
    assert not wrong, "\n".join(wrong)
