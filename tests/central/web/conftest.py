"""The pages over a car park whose gates have reported, and a visitor for each kind of person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from central.actions import staff
from central.links import Links
from central.web import create_app, passwords
from central.web.limits import limiter
from tests.central.car_park import CarPark
from tests.central.web.people import EMAIL, PASSWORD, send
from tests.central.web.town import Town, now, serving


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch) -> None:
    """Argon2id as ever, but with parameters a test can wait for."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys.cache_clear()


@pytest.fixture
def web_settings(settings, sqlite):
    made = settings.model_copy(update={"database_url": f"sqlite:///{sqlite.url.database}"})
    Path(made.images).mkdir(parents=True, exist_ok=True)
    return made


@pytest.fixture
def park(sqlite, settings) -> CarPark:
    return CarPark(sqlite, settings)


@pytest.fixture
def app(web_settings, park) -> Iterator[Flask]:
    made = create_app(web_settings)
    yield made
    limiter.reset()
    made.extensions["parkmeter"].database.close()


@pytest.fixture
def client(app) -> FlaskClient:
    """A guest."""
    return app.test_client()


@pytest.fixture
def links(web_settings) -> Links:
    return Links.of(web_settings)


@pytest.fixture
def sign_in(app, park) -> Callable[..., FlaskClient]:
    """A visitor logged in as staff of a role."""

    def signed_in(role: str = "attendant") -> FlaskClient:
        email = EMAIL if role == "attendant" else f"{role}@example.org"
        with park.db.begin() as session:
            staff.add_user(
                session,
                now(),
                "tests",
                email=email,
                name=role.title(),
                password_hash=passwords.hashed(PASSWORD),
                role=role,
            )
        visitor = app.test_client()
        answer = send(visitor, "/login", email=email, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return visitor

    return signed_in


@pytest.fixture
def town(park, web_settings) -> Iterator[Town]:
    """The pages and the payment provider over real HTTP."""
    with serving(park, web_settings) as made:
        yield made
