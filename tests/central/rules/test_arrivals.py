"""What entries and exits do to all the stays of a plate."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules import stay as rules
from central.rules.arrivals import Why, on_entry, whose_exit
from central.rules.stay import Stay
from central.rules.stay_table import INSIDE, Status

PLATE = "DL1CAB1234"
TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def entry(stay_id: str, minutes: int, plate: str | None = PLATE) -> Stay:
    return rules.enter(stay_id, plate, "car", at(minutes), at(minutes + 10))


def told(changes):
    return {change.stay.id: (change.stay.status, change.why) for change in changes}


def test_a_first_entry_opens_a_stay():
    assert told(on_entry(entry("a", 0), [])) == {"a": (Status.OPEN, Why.ENTERED)}


def test_an_entry_told_twice_changes_nothing():
    assert on_entry(entry("a", 0), [entry("a", 0)]) == ()
    assert on_entry(entry("a", 0), [rules.leave(entry("a", 0), at(5))]) == ()


def test_coming_in_again_closes_the_old_stay_by_system():
    changes = on_entry(entry("b", 60), [entry("a", 0)])
    assert told(changes) == {
        "a": (Status.CLOSED_BY_SYSTEM, Why.ENTERED_AGAIN),
        "b": (Status.OPEN, Why.ENTERED),
    }
    assert all(change.stay.exited_at is None for change in changes)


def test_an_entry_told_after_a_later_one_is_the_one_closed():
    assert told(on_entry(entry("a", 0), [entry("b", 60)])) == {"a": (Status.CLOSED_BY_SYSTEM, Why.OVERTAKEN)}


def test_vehicles_let_in_unread_have_nothing_to_do_with_one_another():
    assert told(on_entry(entry("b", 60, None), [entry("a", 0, None)])) == {"b": (Status.OPEN, Why.ENTERED)}


def test_an_exit_told_before_its_entry_is_joined_to_it():
    gone = rules.leave(rules.request_exit(rules.unmatched("x", PLATE, "car"), at(58)), at(60))
    changes = on_entry(entry("a", 0), [gone])
    assert told(changes) == {"a": (Status.LEFT_OWING, Why.ENTRY_FOUND), "x": (Status.VOID, Why.JOINED)}
    joined = changes[0].stay
    assert (joined.stopped_at, joined.exited_at) == (at(58), at(60))


def test_an_exit_within_the_free_minutes_told_before_its_entry_closes_the_stay():
    gone = rules.leave(rules.unmatched("x", PLATE, "car"), at(9))
    assert told(on_entry(entry("a", 0), [gone]))["a"] == (Status.CLOSED, Why.ENTRY_FOUND)


def test_a_vehicle_waiting_at_the_exit_is_joined_to_its_entry_told_late():
    waiting = rules.request_exit(rules.unmatched("x", PLATE, "car"), at(60))
    changes = on_entry(entry("a", 0), [waiting])
    assert told(changes)["a"] == (Status.QUOTED, Why.ENTRY_FOUND)
    assert changes[0].stay.stopped_at == at(60)


def test_an_exit_known_by_the_stays_own_id_is_filled_in():
    gone = rules.leave(rules.unmatched("a", PLATE, "car"), at(60))
    assert told(on_entry(entry("a", 0), [gone])) == {"a": (Status.LEFT_OWING, Why.ENTRY_FOUND)}


def test_an_exit_before_the_entry_or_after_the_next_entry_is_not_joined():
    early = rules.leave(rules.unmatched("x", PLATE, "car"), at(-5))
    assert told(on_entry(entry("a", 0), [early])) == {"a": (Status.OPEN, Why.ENTERED)}
    late = rules.leave(rules.unmatched("x", PLATE, "car"), at(90))
    assert told(on_entry(entry("a", 0), [late, entry("b", 60)])) == {"a": (Status.CLOSED_BY_SYSTEM, Why.OVERTAKEN)}


def test_an_exit_belongs_to_the_last_entry_before_it():
    old = rules.replace_by_newer(entry("a", 0))
    assert whose_exit(at(90), [old, entry("b", 60)]).id == "b"
    assert whose_exit(at(30), [old, entry("b", 60)]).id == "a"
    assert whose_exit(at(-1), [old, entry("b", 60)]) is None


def test_an_exit_of_a_vehicle_already_seen_leaving_is_unmatched():
    assert whose_exit(at(90), [rules.replace_by_newer(entry("a", 0)), rules.leave(entry("b", 60), at(70))]) is None


def test_a_clock_that_stopped_before_an_entry_told_late_makes_that_one_not_free():
    asked_twice = rules.request_exit(rules.request_exit(entry("a", 0), at(30)), at(80))
    changes = on_entry(entry("b", 60), [asked_twice])
    assert told(changes) == {"b": (Status.QUOTED, Why.ENTRY_FOUND), "a": (Status.CLOSED_BY_SYSTEM, Why.EXIT_MOVED)}
    assert changes[0].stay.stopped_at == at(80)


def test_an_entry_whose_own_exit_is_known_takes_no_other_stays_exit():
    own = rules.leave(rules.request_exit(rules.unmatched("b", PLATE, "car"), at(70)), at(75))
    old = rules.leave(entry("a", 0), at(90))
    changes = on_entry(entry("b", 60), [own, old])
    assert told(changes) == {"b": (Status.LEFT_OWING, Why.ENTRY_FOUND)}
    assert (changes[0].stay.stopped_at, changes[0].stay.exited_at) == (at(70), at(75))


class Gates:
    """What two gates that know only the plate report, kept as the store would keep it.

    visits  visit of the exit -> the stay it was taken to be about
    """

    def __init__(self) -> None:
        self.stays: dict[str, Stay] = {}
        self.visits: dict[str, str] = {}

    def tell(self, kind: str, name: str, minutes: int) -> None:
        if kind == "in":
            changes = on_entry(entry(name, minutes), self.stays.values())
            self.stays |= {change.stay.id: change.stay for change in changes}
            gave_up = {change.stay.id for change in changes if change.why in (Why.JOINED, Why.EXIT_MOVED)}
            moved = {visit for visit, stay_id in self.visits.items() if stay_id in gave_up}
            self.visits |= {visit: whose_exit_is(self.stays, VISITS[visit]) for visit in moved}
            return
        stay = self.stays.get(self.visits.get(name)) or whose_exit(at(minutes), self.stays.values())
        stay = stay or rules.unmatched(name, PLATE, "car")
        self.visits[name] = stay.id
        step = rules.request_exit if kind == "ask" else rules.leave
        self.stays[stay.id] = step(stay, at(minutes))


VISITS = {"x": 30, "y": 80}  # minute each visit of the exit began


def whose_exit_is(stays: dict[str, Stay], minute: int) -> str:
    """The stay that was inside at that minute, by its own instants."""
    entered = [stay for stay in stays.values() if stay.entered_at and stay.entered_at <= at(minute)]
    return max(entered, key=lambda stay: stay.entered_at).id


def ended(reports) -> dict[str, Stay]:
    gates = Gates()
    for report in reports:
        gates.tell(*report)
    return {stay_id: stay for stay_id, stay in gates.stays.items() if stay.status is not Status.VOID}


TWO_VISITS = [("in", "a", 0), ("out", "x", 30), ("in", "b", 60), ("out", "y", 90)]


@pytest.mark.parametrize("order", [*permutations(TWO_VISITS)])
def test_two_visits_end_the_same_in_whatever_order_they_are_told(order):
    seen = {stay.id: (stay.status, stay.entered_at, stay.exited_at) for stay in ended(order).values()}
    assert seen == {"a": (Status.LEFT_OWING, at(0), at(30)), "b": (Status.LEFT_OWING, at(60), at(90))}


HALF_SEEN = [("in", "a", 0), ("in", "b", 60), ("ask", "y", 80), ("out", "y", 90), ("in", "c", 120)]


@pytest.mark.parametrize("order", [*permutations(HALF_SEEN)])
def test_a_visit_nobody_saw_end_costs_nothing_in_whatever_order_the_rest_is_told(order):
    seen = {stay.id: (stay.status, stay.requested_at, stay.exited_at) for stay in ended(order).values()}
    assert seen == {
        "a": (Status.CLOSED_BY_SYSTEM, None, None),
        "b": (Status.LEFT_OWING, at(80), at(90)),
        "c": (Status.OPEN, None, None),
    }


def test_an_exit_that_named_its_stay_is_joined_to_no_other():
    gone = rules.leave(rules.unmatched("b", PLATE, "car"), at(90))
    assert told(on_entry(entry("a", 0), [gone], named={"b"})) == {"a": (Status.OPEN, Why.ENTERED)}


def test_a_settled_stay_keeps_its_exit_and_the_entry_told_late_is_closed_by_system():
    paid = rules.pay(rules.leave(entry("a", 0), at(90)), at(120))
    assert told(on_entry(entry("b", 60), [paid])) == {"b": (Status.CLOSED_BY_SYSTEM, Why.OVERTAKEN)}


@given(st.permutations([*TWO_VISITS, ("in", "c", 120)]))
def test_at_most_one_stay_of_a_plate_is_ever_inside(reports):
    gates = Gates()
    for report in reports:
        gates.tell(*report)
        assert len([stay for stay in gates.stays.values() if stay.status in INSIDE]) <= 1
    assert [stay.id for stay in gates.stays.values() if stay.status in INSIDE] == ["c"]
