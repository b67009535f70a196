"""Pages of a driver without an account: the stay behind a ticket, paying for it, and the receipt. No JavaScript."""

from __future__ import annotations

import logging
from datetime import timedelta

import segno
from flask import Blueprint, abort, redirect, render_template, request, url_for
from markupsafe import Markup

from central.actions import guest, linking
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.payments import service
from central.payments.provider import ProviderUnavailable
from central.web.limits import limiter
from central.web.office import Office, office

driver = Blueprint("driver", __name__)
log = logging.getLogger(__name__)

NO_SUCH_TICKET = "This ticket code or link is not one of ours. Look at it again, or ask the attendant."
TICKET_TRIES = "10 per minute"


@driver.get("/ticket")
@limiter.limit("60 per minute")
def enter_ticket():
    return render_template("driver/ticket.html", problem=None)


@driver.post("/ticket")
@limiter.limit(TICKET_TRIES)
def open_ticket():
    ticket = linking.normal_ticket(request.form.get("ticket", ""))
    with office().database.read() as session:
        known = linking.stay_with_ticket(session, ticket) is not None
    if not known:
        return render_template("driver/ticket.html", problem=NO_SUCH_TICKET), 404
    return redirect(url_for("driver.stay", ticket=ticket), 303)


@driver.get("/t/<ticket>")
@limiter.limit("120 per minute")
def stay(ticket: str):
    """A ticket leads to its pay page, which knows the stay by a token of its own."""
    with office().database.read() as session:
        row = linking.stay_with_ticket(session, ticket)
    if row is None:
        # shown on the entry's display before the vehicle has passed: then its stay begins in a moment
        return render_template("driver/not_yet.html"), 404
    return redirect(url_for("driver.pay", token=office().links.pay_token(row.id)), 303)


@driver.get("/p/<token>")
def pay(token: str):
    stay_id = _stay_of(token)
    _hear_provider(office(), stay_id)
    return _page(token, stay_id)


@driver.post("/p/<token>/pay")
def begin_payment(token: str):
    """Holds the price and opens a payment; the driver lands on the page with the UPI code."""
    desk = office()
    stay_id = _stay_of(token)
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
        return redirect(url_for("driver.pay", token=token), 303)
    except ProviderUnavailable:
        problem = "The payment service does not answer. No money was taken. Try again in a moment."
        return _page(token, stay_id, problem), 503
    return redirect(url_for("driver.upi", token=token), 303)


@driver.get("/p/<token>/upi")
def upi(token: str):
    """The UPI code of the payment that was begun; it renews itself until the bank has answered."""
    desk = office()
    stay_id = _stay_of(token)
    _hear_provider(desk, stay_id)
    now = desk.now()
    with desk.database.read() as session:
        bill = guest.bill(session, stay_id, now)
        offer = service.current_offer(session, bill.due_id, now) if bill.due_id else None
    if offer is None:
        return redirect(url_for("driver.pay", token=token), 303)
    code = Markup(segno.make_qr(offer.intent, error="m").svg_inline(scale=5, border=2, omitsize=True, svgclass="qr"))
    return render_template("driver/upi.html", bill=bill, token=token, offer=offer, code=code, now=now)


@driver.post("/p/<token>/ticket")
@limiter.limit(TICKET_TRIES)
def link_ticket(token: str):
    """An exit that fitted no entry becomes the stay of the driver's ticket."""
    desk = office()
    stay_id = _stay_of(token)
    try:
        with desk.database.begin() as session:
            linking.link_unmatched(session, stay_id, request.form.get("ticket", ""), desk.now())
    except Refused as error:
        return _page(token, stay_id, str(error)), 422
    return redirect(url_for("driver.pay", token=token), 303)


@driver.get("/p/<token>/receipt/<receipt_id>")
def receipt(token: str, receipt_id: str):
    with office().database.read() as session:
        found = guest.receipt_of(session, _stay_of(token), receipt_id)
    if found is None:
        abort(404, "There is no such receipt.")
    paid, row, site = found
    return render_template(
        "driver/receipt.html", receipt=paid, lines=lines_from_json(paid.lines), stay=row, site=site, token=token
    )


def _stay_of(token: str) -> str:
    stay_id = office().links.stay_of(token)
    if stay_id is None:
        abort(404, NO_SUCH_TICKET)
    return stay_id


def _page(token: str, stay_id: str, problem: str | None = None) -> str:
    desk = office()
    now = desk.now()
    with desk.database.read() as session:
        bill = guest.bill(session, stay_id, now)
    return render_template("driver/pay.html", bill=bill, token=token, now=now, problem=problem)


def _hear_provider(desk: Office, stay_id: str) -> None:
    """A driver who comes back from paying should not wait for the webhook: the provider is asked, when it answers."""
    with desk.database.read() as session:
        bill = guest.bill(session, stay_id, desk.now())
    if bill.attempt_id is None or bill.attempt not in service.OPEN_ENDED:
        return
    try:
        service.poll_attempt(desk.database, desk.provider, bill.attempt_id, desk.now())
    except ProviderUnavailable:
        log.warning("the payment provider did not answer a poll of attempt %s", bill.attempt_id)
