"""Many at once on PostgreSQL: pages lock nothing, and what changes something locks in one order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import InternalError

from central.actions import guest, owners, settling, upkeep
from central.actions.records import hold
from central.store.schema import Site, Stay
from tests.central.car_park import CarPark, minutes
from tests.central.visits import enter, request

pytestmark = pytest.mark.postgres


@pytest.fixture
def park(postgres_database, settings) -> CarPark:
    return CarPark(postgres_database, settings)


def owing(park: CarPark) -> tuple[str, str]:
    """A vehicle at the exit: its stay and what it owes."""
    session, _ = enter(park)
    request(park, 20)
    return session, park.dues(session)[0].id


def locks_of(park: CarPark, do: Callable) -> list[str]:
    """The tables in which it locks rows, in that order."""
    locked: list[str] = []

    def executed(_connection, _cursor, statement: str, *_more) -> None:
        if "FOR UPDATE" in statement:
            locked.append(statement.partition("FROM ")[2].split()[0])

    event.listen(park.db.engine, "before_cursor_execute", executed)
    try:
        do()
    finally:
        event.remove(park.db.engine, "before_cursor_execute", executed)
    return locked


def test_a_page_locks_nothing_and_could_not(park):
    session_id, _ = owing(park)
    with park.db.read() as session:
        assert guest.bill(session, session_id, minutes(21)).due_id
        assert guest.receipt_of(session, session_id, "none") is None
    with pytest.raises(InternalError, match="read-only"), park.db.read() as session:
        hold(session, session_id)


def test_all_of_a_page_is_of_one_instant(park):
    session_id, due_id = owing(park)
    with park.db.read() as session:
        before = guest.bill(session, session_id, minutes(21))
        park.pay(due_id, minutes(21))
        session.expunge_all()
        assert guest.bill(session, session_id, minutes(21)) == before


def test_whatever_changes_a_due_locks_site_stay_and_due_in_that_order(park):
    session_id, due_id = owing(park)

    def run(do: Callable) -> Callable:
        def once() -> None:
            with park.db.begin() as session:
                do(session)

        return once

    for do in (
        run(lambda session: owners.hold_due(session, due_id)),
        run(lambda session: guest.ask_price(session, session_id, minutes(21))),
        run(lambda session: upkeep.expire_quote(session, due_id, minutes(40))),
        lambda: request(park, 41),
    ):
        first = list(dict.fromkeys(table for table in locks_of(park, do) if table in ("site", "stay", "due")))
        assert first == [table for table in ("site", "stay", "due") if table in first]
        assert first[:2] == ["site", "stay"]


def test_a_page_beside_a_payment_waits_for_nothing(park):
    """The payment holds all it locks while the page is read, whole."""
    session_id, due_id = owing(park)
    with park.db.begin() as session:
        owners.hold_due(session, due_id)
        seen: list[guest.Bill] = []

        def read() -> None:
            with park.db.read() as other:
                seen.append(guest.bill(other, session_id, minutes(21)))

        page = threading.Thread(target=read)
        page.start()
        page.join(10)
        assert not page.is_alive() and seen[0].due_id == due_id


def test_a_stay_read_before_its_lock_was_had_is_as_it_is_when_it_is_had(park):
    session_id, due_id = owing(park)
    with park.db.begin() as session:
        assert session.get_one(Stay, session_id).status == "quoted"
        park.pay(due_id, minutes(21))
        assert session.get_one(Site, "delhi")
        assert guest.ask_price(session, session_id, minutes(22)) is None
        assert session.get_one(Stay, session_id).status == "paid"
    assert len(park.dues(session_id)) == 1


def test_a_stay_that_is_worked_on_is_cleared_another_time(park):
    session_id, _ = owing(park)
    week = timedelta(days=7)
    with park.db.begin() as session:
        row = session.get_one(Stay, session_id)
        row.closed_at = minutes(21)
    with park.db.begin() as session:
        hold(session, session_id)
        with park.db.begin() as other:
            assert upkeep.clear_closed(other, minutes(30) + week, week) == 0
    with park.db.begin() as session:
        assert settling.pay_quote(session, hold(session, session_id), minutes(21)) is not None
        assert upkeep.clear_closed(session, minutes(30) + week, week) == 1
