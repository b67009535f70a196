"""Messages from gates in any order, doubled, broken or hostile: the same end, and nothing lost without a word."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from central.actions.inbox import Line
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import AckCursor, Audit, Due, GateEvent, MqttOutbox, Quarantine, Stay, StayEvent
from edge.protocol.ids import uuid7
from edge.protocol.messages import (
    About,
    CommandDone,
    Entered,
    EntryRefused,
    Exited,
    ExitHow,
    ExitRequested,
    ExitWithdrawn,
    GateHealth,
    GateState,
    Reply,
    Status,
)
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, START, CarPark, Message, Reporter, minutes, plate

EXIT = GateTopics(SITE, "exit-1")


def quarantined(park: CarPark) -> list[Quarantine]:
    with park.db.read() as session:
        return list(session.scalars(select(Quarantine).order_by(Quarantine.id)))


def entered(park: CarPark, at: float = 0, text: str = "DL1CAB1234", session: str | None = None) -> Message:
    facts = Entered(plate=plate(text), ticket=park.entry.new_ticket())
    return park.entry.report(facts, minutes(at), session or uuid7())


def line(reporter: Reporter, stream: str = "money") -> Line:
    return Line(SITE, reporter.gate, reporter.journal, stream)


def test_the_same_event_twice_has_one_effect_and_is_acknowledged_twice(park):
    message = entered(park)
    assert park.hear(message) == {line(park.entry): 1}
    assert park.hear(message, message) == {line(park.entry): 1}
    assert len(park.stays()) == 1


def test_only_what_came_without_a_gap_is_acknowledged(park):
    first, second, third = entered(park, 0), entered(park, 1, "DL1CAB0002"), entered(park, 2, "DL1CAB0003")
    assert park.hear(third) == {line(park.entry): 0}
    assert park.hear(first) == {line(park.entry): 1}
    assert park.hear(second) == {line(park.entry): 3}


def test_streams_and_journals_count_apart_and_are_acknowledged_together(park):
    park.hear(entered(park))
    refused = park.entry.report(EntryRefused(reason="denied"), minutes(1))
    assert park.hear(refused) == {line(park.entry): 1, line(park.entry, "ops"): 1}
    new_card = Reporter("entry-1", seed=7)
    message = new_card.report(EntryRefused(reason="denied"), minutes(2))
    assert park.hear(message) == {line(new_card, "ops"): 1}


def test_a_number_the_gate_no_longer_has_is_written_down_and_stepped_over(park):
    park.entry.seqs = {"money": 5000}
    later = [entered(park, n, f"DL1CAB000{n}") for n in range(3)]
    assert park.hear(*later, now=minutes(0)) == {line(park.entry): 0}
    assert park.hear(*later, now=minutes(1)) == {line(park.entry): 0}, "it may still be on its way"
    assert park.hear(*later, now=minutes(4)) == {line(park.entry): 5003}
    assert "1 to 5000" in quarantined(park)[0].reason


def test_a_gap_is_not_stepped_over_while_nothing_is_sent_again(park):
    first, second = entered(park, 0), entered(park, 1, "DL1CAB0002")
    park.hear(second, now=minutes(0))
    third = entered(park, 2, "DL1CAB0003")
    assert park.hear(third, now=minutes(60)) == {line(park.entry): 0}
    assert park.hear(first, now=minutes(61)) == {line(park.entry): 3}


@pytest.mark.parametrize(
    "topic, payload, reason",
    [
        (EXIT.event("money", "vehicle.exited"), b"not json", "JSON"),
        (EXIT.event("money", "vehicle.exited"), b"\xff\xfe\x00", "JSON"),
        (EXIT.event("money", "vehicle.exited"), b"[" * 100_000, "JSON"),
        (EXIT.event("money", "vehicle.flown"), b"{}", "Event"),
        (EXIT.status, b'{"state":"dancing","boot":"x"}', "state"),
        (EXIT.state, b"{}", "boom"),
        ("parking/v1/delhi/exit-1/nonsense", b"{}", "not one that a gate publishes"),
        ("parking/v1/UPPER/exit-1/status", b"{}", "site"),
    ],
)
def test_what_can_not_be_understood_is_kept_once_with_the_reason(park, topic, payload, reason):
    park.hear((topic, payload), (topic, payload))
    park.hear((topic, payload))
    [kept] = quarantined(park)
    assert reason in kept.reason
    assert "\n" not in kept.reason
    assert kept.payload == payload[: 64 * 1024]


def test_an_event_that_can_not_be_applied_is_kept_and_acknowledged_and_the_next_are_applied(park):
    topic, payload = park.exit.report(Exited(plate=plate("DL1CAB1234")), minutes(1))
    wrong = json.loads(payload) | {"data": {"plate": {"text": "not a plate!"}}}
    good = park.exit.report(Exited(plate=plate("DL1CAB1234")), minutes(1))
    assert park.hear((topic, json.dumps(wrong).encode()), good) == {line(park.exit): 2}
    assert "plate.text" in quarantined(park)[0].reason
    assert len(park.stays()) == 1


def test_a_message_that_fails_half_way_leaves_nothing_behind(park):
    session = uuid7()
    park.hear(entered(park, session=session))
    ticket = Entered(plate=plate("DL1CAB0009"), ticket=park.entry.new_ticket())
    park.hear(park.entry.report(ticket, minutes(5), uuid7()))
    # the same ticket for another stay breaks a rule of the database after the event itself was stored
    assert park.hear(park.entry.report(ticket, minutes(6), uuid7())) == {line(park.entry): 3}
    with park.db.read() as db:
        assert db.scalar(select(func.count()).select_from(GateEvent)) == 2
        assert db.scalar(select(func.count()).select_from(Stay)) == 2
    assert len(quarantined(park)) == 1


def test_an_event_under_another_gates_topic_is_refused(park):
    _, payload = entered(park)
    park.hear((EXIT.event("money", "vehicle.entered"), payload))
    assert "topic" in quarantined(park)[0].reason
    assert park.stays() == []


def test_a_gate_that_is_not_known_keeps_its_events_until_it_is(park):
    stranger = Reporter("entry-9")
    facts = Entered(plate=plate("DL1CAB1234"), ticket=stranger.new_ticket())
    message = stranger.report(facts, minutes(0), uuid7())
    assert park.hear(message) == {}
    assert "gate add" in quarantined(park)[0].reason
    from central.actions import gates

    with park.db.begin() as session:
        gates.add_gate(session, SITE, "entry-9", START, "tests", lane="entry")
    assert park.hear(message) == {line(stranger): 1}
    assert len(park.stays()) == 1


def test_another_event_under_a_used_number_is_kept_aside(park):
    park.hear(entered(park))
    park.entry.seqs = {"money": 1}
    park.hear(entered(park, 1, "DL1CAB0002"))
    park.entry.seqs = {"money": 1}
    twin = entered(park, 2, "DL1CAB0003")
    assert park.hear(twin) == {line(park.entry): 2}
    assert [stay.plate for stay in park.stays()] == ["DL1CAB1234", "DL1CAB0002"]
    assert "was used by another event" in quarantined(park)[0].reason


def test_what_a_gate_says_of_itself_is_what_staff_see(park):
    about = About(version="1", lane="exit", name="South exit")
    state = GateState(boom="closed", mode="auto", inputs={"arming": True}, wall=START)
    park.hear((EXIT.about, about.encode()), (EXIT.state, state.encode()))
    park.online(park.exit)
    gate = park.gate("exit-1")
    assert (gate.status, gate.boot, gate.about["name"]) == ("online", park.exit.boot, "South exit")
    assert gate.state["inputs"] == {"arming": True}


def test_the_last_will_of_an_earlier_start_does_not_make_a_gate_lost(park):
    park.online(park.exit)
    park.hear((EXIT.status, Status(state="lost", boot=uuid7()).encode()))
    assert park.gate("exit-1").status == "online"
    park.hear((EXIT.status, Status(state="lost", boot=park.exit.boot).encode()))
    assert park.gate("exit-1").status == "lost"


def test_replies_to_orders_are_written_down(park):
    cmd_id = uuid7()
    park.hear((EXIT.reply(cmd_id), Reply(verdict="rejected", reason="expired").encode()))
    done = CommandDone(cmd_id=cmd_id, name="open", verdict="done", by="asha")
    park.hear(park.exit.report(done, minutes(1)))
    with park.db.read() as session:
        rows = [(row.what, row.detail.get("cmd_id")) for row in session.scalars(select(Audit).order_by(Audit.id))]
    assert rows[-2:] == [("order rejected", cmd_id), ("order done", cmd_id)]


def test_diagnostics_are_kept_until_they_are_acknowledged_and_old(park):
    from central.actions import upkeep

    health = GateHealth(uptime_s=1, outbox=0, vision="ok")
    first, lost, third = (park.exit.report(health, minutes(n)) for n in range(3))
    park.hear(first, third, now=minutes(0))
    with park.db.begin() as session:
        upkeep.forget_old(session, minutes(0) + timedelta(days=8))
        assert list(session.scalars(select(GateEvent.seq))) == [3]
    assert park.hear(first, lost, now=minutes(5)) == {line(park.exit, "diag"): 3}


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


def test_every_change_of_a_stay_is_queued_for_its_gates_in_the_same_transaction(park):
    session_id = uuid7()
    park.hear(entered(park, session=session_id))
    park.hear(park.exit.report(ExitRequested(request=uuid7(), plate=plate("DL1CAB1234")), minutes(9)))
    with park.db.read() as session:
        rows = session.scalars(select(MqttOutbox.stay_id).where(MqttOutbox.published_at.is_(None)))
        assert list(rows) == [session_id, session_id]
