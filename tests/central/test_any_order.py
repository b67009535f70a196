"""Scripts of visits told in any order, doubled, and one gate long after the other: the end is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from central.actions import ledger
from central.actions.inbox import Line
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import AckCursor, Due, GateEvent, MqttOutbox, Quarantine, Stay, StayEvent
from edge.protocol.messages import Entered, Exited, ExitHow, ExitRequested, ExitWithdrawn
from tests.central.car_park import CarPark, Message, Reporter, minutes, plate
from tests.central.ledger.unguarded import forget_books
from tests.central.visits import quarantined


@dataclass(frozen=True)
class Visit:
    """One vehicle's visit in a script. times in minutes after it came in; None: that never happened."""

    plate: str
    gap: int
    asks: int | None
    backs_away: bool
    leaves: int | None
    how: ExitHow
    known: bool  # whether the exit knows which stay it is


PLATES = ("DL1CAB1234", "MH12DE5678")
visits = st.builds(
    Visit,
    plate=st.sampled_from(PLATES),
    gap=st.integers(1, 30),
    asks=st.none() | st.integers(1, 200),
    backs_away=st.booleans(),
    leaves=st.none() | st.integers(201, 400),
    how=st.sampled_from(list(ExitHow)),
    known=st.booleans(),
)


def script(visits: list[Visit]) -> list[Message]:
    """What the two gates report of these visits, one after another."""
    entry, out = Reporter("entry-1"), Reporter("exit-1")
    clock, messages = 0, []
    for visit in visits:
        clock += visit.gap
        seen, session, request = plate(visit.plate), entry.new_id(), entry.new_id()
        named = session if visit.known else None
        facts = Entered(plate=seen, ticket=entry.new_ticket())
        messages.append(entry.report(facts, minutes(clock), session))
        if visit.asks is not None:
            asked = ExitRequested(request=request, plate=seen)
            messages.append(out.report(asked, minutes(clock + visit.asks), named))
            if visit.backs_away:
                messages.append(out.report(ExitWithdrawn(request=request), minutes(clock + visit.asks + 0.5)))
        if visit.leaves is not None:
            facts = Exited(plate=seen, how=visit.how, request=None if visit.asks is None else request)
            messages.append(out.report(facts, minutes(clock + visit.leaves), named))
        clock += visit.leaves or visit.asks or 0
    return messages


def outcome(park: CarPark) -> dict:
    """Everything about stays that must not depend on the order their events were told in."""
    return {
        stay.id: (
            stay.plate, stay.status, stay.entered_at, stay.requested_at, stay.stopped_at, stay.withdrawn_at,
            stay.exited_at, stay.exit_how, stay.exit_request, stay.permit_until,
            [due.amount_paise for due in park.dues(stay.id) if due.state != "waived"],
        )
        for stay in park.stays()
        if stay.status != "void"
    }  # fmt: skip


def owed(park: CarPark) -> dict:
    """Who was here, how long, and what it costs. Of a stay that ended unseen only that: what it did at the exit before,
    under a plate that another visit has too, can't always be told from what that one did, and costs nothing."""
    unseen = {"closed_by_system"}
    return {stay_id: told if told[1] not in unseen else told[:3] for stay_id, told in outcome(park).items()}


@pytest.fixture(scope="module")
def twin_parks(tmp_path_factory) -> Iterator[tuple[CarPark, CarPark]]:
    """Two car parks that are told the same in two ways; `told_anew` empties them of stays."""
    folder, parks = tmp_path_factory.mktemp("twins"), []
    for name in ("in_order", "otherwise"):
        db = Database(f"sqlite:///{folder / name}.db")
        migrations.upgrade(db.engine)
        parks.append(CarPark(db, Settings(data_dir=folder)))
    yield tuple(parks)
    for park in parks:
        park.db.close()


