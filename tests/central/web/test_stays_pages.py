"""Stays for staff: the list with its filters, and one stay whole."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from central.store.reads import stays as reads
from central.store.schema import Quarantine, Receipt, User
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, Exited, ExitRequested
from tests.central.car_park import minutes, plate
from tests.central.web.people import send


def enter(park, text: str | None, at: float, **more) -> str:
    session = uuid7(int(minutes(at).timestamp() * 1000))
    facts = Entered(plate=plate(text) if text else None, ticket=park.entry.new_ticket(), **more)
    park.hear(park.entry.report(facts, minutes(at), session), now=minutes(at))
    return session


@pytest.fixture
def whole(park) -> str:
    """A stay from its entry to its receipt."""
    session = enter(park, "DL1CAB1234", 0)
    asked = uuid7()
    facts = ExitRequested(request=asked, plate=plate("DL1CAB1234"))
    park.hear(park.exit.report(facts, minutes(45)), now=minutes(45))
    park.pay(park.dues(session)[0].id, minutes(46))
    park.hear(park.exit.report(Exited(plate=plate("DL1CAB1234"), request=asked), minutes(47), session), now=minutes(47))
    return session


def plates(html: str) -> list[str]:
    """Those listed, in order."""
    return re.findall(r'plate-link"[^>]*><span class="plate[^"]*">([^<]+)', html)


def test_stays_are_listed_newest_first_with_what_was_paid(park, sign_in, whole):
    enter(park, "MH12AB1234", 60)
    enter(park, None, 61)
    page = sign_in().get("/stays").text
    assert plates(page) == ["unread", "MH 12 AB 1234", "DL 1 CAB 1234"]
    assert "₹170" in page and "24 Nov 2026, 10:47" in page and "Inside" in page


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("plate=mh+12", ["MH 12 AB 1234", "MH 12 AA 1"]),
        ("plate=MH12AB1234", ["MH 12 AB 1234"]),
        ("status=closed", ["DL 1 CAB 1234"]),
        ("status=open", ["MH 12 AB 1234", "MH 12 AA 1"]),
        ("gate=delhi/exit-1", ["DL 1 CAB 1234"]),
        ("gate=elsewhere/entry-1", []),
        ("date=2026-11-24", ["MH 12 AA 1", "DL 1 CAB 1234"]),
        ("date=2026-11-25", ["MH 12 AB 1234"]),
        ("review=1", ["MH 12 AA 1"]),
        ("plate=MH&date=2026-11-24&status=open", ["MH 12 AA 1"]),
    ],
)
def test_the_list_is_filtered(park, sign_in, whole, query, wanted):
    enter(park, "MH12AA1", 13 * 60 + 29, how="assumed")  # 23:59 in Delhi
    enter(park, "MH12AB1234", 14 * 60)
    assert plates(sign_in().get(f"/stays?{query}").text) == wanted


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("plate=<script>", "expected 1 to 16 letters"),
        ("status=gone", "Status gone is not known"),
        ("date=yesterday", "expected one such as"),
        ("date=2026-02-30", "no such day"),
        ("date=0001-01-01", "expected a year"),
    ],
)
def test_a_bad_filter_is_refused_with_what_is_expected(sign_in, query, said):
    answer = sign_in().get(f"/stays?{query}")
    assert answer.status_code == 422 and said in answer.text and "<script>alert" not in answer.text


def test_pages_follow_one_another_without_a_gap(park, sign_in, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 2)
    for number in range(5):
        enter(park, f"MH12AB{number}", number)
    visitor, seen, path = sign_in(), [], "/stays?plate=MH"
    while path:
        page = visitor.get(path).text
        seen += plates(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older.group(1).replace("&amp;", "&") if older else None
    assert seen == [f"MH 12 AB {number}" for number in (4, 3, 2, 1, 0)]


def test_a_stay_is_told_from_its_entry_to_its_receipt(sign_in, park, whole):
    visitor = sign_in()
    page = visitor.get(f"/stays/{whole}").text
    told = [
        page.index(words) for words in ("Came in: DL1CAB1234", "Wants to leave", "Price asked", "Went out: DL1CAB1234")
    ]
    assert told == sorted(told) and "DELH/2627/000001" in page
    with park.db.read() as session:
        receipt = session.scalar(select(Receipt.id))
    assert "Tax invoice" in visitor.get(f"/stays/{whole}/receipts/{receipt}").text
    assert visitor.get(f"/stays/{whole}/receipts/{whole}").status_code == 404


def test_a_ticket_is_not_shown_to_staff(sign_in, park):
    session = uuid7()
    facts = Entered(plate=plate("MH12AB1234"), ticket=park.entry.new_ticket())
    park.hear(park.entry.report(facts, minutes(0), session), now=minutes(0))
    assert facts.ticket not in sign_in().get(f"/stays/{session}").text


def test_a_stay_nobody_knows_is_said_so(sign_in):
    visitor = sign_in()
    assert [visitor.get(f"/stays/{stay}").status_code for stay in ("x", "%00", uuid7())] == [404, 404, 404]


def test_what_did_not_fit_is_shown_until_a_person_has_looked(park, sign_in):
    park.hear(("parking/v1/delhi/entry-1/<b>", b"<script>alert(1)</script>\xff"))
    page = sign_in().get("/quarantine").text
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "I have looked" not in page
    assert "to be looked at" in page
    visitor = sign_in("supervisor")
    assert send(visitor, "/quarantine/1/seen", page="/quarantine").status_code == 303
    assert "There is none" in visitor.get("/quarantine").text and "&lt;b&gt;" in visitor.get("/quarantine?seen=1").text
    with park.db.read() as session:
        assert session.get(Quarantine, 1).seen and session.scalar(select(User.role).where(User.role == "supervisor"))
    assert send(visitor, "/quarantine/99/seen", page="/quarantine?seen=1").status_code == 404
    assert visitor.get("/quarantine?before=x").status_code == 400
