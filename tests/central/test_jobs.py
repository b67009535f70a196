"""Jobs: claimed by one worker, tried again after a failure, and the standing ones queued once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from central import jobs
from central.actions import queue
from central.jobs import Desk
from central.payments.provider import ProviderUnavailable
from central.store.schema import Job
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested, ExitWithdrawn
from tests.central.car_park import START, minutes, plate


class AwayProvider:
    """A payment provider nobody can reach."""

    name = "away"

    def events(self, order_ref):
        raise ProviderUnavailable("away")

    place = refund = webhook = events


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
