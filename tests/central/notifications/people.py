"""Who is told in tests: a holder with a vehicle, staff with roles, a guest with an address."""

from __future__ import annotations

from central.actions import accounts
from central.store.schema import User
from edge.protocol.ids import uuid7
from tests.central.car_park import SITE, START, CarPark
from tests.central.visits import PLATE


def holder(park: CarPark, plate: str | None = PLATE, **more: str) -> str:
    """An account with that vehicle; its id."""
    reached = {"phone": "98100 12345", "email": "asha@example.org"} | more
    with park.db.begin() as session:
        made = accounts.open_account(session, SITE, "Asha Rao", START, "tests", **reached)
        if plate is not None:
            accounts.register(session, made.id, plate, START, "tests")
    return made.id


def staff(park: CarPark, role: str, site_id: str | None = None) -> str:
    """A member of staff; the id."""
    user = User(
        id=uuid7(), email=f"{role}{'' if site_id is None else '.' + site_id}@example.org", role=role, site_id=site_id,
        active=True, created_at=START, name=role.title(), login_count=0,
    )  # fmt: skip
    with park.db.begin() as session:
        session.add(user)
    return user.id
