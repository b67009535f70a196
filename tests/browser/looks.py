"""What every page of a journey must keep to: it fits its window, stands nothing inline, and axe finds nothing wrong."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException

AXE = Axe()
_INLINE = """() => [...document.querySelectorAll("script:not([src]), style, [onclick], [onchange], [onsubmit]")]
    .map(found => found.outerHTML.slice(0, 200))"""
_WIDER = """() => [...document.querySelectorAll("body *")]
    .filter(found => found.checkVisibility() && found.scrollWidth > found.clientWidth + 1)
    .map(found => found.outerHTML.slice(0, 120)).slice(0, 3)"""


class Looks:
    """Looks at pages as they come by; with axe once at each route and width, whichever test process has it."""

    def __init__(self, app: Flask, seen: Path, url: str) -> None:
        self._routes, self._seen, self._url = app.url_map.bind("", "/"), seen, url
        self._seen.mkdir(exist_ok=True)

    def route(self, page: Page) -> str | None:
        """The endpoint that a page comes from, None where it is not ours (the payment provider's)."""
        if not page.url.startswith(self._url):
            return None
        try:
            return self._routes.match(urlsplit(page.url).path, method="GET")[0]
        except HTTPException:
            return f"{urlsplit(page.url).path} by POST".replace("/", "-")

    def missed(self, pages: set[str], widths: Collection[int]) -> list[str]:
        """Those of the pages that nobody has looked at in each of these widths."""
        seen = {path.name for path in self._seen.iterdir()}
        return sorted({page for page in pages for width in widths if f"{page}-{width}" not in seen})

    def at(self, page: Page) -> list[str]:
        """What is wrong with the page that is shown."""
        route, width = self.route(page), page.viewport_size["width"]
        if route is None:
            return []
        wrong = []
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{page.url} is wider than {width} px: {page.evaluate(_WIDER)}")
        if inline := page.evaluate(_INLINE):
            wrong.append(f"{page.url}: stands inline: {inline}")
        # the same page may hold more another time, but each time it comes by would take minutes
        if self._first(f"{route}-{width}"):
            found = AXE.run(page)
            if found.violations_count:
                wrong.append(f"{page.url} at {width} px:\n{found.generate_report()}")
        return wrong

    def _first(self, name: str) -> bool:
        try:
            (self._seen / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