def told_anew(park: CarPark, *parts: list[Message]) -> dict[Line, int]:
    """What is acknowledged in the end, of parts told one after another to a car park without a stay."""
    with park.db.begin() as session:
        forget_books(session)
        for table in (StayEvent, MqttOutbox, Due, Stay, GateEvent, AckCursor, Quarantine):
            session.execute(delete(table))
    return [park.hear(*part) for part in parts][-1]


# a script of eight events is read easily as it is; shrinking it takes minutes
QUICK = settings(
    max_examples=50,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def ends_the_same(twins, messages: list[Message], told: list[Message], what: Callable = outcome) -> None:
    in_order, otherwise = twins
    half = len(told) // 2
    assert told_anew(in_order, messages) == told_anew(otherwise, told[:half], [*told[half:], *messages])
    assert what(otherwise) == what(in_order)
    assert quarantined(in_order) == quarantined(otherwise) == []
    with otherwise.db.read() as session:
        assert ledger.check(session) == []
        assert session.scalar(select(func.count()).select_from(GateEvent)) == len(messages)


def each_gate_in_its_order(messages: list[Message], data) -> list[Message]:
    """The messages, those of each gate in their order, however late one gate is."""
    of_entry, of_exit = ([m for m in messages if f"/{gate}/" in m[0]] for gate in ("entry-1", "exit-1"))
    told: list[Message] = []
    while of_entry or of_exit:
        source = of_entry if of_entry and (not of_exit or data.draw(st.booleans())) else of_exit
        told.append(source.pop(0))
    return told


@QUICK
@given(st.lists(visits, min_size=1, max_size=4), st.data())
def test_the_end_is_the_same_in_whatever_order_events_come_and_however_often(twin_parks, visits, data):
    messages = script([replace(visit, known=True) for visit in visits])
    told = data.draw(st.permutations(messages + data.draw(st.lists(st.sampled_from(messages), max_size=6))))
    ends_the_same(twin_parks, messages, told)


@QUICK
@given(st.lists(visits, min_size=1, max_size=4), st.data())
def test_exits_that_know_but_the_plate_end_the_same_however_late_the_other_gate_tells(twin_parks, visits, data):
    # who asks to leave is seen leaving; else even a person could not tell which stay a later exit was of
    seen = [replace(visit, known=False, asks=visit.asks if visit.leaves else None) for visit in visits]
    messages = script(seen)
    ends_the_same(twin_parks, messages, each_gate_in_its_order(messages, data))


@QUICK
@given(st.lists(visits, min_size=1, max_size=4), st.data())
def test_where_the_exit_knows_some_stays_and_some_only_by_plate_the_same_is_owed(twin_parks, visits, data):
    seen = [replace(visit, asks=visit.asks if visit.leaves or visit.known else None) for visit in visits]
    messages = script(seen)
    ends_the_same(twin_parks, messages, each_gate_in_its_order(messages, data), what=owed)


def visit(gap: int, asks: int | None, leaves: int | None, *, known: bool, backs_away: bool = False) -> Visit:
    return Visit(PLATES[0], gap, asks, backs_away, leaves, ExitHow.ASSUMED, known)


@pytest.mark.parametrize(
    "visits, order",
    [
        # the clock of the first visit had stopped before the second came in, which is told last
        ([visit(12, 155, None, known=True), visit(7, 184, 341, known=False)], [0, 1, 3, 4, 2]),
        # a visit whose exit is known by name, told before its entry, beside one of the same plate that is not
        ([visit(5, None, 210, known=False), visit(8, 20, 205, known=True)], [0, 3, 4, 1, 2]),
        ([visit(5, 10, None, known=True), visit(8, 20, 205, known=True), visit(3, 9, 220, known=False)],
         [0, 1, 3, 4, 6, 7, 2, 5]),
    ],
)  # fmt: skip
def test_visits_that_share_a_plate_and_an_exit_owe_the_same_whichever_is_told_first(twin_parks, visits, order):
    messages = script(visits)
    ends_the_same(twin_parks, messages, [messages[number] for number in order], what=owed)
