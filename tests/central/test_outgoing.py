"""What central tells: the newest state last, from one process at a time, and again to a broker that forgot."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from central import jobs, keys, outgoing
from central.actions import upkeep
from central.store.alone import Alone
from central.store.database import Database
from central.store.schema import MqttOutbox
from tests.central.car_park import CarPark, minutes
from tests.central.visits import enter, leave, request

WEEK = timedelta(days=7)


def tell(park: CarPark) -> dict[str, str]:
    """Publishes all that waits: the last status told of each stay, "" for one taken off."""
    told = {}
    messages = park.messages(keys.signer(park.settings))
    for message in messages:
        if "/session/" in message.topic:
            body = json.loads(json.loads(message.payload)["body"]) if message.payload else {"status": ""}
            told[message.topic.rpartition("/")[2]] = body["status"]
    outgoing.confirm(park.db, [row for message in messages for row in message.rows], minutes(1))
    return told


def test_a_broker_that_forgot_is_told_of_ended_stays_too_until_they_are_cleared(park):
    gone, _ = enter(park)
    leave(park, 45, session=gone)
    inside, _ = enter(park, 50, "DL1CAB0002")
    stranger = request(park, 51, "HR26ZZ0001")
    everything = {gone: "closed", inside: "open", stranger: "unmatched"}
    assert tell(park) == everything
    assert tell(park) == {}
    outgoing.repeat_everything(park.db, minutes(60))
    assert tell(park) == everything
    with park.db.begin() as session:
        assert upkeep.clear_closed(session, minutes(60) + WEEK, WEEK) == 1
    assert tell(park) == {gone: ""}
    outgoing.repeat_everything(park.db, minutes(60) + WEEK)
    assert tell(park) == {inside: "open", stranger: "unmatched"}


def test_gates_are_reminded_of_who_is_inside_and_of_who_has_just_left(park):
    gone, _ = enter(park)
    leave(park, 45, session=gone)
    inside, _ = enter(park, 50, "DL1CAB0002")
    tell(park)
    desk = jobs.Desk(park.db, park.settings, provider=None)
    assert jobs.remind_gates(desk, {}, minutes(60)) == jobs.REMIND_EVERY
    assert tell(park) == {gone: "closed", inside: "open"}
    jobs.remind_gates(desk, {}, minutes(300))
    assert tell(park) == {inside: "open"}


def test_a_stay_that_waits_to_be_told_is_not_queued_twice(park):
    session_id, _ = enter(park)
    outgoing.repeat_everything(park.db, minutes(1))
    with park.db.read() as session:
        assert list(session.scalars(select(MqttOutbox.stay_id).where(MqttOutbox.stay_id.is_not(None)))) == [session_id]


@pytest.mark.postgres
def test_one_process_publishes_and_the_next_when_it_has_gone(postgres_database):
    first, second = (Database(postgres_database.url.render_as_string(hide_password=False)) for _ in range(2))
    one, other = Alone(first, 1), Alone(second, 1)
    assert [one.ours(), one.ours(), other.ours()] == [True, True, False]
    third = Alone(second, 2)
    assert third.ours(), "another part is another's"
    third.give_up()
    one.give_up()
    assert [other.ours(), one.ours()] == [True, False]
    other.give_up()
    first.close()
    second.close()


def test_on_sqlite_there_is_one_process_and_it_publishes(sqlite):
    assert Alone(sqlite, 1).ours()
