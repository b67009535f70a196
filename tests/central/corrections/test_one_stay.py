"""One stay set right by a person, and taken back: on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.actions import disputes, undoing
from central.actions import stay_fixes as fixes
from central.actions.corrections import Who
from central.rules.corrections import TABLE, Kind
from central.store.schema import Audit, Correction
from edge.protocol.messages import ExitHow, SessionStatus
from tests.central.car_park import SITE, minutes
from tests.central.corrections.desk import (
    ATTENDANT,
    SUPERVISOR,
    columns,
    corrections,
    do,
    everything,
    refused,
    told_newer,
    undo,
    versions,
)
from tests.central.visits import PLATE, enter, leave, request, timeline


def at_exit(park, at: float = 45) -> str:
    stay, _ = enter(park)
    request(park, at, session=stay)
    return stay


def test_a_plate_is_corrected_with_a_reason_and_taken_back(park):
    stay, _ = enter(park, text="DL1CAB1Z34")
    before, told = columns(park, stay), versions(park)
    do(park, fixes.plate, stay, "dl 1 cab-1234", now=minutes(5), who=ATTENDANT)
    assert columns(park, stay) == {**before, "plate": PLATE} and park.told(stay).plate == PLATE
    told_newer(park, told)
    assert timeline(park, stay)[-1] == "plate corrected"
    with park.db.read() as session:
        audited = session.scalars(select(Audit).where(Audit.what == "stay: plate corrected")).one()
    assert (audited.by, audited.subject) == (ATTENDANT.name, stay)
    told = versions(park)
    undo(park, now=minutes(6), who=ATTENDANT)
    assert columns(park, stay) == before and corrections(park)[0].undone_by == ATTENDANT.name
    told_newer(park, told)


@pytest.mark.parametrize("reason", ["", "  x ", "x" * 201])
def test_every_correction_needs_a_reason(park, reason):
    stay, _ = enter(park)
    with pytest.raises(ValueError, match="say why: expected 3 to 200 characters"), park.db.begin() as session:
        fixes.plate(session, stay, "MH12AB1234", ATTENDANT, reason, minutes(5))


def test_a_plate_that_is_inside_already_is_not_given_to_another_stay(park):
    enter(park)
    other, _ = enter(park, 1, "MH12DE5678")
    refused(park, "has another stay in that time", fixes.plate, other, PLATE, now=minutes(5))


def test_an_attendant_may_not_strike_out_nor_undo_what_a_supervisor_did(park):
    stay, _ = enter(park)
    refused(park, "ask a supervisor", fixes.strike_out, stay, now=minutes(5), who=ATTENDANT)
    do(park, fixes.strike_out, stay, now=minutes(5))
    refused(park, "ask a supervisor", undo_latest, now=minutes(6), who=ATTENDANT)


def undo_latest(session, who, reason, now):
    return undoing.undo(session, session.scalar(select(Correction.id)), who, reason, now)


def test_what_was_asked_of_a_stay_struck_out_is_given_up_and_asked_again_when_that_is_undone(park):
    stay = at_exit(park)
    before = everything(park)
    do(park, fixes.strike_out, stay, now=minutes(46))
    assert park.stay(stay).status == "void" and [due.state for due in park.dues(stay)] == ["waived"]
    assert park.told(stay).status is SessionStatus.CLOSED
    undo(park, now=minutes(47))
    assert everything(park) == before


def test_a_stay_that_left_owing_and_is_struck_out_owes_nothing_in_the_books(park):
    stay = at_exit(park)
    leave(park, 46, session=stay, how=ExitHow.OPEN_AND_BILL)
    before = everything(park)
    do(park, fixes.strike_out, stay, now=minutes(50))
    undo(park, now=minutes(51))
    assert everything(park) == before


def test_a_paid_stay_is_not_struck_out(park):
    stay = at_exit(park)
    park.pay(park.dues(stay)[0].id, minutes(46))
    with pytest.raises(ValueError, match="₹170 was paid for it"), park.db.begin() as session:
        fixes.strike_out(session, stay, SUPERVISOR, "by mistake", minutes(47))


def test_another_class_is_priced_anew_and_one_without_a_price_refused(park):
    stay = at_exit(park)
    do(park, fixes.vehicle_class, stay, "bike", now=minutes(46), who=ATTENDANT)
    assert park.stay(stay).vehicle_class == "bike"
    refused(park, "expected one of", fixes.vehicle_class, stay, "boat", now=minutes(46))
    undo(park, now=minutes(47))
    assert park.stay(stay).vehicle_class == "car"


def test_a_vehicle_a_person_saw_leaving_owes_up_to_then_and_no_more(park):
    stay, _ = enter(park)
    before = everything(park)
    do(park, fixes.leave, stay, minutes(45), now=minutes(600), who=ATTENDANT)
    assert park.stay(stay).status == "left_owing" and [due.amount_paise for due in park.dues(stay)] == [17_000]
    undo(park, now=minutes(601))
    assert {key: row for key, row in everything(park).items() if key in before} == before
    assert [due.state for due in park.dues(stay)] == ["waived"]


@pytest.mark.parametrize(
    ("at", "why"), [(-1, "it came in at"), (20, "asked to leave at"), (100, "a time that is past")]
)
def test_an_exit_by_hand_fits_what_was_seen(park, at, why):
    stay = at_exit(park)
    refused(park, why, fixes.leave, stay, minutes(at), now=minutes(60))


def test_a_vehicle_that_is_not_here_is_closed_by_system_and_never_charged(park):
    stay = at_exit(park)
    do(park, fixes.gone, stay, now=minutes(5000), who=ATTENDANT)
    assert park.stay(stay).status == "closed_by_system"
    assert [due.state for due in park.dues(stay)] == ["waived"]


def test_a_vehicle_nobody_saw_coming_in_is_entered_by_hand_and_leaves_as_any_other(park):
    with park.db.begin() as session:
        stay = fixes.enter(session, SITE, "dl1cab1234", "car", minutes(0), ATTENDANT, "boom was open", minutes(10))
    assert (park.told(stay).status, park.told(stay).plate) == (SessionStatus.OPEN, PLATE)
    request(park, 45)
    assert park.stay(stay).status == "quoted" and park.dues(stay)[0].amount_paise == 17_000


def test_an_entry_by_hand_that_is_taken_back_is_struck_out(park):
    with park.db.begin() as session:
        stay = fixes.enter(session, SITE, PLATE, "car", minutes(0), ATTENDANT, "boom was open", minutes(10))
    undo(park, now=minutes(11), who=ATTENDANT)
    assert park.stay(stay).status == "void" and park.told(stay).status is SessionStatus.CLOSED


def test_a_plate_that_is_inside_is_not_entered_again_by_hand(park):
    enter(park)
    refused(park, "has another stay", fixes.enter, SITE, PLATE, "car", minutes(5), now=minutes(10))


def test_an_exit_without_entry_gets_the_entry_a_person_tells_of(park):
    stay = request(park, 45)
    before = everything(park)
    refused(park, "waits for its entry", fixes.enter, SITE, PLATE, "car", minutes(0), now=minutes(46))
    refused(park, "expected an entry before", fixes.enter_unmatched, stay, minutes(46), now=minutes(47))
    do(park, fixes.enter_unmatched, stay, minutes(0), now=minutes(46), who=ATTENDANT)
    assert park.stay(stay).status == "quoted" and park.dues(stay)[0].amount_paise == 17_000
    assert park.told(stay).quote.amount_paise == 17_000
    undo(park, now=minutes(47))
    assert {key: row for key, row in everything(park).items() if key in before} == before


def test_a_lost_ticket_costs_what_the_tariff_says_for_it_also_without_an_entry(park):
    known, strange = at_exit(park), request(park, 46, "MH12DE5678")
    for stay in (known, strange):
        do(park, fixes.lost_ticket, stay, now=minutes(47), who=ATTENDANT)
        assert [due.amount_paise for due in park.dues(stay) if due.state == "quoted"] == [60_000]
        assert park.told(stay).quote.amount_paise == 60_000
    park.pay(park.dues(strange)[0].id, minutes(48))
    leave(park, 49, "MH12DE5678", session=strange)
    assert park.stay(strange).status == "closed"
    undo(park, corrections(park)[0].id, now=minutes(50))
    assert [due.amount_paise for due in park.dues(known)] == [17_000]


def test_a_stay_that_never_left_is_reopened_with_what_was_paid(park):
    stay = at_exit(park)
    park.pay(park.dues(stay)[0].id, minutes(46))
    leave(park, 47, session=stay)
    before = everything(park)
    do(park, fixes.reopen, stay, now=minutes(50))
    assert (park.stay(stay).status, park.told(stay).status) == ("paid", SessionStatus.PAID)
    undo(park, now=minutes(51))
    assert everything(park) == before
    do(park, fixes.reopen, stay, now=minutes(90))
    assert park.stay(stay).status == "overstayed"
    request(park, 100, session=stay)
    assert [due.amount_paise for due in park.dues(stay)] == [17_000, 10_000]


def test_a_stay_whose_plate_came_in_again_is_not_reopened(park):
    stay = at_exit(park)
    leave(park, 46, session=stay, how=ExitHow.OPERATOR)
    enter(park, 60)
    refused(park, "has another stay", fixes.reopen, stay, now=minutes(70))


def test_a_disputed_bill_is_not_owed_until_it_is_decided(park):
    stay = at_exit(park)
    leave(park, 46, session=stay, how=ExitHow.OPEN_AND_BILL)
    before = everything(park)
    do(park, disputes.dispute, stay, now=minutes(60), who=ATTENDANT)
    assert park.stay(stay).status == "disputed"
    refused(park, "disputed already|can't be done", disputes.dispute, stay, now=minutes(61))
    undo(park, now=minutes(61))
    assert everything(park) == before
    do(park, disputes.dispute, stay, now=minutes(62), who=ATTENDANT)
    do(park, disputes.resolve, stay, now=minutes(63), owed=True)
    assert park.stay(stay).status == "left_owing" and park.stay(stay).disputed_at is None
    do(park, disputes.dispute, stay, now=minutes(64), who=ATTENDANT)
    disputed = everything(park)
    do(park, disputes.resolve, stay, now=minutes(65), owed=False)
    assert park.stay(stay).status == "closed" and [due.state for due in park.dues(stay)] == ["waived"]
    undo(park, now=minutes(66))
    assert everything(park) == disputed


def test_what_has_been_paid_since_keeps_a_correction_from_being_undone(park):
    stay = at_exit(park)
    do(park, fixes.vehicle_class, stay, "bike", now=minutes(46))
    park.pay(park.dues(stay)[0].id, minutes(47))
    refused(park, "₹170 was paid since", undo_latest, now=minutes(48))


def test_a_correction_on_top_is_undone_first(park):
    stay, _ = enter(park)
    do(park, fixes.vehicle_class, stay, "bike", now=minutes(1))
    first = corrections(park)[0].id
    do(park, fixes.plate, stay, "MH12DE5678", now=minutes(2))
    refused(park, "“plate corrected” was done since", undoing.undo, first, now=minutes(3))
    undo(park, now=minutes(4))
    undo(park, first, now=minutes(5))
    refused(park, "undone already", undoing.undo, first, now=minutes(6))


def test_what_a_gate_saw_since_keeps_a_correction_from_being_undone(park):
    stay = at_exit(park)
    leave(park, 46, session=stay, how=ExitHow.OPERATOR)
    do(park, fixes.reopen, stay, now=minutes(50))
    request(park, 60, session=stay)
    refused(park, "something has happened to the stay since", undo_latest, now=minutes(61))


@pytest.mark.parametrize("kind", [kind for kind in TABLE if kind is not Kind.DISPUTE])
def test_a_driver_may_dispute_and_nothing_else(kind):
    assert Who("driver", "driver").may(Kind.DISPUTE) and not Who("driver", "driver").may(kind)
