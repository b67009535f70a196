"""The two links of a stay: /t/TICKET, shown at its entry; /p/TOKEN, shown at an exit, which doesn't know the ticket."""

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
        raw = uuid.UUID(stay_id).bytes
        return base64.urlsafe_b64encode(raw + self._code(raw)).decode().rstrip("=")

    def stay_of(self, pay_token: str) -> str | None:
        """The id of the stay a pay token is for; None when we never made it."""
        try:
            raw = base64.urlsafe_b64decode(pay_token + "=" * (-len(pay_token) % 4))
        except (binascii.Error, ValueError):
            return None
        stay, code = raw[:16], raw[16:]
        if len(stay) != 16 or not hmac.compare_digest(code, self._code(stay)):
            return None
        return str(uuid.UUID(bytes=stay))

    def _code(self, stay: bytes) -> bytes:
        return hmac.new(self.key, b"pay\n" + stay, hashlib.sha256).digest()[:_MAC_BYTES]
