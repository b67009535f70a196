"""The window of events that wait for central's ack, and what the gate shows beside them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.journal.journal import Journal
from edge.protocol.ids import uuid7
from edge.protocol.messages import Ack, GateState, Reply
from edge.protocol.topics import GateTopics, Stream
from edge.uplink.inflight import LONGEST_RESEND_S, InFlight
from edge.uplink.outtray import MOST_KEPT, MOST_REPLIES, OutTray
from tests.edge.journal_makers import NOON, at, entered, fresh_journal_path, health, refused

TOPICS = GateTopics("college", "entry-1")


@pytest.fixture
def journal(tmp_path):
    journal = Journal.open(tmp_path / "journal.sqlite3", gate="entry-1", at=at())
    yield journal
    journal.close()


def fetch(journal, inflight, now=0.0):
    return inflight.add(journal.outbox.window(inflight.room(), inflight.beyond()), now)


def test_a_stream_central_does_not_take_keeps_no_money_back(journal):
    inflight = InFlight(window=8, resend_s=10.0)
    for _ in range(20):
        journal.record(health(), at=at())
        journal.record(refused(), at=at())
    assert [event.stream for event in fetch(journal, inflight)] == ["ops"] * 4
    for _ in range(20):
        journal.record(entered(), at=at())
    assert [event.seq for event in fetch(journal, inflight)] == list(range(1, 9))
    assert inflight.room() == 0


@given(st.data())
def test_every_event_is_sent_in_order_and_the_window_is_never_passed(data):
    with fresh_journal_path() as path:
        journal = Journal.open(path, gate="entry-1", at=at())
        makers = [entered, refused, health]
        with journal.transaction():
            for maker in data.draw(st.lists(st.sampled_from(makers), max_size=40)):
                journal.record(maker(), at=at())
        inflight = InFlight(window=data.draw(st.integers(1, 9)), resend_s=10.0)
        sent = {stream: [] for stream in Stream}
        while journal.outbox.depth():
            for event in fetch(journal, inflight):
                sent[event.stream].append(event.seq)
            waiting = inflight.due(1e9)
            stream = data.draw(st.sampled_from(sorted({event.stream for event in waiting})))
            through = data.draw(st.sampled_from([event.seq for event in waiting if event.stream is stream]))
            ack = Ack(journal=journal.uuid, through={stream: through})
            journal.acknowledge(ack)
            inflight.acknowledge(ack, 0.0)
        assert all(sent[stream] == list(range(1, journal.last_seq(stream) + 1)) for stream in Stream)
        journal.close()


def test_what_is_not_acked_is_sent_again_ever_more_rarely(journal):
    inflight = InFlight(window=8, resend_s=10.0)
    journal.record(entered(), at=at())
    events = fetch(journal, inflight)
    times, now = [], 0.0
    while now < 2000:
        now += inflight.wait_s(now, 1.0) or 0.001
        if due := inflight.due(now):
            assert due == events
            times.append(round(now))
    assert times[:5] == [10, 30, 70, 150, 310]
    assert max(b - a for a, b in pairwise(times)) <= LONGEST_RESEND_S + 1


def test_an_ack_ends_the_waiting(journal):
    inflight = InFlight(window=8, resend_s=10.0)
    journal.record(entered(), at=at())
    fetch(journal, inflight)
    inflight.acknowledge(Ack(journal=journal.uuid, through={Stream.MONEY: 1}), 5.0)
    assert inflight.due(1e9) == [] and inflight.wait_s(5.0, 1.0) == 1.0 and inflight.room() == 8


def test_a_new_connection_begins_from_the_outbox_again(journal):
    inflight = InFlight(window=8, resend_s=10.0)
    journal.record(entered(), at=at())
    first = fetch(journal, inflight)
    assert fetch(journal, inflight) == []
    inflight.clear()
    assert fetch(journal, inflight) == first


def shown(outbox: int) -> GateState:
    return GateState(boom="closed", mode="auto", inputs={}, outbox=outbox, wall=NOON)


def test_the_latest_state_is_due_and_the_next_only_after_a_while():
    tray = OutTray(TOPICS, 0.2)
    tray.state(shown(1))
    tray.state(shown(2))
    assert tray.due(10.0) == [(TOPICS.state, shown(2).encode())]
    tray.state(shown(3))
    tray.keep("homeassistant/x", b"{}")
    assert tray.due(10.1) == [("homeassistant/x", b"{}")] and tray.wait_s(1.0) == 0.2
    assert tray.due(10.3) == [(TOPICS.state, shown(3).encode())] and tray.wait_s(1.0) == 1.0
    tray.refill()
    assert len(tray.due(20.0)) == 2


def test_what_is_kept_and_what_is_answered_is_bounded():
    tray = OutTray(TOPICS, 0.2)
    for n in range(MOST_KEPT):
        tray.keep(f"t/{n}", b"")
    with pytest.raises(ValueError, match="at most"):
        tray.keep("t/more", b"")
    for _ in range(MOST_REPLIES + 5):
        tray.reply(last := uuid7(), Reply(verdict="done"))
    replies = tray.replies()
    assert len(replies) == MOST_REPLIES and replies[-1][0] == TOPICS.reply(last) and tray.replies() == []
