"""A wallet that falls below what its holder wished is told once for each time it does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from central.actions import accounts, counter, wallet
from central.actions.errors import Refused
from central.payments import account_refunds
from central.rules.wallet import low_since
from central.store.schema import Account, Notification
from tests.central.car_park import SITE, START, CarPark, minutes
from tests.central.ledger.test_shifts import ASHA, opened
from tests.central.visits import PLATE, enter, leave, request


@pytest.fixture
def ravi(park) -> str:
    opened(park)
    with park.db.begin() as session:
        made = accounts.open_account(session, SITE, "Ravi", START, "office", email="ravi@example.org").id
        accounts.switch(session, made, accounts.register(session, made, PLATE, START, "office").id, True, START, "me")
        return made


def fill(park: CarPark, account: str, rupees: int, at: float) -> None:
    with park.db.begin() as session:
        due = wallet.top_up(session, account, rupees * 100, minutes(at))
        counter.take(session, ASHA, due.id, rupees * 100, minutes(at))


def below(park: CarPark, account: str, paise: int | None, at: float = 1) -> None:
    with park.db.begin() as session:
        wallet.tell_below(session, account, paise, minutes(at), "holder")


def told(park: CarPark) -> list[int]:
    """What the wallet held each time that it was told, in rupees."""
    with park.db.read() as session:
        rows = session.scalars(select(Notification).where(Notification.event == "low_wallet").order_by(Notification.id))
        return [paise // 100 for _, paise in dict.fromkeys((row.key, row.facts["holds_paise"]) for row in rows)]


def since(park: CarPark, account: str):
    with park.db.read() as session:
        return session.get_one(Account, account).wallet_low_since


def visit(park: CarPark, at: float) -> None:
    """45 minutes: ₹170 out of the wallet."""
    enter(park, at)
    request(park, at + 45)
    leave(park, at + 46)


def test_it_is_told_once_when_parking_takes_it_below_and_again_after_it_was_filled(park, ravi):
    below(park, ravi, 300_00)
    assert told(park) == [] and since(park, ravi) == minutes(1), "its holder sees what it holds"
    fill(park, ravi, 500, 2)
    assert since(park, ravi) is None
    visit(park, 10)
    assert told(park) == [] and since(park, ravi) is None  # 330
    visit(park, 100)
    assert told(park) == [160] and since(park, ravi) == minutes(145)
    with park.db.begin() as session:
        account_refunds.empty_wallet(session, ravi, 50_00, minutes(160), by=ASHA, reason="wished")
    assert told(park) == [160]
    fill(park, ravi, 400, 170)
    visit(park, 200)
    visit(park, 300)
    assert told(park) == [160, 170]


def test_nothing_is_told_where_nothing_was_wished(park, ravi):
    fill(park, ravi, 200, 2)
    below(park, ravi, None)
    visit(park, 10)
    assert told(park) == [] and since(park, ravi) is None


@pytest.mark.parametrize("paise", [-1, 0, 50, 9_999, 50_000_01])
def test_what_is_no_amount_to_be_told_of_is_refused(park, ravi, paise):
    with pytest.raises(Refused, match=r"told below .*: expected ₹100 to ₹50,000"):
        below(park, ravi, paise)


@given(st.lists(st.integers(0, 500), max_size=30), st.integers(1, 500))
def test_each_fall_below_is_one_whatever_a_wallet_holds(balances, limit):
    falls, since, was_low = 0, None, False
    for minute, holds in enumerate(balances):
        now = START + timedelta(minutes=minute)
        before, since = since, low_since(since, holds, limit, now)
        fell = before is None and since is not None
        assert fell == (holds < limit and not was_low) and (since is None) == (holds >= limit)
        assert since == now if fell else since in (None, before)
        falls, was_low = falls + fell, holds < limit
    lows = [holds < limit for holds in balances]
    assert falls == sum(low and not before for before, low in zip([False, *lows], lows, strict=False))
