"""What the first page weighs on its way to a phone: its HTML and its style sheets as they are sent."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
import requests

from tests.security.observatory import Tags

pytestmark = pytest.mark.browser
MOST_BYTES = 150_000
PHONE = {"Accept-Encoding": "gzip, deflate, br", "User-Agent": "Chrome on Android"}


class Sheets(Tags):
    """The page's style sheets too."""

    def __init__(self, html: str) -> None:
        self.sheets: list[str] = []
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        given = dict(attrs)
        if tag == "link" and given.get("rel") == "stylesheet":
            self.sheets.append(given["href"] or "")


def sent(url: str) -> tuple[int, str]:
    """How many bytes of an answer came over the wire, its headers too; and what it says."""
    with requests.get(url, headers=PHONE, stream=True, timeout=10) as answer:
        assert answer.ok, url
        heads = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        raw = answer.raw.read(decode_content=False)
    whole = requests.get(url, headers=PHONE, timeout=10)
    return heads + len(raw), whole.text


@pytest.mark.parametrize("path", ["/ticket", "/login", "/book", "/register"])
def test_a_first_page_can_be_used_after_150_kb(town, path):
    page, html = sent(f"{town.url}{path}")
    sheets = Sheets(html).sheets
    assert sheets
    whole = page + sum(sent(urljoin(town.url, sheet))[0] for sheet in sheets)
    assert whole <= MOST_BYTES, f"{path}: {whole} bytes with {sheets}"


def test_its_scripts_and_drawings_added_it_still_is_below(town):
    page, html = sent(f"{town.url}/ticket")
    found = Sheets(html)
    everything = [*found.sheets, *found.scripts, "/static/parkmeter.svg"]
    assert page + sum(sent(urljoin(town.url, one))[0] for one in everything) <= MOST_BYTES
