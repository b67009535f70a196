"""What programs read and do: each kind of thing once, through the API, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from central.actions import coupon_book, pass_products
from central.actions.access import set_rule
from central.rules.violations import Kind
from central.store.schema import ViolationRule
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, FaultState
from edge.protocol.topics import GateTopics
from tests.central.api.test_the_door import is_problem
from tests.central.car_park import SITE, START, minutes, plate
from tests.central.visits import PLATE, enter, leave
from tests.central.web.town import serving


@pytest.fixture
def database(databases):
    return databases


def came_in(park, ago: timedelta, text: str = PLATE) -> tuple[str, str]:
    """A vehicle came in that long before this very moment; its stay and its ticket."""
    session, ticket, at = uuid7(), park.entry.new_ticket(), datetime.now(UTC) - ago
    park.hear(park.entry.report(Entered(plate=plate(text), ticket=ticket), at, session), now=at)
    return session, ticket


def test_a_site_says_how_full_it_is(program, park):
    enter(park)
    enter(park, text="DL2CAB7777")
    enter(park, text="DL3CAB7777")
    leave(park, 3, text="DL3CAB7777")
    site = program().get(f"/sites/{SITE}").json
    assert (site["occupied"], site["capacity"], site["free"], site["timezone"]) == (2, None, None, "Asia/Kolkata")


def test_a_gate_tells_its_health_and_faults_and_takes_orders_with_a_reason(program, park):
    made, at = program(), f"/sites/{SITE}/gates/exit-1"
    is_problem(made.post(f"{at}/commands", {"command": "open", "reason": "an ambulance"}), 409)
    park.online(park.exit)
    fault = FaultState(
        code="photocell_blocked", severity="fault", meaning="It sees something.", remedy="Clean it.", since=START,
        detail="for 5 minutes", boot=park.exit.boot,
    )  # fmt: skip
    park.hear((GateTopics(SITE, "exit-1").fault("photocell_blocked"), fault.encode()))
    gate = made.get(at).json
    assert gate["status"] == "online" and gate["faults"][0]["code"] == "photocell_blocked"
    is_problem(made.post(f"{at}/commands", {"command": "open", "reason": "x"}), 422)
    ordered = made.post(f"{at}/commands", {"command": "open", "reason": "an ambulance"})
    assert ordered.status_code == 202
    order = made.get(at).json["last_order"]
    assert (order["by"], order["name"], order["reason"]) == (f"api:{made.row.name}", "open", "an ambulance")


def test_plates_are_masked_without_their_scope(program, park):
    stay, _ = enter(park)
    whole, masked = program(), program("stays:read")
    assert whole.get(f"/stays/{stay}").json["plate"] == PLATE
    seen = masked.get(f"/stays/{stay}")
    assert (seen.json["plate"], seen.json["plate_masked"]) == (None, "******1234") and PLATE not in seen.text
    assert "plates:read" in is_problem(masked.get(f"/stays?plate={PLATE}"), 403)
    assert [one["id"] for one in whole.get("/stays?plate=dl-1c").json["stays"]] == [stay]


def test_a_stay_is_opened_and_closed_by_hand_with_a_reason(program, park):
    made = program()
    body = {"site": SITE, "plate": "dl 1c ab 1234", "entered_at": "2026-11-24T10:00:00+05:30", "reason": "loop broken"}
    opened = made.post("/stays", body)
    assert (opened.status_code, opened.json["entered_at"]) == (201, "2026-11-24T04:30:00Z")
    assert (opened.json["plate"], opened.json["status"], opened.json["entry_how"]) == (PLATE, "open", "operator")
    close = f"/stays/{opened.json['id']}/close"
    is_problem(made.post(close, {"how": "left", "reason": "seen on camera"}), 409)
    left = made.post(close, {"how": "left", "at": "2026-11-24T05:30:00Z", "reason": "seen on camera"})
    assert (left.status_code, left.json["status"], left.json["asked_paise"]) == (200, "left_owing", 170_00)
    is_problem(made.post(close, {"how": "gone", "reason": "once more"}), 409)


def test_money_is_asked_for_paid_receipted_and_given_back(program, park):
    made, (stay, _) = program(), came_in(park, timedelta(minutes=50))
    assert made.get(f"/stays/{stay}/quote").json["amount_paise"] == 170_00
    due = made.post(f"/stays/{stay}/dues").json
    assert (due["state"], due["amount_paise"], due["currency"]) == ("quoted", 170_00, "INR")
    park.pay(due["id"], datetime.now(UTC))
    due = made.get(f"/dues/{due['id']}").json
    payment = made.get(f"/payments/{due['payment_ids'][0]}").json
    assert (due["state"], payment["applied"], payment["captured_paise"]) == ("paid", True, 170_00)
    receipt = made.get(f"/receipts/{due['receipt_id']}").json
    assert receipt["total_paise"] == sum(receipt[part] for part in ("taxable_paise", "cgst_paise", "sgst_paise"))
    assert [one["id"] for one in made.get(f"/receipts?stay={stay}").json["receipts"]] == [receipt["id"]]
    back = made.post(f"/receipts/{receipt['id']}/refunds", {"amount_paise": 70_00, "reason": "half was full"})
    assert back.status_code == 201 and back.json["total_paise"] == 70_00
    assert made.get(f"/receipts/{receipt['id']}").json["credit_notes"] == [back.json]
    too_much = {"amount_paise": 170_00, "reason": "all of it"}
    assert "left" in is_problem(made.post(f"/receipts/{receipt['id']}/refunds", too_much), 409)
    assert "nothing is to be paid" in is_problem(made.post(f"/stays/{stay}/dues"), 409)


def test_a_provider_that_is_away_is_said_so_and_nothing_is_kept(program, park):
    made, (stay, _) = program(), came_in(park, timedelta(minutes=50))
    due = made.post(f"/stays/{stay}/dues").json
    for _ in range(2):  # the very same again is tried again
        is_problem(made.post(f"/dues/{due['id']}/payments", key="till-1-payment-1"), 503)


def test_a_payment_begins_with_an_offer_that_is_given_again_while_it_stands(program, park, web_settings):
    made, (stay, _) = program(), came_in(park, timedelta(minutes=50))
    due = made.post(f"/stays/{stay}/dues").json
    with serving(park, web_settings) as town:
        made.client = town.app.test_client(use_cookies=False)
        first, again, anew = (made.post(f"/dues/{due['id']}/payments", key=f"payment-{n}") for n in (1, 1, 2))
    assert first.status_code == 201 and first.json["intent"].startswith("upi://pay?")
    assert again.data == first.data and again.headers["Idempotent-Replayed"] == "true"
    assert anew.json == first.json and "Idempotent-Replayed" not in anew.headers


def test_a_pass_is_sold_and_an_account_has_vehicles(program, park):
    made = program()
    account = made.post("/accounts", {"site": SITE, "name": "Asha Rao"}).json
    with_car = made.post(f"/accounts/{account['id']}/vehicles", {"plate": "DL 9C AB 1"}).json
    assert [one["plate"] for one in with_car["vehicles"]] == ["DL9CAB1"]
    with park.db.begin() as session:
        pass_products.make_product(
            session, SITE, "Month", 2_000_00, START, "tests", vehicle_classes=["car"], days=30, plates=2
        )
    product = made.get("/pass-products").json["products"][0]
    body = {
        "product_id": product["id"], "holder": "Asha Rao", "account_id": account["id"],
        "plates": [{"plate": "DL9CAB1", "vehicle_class": "car"}],
        "begins": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    sold = made.post("/passes", body)
    assert (sold.status_code, sold.json["state"], sold.json["account_id"]) == (201, "unpaid", account["id"])
    assert made.get(f"/dues/{sold.json['due_id']}").json["amount_paise"] == 2_000_00
    assert [one["id"] for one in made.get("/passes").json["passes"]] == [sold.json["id"]]
    vehicle = with_car["vehicles"][0]["id"]
    assert made.delete(f"/accounts/{account['id']}/vehicles/{vehicle}").status_code == 204
    assert made.get(f"/accounts/{account['id']}").json["vehicles"] == []


def test_a_shops_till_validates_by_ticket_and_by_plate_only_with_that_scope(program, park):
    stay, ticket = came_in(park, timedelta(minutes=50))
    with park.db.begin() as session:
        shop, _ = coupon_book.add_shop(session, SITE, "Book shop", START, "tests")
        coupon = coupon_book.make_coupon(session, SITE, "amount", 50_00, START, "tests", shop_id=shop.id, per_stay=2)
    till = program("coupons:write", "coupons:read")
    body = {"coupon_id": coupon.id, "ticket_or_plate": PLATE}
    assert "plates:read" in is_problem(till.post("/validations", body), 403)
    assert program().post("/validations", body).status_code == 201
    assert till.post("/validations", body | {"ticket_or_plate": ticket}).json["state"] == "held"
    assert program().get(f"/stays/{stay}/quote").json["amount_paise"] == 70_00
    listed = till.get("/coupons").json["coupons"][0]
    assert (listed["shop_name"], "code" in listed) == ("Book shop", False)


def test_the_access_list_is_read_and_changed(program, park):
    made, at = program(), f"/sites/{SITE}/access-rules/DL1CAB1234"
    assert made.put(at, {"kind": "pass", "vehicle_class": "car", "note": "director"}).json["kind"] == "pass"
    assert [one["plate"] for one in made.get("/access-rules?kind=pass").json["rules"]] == [PLATE]
    assert program("access:read").get("/access-rules").json["rules"][0]["plate"] is None
    assert (made.delete(at).status_code, made.delete(at).status_code) == (204, 404)
    backwards = {"kind": "pass", "valid_from": "2026-11-24T00:00:00Z", "valid_until": "2026-11-23T00:00:00Z"}
    assert "valid_until" in is_problem(made.put(at, backwards), 409)


def test_a_violation_is_raised_and_waived(program, park):
    made, (stay, _) = program(), enter(park)
    raised = {"stay_id": stay, "kind": "overstay", "reason": "in a driveway"}
    assert "nothing is set" in is_problem(made.post("/violations", raised), 409)
    with park.db.begin() as session:
        session.add(
            ViolationRule(
                site_id=SITE, kind=str(Kind.OVERSTAY), amount_paise=500_00, tax_rate_bp=1800, wait_minutes=60,
                pay_within_days=15, sure_percent=90, changed_at=START, by="tests",
            )
        )  # fmt: skip
    one = made.post("/violations", raised).json
    assert (one["status"], one["amount_paise"], one["stay_id"]) == ("raised", 500_00, stay)
    assert made.get(f"/violations?stay={stay}").json["violations"] == [made.get(f"/violations/{one['id']}").json]
    waived = made.post(f"/violations/{one['id']}/waive", {"reason": "a mistake"}).json
    assert (waived["status"], waived["decision"]) == ("waived", "a mistake")


def test_a_tariff_prices_any_stay_to_the_paisa(program):
    made = program()
    tariff = made.get("/tariffs").json["tariffs"][0]
    long = "entered_at=2026-11-24T04:30:00Z&left_at=2026-12-03T07:30:00Z"
    priced = made.get(f"/tariffs/{tariff['id']}/price?{long}")
    assert (priced.json["total_paise"], priced.json["currency"]) == (5_770_00, "INR")
    assert sum(line["amount_paise"] for line in priced.json["lines"]) == 5_770_00
    backwards = "entered_at=2026-11-24T04:30:00Z&left_at=2026-11-24T04:29:00Z"
    is_problem(made.get(f"/tariffs/{tariff['id']}/price?{backwards}"), 409)


def test_set_rules_of_people_are_seen_with_who_set_them(program, park):
    with park.db.begin() as session:
        set_rule(session, SITE, PLATE, "denied", minutes(1), "asha@example.org")
    assert program().get("/access-rules").json["rules"][0]["by"] == "asha@example.org"
