"""Jobs: claimed by one worker, tried again after a failure, and the standing ones queued once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from central import jobs
from central.actions import queue
from central.jobs import Desk
from central.payments import choose, service
from central.payments.provider import ProviderUnavailable
from central.store.schema import Attempt, Job
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested, ExitWithdrawn
from tests.central.car_park import START, minutes, plate
from tests.central.mqtt_gate import wait_for
from tests.central.visits import enter, request


class AwayProvider:
    """A payment provider nobody can reach."""

    name = "away"

    def events(self, order_ref):
        raise ProviderUnavailable("away")

    place = refund = settlement = webhook = events


def queued(park) -> dict[str, Job]:
    with park.db.read() as session:
        return {job.key: job for job in session.scalars(select(Job))}


def test_a_job_is_claimed_by_one_worker_until_its_claim_runs_out(databases):
    with databases.begin() as session:
        assert queue.enqueue(session, "k", "key", {"a": 1}, START)
        assert not queue.enqueue(session, "k", "key", {"a": 2}, START)
        assert queue.claim(session, START - timedelta(seconds=1)) is None
    with databases.begin() as session:
        job = queue.claim(session, START)
    with databases.begin() as session:
        assert queue.claim(session, START) is None
        assert queue.claim(session, START + queue.CLAIM_LASTS).id == job.id
    assert job.payload == {"a": 1}


def test_standing_jobs_are_queued_once_and_come_again(park):
    desk = Desk(park.db, park.settings, AwayProvider())
    for _ in range(2):
        jobs.queue_standing(park.db, START)
    assert set(queued(park)) == set(jobs.STANDING)
    while jobs.run_one(desk, START):
        pass
    assert all(job.run_at > START and job.claimed_until is None for job in queued(park).values())
    assert not any(job.last_error for job in queued(park).values())


def test_a_job_that_fails_is_tried_again_later_each_time_and_says_why(park):
    desk = Desk(park.db, park.settings, AwayProvider())
    with park.db.begin() as session:
        queue.enqueue(session, "no such kind", "odd", {}, START)
    now, waits = START, []
    for _ in range(3):
        assert jobs.run_one(desk, now)
        job = queued(park)["odd"]
        waits.append((job.run_at - now).total_seconds())
        now = job.run_at
    assert waits == [5, 15, 60]
    assert "expected one of" in job.last_error


def test_a_provider_that_does_not_answer_holds_up_nothing_else(park, monkeypatch):
    """The loop of its jobs waits in the provider while the other one does all that is due."""
    asked, answer = threading.Event(), threading.Event()

    class SilentProvider(AwayProvider):
        name = "silent"

        def refund(self, *_order):
            asked.set()
            answer.wait(30)
            raise ProviderUnavailable("silent")

    monkeypatch.setattr(choose, "provider", lambda _settings: SilentProvider())
    stay_id, _ = enter(park)
    request(park, 10)
    park.pay(park.dues(stay_id)[0].id, minutes(12))
    with park.db.begin() as session:
        service._ask_refund(session, session.scalars(select(Attempt.id)).one(), "pay1", 100, minutes(12))
    stop = threading.Event()
    loops = threading.Thread(target=jobs.run, args=(park.settings, park.db, stop))
    loops.start()
    try:
        assert asked.wait(20)
        later = datetime.now(UTC) + timedelta(minutes=30)
        assert wait_for(lambda: all(queued(park)[kind].run_at > later for kind in ("clear_closed", "forget_old")))
    finally:
        stop.set()
        answer.set()
        loops.join(20)
    assert not loops.is_alive()


def test_a_bug_in_one_loop_ends_the_process_with_it(park, monkeypatch):
    def broken(*_job):
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(jobs.KINDS, "forget_old", broken)
    stop = threading.Event()
    with pytest.raises(ZeroDivisionError, match="a bug"):
        jobs.run(park.settings, park.db, stop)


def test_the_clock_of_who_backed_away_runs_again_when_the_quote_is_over(park):
    desk, session_id, request = Desk(park.db, park.settings, AwayProvider()), uuid7(), uuid7()
    entered = Entered(plate=plate("DL1CAB1234"), ticket=park.entry.new_ticket())
    park.hear(
        park.entry.report(entered, minutes(0), session_id),
        park.exit.report(ExitRequested(request=request, plate=plate("DL1CAB1234")), minutes(10), session_id),
        park.exit.report(ExitWithdrawn(request=request), minutes(11)),
        now=minutes(11),
    )
    jobs.queue_standing(park.db, minutes(11))
    while jobs.run_one(desk, minutes(12)):
        pass
    assert park.stay(session_id).status == "quoted"
    while jobs.run_one(desk, minutes(60)):
        pass
    assert (park.stay(session_id).status, park.stay(session_id).stopped_at) == ("open", None)
