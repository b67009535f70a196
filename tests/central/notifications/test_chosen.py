"""Staff are told of faults and of each day; everybody is told as they have chosen, and not in quiet hours."""

from __future__ import annotations

from central.actions.told_choices import choose, stop_email
from edge.protocol.messages import FaultState
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.notifications.people import holder, staff
from tests.central.notifications.post import deliver, mailbox, told, with_channels
from tests.central.visits import enter, leave, request

ALL = ("inbox", "email", "sms", "push")


def events(park: CarPark, **where: str) -> list[str]:
    return [row.event for row in told(park.db, **where)]


def fault(park: CarPark, at: float, **more) -> None:
    where = GateTopics(SITE, "exit-1").fault("stop_pressed")
    told_by_gate = FaultState(code="stop_pressed", severity="alarm", since=minutes(at), detail="pressed", **more)
    park.hear((where, told_by_gate.encode()), now=minutes(at))


def mended(park: CarPark, at: float) -> None:
    park.hear((GateTopics(SITE, "exit-1").fault("stop_pressed"), b""), now=minutes(at))


def test_a_fault_is_told_to_staff_once_for_each_time_it_lasts_and_when_it_is_over(park: CarPark):
    manager, supervisor = staff(park, "manager"), staff(park, "supervisor", SITE)
    staff(park, "attendant")
    fault(park, 0)
    fault(park, 0)
    fault(park, 3)  # its gate started anew, and finds it still
    assert [row.channel for row in told(park.db, event="fault", recipient=f"user/{manager}")] == ["inbox", "email"]
    mended(park, 5)
    mended(park, 6)
    fault(park, 7)
    assert events(park, recipient=f"user/{manager}", channel="inbox") == ["fault", "fault_over", "fault"]
    assert events(park, recipient=f"site/{SITE}") == ["fault", "fault_over", "fault"]
    assert {row.recipient for row in told(park.db)} == {f"user/{manager}", f"user/{supervisor}", f"site/{SITE}"}


def test_what_was_chosen_holds_and_unsubscribing_stops_e_mail_alone(park: CarPark):
    account = holder(park)
    ref = f"account/{account}"
    with park.db.begin() as session:
        choose(session, ref, "hi", ("22:00", "07:00"), {"paid": ["email", "sms"], "entered": ["push"]}, minutes(0))
    stay_id, _ = enter(park)
    request(park, 45)
    park.pay(park.dues(stay_id)[0].id, minutes(46))
    leave(park, 47, session=stay_id)
    assert [(row.event, row.channel) for row in told(park.db)] == [
        ("entered", "push"), ("paid", "email"), ("paid", "sms"),
    ]  # fmt: skip
    with park.db.begin() as session:
        stop_email(session, ref, minutes(50))
    again, _ = enter(park, 60)
    request(park, 105)
    park.pay(park.dues(again)[0].id, minutes(106))
    assert [row.channel for row in told(park.db, event="paid") if row.created_at > minutes(100)] == ["sms"]


def test_in_quiet_hours_money_is_in_the_app_at_once_and_all_else_waits_for_the_morning(park: CarPark):
    account = holder(park)
    every = dict.fromkeys(("entered", "paid"), ALL)
    with park.db.begin() as session:
        choose(session, f"account/{account}", "en", ("22:00", "07:00"), every, minutes(0))
    night = 13 * 60  # 23:00 in India
    stay_id, _ = enter(park, night)
    request(park, night + 45)
    park.pay(park.dues(stay_id)[0].id, minutes(night + 46))
    morning = minutes(21 * 60)
    due = {(row.event, row.channel): row.due_at for row in told(park.db)}
    assert due.pop(("paid", "inbox")) == minutes(night + 46)
    assert set(due.values()) == {morning} and ("entered", "inbox") in due and ("paid", "email") in due


def test_what_is_no_longer_wanted_when_it_is_due_is_not_sent(park: CarPark, settings):
    account, box = holder(park), mailbox()
    stay_id, _ = enter(park)
    request(park, 45)
    park.pay(park.dues(stay_id)[0].id, minutes(46))
    with park.db.begin() as session:
        stop_email(session, f"account/{account}", minutes(47))
    with box.open():
        deliver(park.db, with_channels(settings, email=box.url), minutes(48))
    [row] = told(park.db, channel="email")
    assert box.letters == [] and (row.state, row.reason) == ("dropped", "its recipient no longer wants it")


def test_a_try_that_falls_into_quiet_hours_waits_for_their_end(park: CarPark, settings):
    account, box = holder(park), mailbox()
    ways = with_channels(settings, email=box.url)
    evening, morning = 11 * 60 + 29, 21 * 60  # 21:29 in India, one minute before the quiet hours
    with park.db.begin() as session:
        choose(session, f"account/{account}", "en", ("21:30", "07:00"), {"paid": ["email"]}, minutes(0))
    stay_id, _ = enter(park, evening - 45)
    request(park, evening)
    park.pay(park.dues(stay_id)[0].id, minutes(evening))
    deliver(park.db, ways, minutes(evening))  # nobody answers
    with box.open():
        deliver(park.db, ways, minutes(evening + 5))
        assert box.letters == []
        deliver(park.db, ways, minutes(morning - 1))
        assert box.letters == []
        deliver(park.db, ways, minutes(morning))
    assert len(box.letters) == 1
