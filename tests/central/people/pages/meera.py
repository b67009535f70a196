"""A driver of tests who registers as in a browser, and a vehicle that came in a while ago."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from central.store.schema import OneTimeCode
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered
from tests.central.car_park import plate as seen
from tests.central.people.drivers import EMAIL, code
from tests.central.web.people import send
from tests.central.web.town import now

PASSWORD = "rain on tin roofs"
FORM = {"name": "Meera Iyer", "contact": EMAIL, "password": PASSWORD, "again": PASSWORD, "language": "en"}
PLATE = "DL1CAB1234"


def enter(park, text: str = PLATE) -> tuple[str, str]:
    """A vehicle came in an hour ago; its stay and ticket."""
    stay, ticket, at = uuid7(), park.entry.new_ticket(), now() - timedelta(hours=1)
    park.hear(park.entry.report(Entered(plate=seen(text), ticket=ticket), at, stay), now=at)
    return stay, ticket


def anew(park) -> None:
    """Codes sent so far were sent a while ago."""
    with park.db.begin() as session:
        for row in session.scalars(select(OneTimeCode)):
            row.made_at -= timedelta(minutes=2)


def registered(app, park):
    """A visitor who has just registered."""
    visitor = app.test_client()
    assert send(visitor, "/register", **FORM).location == "/register/code"
    answer = send(visitor, "/register/code", code=code(park.db, EMAIL))
    assert answer.location == "/me", answer.text
    return visitor
