"""Central on both databases: each test gets an empty one with every table.

One database of each kind is made for all tests, and emptied: what an engine has once compiled, it need not again.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from central import keys
from central.settings import Settings
from central.store import migrations
from central.store.base import Base
from central.store.database import Database
from tests.central.car_park import CarPark
from tests.central.ledger.unguarded import unguarded
from tests.central.postgres import binaries, cluster


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory) -> Iterator[Database]:
    """The file all tests share, one after another."""
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('central') / 'central.db'}")
    migrations.upgrade(db.engine)
    yield db
    db.close()


@pytest.fixture(scope="session")
def empty_postgres() -> Iterator[Database]:
    """The database all tests share, of a cluster of its own."""
    if binaries() is None:
        pytest.skip("no PostgreSQL server here: apt install postgresql")
    with cluster() as address:
        _ask(address, "CREATE DATABASE central")
        db = Database(address.format(name="central"))
        migrations.upgrade(db.engine)
        yield db
        db.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request) -> Iterator[Database]:
    """An empty database with every table, of each kind in turn."""
    yield request.getfixturevalue("sqlite" if request.param == "sqlite" else "postgres_database")


@pytest.fixture
def sqlite(empty_sqlite) -> Iterator[Database]:
    """An empty database, where both kinds behave alike."""
    emptied(empty_sqlite)
    yield empty_sqlite
    empty_sqlite.close()


@pytest.fixture
def postgres_database(empty_postgres) -> Iterator[Database]:
    """An empty PostgreSQL database, for what SQLite can't do."""
    emptied(empty_postgres)
    yield empty_postgres
    empty_postgres.close()


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


def emptied(db: Database) -> Database:
    """The database without a row."""
    statements = [f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables)]
    if not db.is_sqlite:
        # all in one go, and quicker than TRUNCATE while there are few rows; who left a transaction open is named
        statements = ["; ".join(["SET LOCAL lock_timeout = '20s'", *statements])]
    with db.begin() as session, unguarded(session):
        for statement in statements:
            session.connection().exec_driver_sql(statement)
    return db


def _ask(address: str, statement: str) -> None:
    engine = create_engine(address.format(name="postgres").replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()
