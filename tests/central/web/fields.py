"""What a page says beside a field that was typed wrongly."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple


class Wrong(NamedTuple):
    """field: its name. typed: what stands in it again. said: what it is described by."""

    field: str
    typed: str
    said: str


class _Reader(HTMLParser):
    """Notes fields that are marked as invalid, and the text of every element with an id."""

    def __init__(self) -> None:
        super().__init__()
        self.invalid: list[dict[str, str | None]] = []
        self.texts: dict[str, str] = {}
        self._inside = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self._inside = told.get("id") or ""
        if told.get("aria-invalid") == "true":
            self.invalid.append(told)
            self._select = told["id"] if tag == "select" else ""
        if tag == "option" and self._select and "selected" in told:
            self.texts[self._select] = told["value"] or ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside] = data.strip()


def wrong(page: str) -> list[Wrong]:
    """The fields of a page that are marked as wrong; they can be known by eye and by ear."""
    reader = _Reader()
    reader.feed(page)
    return [
        Wrong(one["name"], one.get("value") or reader.texts.get(one["id"], ""), reader.texts[one["aria-describedby"]])
        for one in reader.invalid
    ]
