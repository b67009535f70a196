"""The mock provider's settlement file, and its outages and slow answers on command."""

from __future__ import annotations

import base64
import time
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from central.payments.mock_psp import behaviour
from central.payments.mock_psp.app import PspConfig, create_app
from central.payments.mock_psp.orders import Books
from central.payments.mock_psp.settlement import FEE_BP
from central.payments.settlement_file import read

KEY = {"Authorization": "Basic " + base64.b64encode(b"merchant:made for this test").decode()}
# a quarter to midnight in India
AT = datetime(2026, 11, 24, 18, 15, tzinfo=UTC).timestamp()


@pytest.fixture
def books(tmp_path):
    made = Books(tmp_path / "psp.db")
    yield made
    made.close()


@pytest.fixture
def psp(books, tmp_path) -> FlaskClient:
    return create_app(
        PspConfig(
            books_path=tmp_path / "psp.db",
            key_id="merchant",
            key_secret="made for this test",
            webhook_url="http://127.0.0.1:9/hook",
            webhook_secret="also made for this test",
            merchant_vpa="parkmeter@mock",
            merchant_name="City Car Park",
            base_url="http://127.0.0.1:9",
        ),
        books,
    ).test_client()


def pay(books: Books, reference: str, at: float, payer: str = "success@mock") -> str:
    order, _ = books.place(reference, 17_000, "n", "http://r", at + 600, at)
    return books.pay(order["id"], payer, behaviour.answer(payer, True), at)["id"]


def statement(psp: FlaskClient, day: str):
    return read(psp.get(f"/v1/settlements/{day}", headers=KEY).data)


def test_a_days_file_has_what_was_captured_and_given_back_on_that_day_in_india(psp, books):
    first, last = pay(books, "a" * 32, AT), pay(books, "b" * 32, AT + 899)
    pay(books, "c" * 32, AT + 900)
    pay(books, "d" * 32, AT, "failure@mock")
    pay(books, "e" * 32, AT, "unknown@mock")
    refund = books.refund("f" * 32, first, 17_000, AT + 60)
    found = statement(psp, "2026-11-24")
    assert [(line.reference, line.payment_ref, line.refund_ref) for line in found.lines] == [
        ("a" * 32, first, ""), ("b" * 32, last, ""), ("f" * 32, first, refund["id"]),
    ]  # fmt: skip
    assert found.day == date(2026, 11, 24) and found.utr == "MOCK2026112401"
    fee = 17_000 * FEE_BP // 10_000
    assert (found.lines[0].fee_paise, found.lines[0].fee_gst_paise) == (fee, round(fee * 0.18))
    assert [line.reference for line in statement(psp, "2026-11-25").lines] == ["c" * 32]


def test_a_late_capture_is_in_the_file_of_the_day_its_bank_answered(psp, books):
    pay(books, "a" * 32, AT + 899, "late@mock")
    books.settle_late(AT + 910)
    assert b"a" * 32 not in psp.get("/v1/settlements/2026-11-24", headers=KEY).data
    assert [line.reference for line in statement(psp, "2026-11-25").lines] == ["a" * 32]


def test_the_file_is_the_merchants_and_a_day_must_be_one(psp):
    assert psp.get("/v1/settlements/2026-11-24").status_code == 401
    wrong = psp.get("/v1/settlements/tomorrow", headers=KEY)
    assert wrong.status_code == 400 and "such as 2026-11-24" in wrong.json["error"]["message"]


def ail(psp: FlaskClient, **what: object) -> int:
    return psp.post("/v1/trouble", json=what, headers=KEY).status_code


def test_an_outage_is_begun_and_ended_on_command(psp):
    assert ail(psp, kind="down", for_s=60, delay_s=0) == 200
    down = psp.get("/v1/settlements/2026-11-24", headers=KEY)
    assert down.status_code == 503 and "out of order" in down.json["error"]["message"]
    assert psp.get("/pay/order_x").status_code == 503
    assert psp.get("/healthz").status_code == 200
    assert ail(psp, kind="none", for_s=0, delay_s=0) == 200
    assert psp.get("/v1/settlements/2026-11-24", headers=KEY).status_code == 200


def test_slow_answers_come_all_the_same(psp):
    assert ail(psp, kind="slow", for_s=60, delay_s=1) == 200
    began = time.monotonic()
    assert psp.get("/v1/settlements/2026-11-24", headers=KEY).status_code == 200
    assert time.monotonic() - began >= 1


def test_an_outage_that_has_run_out_is_over(psp):
    assert ail(psp, kind="down", for_s=0, delay_s=0) == 200
    assert psp.get("/v1/settlements/2026-11-24", headers=KEY).status_code == 200


@pytest.mark.parametrize(
    "what",
    [
        {"kind": "fire", "for_s": 1, "delay_s": 0},
        {"kind": "down", "for_s": 99_999, "delay_s": 0},
        {"kind": "slow", "for_s": 1, "delay_s": 31},
        {"kind": "down"},
    ],
)
def test_a_strange_trouble_is_refused(psp, what):
    assert ail(psp, **what) == 400
    assert psp.post("/v1/trouble", json={"kind": "down", "for_s": 1, "delay_s": 0}).status_code == 401
