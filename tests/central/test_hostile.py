"""Messages made to hurt, or from nobody we know: put aside or not kept, and ingest goes on with the next."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from central.actions import gates, inbox
from central.store.schema import Audit, GateEvent, Quarantine
from edge.protocol.ids import uuid7
from edge.protocol.messages import CommandDone, Entered, EntryRefused, GateState, Reply, Status
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, START, CarPark, Message, Reporter, minutes, plate
from tests.central.visits import line, quarantined

EXIT = GateTopics(SITE, "exit-1")


def entered(reporter: Reporter, **changed) -> Message:
    """An entry whose envelope was changed."""
    topic, payload = reporter.report(Entered(plate=plate("DL1CAB1234"), ticket=reporter.new_ticket()), minutes(0))
    return topic, json.dumps(json.loads(payload) | changed).encode()


@pytest.mark.parametrize(
    "changed",
    [
        {"wall": "0001-01-01T00:00:00+14:00"},
        {"wall": "9999-12-31T23:59:59-12:00"},
        {"wall": "1899-12-31T00:00:00Z"},
        {"mono_ms": 10**30},
        {"journal": "\ud800" * 36},
        {"journal": "\0" * 36},
        {"journal": "z" * 36},
        {"data": {"plate": "\ud800"}},
        {"seq": True, "journal": 7},
    ],
    ids=str,
)
def test_one_message_can_not_stop_ingest_nor_its_repeat(park, changed):
    wrong = entered(park.entry, **changed)
    park.entry.seqs = {}
    good = entered(park.entry)
    for _ in range(2):
        park.hear(wrong, good, now=minutes(1))
    assert [stay.plate for stay in park.stays()] == ["DL1CAB1234"]
    assert len(quarantined(park)) == 1
    assert "\n" not in quarantined(park)[0].reason


@pytest.mark.parametrize("topic", ["a\0b", "a\ud800b"])
def test_what_no_database_takes_is_left_out_of_what_is_kept(park, topic):
    with park.db.begin() as session:
        inbox.quarantine(session, topic, b"\0", f"bad {topic}", START)
    [kept] = quarantined(park)
    assert (len(kept.topic), kept.payload) == (len(topic.replace("\0", "")), b"\0")


def test_a_plate_read_as_anything_at_all_is_entered(park):
    facts = Entered(plate=plate("DL1CAB1234").model_copy(update={"raw": "DL 1\0é\n"}), ticket=park.entry.new_ticket())
    park.hear(park.entry.report(facts, minutes(0), uuid7()))
    assert [stay.plate_raw for stay in park.stays()] == ["DL 1é\n"]


def test_a_clock_that_counts_from_1970_is_wrong_but_heard(park):
    park.hear(entered(park.entry, wall="1970-01-01T00:00:07+05:30", clock="untrusted"), now=minutes(1))
    assert [stay.entered_at for stay in park.stays()] == [minutes(1)]


def test_of_a_gate_that_is_not_known_only_events_are_kept_and_not_many(park):
    stranger, topics = Reporter("entry-9"), GateTopics(SITE, "entry-9")
    state = GateState(boom="closed", mode="auto", inputs={}, wall=START)
    park.hear((topics.state, state.encode()), (topics.status, Status(state="online", boot=uuid7()).encode()))
    assert quarantined(park) == []
    messages = [stranger.report(EntryRefused(reason="full"), minutes(n)) for n in range(inbox.KEPT_OF_A_STRANGER + 20)]
    park.hear(*messages)
    park.hear(*messages)
    assert len(quarantined(park)) == inbox.KEPT_OF_A_STRANGER
    other = Reporter("entry-8").report(EntryRefused(reason="full"), minutes(0))
    park.hear(other)
    assert len(quarantined(park)) == inbox.KEPT_OF_A_STRANGER + 1


def test_an_event_refused_before_its_gate_was_known_is_acknowledged_when_it_is_refused_for_good(park):
    stranger = Reporter("exit-9")
    topic, payload = stranger.report(EntryRefused(reason="full"), minutes(0))
    newer = topic.replace("entry.refused", "newer.thing"), payload.replace(b"entry.refused", b"newer.thing")
    applicable = stranger.report(EntryRefused(reason="full"), minutes(1))
    park.hear(newer, applicable, now=minutes(0))
    with park.db.begin() as session:
        gates.add_gate(session, SITE, "exit-9", minutes(1), "tests", lane="exit")
    assert park.hear(newer, now=minutes(2)) == {line(stranger, "ops"): 1}, "the next was never applied: not its number"
    assert "event type" in quarantined(park)[0].reason
    assert park.hear(applicable, now=minutes(3)) == {line(stranger, "ops"): 2}


def test_a_gap_that_was_filled_does_not_count_for_the_next_one(park):
    messages = [park.entry.report(EntryRefused(reason="full"), minutes(n)) for n in range(5)]
    park.hear(messages[0], messages[2], now=minutes(10))
    assert park.hear(messages[1], messages[2], messages[4], now=minutes(20)) == {line(park.entry, "ops"): 3}
    assert park.hear(messages[4], now=minutes(21)) == {line(park.entry, "ops"): 3}, "the fourth may be on its way"
    assert park.hear(messages[3], now=minutes(21)) == {line(park.entry, "ops"): 5}
    assert quarantined(park) == []


def test_the_ticket_itself_is_kept_nowhere(park):
    ticket = park.entry.new_ticket()
    park.hear(park.entry.report(Entered(plate=plate("DL1CAB1234"), ticket=ticket), minutes(0), uuid7()))
    with park.db.read() as session:
        [event] = session.scalars(select(GateEvent))
    assert "ticket" not in event.data
    assert event.data["plate"]["text"] == "DL1CAB1234"


def replies(park: CarPark) -> list[str]:
    with park.db.read() as session:
        return [row.what for row in session.scalars(select(Audit).order_by(Audit.id)) if "cmd_id" in row.detail]


def test_a_reply_told_again_and_by_event_too_is_written_down_once(park):
    cmd_id, other = uuid7(), uuid7()
    done = (EXIT.reply(cmd_id), Reply(verdict="done").encode())
    event = park.exit.report(CommandDone(cmd_id=cmd_id, name="open", verdict="done"), minutes(1))
    park.hear((EXIT.reply(cmd_id), Reply(verdict="accepted").encode()), done, done, event)
    park.hear(done, (EXIT.reply(other), Reply(verdict="done").encode()))
    assert replies(park) == ["order accepted", "order done", "order done"]


def test_a_reply_to_no_order_is_put_aside(park):
    park.hear((EXIT.reply("x" * 3000), Reply(verdict="done").encode()))
    assert replies(park) == []
    with park.db.read() as session:
        assert "expected the id of a command" in session.scalars(select(Quarantine.reason)).one()
