"""Orders given at the gate itself: the same rules as central's, on record first, and answered to who gave them."""

from __future__ import annotations

import queue
import threading

import pytest

from edge.journal.journal import Journal
from edge.journal.recorder import Recorder
from edge.orders import Orders
from edge.protocol.messages import Reply
from edge.rules.commands import Given, TurnedAway
from tests.edge.journal_makers import NOON, at

WAIT_S = 20.0


class Desk:
    """Orders over a real journal; the test stands in for the controller."""

    def __init__(self, folder) -> None:
        self.recorder = Recorder(Journal.open(folder / "journal.db", gate="entry-1", at=at()))
        self.recorder.start()
        self.news: queue.SimpleQueue = queue.SimpleQueue()
        self.orders = Orders(self.recorder, self.news.put, lambda: NOON)

    def seen(self, cmd_id: str) -> bool:
        return self.recorder.submit(lambda journal: journal.seen_command(cmd_id)).result(WAIT_S)


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.recorder.stop()


def test_an_order_is_on_record_before_it_acts_and_its_giver_hears_what_became_of_it(desk):
    answers: list[Reply] = []
    giver = threading.Thread(target=lambda: answers.append(desk.orders.give("open", {"reason": "x"}, "http anita: x")))
    giver.start()
    given = desk.news.get(timeout=WAIT_S)
    assert (given.name, given.args, given.by) == ("open", {"reason": "x"}, "http anita: x")
    assert desk.seen(given.cmd_id)
    desk.orders.answered(given.cmd_id, Reply(verdict="done"))
    giver.join(WAIT_S)
    assert answers == [Reply(verdict="done")]


@pytest.mark.parametrize(
    "name, args, why",
    [
        ("explode", {}, "unknown command 'explode': expected one of open, hold"),
        ("open", {"speed": 3}, "open: unknown argument 'speed': expected reason"),
        ("log_level", {"level": "loud"}, "log_level: level: Input should be 'debug'"),
        ("hold", {"reason": "x" * 201}, "hold: reason: String should have at most 200 characters"),
    ],
)
def test_what_is_no_order_is_refused_with_the_reason_and_that_is_told(desk, name, args, why):
    reply = desk.orders.give(name, args, "anita")
    assert reply.verdict == "rejected" and reply.reason.startswith(why)
    told = desk.news.get(timeout=WAIT_S)
    assert isinstance(told, TurnedAway) and (told.name, told.by, told.reason) == (name, "anita", reply.reason)


def test_an_order_that_takes_long_is_accepted_and_its_late_answer_disturbs_nobody(desk):
    reply = desk.orders.give("self_test", {}, "anita", timeout_s=0.01)
    assert reply.verdict == "accepted" and "journal" in reply.reason
    given = desk.news.get(timeout=WAIT_S)
    desk.orders.answered(given.cmd_id, Reply(verdict="done"))
    desk.orders.answered("somebody else's", Reply(verdict="done"))


def test_an_order_acts_also_where_the_journal_takes_nothing_more(desk):
    desk.recorder.stop()
    assert desk.orders.give("open", {}, "anita" * 1000, timeout_s=0.01).verdict == "accepted"
    given = desk.news.get(timeout=WAIT_S)
    assert isinstance(given, Given) and len(given.by) == 240
