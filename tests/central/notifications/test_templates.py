"""Every event is put in words in both languages, whole and in one line."""

from __future__ import annotations

from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from central.notifications.doors import Doors
from central.notifications.examples import FACTS
from central.notifications.render import render
from central.rules.telling import LANGUAGES, Event
from edge.protocol.ids import uuid7

DOORS = Doors("https://parking.example.org", b"k" * 32)
ZONE = ZoneInfo("Asia/Kolkata")


def said(event: Event, language: str, facts: dict | None = None, where: str = "City Hospital"):
    return render(event, FACTS[event] if facts is None else facts, language, where, ZONE, DOORS, f"account/{uuid7()}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", list(Event))
def test_every_event_has_a_subject_a_text_and_an_e_mail(event, language):
    made = said(event, language)
    for line in (made.subject, made.text):
        assert line and "\n" not in line and "{" not in line and "  " not in line and "None" not in line
    hindi = any("\u0900" <= letter <= "\u097f" for letter in made.text)
    assert hindi == (language == "hi")
    assert f'<html lang="{language}">' in made.html and len(made.subject) < 120
    HTMLParser().feed(made.html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_differs_by_the_facts_is_said(language):
    stay = {"stay": str(uuid7()), "plate": "DL1CAB1234", "exited_at": "2026-11-24T06:10:00+00:00"}
    owing = said(Event.EXITED, language, stay | {"owed_paise": 1_23_456_00})
    assert "₹1,23,456" in owing.text
    assert "₹" not in said(Event.EXITED, language, stay).text
    once = said(Event.REFUNDED, language, stay | {"amount_paise": 50_00})
    twice = said(Event.REFUNDED, language, stay | {"amount_paise": 50_00, "twice": True})
    assert once.text != twice.text and "₹50" in twice.text
    claims = {said(Event.CLAIM, language, {"plate": "X1", "decided": decided}).subject for decided in (True, False)}
    assert len(claims) == 2


def test_an_instant_is_the_sites_and_an_amount_is_grouped_as_in_india():
    assert "24 Nov 2026, 18:00" in said(Event.EXPIRING, "en").text
    assert "24 नव॰ 2026, 18:00" in said(Event.EXPIRING, "hi").text
    assert "₹61,240" in said(Event.REPORT, "en").subject


def test_an_unknown_language_is_told_in_english():
    assert said(Event.PAID, "xx").language == "en"


def test_names_keep_the_joiners_of_their_script_and_lose_what_nobody_sees():
    made = said(Event.ENTERED, "hi", FACTS[Event.ENTERED], where="क्\u200dष\u202eLOT\u0007\r\nX")
    assert "क्\u200dष LOT X" in made.subject


def test_each_link_opens_its_own_kind_of_door():
    ref = f"account/{uuid7()}"
    choose, inbox = DOORS.choose_token(ref), DOORS.inbox_token(ref)
    assert DOORS.chooser(choose) == ref and DOORS.reader(inbox) == ref
    assert DOORS.chooser(inbox) is None and DOORS.reader(choose) is None
    assert DOORS.chooser(choose[:-2] + "xx") is None and DOORS.chooser("nonsense") is None
    assert DOORS.choose_token("address/asha@example.org") is None and DOORS.choose("site/delhi") == ""
    assert DOORS.push_topic(ref) != DOORS.push_topic(f"user/{ref[8:]}")
