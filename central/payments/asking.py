"""A payer's own UPI app is asked for the money (collect), only ever because that payer has pressed for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from central.payments import service
from central.payments.provider import PaymentProvider
from central.rules.upi import masked
from central.store.database import Database
from central.store.schema import Attempt


def ask_in_app(
    database: Database,
    provider: PaymentProvider,
    due_id: str,
    upi_id: str,
    return_url: str,
    keep_open: timedelta,
    now: datetime,
) -> service.Offer:
    """An open attempt at a due's amount, asked for in the app of that UPI ID; it can be paid by code and link as ever.

    CollectRefused where the provider does not ask: the attempt is open all the same. What `service.start_attempt`
    raises. Pressing again asks again only where nobody has been asked.
    """
    offer = service.start_attempt(database, provider, due_id, return_url, keep_open, now)
    if offer.asked:
        return offer
    with database.read() as session:
        order_ref = session.get_one(Attempt, offer.attempt_id).provider_ref
    provider.collect(order_ref, upi_id)
    with database.begin() as session:
        attempt = session.get_one(Attempt, offer.attempt_id, with_for_update=True)
        attempt.asked_upi = masked(upi_id)
    with database.read() as session:
        return service.current_offer(session, due_id, now) or offer
