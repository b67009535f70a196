"""Cash between the safe and the bank: never more than there is, and never without the bank's slip."""

from __future__ import annotations

import pytest

from central.actions import safe
from central.actions.errors import Refused
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import balances


def carry(park: CarPark, way: str, rupees: int, slip: str = "CDM 4711", site: str = SITE) -> None:
    with park.db.begin() as session:
        safe.carry(session, site, way, rupees * 100, slip, minutes(0), by="roopa")


def test_change_is_fetched_and_takings_are_banked(park):
    carry(park, safe.FROM_BANK, 2_000)
    carry(park, safe.TO_BANK, 500)
    assert balances(park.db) == {"bank": -1_500.0, "cash_safe": 1_500.0}


@pytest.mark.parametrize(
    ("way", "rupees", "slip", "site", "says"),
    [
        (safe.TO_BANK, 1, "CDM 4711", SITE, "expected an amount up to ₹0"),
        (safe.FROM_BANK, 0, "CDM 4711", SITE, "expected an amount up to"),
        (safe.FROM_BANK, 1, " ", SITE, "the bank's slip"),
        ("to_me", 1, "CDM 4711", SITE, "expected one of to_bank, from_bank"),
        (safe.FROM_BANK, 1, "CDM 4711", "x", "'x' is not known"),
    ],
)
def test_what_can_not_be_carried_is_refused(park, way, rupees, slip, site, says):
    with pytest.raises(Refused, match=says):
        carry(park, way, rupees, slip, site)
    assert balances(park.db) == {}
