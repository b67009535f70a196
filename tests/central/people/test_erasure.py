"""A driver's data: all of it to take away, and erased so that nothing of it is found in any table."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from central import images, jobs
from central.actions import erasure, login, people_changes, plate_claims, saved_upi, totp
from central.actions.errors import Refused
from central.payments.choose import provider
from central.store.base import Base
from central.store.database import Database
from central.store.reads import export
from central.store.schema import Account, Image, Receipt, Stay, User
from tests.central.people.drivers import EMAIL, PHONE, VISIT, code, driver, member, minutes
from tests.central.visits import PLATE, enter, leave, request

UPI = "meera.iyer@okaxis"
PICTURE = "a" * 64
# what must not be found anywhere afterwards
WORDS = ("Meera", "Iyer", EMAIL, "meera", PHONE, PHONE[3:], PLATE, UPI, "Chrome on Android", VISIT.address)


def found_in(db: Database, *words: str) -> set[tuple[str, str]]:
    """(table, word) of every word that is anywhere in the database."""
    hits = set()
    with db.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                text = " ".join(
                    value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in row
                )
                hits |= {(table.name, word) for word in words if word in text}
    return hits


def erase(park, user, at=400) -> bool:
    with park.db.begin() as session:
        erasure.ask(session, user.id, minutes(at))
    with park.db.begin() as session:
        return erasure.erase(session, user.id, minutes(at), Path(park.settings.images))


def waits_for(park, user, at=400) -> list[str]:
    with park.db.read() as session:
        return [one.kind for one in erasure.obstacles(session, user.id, minutes(at))]


def leave_paid(park, stay: str) -> None:
    request(park, 60, session=stay)
    park.pay(park.dues(stay)[0].id, minutes(61))
    leave(park, 62, session=stay)


@pytest.fixture
def life(park):
    """A driver with all that a driver leaves behind, whose vehicle has come, paid and gone."""
    user, (stay, _) = driver(park.db), enter(park)
    with park.db.begin() as session:
        login.logged_in(session, user.id, minutes(1), VISIT)
        login.refused(session, user, minutes(1), VISIT)
        totp.begin(session, user.id, b"k")
        claim = plate_claims.claim_with_ticket(session, user.id, stay, PLATE, minutes(2))
        saved_upi.save(session, claim.account_id, UPI, minutes(3), f"driver/{user.id}")
        code_id = people_changes.ask_to_change_contact(session, user.id, PHONE, minutes(4))
    with park.db.begin() as session:
        assert people_changes.change_contact(session, user.id, code_id, code(park.db, PHONE), minutes(5), VISIT)
        row = session.get_one(Stay, stay)
        row.exit_image = PICTURE
        session.add(Image(sha256=PICTURE, site_id=row.site_id, gate_id="exit-1", bytes=3, stored_at=minutes(1)))
    path = images.path_of(Path(park.settings.images), PICTURE)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"jpg")
    leave_paid(park, stay)
    with park.db.begin() as session:
        session.get_one(Stay, stay).exit_image = PICTURE
    return user, stay


def test_everything_held_about_a_driver_is_in_the_export_and_no_secret(park, life):
    user, stay = life
    with park.db.read() as session:
        held, pictures = export.everything(session, user.id), export.pictures(session, user.id, 10)
    assert held["profile"][0]["email"] == EMAIL and held["stays"][0]["id"] == stay
    assert held["saved UPI IDs"][0]["upi_id"] == UPI and held["receipts"] and held["log-in history"]
    assert PICTURE in pictures
    assert not {"password_hash", "token_hash", "totp_sealed", "ticket_hash"} & {
        name for rows in held.values() for row in rows for name in row
    }


def test_another_drivers_export_has_nothing_of_it(park, life):
    ravi = driver(park.db, "ravi@example.org", "Ravi Rao")
    with park.db.read() as session:
        held = str(export.everything(session, ravi.id))
    assert not [word for word in WORDS if word in held and word not in VISIT.address]


def test_nothing_of_an_erased_driver_is_found_in_any_table(park, life):
    user, _stay = life
    assert {word for _, word in found_in(park.db, *WORDS)} == set(WORDS), "each was there before"
    assert waits_for(park, user) == []
    assert erase(park, user)
    assert found_in(park.db, *WORDS) == set()
    assert not images.path_of(Path(park.settings.images), PICTURE).exists()


def test_rows_of_money_stay_without_a_name(park, life):
    user, stay = life
    with park.db.read() as session:
        before = session.scalar(select(Receipt.total_paise).where(Receipt.stay_id == stay))
        assert erasure.kept_until(session, user.id) == date(2033, 12, 31)
    erase(park, user)
    with park.db.read() as session:
        assert session.scalar(select(Receipt.total_paise).where(Receipt.stay_id == stay)) == before
        assert [(one.name, one.user_id) for one in session.scalars(select(Account))] == [("Erased on request", None)]
        row = session.get_one(User, user.id)
        assert (row.active, row.erased_at) == (False, minutes(400))


def test_an_erased_driver_can_register_again_as_somebody_new(park, life):
    user, _ = life
    erase(park, user)
    assert driver(park.db, at=minutes(500)).id != user.id


def test_it_waits_while_a_vehicle_is_inside_and_is_done_by_the_job_once_it_has_left(park):
    user, (stay, _) = driver(park.db), enter(park)
    with park.db.begin() as session:
        plate_claims.claim_with_ticket(session, user.id, stay, PLATE, minutes(2))
    assert not erase(park, user, 10)
    assert waits_for(park, user, 10) == ["inside"]
    leave_paid(park, stay)
    desk = jobs.Desk(park.db, park.settings, provider(park.settings))
    jobs.erase_people(desk, {}, minutes(100))
    with park.db.read() as session:
        assert session.get_one(User, user.id).erased_at == minutes(100)


def test_it_waits_while_money_is_owed(park):
    user, (stay, _) = driver(park.db), enter(park)
    with park.db.begin() as session:
        plate_claims.claim_with_ticket(session, user.id, stay, PLATE, minutes(2))
    request(park, 60, session=stay)
    leave(park, 61, session=stay)
    assert "owed" in waits_for(park, user) and not erase(park, user)
    assert ("user_account", EMAIL) in found_in(park.db, EMAIL)


def test_whoever_changes_their_mind_stays(park):
    user = driver(park.db)
    with park.db.begin() as session:
        erasure.ask(session, user.id, minutes(1))
        erasure.withdraw(session, user.id, minutes(2))
    with park.db.begin() as session:
        assert not erasure.erase(session, user.id, minutes(3), Path("unused"))


def test_what_another_had_of_the_vehicle_is_not_erased(park):
    """Before it was claimed the same plate parked here: that is the former owner's."""
    first, _ = enter(park)
    request(park, 30, session=first)
    park.pay(park.dues(first)[0].id, minutes(31))
    leave(park, 32, session=first)
    user, (second, _) = driver(park.db), enter(park, 60)
    with park.db.begin() as session:
        plate_claims.claim_with_ticket(session, user.id, second, PLATE, minutes(61))
    request(park, 90, session=second)
    park.pay(park.dues(second)[0].id, minutes(91))
    leave(park, 92, session=second)
    assert erase(park, user)
    assert (park.stay(first).plate, park.stay(second).plate == PLATE) == (PLATE, False)


def test_staff_are_not_erased(park):
    user = member(park.db, "attendant")
    with pytest.raises(Refused, match="switches it off"), park.db.begin() as session:
        erasure.ask(session, user.id, minutes(1))
