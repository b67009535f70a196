"""Two at once: one notice, one payment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from central.actions import violation_raising
from central.actions.errors import Refused
from central.rules.violations import Kind
from tests.central.car_park import CarPark, minutes
from tests.central.ledger.books import Psp
from tests.central.violations.notices import raised, watch
from tests.central.visits import enter


def test_eight_who_raise_the_same_make_one_notice_and_four_captures_one_payment(park: CarPark):
    watch(park, Kind.WRONG_CLASS)
    stay_id, _ = enter(park)

    def raise_it(number: int) -> bool:
        try:
            with park.db.begin() as session:
                violation_raising.raise_by_hand(session, stay_id, "wrong_class", "a bus", minutes(5), f"vera{number}")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(raise_it, range(8))) == 1
    [notice], psp = raised(park), Psp()
    order = psp.begin(park.db, notice.due_id, minutes(6))
    events = [psp.event(order, "captured", minutes(7), payment=f"pay_{number}") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda event: psp.hear(park.db, event, minutes(7)), events))
    psp.give_back(park.db, minutes(8))
    assert sorted(outcomes) == ["captured", "duplicate", "duplicate", "duplicate"]
    assert len(psp.refunds) == 3 and raised(park)[0].status == "paid"
