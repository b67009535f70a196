"""A phone's browser without JavaScript: pages, links and forms over HTTP, as far as a payer needs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT_S = 15.0


class PageError(Exception):
    """A page that could not be had, or without what a person would look for on it."""


@dataclass
class Button:
    """One way to send a form. name "" is a button that sends nothing of its own."""

    text: str = ""
    name: str = ""
    value: str = ""


@dataclass
class Form:
    """A form as the page sent it: fields holds every value already filled in, hidden ones too."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What came back, taken apart. text: all that a person reads, one space between words."""

    url: str
    status: int
    text: str
    forms: list[Form]
    links: list[tuple[str, str]]

    def button(self, *words: str) -> tuple[Form, Button] | None:
        """The first button whose text starts with one of `words`, in any case, and its form."""
        for form in self.forms:
            for button in form.buttons:
                if button.text.lower().startswith(words):
                    return form, button
        return None

    def link(self, *words: str) -> str | None:
        """Address of the first link whose text starts with one of `words`, in any case."""
        return next((url for text, url in self.links if text.lower().startswith(words)), None)


class Browser:
    """Keeps its cookies; one for each person."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "ParkMeter demo driver"

    def open(self, url: str) -> Page:
        return self._page("GET", url)

    def press(self, page: Page, form: Form, button: Button, **typed: str) -> Page:
        """Sends the form by that button, with `typed` filled in by hand."""
        values = {**form.fields, **typed}
        if button.name:
            values[button.name] = button.value
        if form.method == "get":
            return self._page("GET", form.action, params=values)
        return self._page("POST", form.action, data=values, headers={"Referer": page.url})

    def close(self) -> None:
        self._session.close()

    def _page(self, method: str, url: str, **parts) -> Page:
        try:
            answer = self._session.request(method, url, timeout=TIMEOUT_S, **parts)
        except requests.RequestException as error:
            raise PageError(f"{method} {url}: {error}") from error
        if answer.status_code >= 500:
            raise PageError(f"{method} {url}: status {answer.status_code}")
        return parse(answer.url, answer.status_code, answer.text)


def parse(url: str, status: int, html: str) -> Page:
    """The page of an HTML text that came from `url`."""
    parser = _Parser(url)
    parser.feed(html)
    parser.close()
    return Page(url, status, " ".join(" ".join(parser.words).split()), parser.forms, parser.links)


class _Parser(HTMLParser):
    """Collects forms, links and text; forgiving, as browsers are."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._url = url
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self._link: tuple[list[str], str] | None = None
        self._select = ""
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._unread += 1
        elif tag == "form":
            self._form = Form(urljoin(self._url, given.get("action") or self._url), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link = ([], urljoin(self._url, given["href"]))
        elif self._form is not None:
            self._control(self._form, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "").lower()
        if tag == "button" and kind in ("", "submit"):
            self._button = Button("", name, given.get("value", ""))
            form.buttons.append(self._button)
        elif tag == "input" and kind in ("submit", "image"):
            form.buttons.append(Button(given.get("value", ""), name, given.get("value", "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.fields):
            form.fields[self._select] = given.get("value", "")
        elif tag in ("input", "textarea") and name and kind not in ("button", "reset"):
            if kind in ("checkbox", "radio") and "checked" not in given:
                return
            form.fields[name] = given.get("value", "on" if kind == "checkbox" else "")
            if not form.fields[name] and kind != "hidden":
                form.empty.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unread = max(0, self._unread - 1)
        elif tag == "form":
            self._form = None
        elif tag == "button" and self._button is not None:
            self._button.text = " ".join(self._button.text.split())
            self._button = None
        elif tag == "select":
            self._select = ""
        elif tag == "a" and self._link is not None:
            words, url = self._link
            self.links.append((" ".join("".join(words).split()), url))
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._unread:
            return
        self.words.append(data)
        if self._button is not None:
            self._button.text += data
        if self._link is not None:
            self._link[0].append(data)
