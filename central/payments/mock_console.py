"""Commands to the mock provider over its own HTTP: a payer's answer, an outage. A real one has nothing of the kind."""

from __future__ import annotations

from typing import Any

import requests

from central.payments.provider import ProviderUnavailable

# what the part before the @ makes of a payment, by the words of `mock_psp.behaviour`
PAYERS = ("success", "failure", "pin", "poor", "unknown", "late")
TROUBLES = ("none", "down", "slow")
_REFUSED = {
    404: "it has no such order",
    409: "this order is paid, or a payment of it is pending",
    410: "this order has expired",
    422: "it does not take this answer",
    503: "it is out of order, as commanded",
}


class MockConsole:
    """base_url without a slash at the end; credentials as the provider was given them."""

    def __init__(self, base_url: str, key_id: str, key_secret: str, timeout_s: float = 5) -> None:
        self._base_url, self._auth, self._timeout_s = base_url, (key_id, key_secret), timeout_s

    def order(self, order_ref: str) -> dict[str, Any]:
        """An order with its payments, as the provider's books have it."""
        return self._ask("GET", f"/v1/orders/{order_ref}").json()

    def answer(self, order_ref: str, payer: str, *, approve: bool) -> None:
        """Answers as that payer's app would, on the provider's page."""
        form = {"vpa": f"{payer}@mock", "action": "approve" if approve else "decline"}
        self._ask("POST", f"/pay/{order_ref}", data=form)

    def trouble(self, kind: str, for_s: int, delay_s: int) -> None:
        """From now on, for so long: "down" refuses everything, "slow" answers after the delay, "none" is well again."""
        self._ask("POST", "/v1/trouble", json={"kind": kind, "for_s": for_s, "delay_s": delay_s})

    def _ask(self, method: str, path: str, **body: Any) -> requests.Response:
        try:
            answer = requests.request(
                method, self._base_url + path, auth=self._auth, timeout=self._timeout_s, allow_redirects=False, **body
            )
        except requests.RequestException as error:
            raise ProviderUnavailable(f"the mock provider does not answer ({type(error).__name__})") from error
        if answer.status_code >= 400:
            said = _REFUSED.get(answer.status_code, f"it answered {answer.status_code}")
            raise ProviderUnavailable(f"the mock provider refuses: {said}")
        return answer
