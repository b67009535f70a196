"""Today's page: what it shows, that it is sent again only when something has changed, and the number of places."""

from __future__ import annotations

from datetime import timedelta

import pytest

from central.actions import day_figures
from central.rules.chart import bars, heat, line
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered
from tests.central.car_park import SITE, plate
from tests.central.web.people import send
from tests.central.web.town import now


def come(park, ago: timedelta = timedelta(minutes=5), text: str | None = "DL1CAB1234") -> None:
    """A vehicle came in that long ago, though not before today."""
    at = now() - ago
    facts = Entered(plate=plate(text) if text else None, ticket=park.entry.new_ticket())
    park.hear(park.entry.report(facts, at, uuid7()), now=at)


def test_today_shows_what_is_inside_and_that_nobody_knows_how_many_fit(park, sign_in):
    come(park, timedelta())
    page = sign_in("supervisor").get("/dashboard").text
    assert "How many places there are is not known." in page
    assert "Arrivals: 1, Exits: 0" in page
    assert "100 % of today's plates were read" in page.replace("&#39;", "'")


def test_a_manager_says_how_many_places_there_are(park, sign_in):
    manager = sign_in("manager")
    come(park, timedelta())
    answer = send(manager, "/dashboard/capacity", "/dashboard", site=SITE, places="4")
    page = manager.get(answer.location).text
    assert "of 4 places" in page and "25 % full" in page
    send(manager, "/dashboard/capacity", "/dashboard", site=SITE, places="")
    assert "is not known" in manager.get("/dashboard").text


def test_a_number_of_places_that_is_none_is_refused_in_words(park, sign_in):
    manager = sign_in("manager")
    answer = send(manager, "/dashboard/capacity", "/dashboard", site=SITE, places="-3")
    assert "expected a whole number from 1 to" in manager.get(answer.location).text


def test_what_moves_is_sent_again_only_when_it_has_changed(park, sign_in):
    visitor = sign_in("supervisor")
    first = visitor.get("/dashboard/now")
    assert first.status_code == 200 and "<html" not in first.text and "<form" not in first.text
    same = visitor.get("/dashboard/now", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    come(park)
    assert visitor.get("/dashboard/now", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/now", "/reports", "/gates"])
def test_an_attendant_does_not_see_what_was_earned(sign_in, path):
    assert sign_in("attendant").get(path).status_code == 403


def test_a_guest_is_sent_to_log_in(client, park):
    assert client.get("/dashboard").status_code == 303


def test_a_strange_site_is_not_found(sign_in):
    assert sign_in("supervisor").get("/dashboard?site=nowhere").status_code == 404


def test_places_are_kept_in_the_audit_log(park, sign_in):
    manager = sign_in("manager")
    send(manager, "/dashboard/capacity", "/dashboard", site=SITE, places="7")
    with park.db.read() as session:
        assert day_figures.set_capacity(session, SITE, "7", now(), "x").capacity == 7


def test_bars_stand_on_one_line_and_never_leave_the_drawing():
    drawing = bars(["a", "b"], [[1, 7], [0, 3]])
    assert {round(bar.y + bar.height) for bar in drawing.bars} == {drawing.bottom}
    assert all(bar.y >= 0 and drawing.left <= bar.x <= drawing.right for bar in drawing.bars)
    assert len(drawing.bars) == 3  # nothing is drawn for nothing


def test_a_line_is_broken_where_nothing_was_told():
    assert line([(0, 1), (0.01, 2), (0.5, 3)], [], gap=0.02).line.count("M") == 2


def test_the_busiest_hour_is_the_darkest_and_an_empty_one_has_no_colour():
    cells = heat([[0, 1, 10]])
    assert [cell.shade for cell in cells] == [0, 1, 5]
