"""A driver's stays and notices: theirs alone, page after page, found by an index however long the history."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from central.actions import erasure, masking, plate_claims
from central.rules.people import invoices_kept_until
from central.store.reads import me, own_history
from central.store.schema import PlateClaim, Receipt, Stay, Violation
from tests.central.car_park import SITE, CarPark
from tests.central.people.drivers import driver, minutes
from tests.central.plans import plans
from tests.central.visits import PLATE, enter, leave, request

OTHER = "MH12DE5678"


def visit(park, at: float, plate: str = PLATE) -> str:
    """A vehicle comes, pays and leaves within the hour; its stay."""
    stay, _ = enter(park, at, plate)
    request(park, at + 30, plate, session=stay)
    park.pay(park.dues(stay)[0].id, minutes(at + 31))
    leave(park, at + 32, plate, session=stay)
    return stay


@pytest.fixture
def years(park):
    """Meera has two vehicles; one was somebody else's before, and later again. Her user, and her stays."""
    user, other = driver(park.db), driver(park.db, "ravi@example.org", "Ravi Rao")
    visit(park, 0)
    mine = []
    for plate, at in ((PLATE, 100), (OTHER, 110)):
        stay, _ = enter(park, at, plate)
        with park.db.begin() as session:
            plate_claims.claim_with_ticket(session, user.id, stay, plate, minutes(at + 1))
        request(park, at + 40, plate, session=stay)
        park.pay(park.dues(stay)[0].id, minutes(at + 41))
        leave(park, at + 42, plate, session=stay)
        mine.append(stay)
    mine += [visit(park, at, plate) for at, plate in ((200, OTHER), (300, PLATE), (400, PLATE), (500, OTHER))]
    with park.db.begin() as session:
        # let go at 450: what the vehicle does after that is not hers
        claim = session.scalar(select(PlateClaim).where(PlateClaim.plate == PLATE))
        claim.state, claim.ended_at = "ended", minutes(450)
    visit(park, 600)
    return user, other, mine


def paged(park, read, user, size: int) -> list[str]:
    """Ids of all pages, one after another."""
    found, before = [], None
    with park.db.read() as session:
        while True:
            rows, before = read(session, user.id, before=before, size=size)
            assert len(rows) <= size
            found += [row.id for row, _site in rows]
            if before is None:
                return found


@pytest.mark.parametrize("size", [1, 2, 6, 20])
def test_all_pages_together_are_the_stays_that_were_the_drivers_the_latest_first(park, years, size):
    user, other, mine = years
    assert paged(park, own_history.stays, user, size) == sorted(mine, reverse=True)
    assert paged(park, own_history.stays, other, size) == []
    with park.db.read() as session:
        assert set(session.scalars(select(Stay.id).where(me.of_driver(user.id)))) == set(mine)


def notice(park, number: int, stay: str | None, plate: str, at: float, status: str = "notified") -> str:
    row = Violation(
        id=f"{number:08d}-0000-7000-8000-000000000000", site_id=SITE, kind="overstay", key=str(number), status=status,
        stay_id=stay, plate=plate, vehicle_class="car", happened_at=minutes(at), facts={}, amount_paise=0,
        raised_at=minutes(at), raised_by="tests",
    )  # fmt: skip
    with park.db.begin() as session:
        session.add(row)
    return row.id


@pytest.mark.parametrize("size", [1, 2, 20])
def test_notices_are_of_stays_that_were_theirs_and_of_plates_while_they_were(park, years, size):
    user, other, mine = years
    with park.db.read() as session:
        foreign = session.scalar(select(Stay.id).where(Stay.plate == PLATE, Stay.entered_at == minutes(600)))
    theirs = [
        notice(park, 1, mine[0], PLATE, 120),
        notice(park, 2, None, OTHER, 250, "paid"),
        notice(park, 3, mine[4], PLATE, 420),
        # raised for the plate as it was read at first
        notice(park, 4, mine[5], PLATE, 520),
    ]
    notice(park, 5, foreign, PLATE, 610)
    notice(park, 6, None, PLATE, 610)
    notice(park, 7, None, PLATE, 50)
    assert paged(park, own_history.notices, user, size) == theirs[::-1]
    assert paged(park, own_history.notices, other, size) == []
    with park.db.read() as session:
        live, _older = own_history.notices(session, user.id, live=True)
    assert [row.id for row, _site in live] == [theirs[3], theirs[2], theirs[0]]


