"""A driver paying on his phone: the car park's guest page, then the payment provider's page, form by form."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass

from edge.simulation.demo.browser import Browser, Page, PageError

DEADLINE_S = 60.0
LOOK_AGAIN_S = 0.3
GOOD_UPI_ID = "success@mock"
# what a person looks for on the car park's pages, as they begin, in small letters
TO_PAY = ("pay", "try again")
TO_PROVIDER = "pay in the browser"
SETTLED = ("paid. thank you", "nothing to pay", "nothing is to be paid", "this parking has ended")
_RUPEES = re.compile(r"₹\s?([\d,]+(?:\.\d\d)?)")


@dataclass(frozen=True, slots=True)
class Paid:
    """What the driver saw: the amount asked on the provider's page ("" when nothing was due) and how often refused."""

    amount: str
    refused: int


def pay(link: str, refusals: tuple[str, ...], ticket: str = "") -> Paid:
    """Pays what the page at `link` asks, after being refused once for each of `refusals`; PageError when he can't.

    ticket  code typed in where the page asks for one
    """
    browser = Browser()
    try:
        return _Payment(browser, list(refusals), ticket).make(link)
    finally:
        browser.close()


class _Payment:
    def __init__(self, browser: Browser, refusals: list[str], ticket: str) -> None:
        self._browser, self._refusals, self._ticket = browser, refusals, ticket
        self._refused = 0
        self._amount = ""
        self._approved = False
        self._trouble = ""

    def make(self, link: str) -> Paid:
        until = time.monotonic() + DEADLINE_S
        page = self._reload(link)
        while page is None or not self._settled(page):
            if time.monotonic() > until:
                says = f"{page.url} says {page.text[-300:]!r}" if page else self._trouble
                raise PageError(f"not paid after {DEADLINE_S:.0f} s: {says}")
            try:
                page = (page and self._next(page)) or self._reload(link)
            except PageError as error:  # as a person does: the page did not come, so ask for it again
                self._trouble, page = str(error), None
        return Paid(self._amount, self._refused)

    def _settled(self, page: Page) -> bool:
        """Back on the car park's own page, and it says that nothing is left to pay."""
        words = page.text.lower()
        more = _is_providers(page) or page.button(*TO_PAY) or page.link(TO_PROVIDER)
        return page.status == 200 and not more and any(words_said in words for words_said in SETTLED)

    def _next(self, page: Page) -> Page | None:
        """Presses what a person would press now; None where there is nothing but to wait."""
        if _is_providers(page):
            return self._at_provider(page)
        for form in page.forms:
            asked = next((name for name in form.empty if name == "ticket"), None)
            if asked and self._ticket and form.buttons:
                threading.Event().wait(LOOK_AGAIN_S)
                return self._browser.press(page, form, form.buttons[0], **{asked: self._ticket})
        if self._approved:
            return None
        if link := page.link(TO_PROVIDER):
            return self._browser.open(link)
        if found := page.button(*TO_PAY):
            return self._browser.press(page, *found)
        return None

    def _at_provider(self, page: Page) -> Page:
        approve, decline = page.button("approve"), page.button("decline")
        if approve is None or decline is None:
            back = page.link("back")
            if back is None:
                raise PageError(f"{page.url}: neither Approve nor a way back; the page says {page.text[:200]!r}")
            return self._browser.open(back)
        self._amount = next(iter(_RUPEES.findall(page.text)), "")
        if self._refusals:
            upi_id = self._refusals.pop(0)
            self._refused += 1
            return self._browser.press(page, *(approve if upi_id else decline), vpa=upi_id or GOOD_UPI_ID)
        self._approved = True
        return self._browser.press(page, *approve, vpa=GOOD_UPI_ID)

    def _reload(self, link: str) -> Page | None:
        """The page again after a moment; None when it does not come."""
        threading.Event().wait(LOOK_AGAIN_S)
        try:
            return self._browser.open(link)
        except PageError as error:
            self._trouble = str(error)
            return None


def _is_providers(page: Page) -> bool:
    return "mock upi sandbox" in page.text.lower()
