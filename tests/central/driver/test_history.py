"""Parking that is over: searched by plate and day, page by page, with receipts; and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from central.store.reads import own_history
from central.store.schema import User
from tests.central.driver.parked import PLATE, claim, enter, pay_and_leave, somebody_else
from tests.central.web.people import body_of
from tests.central.web.town import now

TODAY = now().astimezone(ZoneInfo("Asia/Kolkata")).date()


@pytest.fixture
def parked(park, meera) -> str:
    """Meera's vehicle was here, paid and left; the stay."""
    stay, ticket = enter(park)
    claim(meera, ticket)
    pay_and_leave(park, stay)
    return stay


def test_a_stay_that_is_over_stands_there_with_its_receipt(parked, meera, links):
    page = body_of(meera.get("/me/stays").text)
    assert "DL 1 CAB 1234" in page and "DELH/2627/000001" in page and "₹170" in page
    receipt = page.split(f'href="/p/{links.pay_token(parked)}/receipt/')[1].split('"')[0]
    assert "Tax invoice" in meera.get(f"/p/{links.pay_token(parked)}/receipt/{receipt}").text


def test_it_is_found_by_a_part_of_its_plate_and_by_day(parked, meera):
    for asked, found in (
        ({"plate": "dl 1c ab"}, True),
        ({"plate": "1234"}, True),
        ({"plate": "9999"}, False),
        ({"since": str(TODAY - timedelta(days=1)), "until": str(TODAY)}, True),
        ({"since": str(TODAY + timedelta(days=1))}, False),
        ({"until": str(TODAY - timedelta(days=2))}, False),
    ):
        page = body_of(meera.get("/me/stays", query_string=asked).text)
        assert ("DELH/2627/000001" in page, "Nothing fits this search." in page) == (found, not found), asked


def test_nonsense_in_a_search_is_told_at_its_field(parked, meera):
    for asked in (
        {"plate": "%"},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"since": str(TODAY), "until": str(TODAY - timedelta(days=1))},
    ):
        answer = meera.get("/me/stays", query_string=asked)
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text, asked
        assert "DELH/" not in body_of(answer.text)


def test_the_next_page_goes_on_where_the_last_one_ended(park, meera):
    first, ticket = enter(park, ago=timedelta(minutes=200))
    claim(meera, ticket)
    pay_and_leave(park, first, ago=timedelta(minutes=120))
    second, _ = enter(park, ago=timedelta(minutes=60))
    pay_and_leave(park, second)
    with park.db.read() as session:
        user = session.scalar(select(User.id))
        rows, older = own_history.stays(session, user, "DL1C", size=1)
        assert [stay.id for stay, _site in rows] == [second] and older is not None
        rows, older = own_history.stays(session, user, "DL1C", before=older, size=1)
        assert [stay.id for stay, _site in rows] == [first] and older is None


def test_another_driver_sees_nothing_of_it(parked, app, park):
    other = somebody_else(app, park)
    for path in ("/me", "/me/stays", f"/me/stays?plate={PLATE}", "/me/notices", "/me/messages"):
        page = body_of(other.get(path).text)
        assert "DL 1 CAB 1234" not in page and "/p/" not in page and "DELH/" not in page
    assert "None yet" in other.get("/me/stays").text
