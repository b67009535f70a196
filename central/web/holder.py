"""Pages of who holds a pass or a wallet, each behind its own link: paying, renewing, topping up. No JavaScript."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import segno
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from central.actions import accounts, pass_sales, wallet
from central.actions import saved_upi as upi_book
from central.actions.billing import UNPAID, lines_from_json
from central.actions.errors import Refused
from central.payments import service
from central.payments.provider import ProviderUnavailable
from central.rules.passes import PassState, renewal_begins
from central.rules.upi import masked
from central.store.reads import accounts as reads
from central.store.schema import Attempt, Due
from central.web import saved_upi
from central.web.coupon_desk import new_key
from central.web.money_words import paise
from central.web.office import office

holder = Blueprint("holder", __name__)
saved_upi.serve_at(holder)
log = logging.getLogger(__name__)

NO_SUCH_LINK = _l("This link is not one of ours. Look at it again, or ask the people who run the car park.")


@holder.get("/pass/<token>")
def show_pass(token: str):
    found = _pass(token)
    _hear_provider(found.attempt)
    return _pass_page(token)


@holder.post("/pass/<token>/pay")
def pay_pass(token: str):
    here = url_for("holder.show_pass", token=token)
    return _pay(_pass(token).due, here, url_for("holder.pass_upi", token=token), lambda said: _pass_page(token, said))


@holder.get("/pass/<token>/upi")
def pass_upi(token: str):
    found = _pass(token)
    _hear_provider(found.attempt)
    return _upi(found.due, url_for("holder.show_pass", token=token), found.site.timezone)


@holder.post("/pass/<token>/renew")
def renew_pass(token: str):
    """One press: the renewal is there, and the page that pays it opens."""
    desk, found = office(), _pass(token)
    try:
        with desk.database.begin() as session:
            renewed = pass_sales.renew(session, found.sold.id, desk.now())
    except Refused as error:
        return _pass_page(token, str(error)), 422
    return redirect(url_for("holder.show_pass", token=desk.links.pass_token(renewed.id)), 303)


@holder.get("/pass/<token>/receipt")
def pass_receipt(token: str):
    found = _pass(token)
    if found.receipt is None:
        abort(404, _("There is no such receipt."))
    lines = lines_from_json(found.receipt.lines)
    return render_template("holder/receipt.html", found=found, receipt=found.receipt, lines=lines, token=token)


@holder.get("/wallet/<token>")
def show_wallet(token: str):
    _hear_provider(_account(token).attempt)
    return _wallet_page(token)


@holder.post("/wallet/<token>/top-up")
def top_up(token: str):
    desk, found = office(), _account(token)
    try:
        amount = paise(request.form.get("amount", ""), _("Amount"))
        with desk.database.begin() as session:
            due = wallet.top_up(session, found.account.id, amount, desk.now(), key=request.form.get("key") or None)
    except Refused as error:
        return _wallet_page(token, str(error)), 422
    here = url_for("holder.show_wallet", token=token)
    return _pay(due, here, url_for("holder.wallet_upi", token=token), lambda said: _wallet_page(token, said))


@holder.get("/wallet/<token>/upi")
def wallet_upi(token: str):
    found = _account(token)
    _hear_provider(found.attempt)
    here = url_for("holder.show_wallet", token=token)
    return redirect(here, 303) if found.top_up is None else _upi(found.top_up, here, found.site.timezone)


@holder.post("/wallet/<token>/vehicles/<vehicle_id>")
def switch(token: str, vehicle_id: str):
    """The wallet pays for that vehicle at the exit by itself, or does no longer."""
    desk, found, on = office(), _account(token), request.form.get("on") == "yes"
    try:
        with desk.database.begin() as session:
            accounts.switch(session, found.account.id, vehicle_id, on, desk.now(), "holder")
    except Refused as error:
        return _wallet_page(token, str(error)), 422
    flash(_("The wallet pays at the exit by itself.") if on else _("You are asked at the exit."), "success")
    return redirect(url_for("holder.show_wallet", token=token), 303)


def _pass(token: str) -> reads.PassDetail:
    desk, found = office(), None
    pass_id = desk.links.pass_of(token)
    if pass_id is not None:
        with desk.database.read() as session:
            found = reads.pass_detail(session, pass_id)
    return found or abort(404, NO_SUCH_LINK)


def _account(token: str) -> reads.AccountDetail:
    desk, found = office(), None
    account_id = desk.links.wallet_of(token)
    if account_id is not None:
        with desk.database.read() as session:
            found = reads.account(session, account_id)
    return found or abort(404, NO_SUCH_LINK)


def _pass_page(token: str, problem: str | None = None) -> str:
    found, now, links = _pass(token), office().now(), office().links
    owing = found.sold.state == PassState.UNPAID and found.due.state in UNPAID
    held = found.sold.state in (PassState.PAID, PassState.LAPSED) and found.product.ended_at is None
    may_renew = held and found.renewal is None and renewal_begins(found.sold.valid_until, now) is not None
    next_token = links.pass_token(found.renewal.id) if found.renewal else None
    return render_template(
        "holder/pass.html", found=found, token=token, owing=owing, may_renew=may_renew, next_token=next_token,
        zone=ZoneInfo(found.site.timezone), now=now, problem=problem,
    )  # fmt: skip


def _wallet_page(token: str, problem: str | None = None) -> str:
    found = _account(token)
    with office().database.read() as session:
        holds, upi_ids = wallet.balance(session, found.account.id), upi_book.saved(session, found.account.id)
    return render_template(
        "holder/wallet.html", found=found, holds=holds, upi_ids=upi_ids, masked=masked, token=token, key=new_key(),
        zone=ZoneInfo(found.site.timezone), problem=problem, typed=request.form.get("amount", "")[:14],
    )  # fmt: skip


def _pay(due: Due, here: str, upi_page: str, page: Callable[[str], str]) -> Any:
    """Opens a payment of the due at the provider; its payer lands on the page with the UPI code."""
    desk = office()
    keep_open = timedelta(minutes=desk.settings.payments.attempt_minutes)
    back = f"{desk.settings.public_url}{here}"
    try:
        service.start_attempt(desk.database, desk.provider, due.id, back, keep_open, desk.now())
    except Refused:
        return redirect(here, 303)  # paid in this very moment: the page says so
    except ProviderUnavailable:
        log.warning("the payment provider took no order for due %s", due.id)
        return page(_("The payment service does not answer. No money was taken. Try again in a moment.")), 503
    return redirect(upi_page, 303)


def _upi(due: Due, here: str, timezone: str) -> Any:
    with office().database.read() as session:
        payable = session.get_one(Due, due.id).state in UNPAID
        offer = service.current_offer(session, due.id, office().now()) if payable else None
    if offer is None:
        return redirect(here, 303)
    code = Markup(segno.make_qr(offer.intent, error="m").svg_inline(scale=5, border=2, omitsize=True, svgclass="qr"))
    return render_template("holder/upi.html", offer=offer, code=code, here=here, zone=ZoneInfo(timezone))


def _hear_provider(attempt: Attempt | None) -> None:
    """Who comes back from paying should not wait for the webhook: the provider is asked, when it answers."""
    desk = office()
    if attempt is None or attempt.state not in service.OPEN_ENDED or not desk.polls.may(attempt.id):
        return
    try:
        service.poll_attempt(desk.database, desk.provider, attempt.id, desk.now())
    except ProviderUnavailable:
        log.warning("the payment provider did not answer a poll of attempt %s", attempt.id)
