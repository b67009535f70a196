"""What rules and actions refuse with is said in the language of the page, with the values it has."""

import re
from pathlib import Path

import pytest
from flask import render_template
from flask_babel import force_locale, gettext
from hypothesis import given
from hypothesis import strategies as st

from central.web import refusals
from central.web.refusal_sentences import sentences
from tests.central.web.people import send

CENTRAL = Path(__file__).parents[3] / "central"
VALUE = re.compile(r"%\((\w+)\)[sd]")
SAID = [said for name in ("actions", "rules") for path in (CENTRAL / name).glob("*.py")
        for _line, said in sentences(path.read_text(encoding="utf-8"))]  # fmt: skip
# nothing that is a word of a sentence, so that what is whose can be told
VALUES = st.text(alphabet="Zq9'\"%\\{}<>&\n\tनमस्ते🚗", min_size=1, max_size=12)


def filled(sentence: str, values: list[str]) -> str:
    names = VALUE.findall(sentence)
    return sentence % dict(zip(names, values, strict=False))


@pytest.mark.parametrize(
    "code, found",
    [
        ('raise Refused(f"plate {text[:40]!r}: 5 % off")', ["plate %(text)s: 5 %% off"]),
        ('raise Refused(f"{rupees(abs(over))} {\'more\' if over else \'less\'} is in it")',
         ["%(over)s more is in it", "%(over)s less is in it"]),
        ('OVER = "this is over"\ndef f():\n raise Refused(OVER, field="a")', ["this is over"]),
        ('raise Refused(f"from {stay.site_id} to {other.site_id}")', ["from %(site_id)s to %(site_id2)s"]),
        ('raise Refused(str(error)) from error', []),
        ('raise AssertionError("no such thing")', []),
        ('for what, value in (("days", days), ("hours", hours)):\n raise Refused(f"{what} {value}: too many")',
         ["days", "hours", "%(what)s %(value)s: too many"]),
    ],
)  # fmt: skip
def test_a_sentence_is_found_in_the_code_that_refuses_with_it(code, found):
    assert sorted(said for _line, said in sentences(code)) == sorted(found)


def test_the_sentences_of_rules_and_actions_are_found():
    assert len(SAID) > 300
    assert "plate %(text)s: expected 1 to 16 letters A-Z and digits" in SAID


@given(st.sampled_from(SAID), st.lists(VALUES, min_size=8, max_size=8))
def test_a_refusal_is_as_it_was_in_english_and_holds_every_value_in_hindi(sentence, values):
    text = filled(sentence, values)
    assert refusals.translated(text, "en") == text
    hindi = refusals.translated(text, "hi")
    assert hindi != text
    for _name, value in zip(VALUE.findall(sentence), values, strict=False):
        assert value in hindi


@given(st.text(max_size=200))
def test_what_is_no_refusal_stays_as_it_is(text):
    assert refusals.translated(f"{text}\0", "hi") == f"{text}\0"


def test_a_refusal_within_a_refusal_is_said_too():
    text = "line 7: plate 'MH 12!': expected 1 to 16 letters A-Z and digits. Nothing was changed"
    assert refusals.translated(text, "hi") == (
        "लाइन 7: नंबर 'MH 12!': 1 से 16 अक्षर A-Z और अंक होने चाहिए। कुछ भी नहीं बदला गया"
    )


def test_a_value_that_reads_like_a_refusal_is_left_as_it_was_typed():
    text = "shop 'there is no such shop': expected a name of 2 to 80 characters"
    assert "'there is no such shop'" in refusals.translated(text, "hi")


def test_a_long_text_is_looked_through_at_once():
    hostile = "plate " + ": expected " * 20_000
    assert refusals.translated(hostile, "hi").count(": expected") >= 19_000


def test_a_page_says_what_was_refused_in_its_language(client):
    page = {"Accept-Language": "hi"}
    answer = client.post("/login", headers=page)  # no token: the form has expired
    assert answer.status_code == 400 and '<html lang="hi">' in answer.text
    send(client, "/language/hi", page="/login", back="/login")
    answer = send(client, "/register", page="/register", name="A", contact="nobody@", password="x", again="x")
    assert "1 से" not in answer.text and "2 से 80 अक्षर होने चाहिए।" in answer.text
    assert "ई-मेल" in answer.text and "NAME@DOMAIN जैसा होना चाहिए" in answer.text


def test_the_problem_a_view_hands_to_its_page_is_said_in_hindi(app):
    with app.test_request_context(), force_locale("hi"):
        page = render_template("driver/wrong.html", bill=None, token="t", typed="", problem="there is no such stay")
    assert "ऐसा कोई ठहराव नहीं है" in page and "no such" not in page


def test_the_faults_of_a_gate_are_said_in_hindi(app):
    with app.test_request_context(), force_locale("hi"):
        assert gettext("The fire alarm is over.") == "आग का अलार्म खत्म हुआ।"


def test_a_word_of_a_refusal_is_escaped_in_hindi_as_in_english(app):
    with app.test_request_context(), force_locale("hi"):
        shown = app.jinja_env.from_string("{{ text|said }}").render(text="site '<script>' is not known")
    assert shown == "साइट &#39;&lt;script&gt;&#39; नहीं मिली"
