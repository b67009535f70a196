"""Idempotency keys: the same request sent twice is done once, and a key is never for two different things."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from central.actions.errors import Refused
from central.actions.records import lock_site
from central.store.once import insert_once
from central.store.schema import KeptAnswer


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its key. before: the id of what came of it, where it was done already."""

    key: str | None
    body: str
    before: str | None

    def done(self, session: Session, result: str, now: datetime) -> None:
        """Keeps what came of it, in the transaction that did it."""
        if self.key is None:
            return
        row = {"key": self.key, "body": self.body, "result": result, "at": now}
        if not insert_once(session, KeptAnswer, row):
            # of another site, in this very moment: holding one site does not hold them apart
            raise Refused(f"409 key {self.key!r}: another request with it is being done")


def request(session: Session, what: str, key: str | None, /, **body: Any) -> Request:
    """What is known of a request; nothing where it has no key. Whoever asks holds the site.

    Refused, beginning with "409", where the key was used for something else.
    """
    if key is None:
        return Request(None, "", None)
    if not 8 <= len(key) <= 80 or not key.isprintable():
        raise Refused(f"key {key[:80]!r}: expected 8 to 80 printable characters")
    asked = hashlib.sha256(json.dumps([what, body], sort_keys=True, default=str).encode()).hexdigest()
    known = session.get(KeptAnswer, key)
    if known is not None and known.body != asked:
        raise Refused(f"409 key {key!r} was used for another request: use a new one")
    return Request(key, asked, None if known is None else known.result)


def once(
    session: Session, site_id: str, what: str, key: str | None, now: datetime, do: Callable[[], str], /, **body: Any
) -> str:
    """The id of what `do` made, or of what came of the same request before, which is then not done again."""
    lock_site(session, site_id)
    asked = request(session, what, key, **body)
    if asked.before is not None:
        return asked.before
    result = do()
    asked.done(session, result, now)
    return result
