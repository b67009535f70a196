"""A notice follows what becomes of its stay: merged, struck out, corrected, split, and back again by undo."""

from __future__ import annotations

from sqlalchemy import select

from central.actions import access, linking, stay_fixes, stay_joins, undoing, violations
from central.rules.violations import Kind
from central.store.schema import Due, Receipt, Violation
from edge.protocol.messages import ExitHow
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.corrections.desk import do, latest, refused, undo
from tests.central.violations.notices import FINE, raised, watch
from tests.central.visits import PLATE, enter, leave, request

OTHER = "DL1CAB1Z34"


def whole(park: CarPark) -> list[dict]:
    """Every notice and what is asked for it, column by column."""
    with park.db.read() as session:
        asked = session.scalars(select(Due).where(Due.kind == "violation").order_by(Due.id))
        return [
            {column.name: getattr(row, column.name) for column in type(row).__table__.columns}
            for row in [*session.scalars(select(Violation).order_by(Violation.id)), *asked]
        ]


def deny(park: CarPark, text: str = PLATE) -> None:
    with park.db.begin() as session:
        access.set_rule(session, SITE, text, "denied", minutes(-10), "tests")


def overstayed(park: CarPark) -> str:
    watch(park, Kind.OVERSTAY)
    stay, _ = enter(park)
    request(park, 100, session=stay)
    assert [one.status for one in raised(park)] == ["raised"]
    return stay


def pay_notice(park: CarPark, at: float) -> None:
    park.pay(raised(park)[-1].due_id, minutes(at))


def test_a_stay_that_is_struck_out_takes_its_notice_along_and_undo_brings_both_back(park):
    stay = overstayed(park)
    leave(park, 101, session=stay, how=ExitHow.OPEN_AND_BILL)
    before = whole(park)
    do(park, stay_fixes.strike_out, stay, now=minutes(120))
    [notice] = raised(park)
    assert (notice.status, notice.decision) == ("waived", "its stay was struck out")
    undo(park, now=minutes(130))
    assert whole(park) == before
    with park.db.begin() as session:
        told = violations.tell(session, notice.id, "by hand", minutes(131), "asha")
        assert told.status == "notified"


def test_a_corrected_plate_takes_its_notice_back_and_undo_brings_it_back(park):
    stay = overstayed(park)
    before = whole(park)
    do(park, stay_fixes.plate, stay, OTHER, now=minutes(110))
    assert [(one.status, one.decision) for one in raised(park)] == [("waived", "its plate was corrected")]
    undo(park, now=minutes(111))
    assert whole(park) == before


def test_an_exit_that_was_anothers_takes_the_notice_back_and_undo_brings_it_back(park):
    stay = overstayed(park)
    leave(park, 101, session=stay, how=ExitHow.OPEN_AND_BILL)
    before = whole(park)
    do(park, stay_joins.split_exit, stay, OTHER, now=minutes(120))
    assert [(one.status, one.decision) for one in raised(park)] == [("waived", "its exit was that of another stay")]
    undo(park, now=minutes(121))
    assert whole(park) == before


def test_a_notice_of_a_stay_that_is_merged_goes_to_the_one_that_is_kept(park):
    deny(park)
    watch(park, Kind.BLOCKLISTED)
    one, _ = enter(park)
    leave(park, 5, session=one, how=ExitHow.TAILGATED)
    [notice] = raised(park)
    other, _ = enter(park, 3, OTHER)
    do(park, stay_fixes.plate, other, "MH12DE5678", now=minutes(6))
    kept, _ = enter(park, 10, "KA05XY9999")
    before = whole(park)
    # of another plate, it accuses nobody any more
    do(park, stay_joins.merge, other, one, now=minutes(20))
    assert [(row.status, row.decision) for row in raised(park)] == [("waived", "its plate was corrected")]
    undo(park, now=minutes(21))
    assert whole(park) == before
    assert raised(park)[0].stay_id == notice.stay_id == one and park.stay(kept).status == "open"


def test_an_exit_that_is_joined_by_ticket_brings_its_notice_to_the_stay(park):
    deny(park)
    watch(park, Kind.BLOCKLISTED)
    stay, ticket = enter(park, text=None)
    strange = request(park, 45)
    [notice] = raised(park)
    assert notice.stay_id == strange
    do(park, stay_fixes.plate, stay, "MH12DE5678", now=minutes(46))
    with park.db.begin() as session:
        linking.link_unmatched(session, strange, ticket, minutes(47))
    [notice] = raised(park)
    # the stay is of another plate: the exit's reader was wrong
    assert (notice.stay_id, notice.status) == (stay, "waived")


def test_two_entries_of_one_visit_are_no_passing_back(park):
    watch(park, Kind.ANTI_PASSBACK)
    first, _ = enter(park)
    second, _ = enter(park, 30)
    [notice] = raised(park)
    assert (notice.kind, notice.stay_id, notice.other_stay_id) == ("anti_passback", second, first)
    before = whole(park)
    do(park, stay_joins.merge, second, first, now=minutes(40))
    assert [(one.status, one.decision) for one in raised(park)] == [("waived", "the two were one visit")]
    undo(park, now=minutes(41))
    assert whole(park) == before


def test_a_later_visit_keeps_the_notice_of_its_own_exit_when_one_stay_was_two(park):
    watch(park, Kind.BLOCKLISTED)
    stay, _ = enter(park)
    deny(park)
    leave(park, 300, session=stay, how=ExitHow.OPEN_AND_BILL)
    [notice] = raised(park)
    before = whole(park)
    made = do(park, stay_joins.split_visit, stay, minutes(200), now=minutes(310))
    [notice] = raised(park)
    assert (notice.stay_id, notice.key, notice.status) == (made, f"blocklisted:{made}", "raised")
    with park.db.read() as session:
        assert session.get_one(Due, notice.due_id).stay_id == made
    undo(park, now=minutes(311))
    assert whole(park) == before


def test_a_notice_that_was_paid_since_stands_on_the_correction_that_moved_it(park):
    watch(park, Kind.BLOCKLISTED)
    stay, _ = enter(park)
    deny(park)
    leave(park, 300, session=stay, how=ExitHow.OPEN_AND_BILL)
    do(park, stay_joins.split_visit, stay, minutes(200), now=minutes(310))
    pay_notice(park, 320)
    refused(park, f"₹{FINE // 100} was paid since", undoing.undo, latest(park), now=minutes(330))


def test_a_notice_that_was_paid_and_turns_out_wrong_is_for_a_person_to_give_back(park):
    stay = overstayed(park)
    pay_notice(park, 105)
    do(park, stay_fixes.plate, stay, OTHER, now=minutes(110))
    assert raised(park)[0].status == "paid"
    assert "a notice was paid that was wrong (its plate was corrected)" in park.stay(stay).review
    with park.db.read() as session:
        assert session.scalars(select(Receipt)).one().stay_id == stay


def test_an_entry_that_is_told_late_brings_the_notice_of_its_exit_to_its_stay(park):
    deny(park)
    watch(park, Kind.BLOCKLISTED)
    strange = request(park, 45)
    [notice] = raised(park)
    assert (notice.stay_id, park.stay(strange).status) == (strange, "unmatched")
    stay, _ = enter(park, 0)
    [notice] = raised(park)
    assert (notice.stay_id, notice.key, notice.status) == (stay, f"blocklisted:{stay}", "raised")
    assert park.stay(strange).joined_to == stay
