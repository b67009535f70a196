"""The jobs process: takes work that is due, one row at a time, and does it. Any number may run beside one another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from central.actions import outbox, pass_sales, queue, upkeep, violation_watch
from central.payments import choose, service, standing
from central.payments.provider import PaymentProvider, ProviderUnavailable
from central.settings import Settings
from central.store.database import Database

log = logging.getLogger(__name__)

IDLE_S = 0.5
# a broker drops messages of a line that is too slow, or is overtaken by an older one: it must not stay so
REMIND_EVERY = timedelta(minutes=15)


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


def end_unmatched(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.read() as session:
        over = upkeep.given_up(session, now)
    for stay_id in over:
        with desk.db.begin() as session:
            upkeep.end_unmatched(session, stay_id, now)
    return timedelta(hours=1) if len(over) < upkeep.AT_ONCE else timedelta(0)


def remind_gates(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.begin() as session:
        outbox.republish_stays(session, now, closed_since=now - 4 * REMIND_EVERY)
    return REMIND_EVERY


def forget_old(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.begin() as session:
        upkeep.forget_old(session, now)
    return timedelta(hours=1)


def poll_attempt(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta | None:
    """Asks after a payment, for as long as a bank may still tell how it ended."""
    try:
        return service.poll_attempt(desk.db, desk.provider, payload["attempt_id"], now)
    except ProviderUnavailable as error:
        with desk.db.begin() as session:
            if not upkeep.lost_attempt(session, payload["attempt_id"], now):
                raise
        log.error("attempt %s is not asked after again: %s", payload["attempt_id"], error)
        return None


def refund(desk: Desk, payload: dict[str, Any], now: datetime) -> None:
    service.send_refund(desk.db, desk.provider, payload["refund_id"], now)


def unpaid_exit(desk: Desk, payload: dict[str, Any], now: datetime) -> None:
    with desk.db.begin() as session:
        violation_watch.unpaid(session, payload, now)


def end_overstayed(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    return standing.end_overstayed(desk.db, now)


def end_ghosts(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    return standing.end_ghosts(desk.db, now, desk.settings.stays.ghost_days)


def end_bookings(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    return standing.end_bookings(desk.db, now, desk.settings.stays.no_show_refund_percent)


def end_passes(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    """Passes whose time is over leave the list; of those about to run out, holders are to be told."""
    with desk.db.read() as session:
        over = pass_sales.over(session, now)
    for pass_id in over:
        with desk.db.begin() as session:
            pass_sales.lapse(session, pass_id, now)
    with desk.db.begin() as session:
        pass_sales.remind(session, now)
    return timedelta(minutes=5) if len(over) < pass_sales.AT_ONCE else timedelta(0)


KINDS: dict[str, Work] = {
    "expire_quotes": expire_quotes,
    "clear_closed": clear_closed,
    "end_unmatched": end_unmatched,
    "forget_old": forget_old,
    "remind_gates": remind_gates,
    "end_overstayed": end_overstayed,
    "end_ghosts": end_ghosts,
    "end_bookings": end_bookings,
    "end_passes": end_passes,
    violation_watch.UNPAID: unpaid_exit,
    service.POLL: poll_attempt,
    service.REFUND: refund,
}
# queued once, at the first start, and never over
STANDING = ("expire_quotes", "clear_closed", "end_unmatched", "forget_old", "remind_gates",
            "end_overstayed", "end_ghosts", "end_bookings", "end_passes")  # fmt: skip
# these wait for the payment provider, and nothing else shall wait for it
OF_THE_PROVIDER = (service.POLL, service.REFUND)


def run(settings: Settings, db: Database, stop: threading.Event) -> None:
    """Until `stop` is set. A bug ends the process loudly; its job is taken up again when the claim has run out."""
    desk = Desk(db, settings, choose.provider(settings))
    queue_standing(db, datetime.now(UTC))
    with ThreadPoolExecutor(2, thread_name_prefix="jobs") as loops:
        running = [
            loops.submit(_work, desk, stop, only=OF_THE_PROVIDER),
            loops.submit(_work, desk, stop, but=OF_THE_PROVIDER),
        ]
        wait(running, return_when=FIRST_COMPLETED)
        stop.set()
    for loop in running:
        loop.result()


def _work(desk: Desk, stop: threading.Event, **kinds: Collection[str]) -> None:
    while not stop.is_set():
        if not run_one(desk, datetime.now(UTC), **kinds):
            stop.wait(IDLE_S)


def queue_standing(db: Database, now: datetime) -> None:
    with db.begin() as session:
        for kind in STANDING:
            queue.enqueue(session, kind, kind, {}, now)


def run_one(desk: Desk, now: datetime, *, only: Collection[str] = (), but: Collection[str] = ()) -> bool:
    """Does the next job whose time has come, of these kinds; False when there is none."""
    with desk.db.begin() as session:
        job = queue.claim(session, now, only=only, but=but)
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
