"""The mock UPI provider's client: speaks to `mock_psp` over HTTP as a real one would be spoken to."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, date, datetime

import requests

from central.payments.mock_psp.webhooks import signature as sign
from central.payments.provider import (
    STATUSES,
    CollectRefused,
    NotThereYet,
    Order,
    Placed,
    ProviderEvent,
    ProviderUnavailable,
    WebhookRefused,
)
from central.payments.settlement_file import LONGEST


class MockUpi:
    """base_url without a slash at the end; credentials as the PSP was given them."""

    name = "mock_upi"

    def __init__(self, base_url: str, key_id: str, key_secret: str, webhook_secret: str, timeout_s: float = 5) -> None:
        self._base_url, self._timeout_s = base_url, timeout_s
        self._auth = (key_id, key_secret)
        self._webhook_secret = webhook_secret.encode()

    def place(self, order: Order, now: datetime) -> Placed:
        body = {
            "reference": order.reference,
            "amount_paise": order.amount_paise,
            "note": order.note,
            "return_url": order.return_url,
            "expires_s": max(30, round((order.expires_at - now).total_seconds())),
        }
        placed = self._ask("POST", "/v1/orders", body).json()
        return Placed(placed["id"], placed["intent"], placed["page_url"])

    def collect(self, order_ref: str, payer: str) -> None:
        answer = self._ask("POST", f"/v1/orders/{order_ref}/collect", {"vpa": payer}, may_refuse=True)
        if not answer.ok:
            raise CollectRefused(f"payment provider refused to ask: {answer.status_code}")

    def events(self, order_ref: str) -> list[ProviderEvent]:
        order = self._ask("GET", f"/v1/orders/{order_ref}").json()
        return [_event(order, payment, json.dumps(payment)) for payment in order["payments"]]

    def refund(self, reference: str, payment_ref: str, amount_paise: int) -> str:
        body = {"reference": reference, "payment_id": payment_ref, "amount_paise": amount_paise}
        return self._ask("POST", "/v1/refunds", body).json()["id"]

    def settlement(self, day: date) -> bytes:
        raw = self._ask("GET", f"/v1/settlements/{day.isoformat()}").content
        if len(raw) > LONGEST:
            raise ProviderUnavailable(f"payment provider sent {len(raw)} bytes for {day}: expected at most {LONGEST}")
        return raw

    def webhook(self, raw: bytes, signature: str) -> ProviderEvent:
        if not hmac.compare_digest(sign(self._webhook_secret, raw).encode(), signature.encode()):
            raise WebhookRefused("webhook: the signature does not fit the body")
        try:
            body = json.loads(raw)
            return _event(body["order"], body["payment"], raw.decode())
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise WebhookRefused(f"webhook: expected an order and a payment ({error!r})") from error

    def _ask(self, method: str, path: str, body: dict | None = None, *, may_refuse: bool = False) -> requests.Response:
        """may_refuse: an answer that says no is one, and not an outage."""
        try:
            answer = requests.request(
                method,
                self._base_url + path,
                json=body,
                auth=self._auth,
                timeout=self._timeout_s,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise ProviderUnavailable(f"payment provider at {self._base_url}: {type(error).__name__}") from error
        if not answer.ok and not (may_refuse and answer.status_code in (403, 409, 410, 422)):
            said = f"{answer.status_code}: {answer.text[:200]}"
            kind = NotThereYet if answer.status_code == 404 else ProviderUnavailable
            raise kind(f"payment provider answered {method} {path} with {said}")
        return answer


def _event(order: dict, payment: dict, raw: str) -> ProviderEvent:
    if payment["status"] not in STATUSES:
        raise ValueError(f"payment status {payment['status']!r}: expected one of {', '.join(STATUSES)}")
    return ProviderEvent(
        event_id=f"{payment['id']}:{payment['status']}",
        reference=order["reference"],
        payment_ref=payment["id"],
        status=payment["status"],
        code=payment["code"],
        amount_paise=order["amount_paise"],
        payer=payment["vpa"],
        at=datetime.fromtimestamp(payment["at"], UTC),
        raw=raw,
    )
