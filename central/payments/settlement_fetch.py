"""Fetches the provider's settlement files, each morning that of the day before, until it is there."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from central.actions import settlement_days as days
from central.actions.errors import Refused
from central.actions.settlement_days import State
from central.payments import settlement
from central.payments.provider import NotThereYet, PaymentProvider, ProviderUnavailable
from central.payments.settlement_file import SettlementRefused, is_empty
from central.store.database import Database

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=30)
#: the kind of the standing job
FETCH = "fetch_settlements"
BY = "central"


def fetch(database: Database, provider: PaymentProvider, now: datetime) -> timedelta:
    """Asks for every day's file that is not there yet, and takes in what comes; how long until the next time.

    A provider that can't be reached is asked again then: nothing else waits for it.
    """
    with database.begin() as session:
        wanted = [(row.day, row.site_id) for row in days.to_ask(session, provider.name, now)]
    for day, site_id in wanted:
        try:
            state = _take(database, provider, day, site_id, now)
        except (ProviderUnavailable, SettlementRefused, Refused) as error:
            log.info("settlement file of %s: %s", day, error)
            with database.begin() as session:
                days.asked(session, provider.name, day, now, str(error))
            if isinstance(error, ProviderUnavailable) and not isinstance(error, NotThereYet):
                break  # it answers nothing now: the other days wait too
        else:
            with database.begin() as session:
                days.done(session, provider.name, day, now, state)
    return EVERY


def _take(database: Database, provider: PaymentProvider, day: str, site_id: str, now: datetime) -> State:
    raw = provider.settlement(date.fromisoformat(day))
    if is_empty(raw):
        settlement.look_for_missing(database, provider.name, date.fromisoformat(day), site_id, now)
        return State.EMPTY
    settlement.take_in(database, provider.name, raw, site_id, now, by=BY, of_day=date.fromisoformat(day))
    return State.TAKEN
