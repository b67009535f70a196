"""Violations in tests: what a site sets, and what it has come to."""

from __future__ import annotations

from sqlalchemy import select

from central.actions import ledger, violation_rules
from central.rules.violations import Kind
from central.store.schema import Violation
from tests.central.car_park import SITE, START, CarPark

FINE = 50_000


def watch(park: CarPark, *kinds: Kind, **values: int) -> None:
    """The site asks Rs 500 for each kind from now on; all kinds where none is named."""
    with park.db.begin() as session:
        for kind in kinds or Kind:
            given = {"amount_paise": FINE, "wait_minutes": 60, **values}
            violation_rules.set_rule(session, SITE, str(kind), START, "tests", **given)


def raised(park: CarPark) -> list[Violation]:
    """Every violation, oldest first. The books are sound."""
    with park.db.read() as session:
        assert ledger.check(session) == []
        return list(session.scalars(select(Violation).order_by(Violation.id)))


def kinds(park: CarPark) -> list[str]:
    return [one.kind for one in raised(park)]
