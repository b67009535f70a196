"""The tables: made by migration alone, the same on both databases, and holding what must always hold."""

from __future__ import annotations

from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from central.store import migrations
from central.store.database import Database, DatabaseError
from central.store.once import insert_once
from central.store.reads import stays
from central.store.reads.stays import StayFilter
from central.store.schema import Attempt, Base, Job, Site, Stay
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested
from tests.central.car_park import START, minutes, plate


def test_the_migrated_tables_are_those_of_the_models(databases):
    with databases.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(databases):
    migrations.upgrade(databases.engine)
    assert migrations.is_current(databases.engine)


def test_a_database_without_tables_is_not_current(tmp_path):
    db = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert not migrations.is_current(db.engine)
    db.close()


def test_instants_come_back_aware_and_in_utc(databases):
    with databases.begin() as session:
        session.add(Site(id="a", name="A", invoice_prefix="A", created_at=START.astimezone(tz=None)))
    with databases.read() as session:
        site = session.get_one(Site, "a")
    assert site.created_at == START
    assert site.created_at.utcoffset().total_seconds() == 0


def test_a_naive_instant_is_refused(databases):
    with pytest.raises(StatementError, match="time zone"), databases.begin() as session:
        session.add(Site(id="a", name="A", invoice_prefix="A", created_at=datetime(2026, 1, 1)))
        session.flush()


def test_a_second_applied_capture_of_a_due_is_impossible(park):
    session_id, request = uuid7(), uuid7()
    entered = Entered(plate=plate("DL1CAB1234"), ticket=park.entry.new_ticket())
    park.hear(
        park.entry.report(entered, minutes(0), session_id),
        park.exit.report(ExitRequested(request=request, plate=plate("DL1CAB1234")), minutes(40), session_id),
    )
    [due] = park.dues(session_id)
    park.pay(due.id, minutes(41))
    with pytest.raises(IntegrityError), park.db.begin() as session:
        session.add(
            Attempt(
                id=uuid7(), due_id=due.id, provider="mock_upi", provider_ref="other", state="captured",
                amount_paise=1, created_at=START, expires_at=START, applied=True,
            )
        )  # fmt: skip


def test_stays_to_be_looked_at_are_found_by_their_own_index(databases):
    wanted = stays._conditions(StayFilter(sites=("delhi",), review=True))
    query = select(Stay.id).where(*wanted).order_by(Stay.id.desc()).limit(50)
    statement = query.compile(databases.engine, compile_kwargs={"literal_binds": True})
    with databases.engine.connect() as connection:
        if not databases.is_sqlite:
            # an empty table is read whole, whatever its indexes
            connection.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if databases.is_sqlite else "EXPLAIN"
        plan = " ".join(str(row) for row in connection.execute(text(f"{explain} {statement}")))
    assert "ix_stay_review" in plan
    assert "SORT" not in plan.upper() and "TEMP B-TREE" not in plan


def test_a_row_is_inserted_once_and_its_repeat_is_told_apart(databases):
    row = {"kind": "k", "key": "same", "payload": {}, "run_at": START, "attempts": 0, "last_error": ""}
    with databases.begin() as session:
        assert insert_once(session, Job, row)
        assert not insert_once(session, Job, row)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:////no/such/folder/central.db"])
def test_a_database_address_that_can_not_work_is_refused_in_one_line(url):
    with pytest.raises(DatabaseError) as refused:
        Database(url)
    assert "\n" not in str(refused.value)
