"""Whatever order gates are heard in, nobody is accused who would not be if all had been told in its order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from central import jobs
from central.actions import violation_watch
from central.jobs import Desk
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import Job, Violation
from tests.central.car_park import CarPark, minutes
from tests.central.ledger.books import Psp
from tests.central.test_any_order import QUICK, script, told_anew, visits
from tests.central.violations.notices import raised, watch


@pytest.fixture(scope="module")
def parks(tmp_path_factory) -> Iterator[tuple[CarPark, CarPark]]:
    """Two car parks that ask for every kind, to be told the same in two ways."""
    folder, made = tmp_path_factory.mktemp("violations"), []
    for name in ("in_order", "otherwise"):
        db = Database(f"sqlite:///{folder / name}.db")
        migrations.upgrade(db.engine)
        made.append(CarPark(db, Settings(data_dir=folder)))
        watch(made[-1])
    yield tuple(made)
    for park in made:
        park.db.close()


def accused(park: CarPark, *parts: list) -> set[tuple[str, str | None]]:
    """Kind and stay of every notice that stands once all has been told, and the time to pay is over."""
    with park.db.begin() as session:
        session.execute(update(Violation).values(due_id=None))
        for table in (Violation, Job):
            session.execute(delete(table))
    told_anew(park, *parts)
    desk = Desk(park.db, park.settings, Psp())
    while jobs.run_one(desk, minutes(10**6), only=(violation_watch.UNPAID,)):
        pass
    return {(one.kind, one.stay_id) for one in raised(park) if one.status != "waived"}


@QUICK
@given(st.lists(visits, min_size=1, max_size=4), st.data())
def test_no_order_of_telling_accuses_anybody_more(parks, visits, data):
    in_order, otherwise = parks
    messages = script(visits)
    told = data.draw(st.permutations(messages))
    assert accused(otherwise, told, messages) <= accused(in_order, messages)
