"""Messages from gates in any order, doubled, broken or hostile: the same end, and nothing lost without a word."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from central.store.schema import Audit, GateEvent, MqttOutbox, Stay
from edge.protocol.ids import uuid7
from edge.protocol.messages import (
    About,
    CommandDone,
    Entered,
    EntryRefused,
    Exited,
    ExitRequested,
    GateHealth,
    GateState,
    Reply,
    Status,
)
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, START, CarPark, Message, Reporter, minutes, plate
from tests.central.visits import line, quarantined

EXIT = GateTopics(SITE, "exit-1")


def entered(park: CarPark, at: float = 0, text: str = "DL1CAB1234", session: str | None = None) -> Message:
    facts = Entered(plate=plate(text), ticket=park.entry.new_ticket())
    return park.entry.report(facts, minutes(at), session or uuid7())


def keeping(message: tuple[str, bytes], waiting_from: int | None) -> tuple[str, bytes]:
    """The message as a gate sends it that still keeps what lies from that number on."""
    topic, payload = message
    return topic, json.dumps(json.loads(payload) | {"waiting_from": waiting_from}).encode()


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
    first, second, third = (entered(park, n, f"DL1CAB000{n}") for n in range(3))
    assert park.hear(first, second) == {line(park.entry): 0}, "the gate has not said that it keeps nothing lower"
    assert park.hear(keeping(third, 5001)) == {line(park.entry): 5003}
    assert "1 to 5000" in quarantined(park)[0].reason


@pytest.mark.parametrize("waiting_from", [None, 1])
def test_a_gap_is_not_stepped_over_while_the_gate_has_what_is_missing(park, waiting_from):
    first, second, third = entered(park, 0), entered(park, 1, "DL1CAB0002"), entered(park, 2, "DL1CAB0003")
    for hours in range(3):  # however long it is cut off, and however often the later ones come again
        for later in (second, keeping(third, waiting_from)):
            assert park.hear(later, now=minutes(60 * hours)) == {line(park.entry): 0}
    assert park.hear(first, now=minutes(200)) == {line(park.entry): 3}
    assert quarantined(park) == []


def test_an_old_message_that_comes_late_says_nothing_of_what_the_gate_keeps_now(park):
    first, second, third, fourth = (entered(park, n, f"DL1CAB000{n}") for n in range(4))
    assert park.hear(keeping(first, 1), keeping(second, 1)) == {line(park.entry): 2}
    assert park.hear(keeping(fourth, 3), keeping(second, 1)) == {line(park.entry): 2}
    assert park.hear(keeping(third, 3)) == {line(park.entry): 4}


def test_of_a_gap_only_what_the_gate_no_longer_has_is_stepped_over(park):
    messages = [entered(park, n, f"DL1CAB000{n}") for n in range(4)]
    assert park.hear(keeping(messages[3], 3)) == {line(park.entry): 2}
    assert park.hear(keeping(messages[2], 3)) == {line(park.entry): 4}
    assert "1 to 2" in quarantined(park)[0].reason


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


def test_every_change_of_a_stay_is_queued_for_its_gates_in_the_same_transaction(park):
    session_id = uuid7()
    park.hear(entered(park, session=session_id))
    park.hear(park.exit.report(ExitRequested(request=uuid7(), plate=plate("DL1CAB1234")), minutes(9)))
    with park.db.read() as session:
        rows = session.scalars(select(MqttOutbox.stay_id).where(MqttOutbox.published_at.is_(None)))
        assert list(rows) == [session_id, session_id]
