"""Calls for help from a lane: shown, answered by one person, closed with what came of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from central.store.reads import help_calls
from central.store.schema import Audit
from edge.protocol.messages import GateNotice
from tests.central.web.people import send
from tests.central.web.town import now

PAGE = "/lanes/delhi/entry-1"


@pytest.fixture
def call(park) -> str:
    """A driver has pressed the button; the call's address."""
    facts = GateNotice(code="help_called", severity="info", detail="the <b>driver</b> asks for help")
    park.hear(park.entry.report(facts, now()), now=now())
    with park.db.read() as session:
        (found,) = help_calls.calls(session, now())
    return f"{PAGE}/calls/{found.id}"


def test_a_call_is_on_the_card_until_it_is_closed(park, sign_in, call):
    visitor = sign_in()
    assert "A driver called for help" in visitor.get("/lanes/now").text
    page = visitor.get(PAGE).text
    assert call in page and "the &lt;b&gt;driver&lt;/b&gt; asks" in page
    assert send(visitor, call, page=PAGE, do="answer").status_code == 303
    assert "asha@example.org sees to it" in visitor.get("/lanes/now").text
    assert send(visitor, call, page=PAGE, do="close", done="showed the way").status_code == 303
    assert "called for help" not in visitor.get("/lanes/now").text
    with park.db.read() as session:
        lines = session.scalars(select(Audit).where(Audit.what.startswith("help ")).order_by(Audit.id))
        assert [(line.what, line.by, line.detail.get("why")) for line in lines] == [
            ("help answered", "asha@example.org", None),
            ("help closed", "asha@example.org", "showed the way"),
        ]


def test_the_second_who_answers_is_told_of_the_first(sign_in, call):
    first, second = sign_in(), sign_in("supervisor")
    send(first, call, page=PAGE, do="answer")
    answer = send(second, call, page=PAGE, do="answer")
    assert answer.status_code == 422 and "asha@example.org has answered this call" in answer.text
    send(second, call, page=PAGE, do="close", done="opened by hand")
    answer = send(first, call, page=PAGE, do="close", done="opened by hand")
    assert answer.status_code == 422 and "supervisor@example.org has closed this call" in answer.text


def test_closing_says_what_came_of_it(sign_in, call):
    visitor = sign_in()
    assert "say why: expected 3 to 200" in send(visitor, call, page=PAGE, do="close", done="").text
    assert "Choose one of the buttons" in send(visitor, call, page=PAGE, do="shout").text
    unknown = re.sub(r"[^/]+$", "nothing", call)
    assert "no such call for help" in send(visitor, unknown, page=PAGE, do="answer").text


def test_a_call_of_hours_ago_is_history(park, call):
    with park.db.read() as session:
        assert help_calls.calls(session, now() + timedelta(hours=3)) == []


def test_a_call_again_is_a_new_one(park, sign_in, call):
    visitor = sign_in()
    send(visitor, call, page=PAGE, do="close", done="nobody there")
    park.hear(park.entry.report(GateNotice(code="help_called", severity="info"), now()), now=now())
    assert "A driver called for help" in visitor.get("/lanes/now").text
