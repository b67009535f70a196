"""Chromium over the pages as they are served. What it logs as an error, or asks of another machine, fails a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from central.settings import Settings
from central.store.database import Database
from tests.central.car_park import CarPark
from tests.central.conftest import empty_sqlite, settings, sqlite  # noqa: F401 - fixtures
from tests.central.web.town import Town, serving

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
expect.set_options(timeout=20_000)  # a page renews itself every few seconds, and a busy machine takes its time
# a page that says 404 or 422 is logged by Chromium as a resource that failed, and is none of these
_EXPECTED = "Failed to load resource: the server responded with a status of 4"


@pytest.fixture
def town(sqlite: Database, settings: Settings) -> Iterator[Town]:  # noqa: F811 - that is how fixtures are asked for
    made = settings.model_copy(update={"database_url": f"sqlite:///{sqlite.url.database}"})
    Path(made.images).mkdir(parents=True, exist_ok=True)
    with serving(CarPark(sqlite, settings), made) as served:
        yield served


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of a given size, in a browser that knows nothing yet."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def opened(size: dict[str, int], **more: object) -> Page:
        context = chromium.new_context(viewport=size, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: note(said.type, said.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: leaves(request.url))
        return page

    def note(kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(_EXPECTED):
            troubles.append(text)

    def leaves(url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:")):
            troubles.append(f"asked {url}")

    yield opened
    for context in contexts:
        context.close()
    assert not troubles
