"""Vehicles of drivers: claimed with the ticket of a stay or at the office, contested, and let go."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.actions import accounts, plate_claims
from central.actions.errors import Refused
from central.store.reads import me as reads
from central.store.reads import people as people_reads
from central.store.schema import Account, AccountVehicle, Notification, PlateClaim
from tests.central.car_park import SITE
from tests.central.people.drivers import EMAIL, PHONE, START, driver, minutes
from tests.central.visits import PLATE, enter, leave, request

BOSS = "boss@example.org"


def claim(park, user, stay_id, plate=PLATE, at=10):
    with park.db.begin() as session:
        return plate_claims.claim_with_ticket(session, user.id, stay_id, plate, minutes(at))


def ask(park, user, plate=PLATE, at=10):
    with park.db.begin() as session:
        return plate_claims.claim_at_office(session, user.id, SITE, plate, "I show the RC", minutes(at))


def decide(park, made, how="approve", at=20, **more):
    with park.db.begin() as session:
        return getattr(plate_claims, how)(session, made.id, minutes(at), BOSS, reason="RC seen", **more)


def owner_of(park, plate=PLATE) -> str | None:
    """The driver whose account has the plate."""
    of_plate = select(Account.user_id).join(AccountVehicle, AccountVehicle.account_id == Account.id)
    with park.db.read() as session:
        return session.scalar(of_plate.where(AccountVehicle.plate == plate))


def told_of_claims(park) -> list[str]:
    wanted = select(Notification.recipient).where(Notification.event == "claim", Notification.channel == "inbox")
    with park.db.read() as session:
        return list(session.scalars(wanted.order_by(Notification.id)))


def seen_by(park, user) -> set[str]:
    """Stays on the driver's pages."""
    with park.db.read() as session:
        home, (over, _) = reads.home(session, user.id), reads.stays(session, user.id)
    return {stay.id for stay, _site in (*home.here, *over)}


def test_the_ticket_of_a_vehicle_that_is_inside_proves_it(park):
    user, (stay, _) = driver(park.db), enter(park)
    made = claim(park, user, stay, "dl-1c ab 1234")
    assert (made.state, made.proof, made.since) == ("live", "ticket", minutes(0))
    assert owner_of(park) == user.id
    assert seen_by(park, user) == {stay}


@pytest.mark.parametrize("plate", ["DL1CAB1235", "MH12AB1234"])
def test_a_ticket_proves_nothing_of_another_plate(park, plate):
    user, (stay, _) = driver(park.db), enter(park)
    with pytest.raises(Refused) as wrong_plate:
        claim(park, user, stay, plate)
    with pytest.raises(Refused) as no_ticket:
        claim(park, user, None, plate)
    assert str(wrong_plate.value) == str(no_ticket.value)


def test_an_unread_plate_is_for_the_office(park):
    user, (stay, _) = driver(park.db), enter(park, text=None)
    with pytest.raises(Refused):
        claim(park, user, stay)


def test_an_old_ticket_proves_nothing(park):
    user, (stay, _) = driver(park.db), enter(park)
    request(park, 5, session=stay)
    park.pay(park.dues(stay)[0].id, minutes(6))
    leave(park, 7, session=stay)
    assert claim(park, user, stay, at=30).state == "live", "who has just driven out still holds the code"
    other = driver(park.db, "ravi@example.org", "Ravi Rao")
    with pytest.raises(Refused, match="here now"):
        claim(park, other, stay, at=200)


def test_claiming_twice_is_one_claim(park):
    user, (stay, _) = driver(park.db), enter(park)
    assert claim(park, user, stay).id == claim(park, user, stay).id


def test_the_office_approves_and_from_then_on_the_parking_is_the_drivers_to_see(park):
    user, (before, _) = driver(park.db), enter(park)
    made = ask(park, user)
    assert made.state == "waiting" and seen_by(park, user) == set() and owner_of(park) is None
    decide(park, made)
    assert owner_of(park) == user.id
    assert seen_by(park, user) == set(), "what was parked before is nobody's business"
    after, _ = enter(park, 30)
    assert seen_by(park, user) == {after} and before != after


