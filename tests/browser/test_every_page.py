"""Pages that no journey comes to are opened too: each by its route, at both widths, by somebody who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask, url_for
from sqlalchemy import select

from central.store.schema import User, Violation
from tests.browser.test_drivers import overstay, register
from tests.browser.unseen import pages as shown
from tests.central.car_park import SITE
from tests.central.people.pages.test_who_may import ROUTES
from tests.central.web.town import Town
from tests.security.observatory import Tags

pytestmark = pytest.mark.browser


def pages(app: Flask, who: str) -> list[str]:
    """The paths of those pages for `who` that need to be told nothing."""
    told = {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments}
    with app.test_request_context():
        return [url_for(endpoint) for endpoint in sorted(set(ROUTES[who].split()) & shown(app) - told)]


def opened(town: Town, visitor, paths: list[str]) -> None:
    for path in paths:
        visitor.open(path)
        answer = visitor.page.context.request.get(visitor.page.url)
        assert answer.ok, f"{path}: {answer.status}"
        assert Tags(answer.text()).inline == [], path


def test_a_guest_opens_every_page_that_is_open_to_all(town, guest, number, car):
    stay_id, ticket = town.enter(timedelta(minutes=50), car)
    opened(town, guest, [*pages(town.app, "anyone"), f"/t/{ticket}", town.pay_page(stay_id)])


def test_a_driver_opens_every_page_of_their_own(town, guest, number):
    register(town, guest, number)
    opened(town, guest, [*pages(town.app, "driver"), *pages(town.app, "person")])


@pytest.mark.parametrize("role", ["attendant", "supervisor", "manager", "administrator"])
def test_staff_open_every_page_that_is_theirs_from_this_role_on(town, member, car, role):
    stay_id = overstay(town, car)
    with town.park.db.read() as session:
        notice = session.scalar(select(Violation.id).where(Violation.stay_id == stay_id))
        person = session.scalar(select(User.id).limit(1))
    things = {
        "attendant": [f"/stays/{stay_id}", f"/violations/{notice}", f"/lanes/{SITE}/exit-1", "/tariffs/sites/delhi/1"],
        "supervisor": [f"/gates/{SITE}/exit-1", "/money/accounts/bank", f"/stays/{stay_id}/correct/merge"],
        "manager": ["/audit/1"],
        "administrator": [f"/people/{person}"],
    }  # fmt: skip
    opened(town, member(role), pages(town.app, role) + things[role])
