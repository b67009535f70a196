"""Live lanes and orders to gates."""

from __future__ import annotations

import json

from sqlalchemy import select

from central.actions import lanes
from central.store.schema import Audit, Gate, MqttOutbox
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, GateHealth, GateState, Reply, Status
from edge.protocol.topics import GateTopics
from tests.central.car_park import SITE, minutes, plate
from tests.central.web.people import send
from tests.central.web.pictures import JPEG, JPEG_NAME
from tests.central.web.town import now


def tell(park, gate="entry-1", **facts) -> None:
    """The gate says how it is."""
    state = {"boom": "closed", "mode": "normal", "inputs": {"arming_loop": True}, "wall": minutes(0)} | facts
    park.hear((GateTopics(SITE, gate).state, GateState(**state).encode()))


def test_a_card_shows_what_its_gate_says(client, park, sign_in):
    park.online(park.entry)
    client.put(f"/api/v1/images/{JPEG_NAME}", data=JPEG, headers={"Authorization": f"Bearer {park.entry_token}"})
    seen = {"visit": uuid7(), "plate": plate("MH12AB1234"), "image": JPEG_NAME}
    tell(park, boom="pause_open", message="help: no_stay", faults=("boom_detached",), outbox=3, **seen)
    page = sign_in().get("/lanes").text
    for words in ("Online", "MH 12 AB 1234", "98 %", "Opening", "Help wanted: no stay of that plate", "boom detached"):
        assert words in page
    assert "3 events wait" in page and f"/images/{JPEG_NAME}" in page and "Never heard" in page


def test_a_picture_that_has_not_come_is_not_asked_for(park, sign_in):
    tell(park, visit=uuid7(), image=JPEG_NAME)
    assert "/images/" not in sign_in().get("/lanes").text


def test_when_the_lane_is_empty_its_last_vehicle_is_shown(park, sign_in):
    tell(park)
    facts = Entered(plate=plate("MH12AB1234"), ticket=park.entry.new_ticket())
    park.hear(park.entry.report(facts, minutes(0), uuid7()), now=minutes(0))
    park.hear(park.entry.report(GateHealth(uptime_s=1, outbox=0, vision="ready"), minutes(1)), now=minutes(1))
    page = sign_in().get("/lanes").text
    assert "MH 12 AB 1234" in page and "Came in: MH12AB1234, 98%" in page


def test_the_moving_parts_are_sent_again_only_when_they_have_changed(park, sign_in):
    visitor = sign_in()
    first = visitor.get("/lanes/now")
    assert first.status_code == 200 and "<html" not in first.text and "<form" not in first.text
    same = visitor.get("/lanes/now", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    tell(park, boom="open")
    assert visitor.get("/lanes/now", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_opening_needs_a_reason_and_is_signed_by_who_did_it(park, sign_in):
    park.online(park.entry)
    visitor = sign_in()
    refused = send(visitor, "/lanes/delhi/entry-1/open", page="/lanes/delhi/entry-1")
    assert refused.status_code == 422 and "needs a reason" in refused.text
    answer = send(visitor, "/lanes/delhi/entry-1/open", page="/lanes/delhi/entry-1", reason="Emergency vehicle")
    assert answer.status_code == 303 and "Order sent: Open once" in visitor.get("/lanes").text
    with park.db.read() as session:
        command = json.loads(session.scalar(select(MqttOutbox).where(~MqttOutbox.retained)).body)
    assert (command["name"], command["by"], command["args"]) == (
        "open",
        "asha@example.org",
        {"reason": "Emergency vehicle"},
    )


def test_what_became_of_an_order_is_on_the_card(park, sign_in):
    park.online(park.entry)
    visitor = sign_in()
    send(visitor, "/lanes/delhi/entry-1/open", page="/lanes/delhi/entry-1", other="a wedding")
    assert "“a wedding”, no answer yet" in visitor.get("/lanes").text
    with park.db.begin() as session:
        gate = session.get(Gate, (SITE, "entry-1"))
        cmd_id = session.scalar(select(Audit).where(Audit.what == "order open")).detail["cmd_id"]
        lanes.gate_replied(session, gate, cmd_id, Reply(verdict="rejected", reason="fault"), now())
    assert "“a wedding”, refused by the gate (fault)" in visitor.get("/lanes").text


def test_a_gate_that_is_away_takes_no_order(park, sign_in):
    answer = send(sign_in(), "/lanes/delhi/entry-1/open", page="/lanes/delhi/entry-1", reason="x")
    assert answer.status_code == 422 and "can&#39;t be told anything now" in answer.text


def test_a_supervisor_may_hold_the_boom_open(park, sign_in):
    park.online(park.exit)
    visitor = sign_in("supervisor")
    page = "/lanes/delhi/exit-1"
    assert "Other orders" in visitor.get(page).text
    assert send(visitor, f"{page}/order", page=page, order="hold", reason="market day").status_code == 303
    refused = send(visitor, f"{page}/order", page=page, order="self_destruct", reason="x")
    assert refused.status_code == 422 and "expected one of" in refused.text


def test_a_gate_nobody_knows_is_said_so(sign_in):
    visitor = sign_in()
    assert visitor.get("/lanes/delhi/nowhere").status_code == 404
    answer = send(visitor, "/lanes/delhi/nowhere/open", page="/lanes/delhi/entry-1", reason="x")
    assert answer.status_code == 404


def test_what_a_gate_says_is_never_taken_for_html(park, sign_in):
    park.hear((GateTopics(SITE, "entry-1").status, Status(state="online", boot=park.entry.boot).encode()))
    evil = "<script>alert(1)</script>"
    tell(park, boom=evil, mode=evil, message=evil, faults=(evil,), inputs={evil: True})
    page = sign_in().get("/lanes").text
    assert "&lt;script&gt;" in page and evil not in page
