"""Links in and around messages: the page each one is about, and where its recipient chooses what to be told.

/told/TOKEN chooses, and can be forwarded with a message without giving more away; /told/TOKEN/inbox reads all messages
of an account, and its token is only on the pages of whoever has the account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from central.actions.recipients import ACCOUNT, GUEST, NOTICE, USER
from central.links import Links

_KINDS = (ACCOUNT, GUEST, NOTICE, USER)


class Doors(Links):
    """Makes these links, and takes their tokens apart."""

    @classmethod
    def beside(cls, links: Links) -> Doors:
        return cls(links.public_url, links.key)

    def choose_token(self, ref: str) -> str | None:
        """Of a recipient; None for one that has nothing to choose, or is only an address."""
        return self._of(b"told", ref)

    def chooser(self, token: str) -> str | None:
        """The recipient whose choices a token opens; None when we never made it."""
        return self._ref(b"told", token)

    def inbox_token(self, ref: str) -> str | None:
        return self._of(b"inbox", ref)

    def reader(self, token: str) -> str | None:
        """The recipient whose inbox a token opens; None when we never made it."""
        return self._ref(b"inbox", token)

    def choose(self, ref: str) -> str:
        token = self.choose_token(ref)
        return "" if token is None else f"{self.public_url}/told/{token}"

    def stop(self, ref: str) -> str:
        """Where a mail program unsubscribes with one click."""
        return f"{self.choose(ref)}/stop" if self.choose_token(ref) else ""

    def push_topic(self, ref: str) -> str:
        """The name under which its messages are pushed: whoever knows it gets them, so nobody can guess it."""
        return hashlib.sha256(b"push\n" + self.key + ref.encode()).hexdigest()[:32]

    @property
    def domain(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"

    def about(self, facts: Mapping[str, Any]) -> str:
        """The page a message is about, "" for none."""
        url = self.public_url
        match facts:
            case {"url": str(given)}:
                return given
            case {"violation": violation}:
                return self.notice(violation)
            case {"stay": stay, "receipt": receipt}:
                return f"{self.pay(stay)}/receipt/{receipt}"
            case {"stay": stay}:
                return self.pay(stay)
            case {"pass": sold, "receipt": _}:
                return f"{url}/pass/{self.pass_token(sold)}/receipt"
            case {"pass": sold}:
                return f"{url}/pass/{self.pass_token(sold)}"
            case {"account": account}:
                return f"{url}/wallet/{self.wallet_token(account)}"
            case {"gate": _}:
                return f"{url}/lanes"
            case {"day": day}:
                return f"{url}/money?day={day}"
        return ""

    def _of(self, opens: bytes, ref: str) -> str | None:
        kind, _, name = ref.partition("/")
        return self._token(opens + kind.encode(), name) if kind in _KINDS else None

    def _ref(self, opens: bytes, token: str) -> str | None:
        for kind in _KINDS:
            name = self._id(opens + kind.encode(), token)
            if name is not None:
                return f"{kind}/{name}"
        return None
