"""The gates' pages: how each was and is, what a fault means and what to do, and orders with their reasons."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.store.schema import GateSample, MqttOutbox
from edge.protocol import faults
from edge.protocol.messages import About, FaultState, GateHealth
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, minutes
from tests.central.web.people import send
from tests.central.web.town import now

PAGE = f"/gates/{SITE}/entry-1"
TOPICS = GateTopics(SITE, "entry-1")
HEALTH = GateHealth(uptime_s=1, outbox=3, vision="ready", temperature_c=61.5, disk_free_bytes=5 << 30, read_rate=0.9)


def commands(park) -> list[MqttOutbox]:
    with park.db.read() as session:
        return list(session.scalars(select(MqttOutbox).where(MqttOutbox.topic.contains("/cmd/"))))


def test_the_first_health_of_ten_minutes_is_kept(park):
    for minute in (0, 4, 9, 10):
        park.hear((TOPICS.health, HEALTH.encode()), now=minutes(minute))
    with park.db.read() as session:
        kept = list(session.scalars(select(GateSample.at).order_by(GateSample.at)))
    assert kept == [minutes(0), minutes(10)]


def test_a_gates_page_draws_its_health(park, sign_in):
    park.hear((TOPICS.health, HEALTH.encode()), now=now())
    park.hear((TOPICS.about, About(version="2.1", lane="entry", name="x", config_hash="abc123").encode()))
    page = sign_in("supervisor").get(PAGE).text
    for words in ("Latest: 61.5 °C.", "Latest: 5 GB.", "Latest: 90 %.", "Latest: 3.", "Latest: never told.", "abc123"):
        assert words in page


def test_a_fault_is_told_with_its_meaning_and_remedy(park, sign_in):
    fault = FaultState(code="limits_disagree", severity="fault", since=minutes(0), detail="<b>both</b>")
    park.hear((TOPICS.fault("limits_disagree"), fault.encode()))
    known = faults.kind("limits_disagree")
    visitor = sign_in("supervisor")
    assert known.meaning in visitor.get("/gates").text
    page = visitor.get(PAGE).text
    assert known.meaning in page
    assert known.remedy in page and "&lt;b&gt;both" in page


def test_an_order_is_sent_with_its_reason(park, sign_in):
    park.online(park.entry)
    manager = sign_in("manager")
    answer = send(manager, f"{PAGE}/order", PAGE, order="self_test", reason="after the storm")
    assert answer.status_code == 303
    [sent] = commands(park)
    assert sent.topic.endswith("/cmd/self_test") and "after the storm" in sent.body
    assert "Test every part, manager@example.org: “after the storm”, no answer yet" in manager.get(PAGE).text


@pytest.mark.parametrize(
    "role, fields, words",
    [
        ("manager", {"order": "hold", "reason": ""}, "say why"),
        ("manager", {"order": "rotate_key", "reason": "x"}, "Choose what it is to do."),
        ("supervisor", {"order": "self_test", "reason": "x"}, "Only a manager may order that."),
    ],
)
def test_an_order_that_may_not_be_given_is_refused_in_words(park, sign_in, role, fields, words):
    park.online(park.entry)
    answer = send(sign_in(role), f"{PAGE}/order", PAGE, **fields)
    assert answer.status_code == 422 and words in answer.text
    assert commands(park) == []


def test_a_gate_that_is_not_there_is_not_found(sign_in, park):
    assert sign_in("supervisor").get(f"/gates/{SITE}/nowhere").status_code == 404


def test_a_stretch_that_is_not_offered_is_refused(sign_in, park):
    assert sign_in("supervisor").get(f"{PAGE}?hours=9999").status_code == 400
