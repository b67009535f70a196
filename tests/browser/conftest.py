"""Chromium over the pages as they are served. What it logs as an error, or asks of another machine, fails a test.

One car park is served for all journeys of a test process: each journey brings vehicles and people of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, expect

from central import keys
from central.actions import staff
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.web import passwords
from central.web.limits import limiter
from tests.browser import unseen
from tests.browser.looks import Looks
from tests.browser.unseen import Tally
from tests.browser.visitor import Visitor
from tests.central.car_park import CarPark
from tests.central.conftest import empty_sqlite, settings, sqlite  # noqa: F401 - fixtures
from tests.central.web.people import PASSWORD
from tests.central.web.town import Town, now, serving

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
expect.set_options(timeout=15_000)  # a page renews itself every few seconds, and a busy machine takes its time
# a page that says 404 or 422 is logged by Chromium as a resource that failed, and is none of these
_EXPECTED = "Failed to load resource: the server responded with a status of 4"
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def town(tmp_path_factory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("journeys")
    made = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'central.db'}")
    keys.make(made)
    db = Database(made.database)
    migrations.upgrade(db.engine)
    Path(made.images).mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patched:
        # Argon2id as ever, but with parameters a test can wait for
        patched.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        passwords._nobodys.cache_clear()
        with serving(CarPark(db, made), made) as served:
            yield served
    passwords._nobodys.cache_clear()
    db.close()


@pytest.fixture
def new_town(sqlite: Database, settings: Settings) -> Iterator[Town]:  # noqa: F811 - that is how fixtures are asked for
    """A car park of a test's own, where nobody has been yet."""
    made = settings.model_copy(update={"database_url": f"sqlite:///{sqlite.url.database}"})
    Path(made.images).mkdir(parents=True, exist_ok=True)
    with serving(CarPark(sqlite, settings), made) as served:
        yield served


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory) -> Path:
    """One for all test processes of a run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def looks(town: Town, run_folder: Path, tally: Tally) -> Iterator[Looks]:
    """One memory of what has been looked at. Where the whole folder has run, every page has been."""
    made = Looks(town.app, run_folder / "looked-at", town.url)
    yield made
    if tally.all_ended():
        missed = made.missed(unseen.pages(town.app), (PHONE["width"], DESK["width"]))
        assert not missed, f"no journey and no sweep opens {', '.join(missed)}"


@pytest.fixture(scope="session")
def tally(request, run_folder: Path) -> Tally:
    return Tally(run_folder / "ended", request.session)


@pytest.fixture(autouse=True)
def counted(request, tally: Tally, looks: Looks) -> Iterator[None]:
    """Every test of the folder, and each process of them asks at its end whether a page was left out."""
    yield
    tally.ended(request.node.nodeid)


@pytest.fixture(autouse=True)
def nobody_has_guessed_yet() -> Iterator[None]:
    yield
    limiter.reset()


@pytest.fixture
def number() -> int:
    """One that no other journey has: for plates and addresses."""
    return next(_NUMBERS)


@pytest.fixture
def car(number: int) -> str:
    """A plate that no other journey has."""
    return f"DL3CX{number:04d}"


@pytest.fixture(params=[PHONE, DESK], ids=["390 px", "1280 px"])
def size(request) -> dict[str, int]:
    return request.param


@pytest.fixture
def someone(town: Town, visit, looks: Looks, size: dict[str, int]) -> Iterator[Callable[..., Visitor]]:
    """Somebody whom we do not know, with a browser of the size. No page of theirs had anything wrong with it."""
    visitors: list[Visitor] = []

    def come(**more: object) -> Visitor:
        visitors.append(Visitor(visit(size, **more), town, looks, more.get("java_script_enabled", True)))
        return visitors[-1]

    yield come
    wrong = [text for visitor in visitors for text in visitor.wrong]
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def guest(someone) -> Visitor:
    return someone()


@pytest.fixture
def member(town: Town, someone, number: int) -> Callable[..., Visitor]:
    """Somebody of the staff, who logs in on the first page."""

    def logged_in(role: str) -> Visitor:
        email = f"{role}{number}@example.org"
        with town.park.db.begin() as session:
            made = passwords.hashed(PASSWORD)
            staff.add_user(session, now(), "tests", email=email, name=role.title(), password_hash=made, role=role)
        return someone().log_in(email)

    return logged_in


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of a given size, in a browser that knows nothing yet."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def opened(size: dict[str, int], **more: object) -> Page:
        context = chromium.new_context(viewport=size, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: note(said.type, said.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: leaves(request.url))
        return page

    def note(kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(_EXPECTED):
            troubles.append(text)

    def leaves(url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            troubles.append(f"asked {url}")

    yield opened
    for context in contexts:
        context.close()
    assert not troubles
