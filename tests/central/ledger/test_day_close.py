"""Days of a site: closed once, by its own calendar, and the trial balance goes on from what they ended with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from central.actions import day_close, ledger, shifts
from central.actions.errors import Refused
from central.store.reads import books
from central.store.schema import Audit
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp
from tests.central.visits import enter, leave, request

DAY, NEXT_DAY, THIRD_DAY = "2026-11-24", "2026-11-25", "2026-11-26"
LATER = minutes(3 * 24 * 60)


def pay(park: CarPark, at: float) -> None:
    """A vehicle comes, pays Rs 170 and goes."""
    psp, (stay_id, _) = Psp(), enter(park, at)
    request(park, at + 45)
    due_id = park.dues(stay_id)[0].id
    event = psp.event(psp.begin(park.db, due_id, minutes(at + 45)), "captured", minutes(at + 46))
    psp.hear(park.db, event, minutes(at + 46))
    leave(park, at + 47, session=stay_id)


def close(park: CarPark, day: str, now=LATER) -> None:
    with park.db.begin() as session:
        day_close.close_day(session, SITE, day, now, by="roopa")


def trial(park: CarPark, day: str) -> dict[str, tuple[float, float, float, float]]:
    """Before, debit, credit and after of each account, in rupees; all of them together balance."""
    with park.db.read() as session:
        assert ledger.check(session) == []
        rows = books.trial_balance(session, SITE, day)
    for column in ("opening_paise", "closing_paise"):
        assert sum(getattr(row, column) for row in rows) == 0
    assert sum(row.debit_paise for row in rows) == sum(row.credit_paise for row in rows)
    return {
        row.account: tuple(n / 100 for n in (row.opening_paise, row.debit_paise, row.credit_paise, row.closing_paise))
        for row in rows
    }


def test_the_trial_balance_is_the_same_whether_days_are_closed_or_not(park):
    for at in (0, 100, 24 * 60, 2 * 24 * 60):
        pay(park, at)
    before = [trial(park, day) for day in (DAY, NEXT_DAY, THIRD_DAY)]
    assert before[1]["psp_clearing"] == (340, 170, 0, 510)
    close(park, DAY)
    close(park, NEXT_DAY)
    assert [trial(park, day) for day in (DAY, NEXT_DAY, THIRD_DAY)] == before
    with park.db.read() as session:
        rows = books.days(session, SITE)
        assert [(row.day, row.earned_paise, row.closed) for row in rows] == [
            (THIRD_DAY, 17_000, False), (NEXT_DAY, 17_000, True), (DAY, 34_000, True),
        ]  # fmt: skip
        assert session.query(Audit).filter_by(what="day closed").count() == 2


def test_closing_a_day_closes_those_before_it(park):
    pay(park, 0)
    close(park, NEXT_DAY)
    with pytest.raises(Refused, match="is closed: all up to 2026-11-25"):
        close(park, DAY)


def test_a_day_is_over_by_the_sites_own_calendar(park):
    midnight_in_india = minutes(0).replace(hour=18, minute=30)
    with pytest.raises(Refused, match="is not over"):
        close(park, DAY, midnight_in_india - timedelta(seconds=1))
    close(park, DAY, midnight_in_india)


def test_what_is_booked_late_falls_on_the_first_open_day(park):
    close(park, NEXT_DAY)
    pay(park, 0)
    assert trial(park, THIRD_DAY)["psp_clearing"] == (0, 170, 0, 170)


def test_a_day_with_a_shift_that_is_still_open_is_not_closed(park):
    with park.db.begin() as session:
        shift_id = shifts.open_shift(session, SITE, "asha", 0, minutes(0)).id
    with pytest.raises(Refused, match="the shift of asha is still open"):
        close(park, DAY)
    with park.db.begin() as session:
        shifts.close_shift(session, shift_id, 0, minutes(1), by="asha")
    close(park, DAY)


def test_sums_that_are_not_those_of_the_postings_are_never_closed_over(park):
    pay(park, 0)
    with park.db.begin() as session:
        session.query(books.LedgerDaySum).filter_by(account="revenue").update({"credit_paise": 1})
    with pytest.raises(Refused, match="not those of their postings"):
        close(park, DAY)
    with park.db.read() as session:
        assert "the day's sums" in ledger.check(session)[0]


def test_an_accounts_postings_come_a_page_at_a_time_newest_first(park, monkeypatch):
    monkeypatch.setattr(books, "PAGE", 2)
    for at in (0, 100, 200, 300, 400):
        pay(park, at)
    seen, before = [], None
    with park.db.read() as session:
        for _ in range(3):
            page = books.postings(session, SITE, "psp_clearing", before)
            seen += [row.posting.id for row in page.rows]
            before = page.older
    assert len(seen) == 5 and seen == sorted(seen, reverse=True) and before is None
