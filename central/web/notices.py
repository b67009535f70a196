"""A driver's pages of one notice, opened by its link alone: what happened, the pictures, paying, appealing, receipt."""

from __future__ import annotations

import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central import images
from central.actions import violations as actions
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.payments import service
from central.payments.provider import ProviderUnavailable
from central.rules.violations import MOVES, Signal, Status
from central.store.reads import violations as reads
from central.store.reads.violations import Notice
from central.web import news, qr_code
from central.web.office import office

notices = Blueprint("notices", __name__, url_prefix="/v")
log = logging.getLogger(__name__)

NO_SUCH_NOTICE = _l("This link is not one of ours. Look at it again, or ask the people who run the car park.")


@notices.get("/<token>")
def show(token: str):
    _hear_provider(_notice(token))
    return _page(token)


@notices.post("/<token>/pay")
def begin_payment(token: str):
    """Opens a payment; the driver lands on the page with the UPI code."""
    desk, found = office(), _notice(token)
    if not found.payable:
        return redirect(url_for("notices.show", token=token), 303)
    back = f"{desk.settings.public_url}{url_for('notices.show', token=token)}"
    keep_open = timedelta(minutes=desk.settings.payments.attempt_minutes)
    try:
        service.start_attempt(desk.database, desk.provider, found.due.id, back, keep_open, desk.now())
    except Refused:
        # paid or given up in this very moment: the page says so
        return redirect(url_for("notices.show", token=token), 303)
    except ProviderUnavailable:
        log.warning("the payment provider took no order for due %s", found.due.id)
        return _page(token, _("The payment service does not answer. No money was taken. Try again in a moment.")), 503
    return redirect(url_for("notices.upi", token=token), 303)


@notices.get("/<token>/upi")
def upi(token: str):
    """The UPI code of the payment that was begun; it renews itself until the bank has answered."""
    found = _notice(token)
    _hear_provider(found)
    found = _notice(token)
    with office().database.read() as session:
        offer = service.current_offer(session, found.due.id, office().now()) if found.payable else None
    if offer is None:
        return redirect(url_for("notices.show", token=token), 303)
    shown = {"notice": found, "offer": offer, "token": token, "zone": ZoneInfo(found.site.timezone)}
    return news.unless_known(
        shown, lambda: render_template("driver/notice_upi.html", code=qr_code.drawn(offer.intent), **shown)
    )


@notices.post("/<token>/appeal")
def appeal(token: str):
    desk, found, form = office(), _notice(token), request.form
    try:
        with desk.database.begin() as session:
            actions.appeal(session, found.violation.id, form.get("text", ""), form.get("contact", ""), desk.now())
    except Refused as error:
        return _page(token, str(error)), 422
    return redirect(url_for("notices.show", token=token), 303)


@notices.get("/<token>/receipt")
def receipt(token: str):
    found = _notice(token)
    if found.receipt is None:
        abort(404, _("There is no such receipt."))
    return render_template(
        "driver/notice_receipt.html", receipt=found.receipt, lines=lines_from_json(found.receipt.lines),
        stay=found.stay, site=found.site, token=token,
    )  # fmt: skip


@notices.get("/<token>/picture/<which>")
def picture(token: str, which: str) -> Response:
    """One of the two pictures of the evidence, to whoever has the notice."""
    found = _notice(token)
    wanted = {"seen": found.violation.image, "beside": found.violation.other_image}.get(which)
    if wanted is None or wanted not in found.images:
        abort(404, _("There is no such picture."))
    path = images.path_of(office().settings.images, wanted)
    if not path.is_file():
        abort(404, _("This picture is no longer kept."))
    return send_file(path.absolute(), mimetype="image/jpeg", etag=wanted)


def _notice(token: str) -> Notice:
    """The notice a token is for; a 404 for one we never made."""
    violation_id = office().links.violation_of(token)
    with office().database.read() as session:
        found = None if violation_id is None else reads.notice(session, violation_id)
    if found is None:
        abort(404, NO_SUCH_NOTICE)
    return found


def _page(token: str, problem: str | None = None) -> Response:
    found, desk = _notice(token), office()
    status = Status(found.violation.status)
    may_appeal = status is Status.RAISED or (status, Signal.APPEAL) in MOVES
    unpaid_stay = found.stay is not None and found.stay.status == "left_owing"
    now, due_by = desk.now(), found.violation.due_by
    return news.unless_known(
        (found, may_appeal, due_by is not None and now > due_by),
        lambda: render_template(
            "driver/notice.html", notice=found, violation=found.violation, zone=ZoneInfo(found.site.timezone),
            token=token, problem=problem, may_appeal=may_appeal, typed=request.form, now=now,
            pay_token=desk.links.pay_token(found.stay.id) if unpaid_stay else None,
            code=qr_code.drawn(desk.links.notice(found.violation.id)),
        ),
    )  # fmt: skip


def _hear_provider(found: Notice) -> None:
    """Who comes back from paying should not wait for the webhook: the provider is asked, when it answers."""
    desk, attempt = office(), found.attempt
    if attempt is None or attempt.state not in service.OPEN_ENDED or not desk.polls.may(attempt.id):
        return
    try:
        service.poll_attempt(desk.database, desk.provider, attempt.id, desk.now())
    except ProviderUnavailable:
        log.warning("the payment provider did not answer a poll of attempt %s", attempt.id)
