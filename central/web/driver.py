"""Pages of a driver without an account: the stay behind a ticket, paying for it, and the receipt. No JavaScript."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from central.actions import guest, linking, recipients
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.actions.records import look_up
from central.payments import service
from central.payments.provider import ProviderUnavailable
from central.store.reads import people, violations
from central.store.reads.corrections import booking_of
from central.web import account, news, qr_code
from central.web.limits import limiter, only_failures
from central.web.moments import span
from central.web.office import Office, office

driver = Blueprint("driver", __name__)
log = logging.getLogger(__name__)

NO_SUCH_TICKET = _l("This ticket code or link is not one of ours. Look at it again, or ask the attendant.")
# a bank that is silent for so long may stay so: then the driver may try another way, and is not trapped
SILENCE_ENDS = timedelta(minutes=2)

# only codes that were not one of ours are counted: a car park's visitors may share one address
guesses = limiter.shared_limit("20 per minute; 200 per hour", scope="ticket codes", deduct_when=only_failures)


@driver.get("/ticket")
def enter_ticket():
    return render_template("driver/ticket.html")


@driver.post("/ticket")
@guesses
def open_ticket():
    ticket = linking.normal_ticket(request.form.get("ticket", ""))
    with office().database.read() as session:
        known = linking.stay_with_ticket(session, ticket) is not None
    if not known:
        return render_template("driver/ticket.html", problem=NO_SUCH_TICKET, wrong_field="ticket"), 404
    return redirect(url_for("driver.stay", ticket=ticket), 303)


@driver.get("/t/<ticket>")
def stay(ticket: str):
    """A ticket leads to its pay page, which knows the stay by a token of its own."""
    with office().database.read() as session:
        row = linking.stay_with_ticket(session, ticket)
    if row is None:
        # shown on the entry's display before the vehicle has passed: then its stay begins in a moment
        return render_template("driver/not_yet.html"), 404
    return redirect(url_for("driver.pay", token=office().links.pay_token(row.id)), 303)


@driver.get("/help")
def help():
    """What drivers ask most, in plain words."""
    return render_template("driver/help.html")


@driver.get("/p/<token>")
def pay(token: str):
    return _page(token, _heard(office(), stay_of_token(token)))


@driver.post("/p/<token>/pay")
def begin_payment(token: str):
    """Holds the price and opens a payment; the driver lands on the page with the UPI code."""
    desk = office()
    stay_id = stay_of_token(token)
    now = desk.now()
    with desk.database.begin() as session:
        due = guest.ask_price(session, stay_id, now)
    if due is None:
        return redirect(url_for("driver.pay", token=token), 303)
    back = f"{desk.settings.public_url}{url_for('driver.pay', token=token)}"
    keep_open = timedelta(minutes=desk.settings.payments.attempt_minutes)
    try:
        service.start_attempt(desk.database, desk.provider, due.id, back, keep_open, now)
    except Refused:
        # paid in this very moment: the page says so
        return redirect(url_for("driver.pay", token=token), 303)
    except ProviderUnavailable:
        log.warning("the payment provider took no order for due %s", due.id)
        problem = _("The payment service does not answer. No money was taken. Try again in a moment.")
        return _page(token, _bill(desk, stay_id), problem), 503
    return redirect(url_for("driver.upi", token=token), 303)


@driver.get("/p/<token>/upi")
def upi(token: str):
    """The UPI code of the payment that was begun; it renews itself until the bank has answered."""
    desk = office()
    bill = _heard(desk, stay_of_token(token))
    with desk.database.read() as session:
        offer = service.current_offer(session, bill.due_id, desk.now()) if bill.due_id else None
    if offer is None:
        return redirect(url_for("driver.pay", token=token), 303)
    return news.unless_known(
        (bill, offer),
        lambda: render_template(
            "driver/upi.html", bill=bill, token=token, offer=offer, code=qr_code.drawn(offer.intent)
        ),
    )


@driver.post("/p/<token>/ticket")
@guesses
def link_ticket(token: str):
    """An exit that fitted no entry becomes the stay of the driver's ticket."""
    desk = office()
    stay_id = stay_of_token(token)
    try:
        with desk.database.begin() as session:
            linking.link_unmatched(session, stay_id, request.form.get("ticket", ""), desk.now())
    except Refused as error:
        return _page(token, _bill(desk, stay_id), str(error), "ticket"), 422
    return redirect(url_for("driver.pay", token=token), 303)


@driver.get("/p/<token>/receipt/<receipt_id>")
def receipt(token: str, receipt_id: str):
    with office().database.read() as session:
        found = guest.receipt_of(session, stay_of_token(token), receipt_id)
    if found is None:
        abort(404, _("There is no such receipt."))
    paid, row, site = found
    return render_template(
        "driver/receipt.html", receipt=paid, lines=lines_from_json(paid.lines), stay=row, site=site, token=token
    )


def stay_of_token(token: str) -> str:
    """The stay a pay token is for; a 404 for one we never made, and for one whose stay is gone."""
    stay_id = office().links.stay_of(token)
    if stay_id is not None:
        with office().database.read() as session:
            if guest.known(session, stay_id):
                return stay_id
    abort(404, NO_SUCH_TICKET)


def _page(token: str, bill: guest.Bill, problem: str | None = None, wrong_field: str = "") -> Response:
    desk = office()
    now = desk.now()
    with desk.database.read() as session:
        beside = _beside(session, bill.stay_id)
    silent = bill.waiting and bill.attempt_at is not None and now - bill.attempt_at > SILENCE_ENDS
    shown = {"problem": problem, "wrong_field": wrong_field, "silent": silent}
    return news.unless_known(
        (bill, beside, silent, of_the_time(bill, now)),
        lambda: render_template("driver/pay.html", bill=bill, token=token, now=now, **shown),
    )


def of_the_time(bill: guest.Bill, now: datetime) -> tuple[bool, str, str]:
    """What a page says of a bill that is another with the time alone."""
    left = span(bill.permit_until - now) if bill.permit_until else ""
    parked = bill.parked_for(now)
    return bill.permitted(now), left, span(parked) if parked is not None else ""


def _beside(session: Session, stay_id: str) -> tuple[Any, ...]:
    """What the parts of the page look up for themselves: `driver/ahead`, `notices_of`, `guest_link` and `me/keep`."""
    user = account.current()
    return (
        look_up(session, stay_id),
        booking_of(session, stay_id),
        violations.of_stay(session, stay_id),
        recipients.contact_of(session, stay_id),
        people.claims_of(session, user.id) if user else None,
    )


def _bill(desk: Office, stay_id: str) -> guest.Bill:
    with desk.database.read() as session:
        return guest.bill(session, stay_id, desk.now())


def _heard(desk: Office, stay_id: str) -> guest.Bill:
    """The bill. Who comes back from paying should not wait for the webhook: the provider is asked, when it answers."""
    bill = _bill(desk, stay_id)
    if bill.attempt_id is None or bill.attempt not in service.OPEN_ENDED or not desk.polls.may(bill.attempt_id):
        return bill
    try:
        service.poll_attempt(desk.database, desk.provider, bill.attempt_id, desk.now())
    except ProviderUnavailable:
        log.warning("the payment provider did not answer a poll of attempt %s", bill.attempt_id)
        return bill
    return _bill(desk, stay_id)
