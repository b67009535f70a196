"""How the holder of a pass or a wallet pays on its pages: opening a payment, asking in the app, and the UPI code."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import saved_upi
from central.actions.billing import UNPAID
from central.actions.errors import Refused
from central.payments import service
from central.payments.asking import ask_in_app
from central.payments.provider import CollectRefused, ProviderUnavailable
from central.rules.upi import masked
from central.store.reads import accounts as reads
from central.store.schema import Attempt, Due
from central.web import news, qr_code
from central.web.office import office

log = logging.getLogger(__name__)

NO_SUCH_LINK = _l("This link is not one of ours. Look at it again, or ask the people who run the car park.")
SILENT = _l("The payment service does not answer. No money was taken. Try again in a moment.")


def account_of(token: str) -> reads.AccountDetail:
    """Whose wallet a link is of; a 404 for one we never made."""
    desk, found = office(), None
    account_id = desk.links.wallet_of(token)
    if account_id is not None:
        with desk.database.read() as session:
            found = reads.account(session, account_id)
    return found or abort(404, NO_SUCH_LINK)


def offered(account_id: str) -> str | None:
    """The saved UPI ID whose app may be asked, masked; None where there is none, or none is asked any more."""
    desk = office()
    if not desk.settings.payments.collect:
        return None
    with desk.database.read() as session:
        default = saved_upi.default_of(session, account_id)
    return None if default is None else masked(default.upi_id)


def pay(due_id: str, here: str, upi_page: str, page: Callable[[str], str]) -> Any:
    """Opens a payment of the due at the provider; its payer lands on the page with the UPI code."""
    desk = office()
    try:
        service.start_attempt(desk.database, desk.provider, due_id, *_to(here), desk.now())
    except Refused:
        return redirect(here, 303)  # paid in this very moment: the page says so
    except ProviderUnavailable:
        log.warning("the payment provider took no order for due %s", due_id)
        return page(str(SILENT)), 503
    return redirect(upi_page, 303)


def ask(due_id: str, account_id: str, here: str, upi_page: str, page: Callable[[str], str]) -> Any:
    """The holder has pressed: the app of the default UPI ID asks for the money. The code is there as ever."""
    desk = office()
    with desk.database.read() as session:
        default = saved_upi.default_of(session, account_id)
    if default is None or not desk.settings.payments.collect:
        return pay(due_id, here, upi_page, page)
    try:
        ask_in_app(desk.database, desk.provider, due_id, default.upi_id, *_to(here), desk.now())
    except Refused:
        return redirect(here, 303)
    except CollectRefused:
        said = _("%(upi)s can't be asked in its app. Nothing was taken: pay with the code, or open your app.",
                 upi=masked(default.upi_id))  # fmt: skip
        flash(said, "warning")
    except ProviderUnavailable:
        log.warning("the payment provider did not ask for due %s", due_id)
        return page(str(SILENT)), 503
    return redirect(upi_page, 303)


def upi(due_id: str, here: str, timezone: str) -> Any:
    """The page with the code; back to where it began once nothing is to be paid there."""
    with office().database.read() as session:
        payable = session.get_one(Due, due_id).state in UNPAID
        offer = service.current_offer(session, due_id, office().now()) if payable else None
    if offer is None:
        return redirect(here, 303)
    shown = {"offer": offer, "here": here, "zone": ZoneInfo(timezone)}
    return news.unless_known(
        shown, lambda: render_template("holder/upi.html", code=qr_code.drawn(offer.intent), **shown)
    )


def hear_provider(attempt: Attempt | None) -> None:
    """Who comes back from paying should not wait for the webhook: the provider is asked, when it answers."""
    desk = office()
    if attempt is None or attempt.state not in service.OPEN_ENDED or not desk.polls.may(attempt.id):
        return
    try:
        service.poll_attempt(desk.database, desk.provider, attempt.id, desk.now())
    except ProviderUnavailable:
        log.warning("the payment provider did not answer a poll of attempt %s", attempt.id)


def _to(here: str) -> tuple[str, timedelta]:
    """Where the provider leads back to, and how long a payment stays open."""
    settings = office().settings
    return f"{settings.public_url}{here}", timedelta(minutes=settings.payments.attempt_minutes)