def test_a_refused_claim_gives_nothing_and_says_why(park):
    user = driver(park.db)
    made = ask(park, user)
    decide(park, made, "refuse")
    with park.db.read() as session:
        [(row, _site)] = people_reads.claims_of(session, user.id)
    assert (row.state, row.reason, owner_of(park)) == ("refused", "RC seen", None)
    with pytest.raises(Refused, match="does not wait"):
        decide(park, made)


def test_a_claim_over_anothers_waits_even_with_a_ticket_and_the_owner_is_told(park):
    owner, (stay, _) = driver(park.db), enter(park)
    claim(park, owner, stay)
    rival = driver(park.db, "ravi@example.org", "Ravi Rao")
    made = claim(park, rival, stay)
    assert made.state == "waiting" and owner_of(park) == owner.id
    claim(park, rival, stay)
    assert len(told_of_claims(park)) == 1, "once"
    with park.db.read() as session:
        [waiting], _ = people_reads.claims_waiting(session)
    assert (waiting.holder.id, waiting.user.id, waiting.stay.id) == (owner.id, rival.id, stay)


def test_the_approved_rival_has_the_vehicle_and_the_other_no_more(park):
    owner, (stay, _) = driver(park.db), enter(park)
    first = claim(park, owner, stay)
    rival = driver(park.db, "ravi@example.org", "Ravi Rao")
    decide(park, ask(park, rival))
    assert owner_of(park) == rival.id
    with park.db.read() as session:
        assert session.get_one(PlateClaim, first.id).state == "ended"
    later, _ = enter(park, 60)
    assert (seen_by(park, owner), seen_by(park, rival)) == ({stay}, {later})
    assert len(told_of_claims(park)) == 2, "when it was claimed, and when it was decided"


def test_a_sold_vehicle_is_let_go_and_what_comes_later_is_not_seen(park):
    user, (stay, _) = driver(park.db), enter(park)
    made = claim(park, user, stay)
    with park.db.begin() as session:
        plate_claims.let_go(session, made.id, minutes(20), "driver", reason="sold", user_id=user.id)
    enter(park, 60)
    assert owner_of(park) is None and seen_by(park, user) == {stay}
    with pytest.raises(Refused, match="already"), park.db.begin() as session:
        plate_claims.let_go(session, made.id, minutes(21), BOSS, reason="sold")


def test_nobody_lets_go_of_anothers_vehicle(park):
    user, rival, (stay, _) = driver(park.db), driver(park.db, PHONE, "Ravi Rao"), enter(park)
    made = claim(park, user, stay)
    with pytest.raises(Refused, match="no such vehicle"), park.db.begin() as session:
        plate_claims.let_go(session, made.id, minutes(20), "x", reason="sold", user_id=rival.id)


def office_account(park, email="", phone="") -> str:
    """An account that the office keeps, with the plate registered to it."""
    with park.db.begin() as session:
        made = accounts.open_account(session, SITE, "Meera Iyer", START, BOSS, email=email, phone=phone)
        accounts.register(session, made.id, PLATE, START, BOSS)
    return made.id


def test_an_account_of_the_office_under_the_proved_address_is_the_drivers_at_once(park):
    known, user, (stay, _) = office_account(park, phone="98100 12345"), driver(park.db, PHONE), enter(park)
    assert claim(park, user, stay).account_id == known


def test_an_account_of_the_office_under_another_address_waits_for_a_person(park):
    known, user, (stay, _) = office_account(park, email="firm@example.org"), driver(park.db, EMAIL), enter(park)
    made = claim(park, user, stay)
    assert made.state == "waiting"
    assert decide(park, made, with_account=True).account_id == known
    assert owner_of(park) == user.id


def test_the_office_can_give_the_vehicle_alone_and_keep_the_account(park):
    known, user, (stay, _) = office_account(park, email="firm@example.org"), driver(park.db, EMAIL), enter(park)
    made = decide(park, claim(park, user, stay))
    assert made.account_id != known and owner_of(park) == user.id
    with park.db.read() as session:
        assert session.get_one(Account, known).user_id is None


def test_twenty_vehicles_are_the_most(park):
    user = driver(park.db)
    for n in range(plate_claims.MOST):
        ask(park, user, f"DL1CAB{n:04}")
    with pytest.raises(Refused, match="let one go"):
        ask(park, user, "DL1CAB9999")
