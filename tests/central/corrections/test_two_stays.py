"""Two stays that were one visit, and one that was two: money follows what it was paid for, and nobody pays twice."""

from __future__ import annotations

from central.actions import settling, stay_joins
from central.store.schema import Receipt, Stay
from edge.protocol.messages import ExitHow, SessionStatus
from tests.central.car_park import CarPark, minutes
from tests.central.corrections.desk import ATTENDANT, columns, do, everything, refused, undo
from tests.central.visits import PLATE, enter, leave, request

OTHER = "DL1CAB1Z34"


def pay_inside(park: CarPark, stay: str, at: float) -> None:
    with park.db.begin() as session:
        due = settling.pay_quote(session, session.get_one(Stay, stay), minutes(at))
    park.pay(due.id, minutes(at))


def standing(park: CarPark, before: dict) -> dict:
    return {key: row for key, row in everything(park).items() if key in before}


def unpaid(park: CarPark, stay: str) -> list[int]:
    return [due.amount_paise for due in park.dues(stay) if due.state in ("open", "quoted")]


def test_a_misread_exit_is_merged_into_its_stay_and_taken_apart_again(park):
    stay, _ = enter(park)
    # the reader saw another vehicle altogether
    strange = request(park, 45, "KA05XY9999")
    before = everything(park)
    refused(park, "ask a supervisor", stay_joins.merge, stay, strange, now=minutes(46), who=ATTENDANT)
    do(park, stay_joins.merge, stay, strange, now=minutes(46))
    assert park.stay(stay).status == "quoted" and unpaid(park, stay) == [17_000]
    assert park.stay(strange).joined_to == stay and park.told(strange).status is SessionStatus.CLOSED
    undo(park, now=minutes(47))
    assert standing(park, before) == before and unpaid(park, stay) == []


def test_merging_a_paid_and_an_unpaid_one_never_asks_twice(park):
    paid, _ = enter(park, text=OTHER)
    pay_inside(park, paid, 40)
    owing, _ = enter(park, 2)
    request(park, 45, session=owing)
    assert unpaid(park, owing) == [17_000]
    before = everything(park)
    do(park, stay_joins.merge, owing, paid, now=minutes(46))
    merged = park.stay(owing)
    assert (merged.status, merged.entered_at, unpaid(park, owing)) == ("paid", minutes(0), [])
    assert park.told(owing).permit_until is not None
    with park.db.read() as session:
        assert [receipt.stay_id for receipt in session.query(Receipt)] == [owing]
    undo(park, now=minutes(47))
    assert standing(park, before) == before
    do(park, stay_joins.merge, owing, paid, now=minutes(48))
    leave(park, 49, session=owing)
    assert park.stay(owing).status == "closed"


def test_merging_later_than_was_paid_for_asks_for_the_difference_alone(park):
    paid, _ = enter(park, text=OTHER)
    pay_inside(park, paid, 40)
    owing, _ = enter(park, 2)
    request(park, 100, session=owing)
    do(park, stay_joins.merge, owing, paid, now=minutes(101))
    assert (park.stay(owing).status, unpaid(park, owing)) == ("quoted", [10_000])


def test_what_was_paid_twice_for_one_visit_is_for_a_person_to_give_back(park):
    one, _ = enter(park, text=OTHER)
    two, _ = enter(park, 1)
    for stay in (one, two):
        pay_inside(park, stay, 40)
    leave(park, 45, session=two)
    do(park, stay_joins.merge, two, one, now=minutes(46))
    assert park.stay(two).status == "closed" and "₹170 more was paid than it costs" in park.stay(two).review


def test_two_visits_are_not_merged(park):
    one, _ = enter(park)
    leave(park, 20, session=one, how=ExitHow.OPERATOR)
    two, _ = enter(park, 30, OTHER)
    refused(park, "two visits", stay_joins.merge, two, one, now=minutes(40))
    refused(park, "two different stays", stay_joins.merge, two, two, now=minutes(40))


def test_the_time_between_a_stay_closed_by_system_and_the_next_is_not_charged(park):
    unseen, _ = enter(park)
    again, _ = enter(park, 600)
    assert park.stay(unseen).status == "closed_by_system"
    do(park, stay_joins.merge, again, unseen, now=minutes(610))
    request(park, 630, session=again)
    assert (park.stay(again).entered_at, unpaid(park, again)) == (minutes(600), [12_000])


def test_an_exit_of_another_vehicle_is_split_off_and_the_stay_is_inside_again(park):
    stay, _ = enter(park)
    request(park, 45, session=stay)
    leave(park, 46, session=stay, how=ExitHow.OPEN_AND_BILL)
    before = everything(park)
    made = do(park, stay_joins.split_exit, stay, "mh12de5678", now=minutes(50))
    assert (park.stay(stay).status, park.stay(stay).exited_at, unpaid(park, stay)) == ("open", None, [])
    strange = park.stay(made)
    assert (strange.status, strange.plate, strange.exited_at) == ("unmatched", "MH12DE5678", minutes(46))
    undo(park, now=minutes(51))
    assert standing(park, before) == before and park.stay(made).status == "void"


def test_what_was_paid_at_an_exit_goes_with_it_to_the_stay_it_was_paid_for(park):
    stay, _ = enter(park)
    theirs, _ = enter(park, 5, "MH12DE5678")
    request(park, 45, session=stay)
    park.pay(park.dues(stay)[0].id, minutes(46))
    leave(park, 47, session=stay)
    made = do(park, stay_joins.split_exit, stay, "MH12DE5678", now=minutes(48))
    assert park.stay(stay).status == "open" and park.dues(stay) == []
    do(park, stay_joins.merge, theirs, made, now=minutes(49))
    assert (park.stay(theirs).status, unpaid(park, theirs)) == ("closed", [])
    assert [due.amount_paise for due in park.dues(theirs)] == [17_000]


def test_a_stay_that_left_unseen_and_came_again_is_two_and_the_first_is_not_charged(park):
    stay, _ = enter(park)
    request(park, 700, session=stay)
    refused(park, "expected it to have come back", stay_joins.split_visit, stay, minutes(0), now=minutes(701))
    made = do(park, stay_joins.split_visit, stay, minutes(680), now=minutes(701))
    assert park.stay(stay).status == "closed_by_system" and unpaid(park, stay) == []
    assert (park.stay(made).status, unpaid(park, made)) == ("quoted", [12_000])
    assert columns(park, made)["plate"] == PLATE
    park.pay(park.dues(made)[0].id, minutes(702))
    leave(park, 703, session=made)
    assert park.stay(made).status == "closed"


def test_a_split_visit_is_one_again_when_that_is_undone(park):
    stay, _ = enter(park)
    request(park, 700, session=stay)
    before = everything(park)
    made = do(park, stay_joins.split_visit, stay, minutes(680), now=minutes(701))
    undo(park, now=minutes(702))
    assert standing(park, before) == before and park.stay(made).status == "void" and unpaid(park, made) == []


def test_what_was_merged_into_a_stay_goes_on_with_it_and_gates_are_told(park):
    stay, _ = enter(park)
    strange = request(park, 45, "KA05XY9999")
    kept, _ = enter(park, 2, OTHER)
    do(park, stay_joins.merge, stay, strange, now=minutes(46))
    told = park.stay(strange).version
    do(park, stay_joins.merge, kept, stay, now=minutes(47))
    assert (park.stay(strange).joined_to, park.stay(stay).joined_to) == (kept, kept)
    assert park.stay(strange).version > told
    undo(park, now=minutes(48))
    assert park.stay(strange).joined_to == stay
