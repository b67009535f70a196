"""The life of one stay."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules import stay as rules
from central.rules.quote import EarlierStay
from central.rules.stay import IllegalStep, Stay
from central.rules.stay_table import ENDED, INSIDE, MOVES, Signal, Status
from central.rules.tariff import Tariff
from central.rules.tariff_parts import Element
from edge.protocol.messages import SessionStatus

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def tariff(free=10, re_entry=0):
    return Tariff(
        "t",
        "s",
        1,
        ZoneInfo("Asia/Kolkata"),
        date(2026, 4, 1),
        (Element("all"),),
        free=timedelta(minutes=free),
        exit_grace=timedelta(minutes=15),
        re_entry=timedelta(minutes=re_entry),
    )


def inside(permit_until=None) -> Stay:
    return rules.enter("s1", "DL1CAB1234", "car", TEN, permit_until)


@pytest.mark.parametrize("status, signal", [pair for pair in product(Status, Signal) if pair not in MOVES])
def test_a_step_the_table_does_not_have_is_refused_by_name(status, signal):
    with pytest.raises(IllegalStep, match=f"stay s1 is {status} and can't {signal}"):
        rules.move(Stay("s1", None, "car", status), signal)


def test_every_status_can_be_reached():
    reached = {Status.OPEN, Status.UNMATCHED, Status.PREPAID}
    for _ in Status:
        reached |= {after for (before, _), after in MOVES.items() if before in reached}
    assert reached == set(Status)


def test_an_ended_stay_never_lets_a_vehicle_be_inside_again():
    assert not [move for move, after in MOVES.items() if move[0] in ENDED and after in INSIDE]


def test_every_vehicle_inside_can_always_get_out():
    for status, signal in product(INSIDE, (Signal.LEAVE, Signal.REPLACE)):
        assert (status, signal) in MOVES
    for status in INSIDE - {Status.EXEMPT}:
        assert (status, Signal.LEAVE_OWING) in MOVES


def test_gates_know_the_words_they_are_told():
    assert {str(status) for status in INSIDE - {Status.OVERSTAYED} | {Status.UNMATCHED, Status.CLOSED}} == {
        str(word) for word in SessionStatus
    }


def test_free_minutes_are_a_permit_at_entry():
    assert rules.permit_at_entry(tariff(free=10), TEN) == at(10)
    assert rules.permit_at_entry(tariff(free=0), TEN) is None


def test_a_quick_return_has_no_free_permit():
    earlier = EarlierStay(left_at=at(-20), minutes=30)
    assert rules.permit_at_entry(tariff(re_entry=30), TEN, earlier) is None
    assert rules.permit_at_entry(tariff(re_entry=10), TEN, earlier) == at(10)


def test_leaving_within_the_free_minutes_closes_the_stay():
    assert rules.leave(inside(at(10)), at(10)).status is Status.CLOSED
    assert rules.leave(inside(at(10)), at(11)).status is Status.LEFT_OWING


def test_a_permit_must_have_held_when_the_exit_let_go_not_while_the_vehicle_rolled_out():
    assert rules.leave(inside(at(10)), at(11), granted_at=at(10)).status is Status.CLOSED


def test_paid_with_grace_then_overstayed():
    paid = rules.pay(inside(), rules.permit_after_payment(tariff(), at(60)))
    assert (paid.status, paid.permit_until) == (Status.PAID, at(75))
    assert rules.overstay(paid, at(75)) == paid
    late = rules.overstay(paid, at(76))
    assert (late.status, late.permit_until, late.stopped_at) == (Status.OVERSTAYED, at(75), None)


def test_an_exit_or_a_wish_to_leave_within_the_grace_is_paid_for_though_it_is_told_late():
    late = rules.overstay(rules.pay(inside(), at(75)), at(76))
    assert rules.leave(late, at(74)).status is Status.CLOSED
    assert rules.request_exit(late, at(74)).status is Status.PAID


def test_asking_to_leave_after_the_grace_is_quoted_anew():
    paid = rules.pay(inside(), at(75))
    asked = rules.request_exit(paid, at(80))
    assert (asked.status, asked.stopped_at) == (Status.QUOTED, at(80))
    assert rules.request_exit(paid, at(70)).status is Status.PAID


def test_the_clock_stops_at_the_request_and_queueing_is_not_billed():
    asked = rules.request_exit(inside(), at(30))
    again = rules.request_exit(asked, at(40))
    assert (again.status, again.stopped_at, again.requested_at) == (Status.QUOTED, at(30), at(40))


def test_the_clock_runs_on_once_the_vehicle_backed_away_and_its_quote_ran_out():
    asked = rules.request_exit(inside(), at(30))
    away = rules.withdraw(asked, at(32))
    assert (away.status, away.stopped_at) == (Status.QUOTED, at(30))
    running = rules.quote_expired(away)
    assert (running.status, running.stopped_at) == (Status.OPEN, None)
    later = rules.request_exit(running, at(90))
    assert (later.status, later.stopped_at) == (Status.QUOTED, at(90))


def test_a_vehicle_that_still_stands_at_the_exit_keeps_its_clock_stopped():
    asked = rules.request_exit(inside(), at(30))
    assert rules.quote_expired(asked) == asked
    back = rules.request_exit(rules.withdraw(asked, at(32)), at(33))
    assert rules.quote_expired(back) == back


def test_a_request_told_after_its_clock_was_let_run_again_changes_nothing():
    running = rules.quote_expired(rules.withdraw(rules.request_exit(inside(), at(30)), at(32)))
    assert rules.request_exit(running, at(31)) == running


def test_paying_after_leaving_closes_the_stay():
    gone = rules.leave(rules.request_exit(inside(), at(30)), at(33))
    assert (gone.status, gone.stopped_at) == (Status.LEFT_OWING, at(30))
    assert rules.pay(gone, at(60)).status is Status.CLOSED


def test_a_payment_that_no_longer_covered_the_exit_leaves_the_rest_owing():
    gone = rules.leave(inside(), at(120))
    assert rules.pay(gone, at(75)).status is Status.LEFT_OWING
    assert rules.leave(rules.pay(inside(), at(75)), at(120)).status is Status.LEFT_OWING


def test_an_exempt_stay_may_always_leave_and_the_exemption_can_be_lifted():
    exempt = rules.exempt(rules.request_exit(inside(), at(30)))
    assert exempt.permitted(at(10_000))
    assert rules.leave(exempt, at(500)).status is Status.CLOSED
    assert rules.lift_exemption(rules.exempt(inside())).status is Status.OPEN
    lifted = rules.lift_exemption(exempt)
    assert lifted.status is Status.QUOTED and not lifted.permitted(at(40))


def test_waiving_the_bill_of_a_vehicle_that_left_closes_its_stay():
    assert rules.exempt(rules.leave(inside(), at(30))).status is Status.CLOSED


def test_a_lost_ticket_paid_at_the_exit_lets_the_unmatched_vehicle_go():
    stranger = rules.request_exit(rules.unmatched("x", "DL9", "car"), at(30))
    assert stranger.status is Status.UNMATCHED
    paid = rules.pay(stranger, at(60))
    assert rules.leave(paid, at(35)).status is Status.CLOSED


def test_an_unmatched_exit_stays_flagged_until_a_person_looked():
    gone = rules.leave(rules.unmatched("x", "DL9", "car"), at(30))
    assert gone.status is Status.UNMATCHED and gone.exited_at == at(30)
    assert rules.reviewed(gone).status is Status.CLOSED


def test_an_exit_told_after_the_plate_came_in_again_still_counts():
    replaced = rules.replace_by_newer(rules.pay(inside(), at(75)))
    assert replaced.status is Status.CLOSED_BY_SYSTEM
    assert rules.leave(replaced, at(70)).status is Status.CLOSED
    assert rules.leave(replaced, at(80)).status is Status.LEFT_OWING


STEPS = {
    "asked": lambda stay: rules.request_exit(stay, at(30)),
    "away": lambda stay: rules.withdraw(stay, at(32)),
    "asked again": lambda stay: rules.request_exit(stay, at(40)),
    "paid": lambda stay: rules.pay(stay, at(55)),
    "left": lambda stay: rules.leave(stay, at(45)),
}


@pytest.mark.parametrize("permit_until", [None, at(10), at(50)])
def test_what_happened_ends_the_same_in_whatever_order_it_is_told(permit_until):
    for count in range(1, len(STEPS) + 1):
        for chosen in permutations(STEPS, count):
            told = before = inside(permit_until)
            for name in chosen:
                told = STEPS[name](told)
            for name in sorted(chosen, key=list(STEPS).index):
                before = STEPS[name](before)
            assert told == before, chosen


@given(st.lists(st.tuples(st.sampled_from(["asked", "away", "paid", "left"]), st.integers(0, 200)), max_size=6))
def test_whatever_is_told_no_vehicle_gone_counts_as_inside_and_none_inside_as_gone(told):
    stay = inside(at(10))
    for name, minute in told:
        step = {
            "asked": rules.request_exit,
            "away": rules.withdraw,
            "paid": rules.pay,
            "left": rules.leave,
        }[name]
        try:
            stay = step(stay, at(minute))
        except IllegalStep:
            continue
        assert stay.inside == (stay.exited_at is None)
