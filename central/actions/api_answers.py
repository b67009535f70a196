"""Idempotency keys of the REST API: a request is done once, and sent again gets the very answer it got."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from central.actions.errors import Refused
from central.store.once import insert_once
from central.store.schema import ApiAnswer

KEPT = timedelta(days=7)


class KeyConflict(Refused):
    """The key belongs to another request."""


def fingerprint(method: str, path: str, body: Any) -> str:
    """What tells one request from another."""
    return hashlib.sha256(json.dumps([method, path, body], sort_keys=True).encode()).hexdigest()


def begin(session: Session, token_id: str, key: str, body: str, now: datetime) -> ApiAnswer | None:
    """The answer that was given to this request, or None: then it is to be done, and `keep` called before the commit.

    Whoever sends the same at the same moment waits here until it is done. body: the request's fingerprint.
    KeyConflict where the key was used for another request.
    """
    row = {"token_id": token_id, "key": key, "body": body, "status": 0, "answer": "", "at": now}
    return None if insert_once(session, ApiAnswer, row) else known(session, token_id, key, body)


def known(session: Session, token_id: str, key: str, body: str) -> ApiAnswer | None:
    """The answer that was given to this request, None where there is none. KeyConflict as `begin`."""
    found = session.get(ApiAnswer, (token_id, key), populate_existing=True)
    if found is not None and found.body != body:
        raise KeyConflict(f"Idempotency-Key {key!r} was used for another request: use a new one")
    return found


def keep(session: Session, token_id: str, key: str, status: int, answer: str) -> None:
    """What was answered, in the transaction that did it."""
    row = session.get_one(ApiAnswer, (token_id, key))
    row.status, row.answer = status, answer


def forget(session: Session, now: datetime) -> None:
    session.execute(delete(ApiAnswer).where(ApiAnswer.at < now - KEPT))
