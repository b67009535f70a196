"""Delivers the PSP's webhooks, signed, until the merchant answers with 2xx."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
import time

import requests

from central.payments.mock_psp.orders import Books

SIGNATURE_HEADER = "X-PSP-Signature"
log = logging.getLogger(__name__)


def signature(secret: bytes, raw: bytes) -> str:
    """HMAC-SHA256 over the raw body, hex."""
    return hmac.new(secret, raw, hashlib.sha256).hexdigest()


class Courier(threading.Thread):
    """Takes webhooks from the books one by one; also lets late banks answer."""

    def __init__(self, books: Books, url: str, secret: bytes, pace_s: float = 0.1) -> None:
        super().__init__(name="psp-courier", daemon=True)
        self._books, self._url, self._secret, self._pace_s = books, url, secret, pace_s
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._books.settle_late(time.time())
            webhook = self._books.next_webhook(time.time())
            if webhook is None:
                self._stopping.wait(self._pace_s)
            elif self._deliver(webhook["body"].encode()):
                self._books.delivered(webhook["id"], time.time())
            else:
                self._books.retry_later(webhook, time.time())

    def stop(self) -> None:
        self._stopping.set()
        self.join(timeout=10)

    def _deliver(self, raw: bytes) -> bool:
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature(self._secret, raw)}
        try:
            answer = requests.post(self._url, data=raw, headers=headers, timeout=5, allow_redirects=False)
        except requests.RequestException as error:
            log.warning("webhook to %s not delivered: %s", self._url, type(error).__name__)
            return False
        if not answer.ok:
            log.warning("webhook to %s answered with status %s", self._url, answer.status_code)
        return answer.ok
