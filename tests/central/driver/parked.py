"""A driver's parking in tests: a vehicle that comes, is theirs, is paid for and leaves; and another driver."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from central.actions import guest
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, Exited
from tests.central.car_park import CarPark
from tests.central.car_park import plate as seen
from tests.central.people.drivers import code
from tests.central.people.pages.meera import FORM, PASSWORD, PLATE
from tests.central.web.people import send
from tests.central.web.town import now

OTHER = "ravi@example.org"


def enter(park: CarPark, text: str = PLATE, ago: timedelta = timedelta(minutes=50)) -> tuple[str, str]:
    """A vehicle came in that long ago; its stay and ticket."""
    stay, ticket, at = uuid7(int((now() - ago).timestamp() * 1000)), park.entry.new_ticket(), now() - ago
    park.hear(park.entry.report(Entered(plate=seen(text), ticket=ticket), at, stay), now=at)
    return stay, ticket


def claim(visitor: FlaskClient, ticket: str, text: str = PLATE) -> None:
    """It is theirs from this stay on."""
    assert send(visitor, "/me/vehicles", plate=text, ticket=ticket).status_code == 303


def pay_and_leave(park: CarPark, stay: str, text: str = PLATE, ago: timedelta = timedelta()) -> None:
    at = now() - ago
    with park.db.begin() as session:
        due = guest.ask_price(session, stay, at)
    park.pay(due.id, at)
    park.hear(park.exit.report(Exited(plate=seen(text)), at, stay), now=at)


def somebody_else(app, park: CarPark) -> FlaskClient:
    """Another driver, logged in."""
    visitor = app.test_client()
    assert send(visitor, "/register", **{**FORM, "name": "Ravi Rao", "contact": OTHER}).status_code == 303
    assert send(visitor, "/register/code", code=code(park.db, OTHER)).location == "/me"
    return visitor


__all__ = ["OTHER", "PASSWORD", "PLATE", "claim", "enter", "pay_and_leave", "somebody_else"]
