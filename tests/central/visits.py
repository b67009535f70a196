"""What vehicles do at a car park, in a word each: come in, ask to leave, back away, leave; and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from central.actions.inbox import Line
from central.store.schema import Quarantine, StayEvent
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, Exited, ExitRequested, ExitWithdrawn
from tests.central.car_park import SITE, CarPark, Reporter, minutes, plate

PLATE = "DL1CAB1234"


def enter(park: CarPark, at: float = 0, text: str | None = PLATE, **more) -> tuple[str, str]:
    """A vehicle comes in; its stay's id and ticket."""
    session, ticket = uuid7(), park.entry.new_ticket()
    seen = None if text is None else plate(text)
    facts = Entered(plate=seen, ticket=ticket, **more)
    park.hear(park.entry.report(facts, minutes(at), session), now=minutes(at))
    return session, ticket


def request(
    park: CarPark,
    at: float,
    text: str | None = PLATE,
    session: str | None = None,
    asked: str = "",
    *,
    gate: Reporter | None = None,
    now: datetime | None = None,
) -> str:
    """A vehicle asks to leave; the visit's id."""
    asked = asked or uuid7()
    facts = ExitRequested(request=asked, plate=None if text is None else plate(text))
    park.hear((gate or park.exit).report(facts, minutes(at), session), now=now or minutes(at))
    return asked


def back_away(park: CarPark, at: float, asked: str) -> None:
    park.hear(park.exit.report(ExitWithdrawn(request=asked), minutes(at)), now=minutes(at))


def leave(park: CarPark, at: float, text: str | None = PLATE, session: str | None = None, **facts) -> None:
    seen = None if text is None else plate(text)
    park.hear(park.exit.report(Exited(plate=seen, **facts), minutes(at), session), now=minutes(at))


def timeline(park: CarPark, stay_id: str) -> list[str]:
    with park.db.read() as session:
        return [row.kind for row in session.query(StayEvent).filter_by(stay_id=stay_id).order_by(StayEvent.id)]


def quarantined(park: CarPark) -> list[Quarantine]:
    with park.db.read() as session:
        return list(session.scalars(select(Quarantine).order_by(Quarantine.id)))


def line(reporter: Reporter, stream: str = "money") -> Line:
    return Line(SITE, reporter.gate, reporter.journal, stream)
