"""The API over a car park whose gates have reported, and programs with tokens of any scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from central.actions import api_tokens
from central.settings import WebhookSettings
from central.web import create_app
from central.web.limits import limiter
from tests.central.api.programs import Program
from tests.central.car_park import CarPark
from tests.central.web.conftest import quick_hashes, sign_in

__all__ = ["quick_hashes", "sign_in"]


@pytest.fixture
def database(sqlite):
    """What the API works on; a file of tests that matter on PostgreSQL too says so by a fixture of this name."""
    return sqlite


@pytest.fixture
def web_settings(settings, database):
    made = settings.model_copy(
        update={
            "database_url": database.url.render_as_string(hide_password=False),
            "webhooks": WebhookSettings(http_on_loopback=True),
        }
    )
    Path(made.images).mkdir(parents=True, exist_ok=True)
    return made


@pytest.fixture
def park(database, web_settings) -> CarPark:
    return CarPark(database, web_settings)


@pytest.fixture
def app(web_settings, park) -> Iterator[Flask]:
    made = create_app(web_settings)
    yield made
    limiter.reset()
    made.extensions["parkmeter"].database.close()


@pytest.fixture
def program(app, park) -> Callable[..., Program]:
    """A program with a token: of those scopes, or of every one; for those sites, or for every one."""
    count = 0

    def made(
        *scopes: str, sites: tuple[str, ...] = (), lasts: timedelta | None = None, made_at: datetime | None = None
    ) -> Program:
        nonlocal count
        count += 1
        with park.db.begin() as session:
            token, text = api_tokens.make_token(
                session, f"till {count}", scopes or tuple(api_tokens.SCOPES), sites, made_at or datetime.now(UTC),
                "tests", lasts=lasts,
            )  # fmt: skip
        return Program(app.test_client(use_cookies=False), text, token)

    return made
