"""The lane display in a real browser: nothing runs off any screen it may hang on, and it renews without a script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from edge.rules.access import Reason
from edge.rules.display import Display, Screen
from tests.edge.http_gate import NOW, ServedGate, serving

pytestmark = pytest.mark.browser

LINK = "https://park.example.org/t/ABCDEFGHJKMNPQRSTUVWXYZ234"
SIZES = {"small panel": (800, 480), "column": (1080, 1920), "phone": (390, 844), "television": (1920, 1080)}
STAY = {"plate": "MH12AB1234", "pay_url": LINK, "entered_at": NOW - timedelta(days=9, hours=23), "stopped_at": NOW}
NOTE = "Your last visit was not paid for; its Rs 170 are in this amount. Press the button if this is wrong."
SCREENS = [
    *(Display(screen, plate="MH12AB1234") for screen in Screen if screen not in (Screen.PAY, Screen.TICKET)),
    *(Display(Screen.HELP, reason=reason, called=True) for reason in (Reason.NO_ANSWER, Reason.UNREAD)),
    Display(Screen.HELP, reason=Reason.NO_STAY, **STAY),
    Display(Screen.TICKET, plate="MH12AB1234", ticket="ABCDEFGHJKMNPQRSTUVWXYZ234"),
    Display(Screen.PAY, amount_paise=17000, **STAY),
    Display(Screen.PAY, amount_paise=12345650, note=NOTE, called=True, **STAY),
]
OUTSIDE = """() => [...document.querySelectorAll("main *")].filter((part) => {
  const box = part.getBoundingClientRect();
  return box.width && (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
}).map((part) => part.outerHTML.slice(0, 80))"""
OVER_ONE_ANOTHER = """() => {
  const parts = [...document.querySelectorAll("header, .due, .said, .scan, footer")];
  const boxes = parts.map((part) => part.getBoundingClientRect()).filter((box) => box.width && box.height);
  return boxes.some((one, n) => boxes.slice(n + 1).some((two) =>
    one.left < two.right - 2 && two.left < one.right - 2 && one.top < two.bottom - 2 && two.top < one.bottom - 2));
}"""


@pytest.fixture(scope="module")
def gate(tmp_path_factory) -> Iterator[ServedGate]:
    with serving(tmp_path_factory.mktemp("gate"), name="Sahyadri Hospital, South exit") as served:
        yield served


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_fits_and_no_part_lies_on_another(chromium, gate, size):
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height})
    for shown in SCREENS:
        gate.panel.display = shown
        page.goto(f"http://127.0.0.1:{gate.port}/display")
        assert page.evaluate(OUTSIDE) == [], f"{shown.screen}, {shown.reason}"
        assert not page.evaluate(OVER_ONE_ANOTHER), f"{shown.screen}, {shown.reason}"
    page.close()


@pytest.mark.parametrize("script", [True, False])
def test_the_screen_changes_by_itself_with_and_without_scripts(chromium, gate, script):
    gate.panel.display = Display()
    page = chromium.new_page(java_script_enabled=script)
    page.goto(f"http://127.0.0.1:{gate.port}/display")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    gate.panel.display = Display(Screen.PAY, amount_paise=17000, **STAY)
    expect(page.get_by_text("₹170", exact=True)).to_be_visible(timeout=20_000)
    page.close()
