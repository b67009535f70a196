"""What is stored in English, a reason or a word of the audit log, is said in the page's language where it is known."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.actions.audit import audit
from central.actions.records import ask_review
from central.store.schema import Stay
from central.web import log_words
from central.web.reasons import reasons
from tests.central.car_park import minutes
from tests.central.visits import enter

CENTRAL = Path(__file__).parents[3] / "central"
# a value of the kind that stands there; "it" fits wherever any text does
SAMPLES = {
    "how": "tailgated", "kind": "unpaid exit", "status": "left owing", "wanted": "car", "vehicle_class": "bike",
    "_CLASS": "car",
}  # fmt: skip


def calls(name: str, at: int) -> Iterator[str]:
    """What the code gives that function in that place, where it is written there; with a sample for each value."""
    for path in sorted(CENTRAL.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name and len(node.args) > at:
                given = node.args[at]
                if isinstance(given, ast.Constant):
                    yield given.value
                elif isinstance(given, ast.JoinedStr):
                    yield "".join(one.value if isinstance(one, ast.Constant) else _sample(one) for one in given.values)


def _sample(value: ast.FormattedValue) -> str:
    return next((sample for name, sample in SAMPLES.items() if name in ast.unparse(value.value)), "it")


@pytest.fixture
def in_hindi(app) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "hi"}):
        yield


def test_whatever_asks_a_person_to_look_has_words_in_hindi(in_hindi):
    asked = {text.replace("paid that is left owing", "paid that is written off") for text in calls("ask_review", 1)}
    assert len(asked) > 15 and [text for text in sorted(asked) if reasons(text) == text] == []


def test_whatever_the_audit_log_is_given_has_words_in_hindi(in_hindi):
    told = {text.replace("unpaid exit", "X") for text in calls("audit", 3)} - {"access X", "X changed"}
    told |= {"access pass", "access denied", "email changed", "phone changed", "violation written off", "stay: merged"}
    assert len(told) > 80 and [text for text in sorted(told) if log_words.done(text) == text] == []


def test_a_reason_keeps_its_values_and_what_people_wrote(in_hindi):
    said = reasons("plate read with 60% only; disputed: I was away; nobody knows this one")
    assert said == "नंबर केवल 60% भरोसे से पढ़ा गया; शिकायत: I was away; nobody knows this one"
    said = reasons("unpaid exit? its plate was read only 61 % sure")
    assert "बिना भुगतान" in said and "61 %" in said
    assert reasons("why? because") == "why? because"
    assert reasons(None) == ""


def test_the_queue_says_why_in_the_language_of_the_page_and_sends_back_what_is_stored(park, sign_in):
    stay, _ = enter(park)
    with park.db.begin() as session:
        ask_review(session.get_one(Stay, stay), "seen leaving twice")
    visitor = sign_in("manager")
    assert "seen leaving twice" in visitor.get("/review").text.replace('value="seen', "")
    visitor.set_cookie("language", "hi")
    hindi = visitor.get("/review").text
    assert "दो बार निकलती दिखी" in hindi and 'name="seen" value="seen leaving twice"' in hindi


def test_the_log_is_read_and_searched_in_the_language_of_the_page(park, sign_in):
    with park.db.begin() as session:
        audit(session, minutes(0), "ravi", "order open", "delhi/entry-1")
        audit(session, minutes(0), "ravi", "day closed", "delhi/2026-11-23")
    visitor = sign_in("manager")
    assert "order open" in visitor.get("/audit").text
    visitor.set_cookie("language", "hi")
    page = visitor.get("/audit").text
    assert "order open" not in page and "दिन बंद किया" in page
    found = visitor.get("/audit?what=दिन बंद किया").text
    assert "delhi/2026-11-23" in found and "delhi/entry-1" not in found
    assert "delhi/2026-11-23" in visitor.get("/audit?what=day closed").text