def test_a_plate_that_is_forgotten_shows_nobody_elses_stays(park, years):
    """A claim that ended long ago, and the stays of those days, all keep the same few letters of their plates."""
    user, _other, _mine = years
    with park.db.begin() as session:
        masking.stays(session, minutes(2000), 50, minutes(2000))
        masking.claims(session, minutes(2000), 50, minutes(2000))
        assert [claim.plate for claim in me.held(session, user.id)] == [OTHER]
    notice(park, 1, None, "DLXXXXXX", 420)
    assert paged(park, own_history.stays, user, 20) == []
    assert paged(park, own_history.notices, user, 20) == []
    with park.db.read() as session:
        assert session.scalars(select(Stay.id).where(me.of_driver(user.id))).all() == []


def test_invoices_are_kept_by_the_latest_year_that_was_paid_in_whichever_stay_it_was(park, years):
    user, other, mine = years
    with park.db.begin() as session:
        year = session.scalar(select(Receipt.financial_year).limit(1))
        assert erasure.kept_until(session, user.id) == invoices_kept_until(year)
        # an old stay that was paid late, when nobody else of the car park did yet
        session.execute(update(Receipt).where(Receipt.stay_id == mine[0]).values(financial_year=year + 1))
        assert erasure.kept_until(session, user.id) == invoices_kept_until(year + 1)
        # others have paid since
        session.execute(update(Receipt).where(Receipt.stay_id.not_in(mine)).values(financial_year=year + 2))
        assert erasure.kept_until(session, user.id) == invoices_kept_until(year + 1)
        assert erasure.kept_until(session, other.id) is None


def test_a_history_is_read_from_its_latest_end_by_an_index_that_has_it_in_order(sqlite, settings):
    user = driver(sqlite)
    stay, _ = enter(CarPark(sqlite, settings), 0)
    with sqlite.begin() as session:
        plate_claims.claim_with_ticket(session, user.id, stay, PLATE, minutes(1))
    with plans(sqlite) as steps, sqlite.read() as session:
        own_history.stays(session, user.id)
        own_history.notices(session, user.id)
    assert "SEARCH stay USING INDEX ix_stay_site_id_plate_id (site_id=? AND plate=?)" in steps
    assert "SEARCH violation USING INDEX ix_violation_site_id_plate_id (site_id=? AND plate=?)" in steps
    assert not [step for step in steps if "TEMP B-TREE" in step]


def test_what_is_not_over_is_found_without_what_is(sqlite, settings):
    user = driver(sqlite)
    stay, _ = enter(CarPark(sqlite, settings), 0)
    with sqlite.begin() as session:
        plate_claims.claim_with_ticket(session, user.id, stay, PLATE, minutes(1))
    with plans(sqlite) as steps, sqlite.read() as session:
        assert [row.id for row, _site in me.home(session, user.id).here] == [stay]
        own_history.notices(session, user.id, live=True)
        assert [one.kind for one in erasure.obstacles(session, user.id, minutes(2))] == ["inside"]
        erasure.kept_until(session, user.id)
    for table in ("stay", "violation"):
        by_status = f"ix_{table}_site_id_plate_status (site_id=? AND plate=? AND status=?)"
        assert [step for step in steps if step.startswith(f"SEARCH {table}") and by_status in step]
    assert not [step for step in steps if "ix_stay_site_id_entered_at" in step]
