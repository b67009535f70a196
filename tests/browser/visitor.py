"""Somebody in front of a browser: opens pages, presses what is on them, fills in forms, reads; and looks at each."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.looks import Looks
from tests.central.web.people import PASSWORD
from tests.central.web.town import Town, until


class Visitor:
    """One person with one browser of one size."""

    def __init__(self, page: Page, town: Town, looks: Looks, scripts: bool = True) -> None:
        self.page, self._town, self._looks, self._scripts = page, town, looks, scripts
        self.wrong: list[str] = []

    def open(self, path: str) -> Visitor:
        """A page by its address, whole or within our site."""
        self.page.goto(path if "://" in path else f"{self._town.url}{path}")
        return self._arrived()

    def follow(self, name: str | re.Pattern, within: str = "body") -> Visitor:
        """A link by what it says; where it stands in a menu, that is opened first."""
        return self._click(self.page.locator(within).get_by_role("link", name=name, include_hidden=True).first)

    def press(self, name: str | re.Pattern, within: str = "body") -> Visitor:
        """A button by what it says; where it stands in a part that is folded up, that is opened first."""
        return self._click(self.page.locator(within).get_by_role("button", name=name, include_hidden=True).first)

    def send(self, action: str, button: str = "", **fields: str | bool) -> Visitor:
        """A form: the one that goes to an address (its end says which), or that has the button; fields by name."""
        forms = self.page.locator(f'main form[action$="{action}"]' if action else 'main form[method="post"]')
        form = forms.filter(has=self.page.locator("button", has_text=button)).first if button else forms.first
        for name, value in fields.items():
            self._put(form.locator(f'[name="{name}"]:not([type=hidden])'), value)
        buttons = form.locator("button, input[type=submit]")
        return self._click(buttons.filter(has_text=button).first if button else buttons.first)

    def sees(self, *words: str) -> Visitor:
        """Each of these can be read on the page, now or when it has renewed itself."""
        for text in words:
            expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()
        return self

    def reads_again(self, words: str) -> Visitor:
        """These are on the page once the news has come, for somebody who loads it again and again."""
        until(lambda: self.page.reload() and words in self.page.inner_text("main"))
        return self._arrived()

    def text(self, css: str) -> str:
        return self.page.locator(css).first.inner_text()

    def log_in(self, email: str, password: str = PASSWORD) -> Visitor:
        return self.open("/login").send("/login", email=email, password=password)

    def downloads(self, name: str) -> str:
        """What comes as a file when a link is followed."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=name).first.click()
        return waiting.value.path().read_text()

    def _put(self, fields: Locator, value: str | bool) -> None:
        field = fields.first
        self._unfold(field)
        kind = field.evaluate("f => f.tagName === 'SELECT' ? 'select' : f.type") if self._scripts else "text"
        if kind == "radio":
            fields.locator(f'xpath=self::*[@value="{value}"]').check()
        elif kind == "checkbox":
            field.set_checked(bool(value))
        elif kind == "select":
            field.select_option(value)
        else:
            field.fill(str(value))

    def _unfold(self, inner: Locator) -> None:
        for folded in inner.locator("xpath=ancestor::details[not(@open)]").all():
            folded.locator("summary").first.click()

    def _click(self, button: Locator) -> Visitor:
        self._unfold(button)
        button.click()
        return self._arrived()

    def _arrived(self) -> Visitor:
        self.page.wait_for_load_state()
        if self._scripts:
            self.wrong += self._looks.at(self.page)
        return self
