"""The same request under one key is done once, and a key is never for two things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import day_close, prepaid, safe, shifts
from central.actions.errors import Refused
from central.store.schema import Base
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import balances
from tests.central.money_back.till import ASHA, ROOPA, shift, waits

KEY = "a-form-sent-twice"
Act = Callable[[Session, int], object]


def opening(park: CarPark) -> Act:
    return lambda session, n: shifts.open_shift(session, SITE, ASHA, n * 100, minutes(0), key=KEY)


def taking(park: CarPark) -> Act:
    shift(park)
    _, due_id = waits(park)
    slip = {1: "", 2: "004711"}
    return lambda session, n: shifts.take_payment(
        session, ASHA, due_id, 17_000, minutes(46), by="card_terminal" if n == 2 else "cash", slip=slip[n], key=KEY
    )


def dropping(park: CarPark) -> Act:
    with park.db.begin() as session:
        shifts.open_shift(session, SITE, ASHA, 50_000, minutes(0))
    return lambda session, n: shifts.drop_cash(session, ASHA, n * 10_000, minutes(10), key=KEY)


def closing(park: CarPark) -> Act:
    shift_id = shift(park)
    return lambda session, n: shifts.close_shift(
        session, shift_id, (n - 1) * 100, minutes(10), by=ASHA, reason="a coin on the floor", key=KEY
    )


def carrying(park: CarPark) -> Act:
    return lambda session, n: safe.carry(
        session, SITE, "from_bank", n * 100, "slip 4711", minutes(0), by=ROOPA, key=KEY
    )


def shutting(park: CarPark) -> Act:
    days = {1: "2026-11-23", 2: "2026-11-22"}
    return lambda session, n: day_close.close_day(session, SITE, days[n], minutes(0), by=ROOPA, key=KEY)


def booking(park: CarPark) -> Act:
    return lambda session, n: prepaid.book(
        session, SITE, "DL1CAB1234", "car", minutes(60), timedelta(hours=n), minutes(0), key=KEY
    )


def rows(park: CarPark) -> dict[str, int]:
    """How many rows each table has."""
    with park.db.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("made", [opening, taking, dropping, closing, carrying, shutting, booking])
def test_a_doubled_click_does_nothing_twice_and_another_request_under_its_key_is_refused(park, made):
    act = made(park)
    with park.db.begin() as session:
        first = act(session, 1)
    before, books = rows(park), balances(park.db)
    with park.db.begin() as session:
        again = act(session, 1)
    assert getattr(again, "id", again) == getattr(first, "id", first) or made is shutting
    with pytest.raises(Refused, match=rf"^409 key '{KEY}' was used for another request"), park.db.begin() as session:
        act(session, 2)
    assert rows(park) == before and balances(park.db) == books
