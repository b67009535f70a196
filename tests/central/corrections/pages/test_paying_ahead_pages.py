"""A guest books a stay or makes one longer, and pays it, on the pages and with the real mock provider."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from central.store.schema import Attempt
from edge.protocol.messages import SessionStatus
from tests.central.web.fields import wrong
from tests.central.web.people import token_on
from tests.central.web.town import PLATE, now, until

FIELD = "%Y-%m-%dT%H:%M"
INDIA = timedelta(hours=5, minutes=30)


@pytest.fixture
def phone():
    with requests.Session() as made:
        yield made


def submit(phone: requests.Session, page: str, **fields: str) -> requests.Response:
    return phone.post(page, data={"csrf_token": token_on(phone.get(page).text), **fields})


def approve(town) -> None:
    with town.park.db.read() as session:
        page = session.scalar(select(Attempt.page_url).order_by(Attempt.created_at.desc()).limit(1))
    assert requests.post(page, data={"action": "approve", "vpa": "success@mock"}, timeout=10).ok


def booking(**more: str) -> dict[str, str]:
    return {"plate": "dl 1 cab 1234", "class": "car", "hours": "2", "at": (now() + INDIA).strftime(FIELD), **more}


def test_a_guest_books_pays_comes_and_leaves_without_paying_again(town, phone):
    page = submit(phone, f"{town.url}/book", **booking())
    assert "₹270" in page.text and "DL 1 CAB 1234" in page.text
    code = phone.post(f"{page.url}/pay", data={"csrf_token": token_on(page.text)})
    assert "upi://pay?" in code.text
    approve(town)
    until(lambda: "Paid ahead. Thank you." in phone.get(page.url).text)
    stay, _ = town.enter()
    told = town.park.told(stay)
    assert told.status is SessionStatus.PAID and told.permit_until > now() + timedelta(hours=2)
    # the link of the booking is the stay's from now on
    assert "The exit opens for you until" in phone.get(page.url).text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("plate", "", "expected 1 to 16 letters"),
        ("plate", "<b>?", "expected 1 to 16 letters"),
        ("hours", "5", "Choose how long"),
        ("class", "boat", "does not price"),
        ("at", "soon", "expected one such as"),
        ("at", "2020-01-01T10:00", "expected a time from now"),
    ],
)
def test_a_booking_that_can_not_be_is_refused_beside_the_field_that_is_wrong(town, phone, field, typed, said):
    answer = submit(phone, f"{town.url}/book", **booking(**{field: typed}))
    [found] = wrong(answer.text)
    assert answer.status_code == 422 and found.field == field and said in found.said
    # what was typed stands there again, where the field can hold it; and so does all the rest
    assert found.typed == (typed if field in ("plate", "at") else "")
    assert field == "plate" or 'value="dl 1 cab 1234"' in answer.text


def test_booking_a_plate_that_is_inside_tells_nothing_of_it(town, phone):
    town.enter(timedelta(minutes=50))
    here = submit(phone, f"{town.url}/book", **booking())
    other = submit(phone, f"{town.url}/book", **booking(plate="MH12AB1234"))
    assert here.status_code == other.status_code == 200
    assert here.text.count("₹270") == other.text.count("₹270") > 0


def test_a_driver_inside_pays_until_a_time_and_the_exit_opens_until_then(town, phone):
    stay, _ = town.enter(timedelta(minutes=50), PLATE)
    page = town.pay_page(stay)
    assert "Pay for a longer time" in phone.get(page).text
    assert "₹270" in phone.get(f"{page}/ahead").text
    refused = submit(phone, f"{page}/ahead", hours="1000")
    assert refused.status_code == 422 and wrong(refused.text) == [("hours", "", "Choose how long.")]
    code = submit(phone, f"{page}/ahead", hours="2")
    assert "upi://pay?" in code.text and "₹270" in code.text
    approve(town)
    until(lambda: town.park.stay(stay).status == "paid")
    assert town.park.told(stay).permit_until > now() + timedelta(minutes=80)
    assert phone.get(f"{town.url}/p/nonsense/ahead").status_code == 404
