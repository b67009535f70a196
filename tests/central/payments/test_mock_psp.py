"""The mock PSP over real HTTP, spoken to through the provider port as central does."""

from __future__ import annotations

import secrets
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from central.payments.mock_psp.app import PspConfig
from central.payments.mock_psp.serve import Psp
from central.payments.mock_psp.webhooks import SIGNATURE_HEADER
from central.payments.mock_upi import MockUpi
from central.payments.provider import Order, ProviderUnavailable, WebhookRefused
from edge.simulation.demo.processes import free_port
from tests.waiting import wait_for


class Merchant:
    """Receives webhooks; `answers` are the statuses it gives, the last one for ever."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.answers = [204]
        merchant = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                merchant.received.append((raw, self.headers[SIGNATURE_HEADER]))
                status = merchant.answers.pop(0) if len(merchant.answers) > 1 else merchant.answers[0]
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever)

    @contextmanager
    def serving(self):
        self.thread.start()
        yield self
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def serving_merchant():
    with Merchant().serving() as merchant:
        yield merchant


@pytest.fixture
def merchant(serving_merchant):
    serving_merchant.received.clear()
    serving_merchant.answers = [204]
    return serving_merchant


@pytest.fixture(scope="module")
def base_url(tmp_path_factory, serving_merchant):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    config = PspConfig(
        books_path=tmp_path_factory.mktemp("psp") / "psp.db",
        key_id="merchant",
        key_secret="made for this test",
        webhook_url=serving_merchant.url,
        webhook_secret="also made for this test",
        merchant_vpa="parkmeter@mock",
        merchant_name="City Car Park",
        base_url=url,
    )
    psp = Psp(config, "127.0.0.1", port)
    thread = threading.Thread(target=psp.run)
    thread.start()
    wait_for(lambda: reachable(url))
    yield url
    psp.stop()
    thread.join()


def reachable(url: str) -> bool:
    try:
        return requests.get(url + "/healthz", timeout=2).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def provider(base_url):
    return MockUpi(base_url, "merchant", "made for this test", "also made for this test")


def order(amount_paise: int = 12_000, reference: str | None = None) -> Order:
    expires_at = now() + timedelta(minutes=10)
    return Order(reference or secrets.token_hex(16), amount_paise, "Parking", "http://127.0.0.1/p/x", expires_at)


def now() -> datetime:
    return datetime.now(UTC)


def heard(merchant: Merchant, asked: Order) -> list[tuple[bytes, str]]:
    """The webhooks about one order; those of earlier tests may still be arriving."""
    return [(raw, signature) for raw, signature in merchant.received if asked.reference.encode() in raw]


def press(page_url: str, action: str, vpa: str = "success@mock") -> requests.Response:
    return requests.post(page_url, data={"action": action, "vpa": vpa}, timeout=5)


def test_an_approved_payment_is_captured_on_the_page_by_webhook_and_by_poll(provider, merchant):
    asked = order()
    placed = provider.place(asked, now())
    assert placed.intent == (
        f"upi://pay?pa=parkmeter@mock&pn=City%20Car%20Park&tr={asked.reference}&tn=Parking&am=120.00&cu=INR&mc=7523"
    )
    assert "Paid" in press(placed.page_url, "approve").text
    raw, signature = wait_for(lambda: heard(merchant, asked))[0]
    event = provider.webhook(raw, signature)
    assert event.reference == asked.reference
    assert (event.status, event.code, event.amount_paise, event.payer) == ("captured", "00", 12_000, "success@mock")
    assert [polled.event_id for polled in provider.events(placed.ref)] == [event.event_id]


def test_a_declined_payment_can_be_tried_again_on_the_same_order(provider):
    placed = provider.place(order(), now())
    assert "Not paid" in press(placed.page_url, "decline").text
    assert "Paid" in press(placed.page_url, "approve").text
    assert [event.status for event in provider.events(placed.ref)] == ["failed", "captured"]


def test_an_order_is_paid_once_however_often_the_button_is_pressed(provider):
    placed = provider.place(order(), now())
    assert [press(placed.page_url, "approve").status_code for _ in range(3)] == [200, 409, 409]
    assert len(provider.events(placed.ref)) == 1


def test_a_slow_bank_captures_late(provider, merchant):
    asked = order()
    placed = provider.place(asked, now())
    assert "do not pay again" in press(placed.page_url, "approve", "late@mock").text
    wait_for(lambda: [event.status for event in provider.events(placed.ref)] == ["captured"])
    wait_for(lambda: len(heard(merchant, asked)) == 2)
    statuses = [provider.webhook(*received).status for received in heard(merchant, asked)]
    assert statuses == ["pending", "captured"]


def test_a_webhook_is_sent_again_until_it_is_accepted(provider, merchant):
    asked = order()
    placed = provider.place(asked, now())
    merchant.answers = [500, 503, 500, 500, 204]
    press(placed.page_url, "approve")
    wait_for(lambda: len(heard(merchant, asked)) >= 3)
    assert len({raw for raw, _ in heard(merchant, asked)}) == 1


def test_a_changed_webhook_is_refused(provider, merchant):
    asked = order()
    press(provider.place(asked, now()).page_url, "approve")
    raw, signature = wait_for(lambda: heard(merchant, asked))[0]
    with pytest.raises(WebhookRefused, match="signature"):
        provider.webhook(raw.replace(b"12000", b"99000"), signature)
    with pytest.raises(WebhookRefused, match="signature"):
        provider.webhook(raw, "é")


def test_placing_the_same_reference_again_gives_the_same_order_and_another_amount_is_refused(provider):
    asked = order()
    first = provider.place(asked, now())
    assert provider.place(asked, now()) == first
    with pytest.raises(ProviderUnavailable, match="409"):
        provider.place(order(99_900, asked.reference), now())


def test_a_refund_is_made_once_and_never_beyond_the_payment(provider):
    first_refund, second_refund = secrets.token_hex(8), secrets.token_hex(8)
    placed = provider.place(order(), now())
    press(placed.page_url, "approve")
    payment = provider.events(placed.ref)[0].payment_ref
    first = provider.refund(first_refund, payment, 12_000)
    assert provider.refund(first_refund, payment, 12_000) == first
    with pytest.raises(ProviderUnavailable, match="422"):
        provider.refund(second_refund, payment, 1)


def test_only_the_merchant_may_use_the_api(base_url):
    stranger = MockUpi(base_url, "merchant", "a guess", "")
    with pytest.raises(ProviderUnavailable, match="401"):
        stranger.place(order(), now())


BAD_ORDERS = [b"", b"[]", b'{"reference":"a b"}', b'{"reference":"a","amount_paise":"1"}', b"{" * 9000]


@pytest.mark.parametrize("body", BAD_ORDERS)
def test_a_bad_order_is_refused_with_a_reason(base_url, body):
    headers = {"Content-Type": "application/json"}
    auth = ("merchant", "made for this test")
    answer = requests.post(base_url + "/v1/orders", data=body, headers=headers, auth=auth, timeout=5)
    assert answer.status_code == 400 and "expected" in answer.json()["error"]["message"]


def test_a_bad_upi_id_is_refused_on_the_page(provider):
    placed = provider.place(order(), now())
    answer = press(placed.page_url, "approve", "<script>")
    assert answer.status_code == 422 and "name@bank" in answer.text and "<script>" not in answer.text


def test_a_provider_that_is_away_is_said_to_be_unavailable():
    with pytest.raises(ProviderUnavailable):
        MockUpi(f"http://127.0.0.1:{free_port()}", "a", "b", "c").place(order(), now())
