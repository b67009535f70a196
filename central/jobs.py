"""The jobs process: takes work that is due, one row at a time, and does it. Any number may run beside one another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from central.actions import queue, upkeep
from central.payments import choose, service
from central.payments.provider import PaymentProvider, ProviderUnavailable
from central.settings import Settings
from central.store.database import Database

log = logging.getLogger(__name__)

IDLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Desk:
    """What a job works with."""

    db: Database
    settings: Settings
    provider: PaymentProvider


# does one job; returns how long until it is to be done again, None when it is over
Work = Callable[[Desk, dict[str, Any], datetime], timedelta | None]


def expire_quotes(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.read() as session:
        over = upkeep.expired_quotes(session, now)
    for due_id in over:
        with desk.db.begin() as session:
            upkeep.expire_quote(session, due_id, now)
    return timedelta(seconds=5)


def clear_closed(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.begin() as session:
        cleared = upkeep.clear_closed(session, now, timedelta(days=desk.settings.stays.keep_closed_days))
    return timedelta(hours=1) if cleared < upkeep.AT_ONCE else timedelta(0)


def forget_old(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.begin() as session:
        upkeep.forget_old(session, now)
    return timedelta(hours=1)


def poll_attempt(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta | None:
    return service.poll_attempt(desk.db, desk.provider, payload["attempt_id"], now)


def refund(desk: Desk, payload: dict[str, Any], now: datetime) -> None:
    service.send_refund(desk.db, desk.provider, payload["refund_id"], now)


KINDS: dict[str, Work] = {
    "expire_quotes": expire_quotes,
    "clear_closed": clear_closed,
    "forget_old": forget_old,
    service.POLL: poll_attempt,
    service.REFUND: refund,
}
# queued once, at the first start, and never over
STANDING = ("expire_quotes", "clear_closed", "forget_old")


def run(settings: Settings, db: Database, stop: threading.Event) -> None:
    """Until `stop` is set. A bug ends the process loudly; its job is taken up again when the claim has run out."""
    desk = Desk(db, settings, choose.provider(settings))
    queue_standing(db, datetime.now(UTC))
    while not stop.is_set():
        if not run_one(desk, datetime.now(UTC)):
            stop.wait(IDLE_S)


def queue_standing(db: Database, now: datetime) -> None:
    with db.begin() as session:
        for kind in STANDING:
            queue.enqueue(session, kind, kind, {}, now)


def run_one(desk: Desk, now: datetime) -> bool:
    """Does the next job whose time has come; False when there is none."""
    with desk.db.begin() as session:
        job = queue.claim(session, now)
    if job is None:
        return False
    try:
        if job.kind not in KINDS:
            raise ValueError(f"job kind {job.kind!r}: expected one of {', '.join(KINDS)}")
        again = KINDS[job.kind](desk, job.payload, now)
    except (ProviderUnavailable, DBAPIError, OSError, ValueError) as error:
        log.warning("job %s: %s", job.kind, error)
        with desk.db.begin() as session:
            queue.fail(session, job, str(error), now)
    else:
        with desk.db.begin() as session:
            queue.finish(session, job, None if again is None else now + again)
    return True
