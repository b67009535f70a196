"""Central on both databases: each test gets an empty one with every table."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from central import keys
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from tests.central.car_park import CarPark
from tests.central.postgres import binaries, cluster

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory) -> Path:
    """A file with every table, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "central.db"
    db = Database(f"sqlite:///{path}")
    migrations.upgrade(db.engine)
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """Address of a cluster whose database `empty` has every table; {name} is to be filled in."""
    if binaries() is None:
        pytest.skip("no PostgreSQL server here: apt install postgresql")
    with cluster() as address:
        _ask(address, "CREATE DATABASE empty")
        db = Database(address.format(name="empty"))
        migrations.upgrade(db.engine)
        db.close()
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request) -> Iterator[Database]:
    """An empty database with every table, of each kind in turn."""
    yield request.getfixturevalue("sqlite" if request.param == "sqlite" else "postgres_database")


@pytest.fixture
def postgres_database(postgres_address) -> Iterator[Database]:
    """An empty PostgreSQL database, for what SQLite can't do."""
    name = f"test{next(_numbers)}"
    _ask(postgres_address, f"CREATE DATABASE {name} TEMPLATE empty")
    db = Database(postgres_address.format(name=name))
    yield db
    db.close()


@pytest.fixture
def sqlite(empty_sqlite, tmp_path) -> Iterator[Database]:
    """An empty database, where both kinds behave alike."""
    path = tmp_path / "central.db"
    shutil.copy(empty_sqlite, path)
    db = Database(f"sqlite:///{path}")
    yield db
    db.close()


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Settings with keys made, in a folder of the test's own."""
    made = Settings(data_dir=tmp_path / "data")
    keys.make(made)
    return made


@pytest.fixture
def park(databases, settings) -> CarPark:
    """A car park on each kind of database."""
    return CarPark(databases, settings)


def _ask(address: str, statement: str) -> None:
    engine = create_engine(address.format(name="postgres").replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()
