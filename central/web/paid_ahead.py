"""Pages of a driver: booking a stay ahead, paying for a wished length, and saying that something is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import disputes, guest, prepaid
from central.actions.corrections import DRIVER, Who
from central.actions.errors import Refused
from central.actions.records import look_up
from central.payments import service
from central.payments.provider import ProviderUnavailable
from central.store.reads import corrections as reads
from central.store.reads import sites
from central.store.reads.own_stays import booked_by
from central.store.schema import Booking, Stay
from central.web.account_paying import account_of
from central.web.correction_forms import local_time
from central.web.driver import NO_SUCH_TICKET
from central.web.limits import limiter
from central.web.office import office
from edge.protocol.messages import VehicleClass

paid_ahead = Blueprint("paid_ahead", __name__)
log = logging.getLogger(__name__)

BY_DRIVER = Who(DRIVER, DRIVER)
LENGTHS = tuple(timedelta(hours=hours) for hours in (1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168))


@paid_ahead.app_template_global("stay_of_driver")
def stay_of_driver(stay_id: str) -> tuple[Stay, Booking | None]:
    """The stay itself, and what was booked for it."""
    with office().database.read() as session:
        row = look_up(session, stay_id)
        return row, reads.booking_of(session, row.id)


@paid_ahead.app_template_global("length_of")
def length_of(booking: Booking) -> timedelta:
    return timedelta(minutes=booking.minutes)


@paid_ahead.app_template_global("lengths_ahead")
def lengths_ahead(row: Stay) -> list[timedelta]:
    """The lengths that are not over yet for a vehicle inside, the shortest first."""
    if row.status not in ("open", "paid", "overstayed") or row.entered_at is None or row.requested_at is not None:
        return []
    least = max(office().now(), row.permit_until or office().now())
    return [length for length in LENGTHS if row.entered_at + length > least]


@paid_ahead.route("/book", methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"])
def book():
    """A guest books a stay, and goes on to pay it. Whether a plate is known here is never told."""
    return _book("guest", lambda made: url_for("driver.pay", token=office().links.pay_token(made)))


@paid_ahead.route("/wallet/<token>/book", methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"])
def book_on_account(token: str):
    """An account books: its holder can be asked in the app for what that costs, on the wallet's page."""
    found = account_of(token)
    wallet_page = url_for("holder.show_wallet", token=token)
    first = found.vehicles[0].plate if found.vehicles else ""
    return _book(booked_by(found.account.id), lambda made: wallet_page, only=found.site.id, plate=first)


def _book(by: str, after: Callable[[str], str], *, only: str | None = None, plate: str = ""):
    """by: whose booking it is; after: where it leads then; only: the one site it can be at; plate: in the field."""
    desk, problem, wrong_field, form = office(), None, "", request.values
    with desk.database.read() as session:
        known = [one for one in sites.sites(session) if only in (None, one.id)]
    if not known:
        abort(404, _("There is no car park here yet."))
    site = next((one for one in known if one.id == form.get("site")), known[0])
    zone, now = ZoneInfo(site.timezone), desk.now()
    if request.method == "POST":
        try:
            length, arrives = _length(form.get("hours", "")), local_time(form, "at", zone)
            # the field counts in minutes: this one has begun
            arrives = max(arrives, now) if arrives > now - timedelta(minutes=5) else arrives
            with desk.database.begin() as session:
                made = prepaid.book(
                    session, site.id, form.get("plate", ""), form.get("class", ""), arrives, length, now,
                    by, key=form.get("key") or None,
                )  # fmt: skip
            return redirect(after(made), 303)
        except Refused as error:
            problem, wrong_field = str(error), error.field
    return render_template(
        "driver/book.html", sites=known, site=site, zone=zone, now=now, typed=form, lengths=LENGTHS,
        classes=get_args(VehicleClass), problem=problem, wrong_field=wrong_field,
        ahead=prepaid.AHEAD, plate=plate,
    ), 422 if problem else 200  # fmt: skip


@paid_ahead.route("/p/<token>/ahead", methods=["GET", "POST"])
def pay_ahead(token: str):
    """What each longer time costs; then opens a payment, and the driver lands on the page with the UPI code."""
    desk, stay_id = office(), _stay_of(token)
    if request.method == "GET":
        return _longer(token, stay_id)
    now = desk.now()
    back = f"{desk.settings.public_url}{url_for('driver.pay', token=token)}"
    open_for = timedelta(minutes=desk.settings.payments.attempt_minutes)
    try:
        length = _length(request.form.get("hours", ""))
        with desk.database.begin() as session:
            due_id = prepaid.pay_ahead(session, stay_id, length, now).id
        service.start_attempt(desk.database, desk.provider, due_id, back, open_for, now)
    except Refused as error:
        return _longer(token, stay_id, str(error), error.field), 422
    except ProviderUnavailable:
        log.warning("the payment provider took no order for stay %s", stay_id)
        problem = _("The payment service does not answer. No money was taken. Try again in a moment.")
        return _longer(token, stay_id, problem), 503
    return redirect(url_for("driver.upi", token=token), 303)


@paid_ahead.route("/p/<token>/wrong", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def dispute(token: str):
    desk, stay_id, refused = office(), _stay_of(token), {}
    typed = request.form.get("reason", "")
    if request.method == "POST":
        try:
            with desk.database.begin() as session:
                disputes.dispute(session, look_up(session, stay_id).id, BY_DRIVER, typed, desk.now())
        except Refused as error:
            refused = {"problem": str(error), "wrong_field": error.field}
        else:
            flash(_("Thank you. The people who run this car park look at it."), "success")
            return redirect(url_for("driver.pay", token=token), 303)
    with desk.database.read() as session:
        bill = guest.bill(session, stay_id, desk.now())
    page = render_template("driver/wrong.html", bill=bill, token=token, typed=typed, **refused)
    return page, 422 if refused else 200


def _longer(token: str, stay_id: str, problem: str | None = None, wrong_field: str = "") -> str:
    desk = office()
    now = desk.now()
    with desk.database.read() as session:
        bill = guest.bill(session, stay_id, now)
        row = look_up(session, stay_id)
        priced = [(length, prepaid.price_ahead(session, row, length, now)) for length in lengths_ahead(row)]
    lengths = [(length, paise) for length, paise in priced if paise]
    shown = {"lengths": lengths, "problem": problem, "wrong_field": wrong_field}
    return render_template("driver/longer.html", bill=bill, token=token, **shown)


def _length(hours: str) -> timedelta:
    found = next((length for length in LENGTHS if str(int(length.total_seconds() // 3600)) == hours.strip()), None)
    if found is None:
        raise Refused(_("Choose how long."), field="hours")
    return found


def _stay_of(token: str) -> str:
    desk = office()
    stay_id = desk.links.stay_of(token)
    if stay_id is None:
        abort(404, NO_SUCH_TICKET)
    with desk.database.read() as session:
        if session.get(Stay, stay_id) is None:
            abort(404, NO_SUCH_TICKET)
    return stay_id
