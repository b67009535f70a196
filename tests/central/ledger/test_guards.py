"""The database keeps the books itself: whatever SQL is thrown at it, no entry is out of balance and none is changed."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from central.actions import ledger
from central.actions.gates import add_site
from central.rules.ledger import Fact, postings
from central.store.database import Database
from tests.central.car_park import START

# touches no account that anything else must agree with
FACT = Fact.SETTLED_STRANGE_REFUND
ENTRY = (
    "INTO ledger_entry (id, site_id, key, kind, at, day, by, note)"
    " VALUES ('{id}', '{site}', '{key}', 'k', '2026-11-24 00:00:00+00:00', '{day}', 'x', '')"
)
POSTING = "INTO ledger_posting (entry_id, site_id, account, paise) VALUES ('{id}', '{site}', 'bank', {paise})"


def entry(id: str = "e", site: str = "delhi", key: str = "k", day: str = "2026-11-24") -> str:
    return ENTRY.format(id=id, site=site, key=key, day=day)


def posting(paise: object, id: str = "e", site: str = "delhi") -> str:
    return POSTING.format(id=id, site=site, paise=paise)


@pytest.fixture
def booked(databases) -> Database:
    """A site with one entry of 500 paise, "strange:1", in the books."""
    with databases.begin() as session:
        for site in ("delhi", "pune"):
            add_site(session, site, START, "tests")
        assert ledger.post(session, "delhi", "strange:1", FACT, postings(FACT, total=500), START, by="t")
    return databases


def run(db: Database, *statements: str) -> None:
    with db.begin() as session:
        for statement in statements:
            session.execute(text(statement))


def untouched(db: Database) -> bool:
    with db.read() as session:
        count = session.scalar(text("SELECT count(*) FROM ledger_entry"))
        return ledger.check(session) == [] and count == 1


def test_a_balanced_entry_is_taken_with_its_postings_first(booked):
    run(booked, *(f"INSERT {one}" for one in (posting(70), posting(-30), posting(-40), entry())))
    with booked.read() as session:
        assert session.scalar(text("SELECT count(*) FROM ledger_entry")) == 2


@pytest.mark.parametrize(
    "statements",
    {
        "no postings": [entry()],
        "one posting": [posting(0), entry()],
        "not zero": [posting(70), posting(-30), entry()],
        "the entry first": [entry(), posting(70), posting(-70)],
        "a posting after its entry": [posting(70), posting(-70), entry(), posting(1)],
        "two after their entry": [posting(70), posting(-70), entry(), posting(1), posting(-1)],
        "of two sites": [posting(70), posting(-70, site="pune"), entry()],
        "no entry": [posting(70), posting(-70)],
        "the same fact twice": [posting(70), posting(-70), entry(key="strange:1")],
        "a site that is not there": [posting(70, site="x"), posting(-70, site="x"), entry(site="x")],
    }.items(),
    ids=lambda case: case[0],
)
def test_an_unbalanced_entry_is_refused_whichever_way_it_is_tried(booked, statements):
    with pytest.raises(IntegrityError):
        run(booked, *(f"INSERT {one}" for one in statements[1]))
    assert untouched(booked)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET paise = paise * 2",
        "UPDATE ledger_posting SET account = 'bank'",
        "UPDATE ledger_entry SET day = '2026-01-01'",
        "UPDATE ledger_entry SET id = 'other'",
        "DELETE FROM ledger_posting",
        "DELETE FROM ledger_entry",
        "DELETE FROM ledger_posting WHERE paise < 0",
    ],
)
def test_what_is_written_can_not_be_changed_or_deleted(booked, statement):
    with pytest.raises(IntegrityError):
        run(booked, statement)
    assert untouched(booked)


def test_on_postgresql_the_books_can_not_be_truncated(postgres_database):
    for table in ("ledger_entry", "ledger_posting", "ledger_day"):
        with pytest.raises(IntegrityError, match="what is written stays"):
            run(postgres_database, f"TRUNCATE {table} CASCADE")


def test_on_postgresql_two_transactions_that_do_not_see_one_another_leave_no_unbalanced_entry(postgres_database):
    with postgres_database.begin() as session:
        add_site(session, "delhi", START, "tests")
    with closing(postgres_database.engine.connect()) as first, closing(postgres_database.engine.connect()) as second:
        for one in (posting(70), posting(-70), entry()):
            first.execute(text(f"INSERT {one}"))
        second.execute(text(f"INSERT {posting(5)}"))  # its entry is not to be seen yet
        first.commit()
        with pytest.raises(IntegrityError, match="not balanced"):
            second.commit()
    with postgres_database.read() as session:
        assert session.scalar(text("SELECT sum(paise) FROM ledger_posting")) == 0


@pytest.mark.parametrize(
    "statements",
    [
        # REPLACE deletes what is in its way, and asks no trigger of a deletion
        ["REPLACE INTO ledger_posting SELECT id, 'e', site_id, account, 7, NULL FROM ledger_posting"],
        [f"INSERT OR REPLACE {posting(7)}", f"INSERT OR REPLACE {posting(-7)}", f"REPLACE {entry(key='strange:1')}"],
        ["REPLACE INTO ledger_entry SELECT id, site_id, 'k', kind, at, day, by, NULL, NULL, '' FROM ledger_entry"],
        ["UPDATE OR REPLACE ledger_posting SET entry_id = 'e'"],
        [f"INSERT OR IGNORE {posting(7)}", f"INSERT OR IGNORE {entry()}"],
        [f"INSERT {posting(0.5)}", f"INSERT {posting(-0.5)}", f"INSERT {entry()}"],
        [f"INSERT {posting(chr(39) + 'abc' + chr(39))}", f"INSERT {posting(0)}", f"INSERT {entry()}"],
        ["INSERT INTO ledger_posting (id, entry_id, site_id, account, paise) VALUES (-1, 'e', 'delhi', 'bank', 5)"],
    ],
)  # fmt: skip
def test_on_sqlite_its_own_ways_around_triggers_lead_nowhere(sqlite, statements):
    with sqlite.begin() as session:
        add_site(session, "delhi", START, "tests")
        ledger.post(session, "delhi", "strange:1", FACT, postings(FACT, total=500), START, by="t")
    with pytest.raises(DBAPIError):
        run(sqlite, *statements)
    assert untouched(sqlite)


def test_nothing_is_booked_on_a_closed_day_and_what_comes_goes_to_the_next(booked):
    run(
        booked,
        "INSERT INTO ledger_day (site_id, day, closed_at, by, balances)"
        " VALUES ('delhi', '2026-11-24', '2026-11-25 00:00:00+00:00', 'x', '{}')",
    )
    for day in ("2026-11-24", "2026-11-01"):
        with pytest.raises(IntegrityError, match="this day is closed"):
            run(booked, f"INSERT {posting(5)}", f"INSERT {posting(-5)}", f"INSERT {entry(day=day)}")
    for change in ("UPDATE ledger_day SET by = 'y'", "DELETE FROM ledger_day"):
        with pytest.raises(IntegrityError, match="what is written stays"):
            run(booked, change)
    with booked.begin() as session:
        assert ledger.open_day(session, "delhi", START) == "2026-11-25"
        assert ledger.post(session, "delhi", "strange:2", FACT, postings(FACT, total=1), START, by="t")
        assert ledger.check(session) == []


def test_the_same_fact_is_booked_once(booked):
    with booked.begin() as session:
        assert not ledger.post(session, "delhi", "strange:1", FACT, postings(FACT, total=9), START, by="t")
        assert not ledger.post(session, "delhi", "nothing", FACT, (), START, by="t")
    assert untouched(booked)
