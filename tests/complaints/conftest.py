"""A car park open to everybody, on each kind of database: messages in, pages and provider over HTTP, gates told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.central.car_park import CarPark
from tests.central.conftest import (  # noqa: F401 - fixtures
    databases,
    empty_postgres,
    empty_sqlite,
    postgres_database,
    settings,
    sqlite,
)
from tests.central.web.town import Town, serving
from tests.complaints.people import Gate


@pytest.fixture
def town(databases, settings) -> Iterator[Town]:  # noqa: F811 - that is how fixtures are asked for
    made = settings.model_copy(update={"database_url": databases.url.render_as_string(hide_password=False)})
    Path(made.images).mkdir(parents=True, exist_ok=True)
    with serving(CarPark(databases, settings), made) as served:
        yield served


@pytest.fixture
def gate(town, tmp_path) -> Iterator[Gate]:
    """An exit gate's own copy of the site's stays, fed by what central publishes."""
    made = Gate(town, tmp_path / "gate.db")
    yield made
    made.close()
