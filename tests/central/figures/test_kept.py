"""The days' figures agree with a recount at any time, whatever gates tell, people correct, and drivers pay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from central import jobs
from central.actions import credit_notes, day_figures, undoing
from central.actions.errors import Refused
from central.rules.day_figures import By, Figure
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import DayFigure, LedgerDaySum, OccupancySample, Receipt, Site
from edge.protocol.messages import ExitHow
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.conftest import emptied
from tests.central.corrections.desk import corrections
from tests.central.corrections.test_any_corrections import (
    HAPPENS,
    by_supervisor,
    correction,
    happen,
    steps,
    try_to,
)
from tests.central.figures.recount import agrees, kept, total
from tests.central.test_any_order import script, visits
from tests.central.visits import enter, leave, request


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Iterator[Database]:
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('figures')}/central.db")
    migrations.upgrade(db.engine)
    yield db
    db.close()


thoroughly = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@thoroughly
@given(st.lists(visits, min_size=1, max_size=3).flatmap(lambda drawn: st.permutations(script(drawn))))
def test_figures_agree_with_a_recount_in_whatever_order_gates_tell(database, tmp_path_factory, messages):
    park = CarPark(emptied(database), Settings(data_dir=tmp_path_factory.getbasetemp()))
    for message in messages:
        park.hear(message)
        agrees(park.db)


@thoroughly
@given(steps)
def test_figures_agree_with_a_recount_after_any_correction_and_its_undoing(database, tmp_path_factory, steps):
    park = CarPark(emptied(database), Settings(data_dir=tmp_path_factory.getbasetemp()))
    for at, (what, which, pick) in enumerate([("enter", 0, 0), ("enter", 2, 0), *steps], 1):
        at *= 25
        stays = sorted(stay.id for stay in park.stays())
        if what in HAPPENS:
            happen(park, what, which, at)
        elif what == "undo":
            if done := corrections(park):
                chosen = done[-1 - pick % len(done)].id
                try_to(park, partial(undoing.undo, correction_id=chosen, **by_supervisor(at)))
        else:
            stay, other = stays[pick % len(stays)], stays[which % len(stays)]
            try_to(park, partial(correction, what=what, stay=stay, other=other, which=which, at=at))
        agrees(park.db)


def test_a_days_figures_tell_what_happened(park):
    paid, _ = enter(park, 0)
    enter(park, 5, None)
    request(park, 100)
    [due] = park.dues(paid)
    park.pay(due.id, minutes(101))
    leave(park, 102)
    unpaid, _ = enter(park, 110, "MH12DE5678")
    request(park, 150, "MH12DE5678")
    leave(park, 151, "MH12DE5678", how=ExitHow.OPEN_AND_BILL)
    agrees(park.db)
    [owed] = park.dues(unpaid)
    expected = {
        (Figure.ARRIVALS, By.ALL, ""): 3,
        (Figure.ARRIVALS, By.GATE, "entry-1"): 3,
        (Figure.EXITS, By.CLASS, "car"): 2,
        (Figure.READ, By.ALL, ""): 2,
        (Figure.UNREAD, By.GATE, "entry-1"): 1,
        (Figure.TIMED, By.LENGTH, "03"): 1,  # 102 minutes
        (Figure.MINUTES, By.ALL, ""): 102 + 41,
        (Figure.TAKEN, By.WAY, "upi"): due.amount_paise,
        (Figure.OWED, By.ALL, ""): owed.amount_paise,
        (Figure.EARNED, By.CLASS, "car"): due.amount_paise + owed.amount_paise,
    }
    assert {key: total(park.db, SITE, *key) for key in expected} == expected
    hours = {hour: value for (_, hour, figure, *_), value in kept(park.db, SITE).items()
             if figure == Figure.ARRIVALS and hour >= 0}  # fmt: skip
    assert hours == {10: 2, 11: 1}  # 10:00, 10:05 and 11:50 in Delhi


def test_what_is_earned_less_what_is_credited_is_what_the_books_say(park):
    stay_id, _ = enter(park, 0)
    request(park, 100)
    [due] = park.dues(stay_id)
    park.pay(due.id, minutes(101))
    with park.db.begin() as session:
        receipt = session.scalar(select(Receipt))
        credit_notes.issue(session, receipt.id, 5_000, minutes(110), by="ravi@example.org", reason="overcharged")
    agrees(park.db)
    parts = {
        "revenue": (Figure.TAXABLE, None),
        "refunds": (None, Figure.CREDITED_TAXABLE),
        "cgst": (Figure.CGST, Figure.CREDITED_CGST),
        "sgst": (Figure.SGST, Figure.CREDITED_SGST),
        "rounding": (Figure.ROUNDING, Figure.CREDITED_ROUNDING),
    }
    with park.db.read() as session:
        for account, (earned, credited) in parts.items():
            books = select(func.coalesce(func.sum(LedgerDaySum.credit_paise - LedgerDaySum.debit_paise), 0))
            ours = (total(park.db, SITE, earned) if earned else 0) - (total(park.db, SITE, credited) if credited else 0)
            assert ours == session.scalar(books.where(LedgerDaySum.account == account)), account
    assert total(park.db, SITE, Figure.CREDITED) == 5_000


def test_money_follows_its_stays_class_when_that_is_corrected(park):
    stay_id, _ = enter(park, 0)
    request(park, 100)
    [due] = park.dues(stay_id)
    park.pay(due.id, minutes(101))
    with park.db.begin() as session:
        correction(session, "class", stay_id, "", 1, 110)
    agrees(park.db)
    assert total(park.db, SITE, Figure.EARNED, By.CLASS, "car") == 0
    assert total(park.db, SITE, Figure.EARNED, By.CLASS, "van") == due.amount_paise


def test_figures_of_an_earlier_version_are_counted_by_the_jobs(park):
    enter(park, 0)
    with park.db.begin() as session:
        session.execute(delete(DayFigure))
        session.get_one(Site, SITE).figured_at = None
    assert kept(park.db, SITE) == {}
    jobs.keep_figures(jobs.Desk(park.db, park.settings, None), {}, minutes(30))
    agrees(park.db)
    with park.db.read() as session:
        assert day_figures.never_counted(session) == []


def test_occupancy_is_looked_at_once_in_ten_minutes(park):
    enter(park, 0)
    desk = jobs.Desk(park.db, park.settings, None)
    assert jobs.keep_figures(desk, {}, minutes(33)) == timedelta(minutes=7)
    enter(park, 34, "MH12DE5678")
    jobs.keep_figures(desk, {}, minutes(35))
    jobs.keep_figures(desk, {}, minutes(40))
    with park.db.read() as session:
        rows = session.execute(select(OccupancySample.at, OccupancySample.inside).order_by(OccupancySample.at))
        assert [tuple(row) for row in rows] == [(minutes(30), 1), (minutes(40), 2)]


@pytest.mark.parametrize("typed", ["0", "-1", "many", "1.5", "1000000", "٣"])
def test_a_capacity_that_is_no_number_of_places_is_refused(park, typed):
    with pytest.raises(Refused, match="expected a whole number"), park.db.begin() as session:
        day_figures.set_capacity(session, SITE, typed, minutes(0), "ravi@example.org")
