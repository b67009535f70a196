"""A gate starts anew while a vehicle waits at it: the wait is over, unless the gate asks again for it."""

from __future__ import annotations

from itertools import permutations

import pytest

from central.actions import upkeep
from central.rules.money import rupees
from central.store.schema import Due
from edge.protocol.ids import uuid7
from edge.protocol.messages import ExitRequested, GateStarted, SessionStatus, Status
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, CarPark, Message, Reporter, minutes, plate
from tests.central.visits import PLATE, enter, request

EXIT = GateTopics(SITE, "exit-1")


def status(gate: Reporter, state: str = "online") -> Message:
    return EXIT.status, Status(state=state, boot=gate.boot).encode()


def start_anew(gate: Reporter, at: float) -> list[Message]:
    """The exit's gate program starts again; what it tells of that."""
    gate.boot = gate.new_id()
    return [status(gate), gate.report(GateStarted(version="1"), minutes(at))]


def quotes_run_out(park: CarPark, until: int) -> None:
    for minute in range(26, until, 6):
        with park.db.begin() as db:
            for due_id in upkeep.expired_quotes(db, minutes(minute)):
                upkeep.expire_quote(db, due_id, minutes(minute))


@pytest.mark.parametrize("told", [(0,), (1,), (0, 1), (1, 0)], ids=str)
def test_a_clock_stopped_at_a_gate_that_started_anew_runs_again(park, told):
    session, _ = enter(park)
    park.online(park.exit)
    request(park, 20)
    news = start_anew(park.exit, 22)
    for part in told:
        park.hear(news[part], now=minutes(22))
    assert park.told(session).quote is None, "no exit shows an amount to nobody"
    quotes_run_out(park, 600)
    assert park.stay(session).stopped_at is None
    request(park, 620)
    assert rupees(park.told(session).quote.amount_paise) == "₹600"


def test_who_still_stands_there_is_asked_again_and_queues_free(park):
    session, _ = enter(park)
    park.online(park.exit)
    request(park, 29)
    park.hear(*start_anew(park.exit, 31), now=minutes(31))
    asked = request(park, 32)
    told = park.told(session)
    assert (told.status, told.quote.request, rupees(told.quote.amount_paise)) == (SessionStatus.QUOTED, asked, "₹120")
    quotes_run_out(park, 100)
    assert (park.told(session).quote.request, len(park.dues(session))) == (asked, 1)


def test_the_same_status_again_or_another_gates_start_ends_no_wait(park):
    session, _ = enter(park)
    park.online(park.exit)
    request(park, 20)
    park.hear(status(park.exit, "lost"), status(park.exit), now=minutes(21))
    park.entry.boot = park.entry.new_id()
    park.hear(park.entry.report(GateStarted(version="1"), minutes(22)), now=minutes(22))
    assert park.told(session).quote is not None


@pytest.mark.parametrize("order", [*permutations(range(4))], ids=str)
def test_a_start_and_the_visits_before_and_after_it_may_be_told_in_any_order(sqlite, settings, order):
    park = CarPark(sqlite, settings)
    session, _ = enter(park)
    park.online(park.exit)
    visits = [ExitRequested(request=uuid7(), plate=plate(PLATE)) for _ in range(2)]
    before = park.exit.report(visits[0], minutes(20), session)
    news = start_anew(park.exit, 22)
    messages = [before, *news, park.exit.report(visits[1], minutes(24), session)]
    for part in order:
        park.hear(messages[part], now=minutes(30))
    told = park.told(session)
    assert (told.quote.request, told.quote.stopped_at) == (visits[1].request, minutes(20))
    with park.db.read() as db:
        assert [due.amount_paise for due in db.query(Due)] == [12_000]


def test_a_visit_told_only_after_the_next_start_of_its_gate_is_over(park):
    session, _ = enter(park)
    facts = ExitRequested(request=uuid7(), plate=plate(PLATE))
    late = park.exit.report(facts, minutes(20), session)
    park.hear(*start_anew(park.exit, 22), now=minutes(23))
    park.hear(late, now=minutes(24))
    assert park.told(session).quote is None
    quotes_run_out(park, 60)
    assert park.stay(session).stopped_at is None
