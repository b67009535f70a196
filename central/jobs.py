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

from central import webhooks
from central.actions import (
    api_answers,
    audit_chain,
    corporate_invoices,
    corporate_standing,
    day_figures,
    erasure,
    news_due,
    outbox,
    pass_sales,
    people_codes,
    queue,
    retention,
    sessions,
    upkeep,
    violation_watch,
    webhooks_out,
)
from central.links import Links
from central.notifications import sender
from central.notifications.channels import Channels
from central.payments import choose, service, settlement_fetch, standing
from central.payments.provider import PaymentProvider, ProviderUnavailable
from central.settings import Settings
from central.store.database import Database

log = logging.getLogger(__name__)

IDLE_S = 0.5
SEND = "send_notifications"
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


def fetch_settlements(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    return settlement_fetch.fetch(desk.db, desk.provider, now)


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


def erase_people(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    """Drivers who asked for it, once nothing stands in the way; of everybody, codes and log-ins that are long over."""
    with desk.db.begin() as session:
        people_codes.forget_old(session, now)
        sessions.forget_old(session, now)
    with desk.db.read() as session:
        asked = erasure.asked_for(session)
    for user_id in asked:
        with desk.db.begin() as session:
            erasure.erase(session, user_id, now, desk.settings.images)
    return timedelta(hours=1)


def keep_figures(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    """How full each site is; and figures of what an earlier version of this program has filled."""
    with desk.db.read() as session:
        never = day_figures.never_counted(session)
    for site_id in never:
        with desk.db.begin() as session:
            day_figures.rebuild(session, site_id, now)
    with desk.db.begin() as session:
        day_figures.sample_occupancy(session, now)
    return day_figures.slot(now) + day_figures.SAMPLE_EVERY - now


def link_audit(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    """Links what the audit log has got since; once a day the chain's end is written down where no database has it."""
    with desk.db.begin() as session:
        linked = audit_chain.link_new(session)
    with desk.db.read() as session:
        head = audit_chain.write_head(session, desk.settings.data_dir, now.date().isoformat(), now)
    if head is not None:
        log.info("audit log: row %s of its chain has the hash %s", *head)
    return timedelta(seconds=5) if linked < audit_chain.AT_ONCE else timedelta(0)


def check_audit(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.read() as session:
        found = audit_chain.check(session, desk.settings.data_dir)
    with desk.db.begin() as session:
        audit_chain.note_check(session, found, now, "central")
    if found.broken is not None:
        log.error("the audit log is not sound: %s at row %s of its chain", found.broken.kind, found.broken.position)
    return timedelta(days=1)


def erase_old(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    """One batch of each class of data whose time is over."""
    full = False
    for kind in retention.Kind:
        with desk.db.begin() as session:
            full = retention.run(session, kind, desk.settings, now) == retention.AT_ONCE or full
    return timedelta(seconds=1) if full else timedelta(hours=1)


def sweep_files(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.read() as session:
        gone = retention.sweep_orphans(session, desk.settings.images, now)
    with desk.db.begin() as session:
        retention.note_orphans(session, gone, now)
    return timedelta(days=1)


def tell_in_time(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    """What is told because time has passed."""
    after: str | None = ""
    while after is not None:
        with desk.db.begin() as session:
            after = news_due.expiring(session, now, after)
    with desk.db.begin() as session:
        news_due.passes(session, now)
        news_due.reports(session, now)
    return timedelta(minutes=1)


def send_notifications(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    ours = desk.settings.notifications
    sent = sender.send_due(desk.db, Channels.of(ours), Links.of(desk.settings), ours.most_tries, now)
    return timedelta(seconds=1) if sent < sender.AT_ONCE else timedelta(0)


def bill_firms(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    """The monthly invoices of firms whose day has come; who is overdue for too long is suspended."""
    after_days = desk.settings.corporate.suspend_after_days
    with desk.db.read() as session:
        waiting, late = corporate_invoices.waiting(session, now), corporate_standing.late(session, now, after_days)
    for account_id in waiting:
        with desk.db.begin() as session:
            corporate_invoices.make_due(session, account_id, now)
    for account_id in late:
        with desk.db.begin() as session:
            corporate_standing.suspend_late(session, account_id, now, after_days)
    return timedelta(hours=1)


def send_webhooks(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    return webhooks.send_due(desk.db, desk.settings, now)


def forget_api(desk: Desk, payload: dict[str, Any], now: datetime) -> timedelta:
    with desk.db.begin() as session:
        api_answers.forget(session, now)
        webhooks_out.forget(session, now)
    return timedelta(hours=1)


KINDS: dict[str, Work] = {
    "send_webhooks": send_webhooks,
    "forget_api": forget_api,
    "bill_firms": bill_firms,
    "link_audit": link_audit,
    "check_audit": check_audit,
    "erase_old": erase_old,
    "sweep_files": sweep_files,
    "keep_figures": keep_figures,
    "expire_quotes": expire_quotes,
    "clear_closed": clear_closed,
    "end_unmatched": end_unmatched,
    "forget_old": forget_old,
    "remind_gates": remind_gates,
    "end_overstayed": end_overstayed,
    "end_ghosts": end_ghosts,
    "end_bookings": end_bookings,
    "end_passes": end_passes,
    "erase_people": erase_people,
    "tell_in_time": tell_in_time,
    SEND: send_notifications,
    violation_watch.UNPAID: unpaid_exit,
    service.POLL: poll_attempt,
    service.REFUND: refund,
    settlement_fetch.FETCH: fetch_settlements,
}
# queued once, at the first start, and never over
STANDING = ("send_webhooks", "forget_api", "bill_firms", "link_audit", "check_audit", "erase_old", "sweep_files",
            "keep_figures", "expire_quotes", "clear_closed", "end_unmatched", "forget_old", "remind_gates",
            "end_overstayed", "end_ghosts", "end_bookings", "end_passes", "erase_people", "tell_in_time", SEND,
            settlement_fetch.FETCH)  # fmt: skip
# these wait for the payment provider, and nothing else shall wait for it
OF_THE_PROVIDER = (service.POLL, service.REFUND, settlement_fetch.FETCH)
# these wait for mail servers and the like
OF_THE_POST = (SEND,)
# these wait for other people's programs
OF_THE_HOOKS = ("send_webhooks",)


def run(settings: Settings, db: Database, stop: threading.Event) -> None:
    """Until `stop` is set. A bug ends the process loudly; its job is taken up again when the claim has run out."""
    desk = Desk(db, settings, choose.provider(settings))
    Channels.of(settings.notifications)  # what is wrong with an address is said at once, not at the first message
    queue_standing(db, datetime.now(UTC))
    with ThreadPoolExecutor(4, thread_name_prefix="jobs") as loops:
        running = [
            loops.submit(_work, desk, stop, only=OF_THE_PROVIDER),
            loops.submit(_work, desk, stop, only=OF_THE_POST),
            loops.submit(_work, desk, stop, only=OF_THE_HOOKS),
            loops.submit(_work, desk, stop, but=(*OF_THE_PROVIDER, *OF_THE_POST, *OF_THE_HOOKS)),
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
