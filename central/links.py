"""Links that open one thing to whoever has them, with nothing stored.

Of a stay: /t/TICKET, shown at its entry; /p/TOKEN, shown at an exit, which doesn't know the ticket. Of a violation's
notice: /v/TOKEN. Of a parking pass: /pass/TOKEN. Of a wallet: /wallet/TOKEN. Of a firm: /firm/TOKEN,
of one of its invoices: /invoice/TOKEN.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from dataclasses import dataclass

from central import keys
from central.settings import Settings

_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links and takes pay tokens apart.

    public_url  without a slash at the end
    key         secret that pay tokens are signed with
    """

    public_url: str
    key: bytes

    @classmethod
    def of(cls, settings: Settings) -> Links:
        return cls(settings.public_url, keys.read(settings, keys.LINKS))

    def ticket(self, ticket: str) -> str:
        return f"{self.public_url}/t/{ticket}"

    def pay(self, stay_id: str) -> str:
        return f"{self.public_url}/p/{self.pay_token(stay_id)}"

    def pay_token(self, stay_id: str) -> str:
        """The stay's id and a 128-bit code only we can make: checked, and made again, with nothing stored."""
        return self._token(b"pay", stay_id)

    def stay_of(self, pay_token: str) -> str | None:
        """The id of the stay a pay token is for; None when we never made it."""
        return self._id(b"pay", pay_token)

    def notice(self, violation_id: str) -> str:
        return f"{self.public_url}/v/{self.notice_token(violation_id)}"

    def notice_token(self, violation_id: str) -> str:
        return self._token(b"notice", violation_id)

    def violation_of(self, notice_token: str) -> str | None:
        """The id of the violation a notice's token is for; None when we never made it."""
        return self._id(b"notice", notice_token)

    def pass_token(self, pass_id: str) -> str:
        return self._token(b"pass", pass_id)

    def pass_of(self, pass_token: str) -> str | None:
        """The id of the pass a token is for; None when we never made it."""
        return self._id(b"pass", pass_token)

    def wallet_token(self, account_id: str) -> str:
        return self._token(b"wallet", account_id)

    def wallet_of(self, wallet_token: str) -> str | None:
        """The id of the account a wallet's token is for; None when we never made it."""
        return self._id(b"wallet", wallet_token)

    def firm_token(self, account_id: str) -> str:
        return self._token(b"firm", account_id)

    def firm_of(self, firm_token: str) -> str | None:
        """The id of the account a firm's token is for; None when we never made it."""
        return self._id(b"firm", firm_token)

    def invoice_token(self, invoice_id: str) -> str:
        return self._token(b"invoice", invoice_id)

    def invoice_of(self, invoice_token: str) -> str | None:
        """The id of the firm's invoice a token is for; None when we never made it."""
        return self._id(b"invoice", invoice_token)

    def _token(self, opens: bytes, what: str) -> str:
        raw = uuid.UUID(what).bytes
        return base64.urlsafe_b64encode(raw + self._code(opens, raw)).decode().rstrip("=")

    def _id(self, opens: bytes, token: str) -> str | None:
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        what, code = raw[:16], raw[16:]
        if len(what) != 16 or not hmac.compare_digest(code, self._code(opens, what)):
            return None
        return str(uuid.UUID(bytes=what))

    def _code(self, opens: bytes, raw: bytes) -> bytes:
        return hmac.new(self.key, opens + b"\n" + raw, hashlib.sha256).digest()[:_MAC_BYTES]
