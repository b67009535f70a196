"""Pages that renew themselves: they ask with the tag of what they show, never unseen, and no more once all is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from central.actions import guest
from edge.protocol.messages import Exited
from tests.central.car_park import plate
from tests.central.web.town import PLATE, Town, now

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
# a minute of parking is counted as it ends: the next ends long after the test
PARKED = timedelta(minutes=50, seconds=2)
EVERY_MS = 30_000
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def stay(town: Town) -> str:
    """One that runs."""
    return town.enter(PARKED)[0]


@pytest.fixture
def page(town: Town, stay: str, visit) -> Page:
    """Its pay page, on a phone whose clock can be put forward."""
    page = visit(PHONE)
    page.clock.install()
    page.goto(town.pay_page(stay))
    return page


def answers_to(page: Page) -> list[int]:
    """Collects the status of each answer to the script, from now on."""
    found: list[int] = []
    page.on("response", lambda answer: found.append(answer.status) if answer.request.resource_type == "fetch" else None)
    return found


def test_a_page_asks_with_its_tag_and_goes_on_by_itself_until_there_is_no_more_to_say(town, stay, page):
    answers = answers_to(page)
    with page.expect_response("**/p/*") as told:
        page.clock.run_for(EVERY_MS)
    assert told.value.status == 304
    with town.park.db.begin() as session:
        due = guest.ask_price(session, stay, now())
    town.park.pay(due.id, now())
    page.clock.run_for(EVERY_MS)
    expect(page.get_by_text("Paid. Thank you.")).to_be_visible()
    assert answers == [304, 200]
    town.park.hear(town.park.exit.report(Exited(plate=plate(PLATE)), now(), stay), now=now())
    page.clock.run_for(EVERY_MS)
    expect(page.get_by_text("This parking has ended")).to_be_visible()
    expect(page.locator("[data-again]")).to_have_count(0)


def test_a_page_that_nobody_sees_asks_nothing_and_at_once_when_it_is_seen_again(page):
    answers = answers_to(page)
    page.evaluate(HIDE, True)
    page.clock.run_for(4 * EVERY_MS)
    assert answers == []
    with page.expect_response("**/p/*"):
        page.evaluate(HIDE, False)
    assert answers == [304]


def test_a_page_without_an_answer_asks_less_often(page):
    answers = answers_to(page)
    page.route("**/p/*", lambda route: route.fulfill(status=429))
    with page.expect_response("**/p/*"):
        page.clock.run_for(EVERY_MS)
    page.clock.run_for(EVERY_MS)
    assert answers == [429]
    with page.expect_response("**/p/*"):
        page.clock.run_for(2 * EVERY_MS)


def test_what_somebody_types_is_not_taken_from_them(town, visit):
    asked_for = town.ask_to_leave(text="KA01ZZ9999")
    page = visit(PHONE)
    page.clock.install()
    page.goto(town.pay_page(asked_for))
    answers = answers_to(page)
    page.get_by_label("Ticket code").fill("ABCD")
    page.clock.run_for(2 * EVERY_MS)
    assert answers == []
    page.get_by_label("Ticket code").blur()
    with page.expect_response("**/p/*"):
        page.clock.run_for(EVERY_MS)
