"""Accounts for staff: who has a wallet, its vehicles and what moved in it; the link its holder gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import accounts as account_book
from central.actions import wallet, wallet_out
from central.actions.errors import Refused
from central.payments import account_refunds
from central.store.reads import accounts as reads
from central.web import account as visitor
from central.web import counter, passes
from central.web.money import chosen_site
from central.web.money_words import paise
from central.web.office import office

accounts = Blueprint("accounts", __name__, url_prefix="/accounts")
passes.serve_at(accounts)
counter.serve_at(accounts)


@accounts.get("")
@visitor.staff("accounts.see")
def listed():
    return _list()


@accounts.post("")
@visitor.staff("accounts.open")
def open_account():
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            made = account_book.open_account(
                session, form.get("site", ""), form.get("name", ""), desk.now(), visitor.current().email,
                phone=form.get("phone", ""), email=form.get("email", ""), key=form.get("key") or None,
            )  # fmt: skip
    except Refused as error:
        return _list(str(error), 422)
    return redirect(url_for("accounts.one", account_id=made.id), 303)


@accounts.get("/<account_id>")
@visitor.staff("accounts.see")
def one(account_id: str):
    return _page(account_id)


@accounts.post("/<account_id>/vehicles")
@visitor.staff("accounts.vehicles")
def register(account_id: str):
    def registered(session, who: str, now) -> None:
        account_book.register(session, account_id, request.form.get("plate", ""), now, who)

    return _do(account_id, registered, _("The vehicle is registered. Its owner can let the wallet pay for it."))


@accounts.post("/<account_id>/vehicles/<vehicle_id>/off")
@visitor.staff("accounts.vehicles")
def unregister(account_id: str, vehicle_id: str):
    def taken_off(session, who: str, now) -> None:
        account_book.unregister(session, account_id, vehicle_id, now, who)

    return _do(account_id, taken_off, _("The vehicle is no longer this account's."))


@accounts.post("/<account_id>/pay-out")
@visitor.staff("accounts.pay_out")
def pay_out(account_id: str):
    def paid_out(session, who: str, now) -> None:
        amount = paise(request.form.get("amount", ""), _("Amount"))
        form = request.form
        given = {"reason": form.get("reason", ""), "rrns": form.get("rrns", ""), "key": form.get("key") or None}
        account_refunds.empty_wallet(session, account_id, amount, now, by=who, **given)

    return _do(account_id, paid_out, _("The money goes back to where it came from."))


def _do(account_id: str, what: Callable[..., None], done: str) -> Any:
    desk = office()
    try:
        with desk.database.begin() as session:
            what(session, visitor.current().email, desk.now())
    except Refused as error:
        return _page(account_id, str(error), 422)
    flash(done, "success")
    return redirect(url_for("accounts.one", account_id=account_id), 303)


def _list(problem: str | None = None, status: int = 200) -> Any:
    named = request.args.get("name", "").strip()[:80]
    with office().database.read() as session:
        known, site = chosen_site(session)
        rows, older = reads.accounts(session, site.id, named, request.args.get("before"))
    return render_template(
        "staff/accounts/list.html", sites=known, site=site, zone=ZoneInfo(site.timezone), rows=rows, older=older,
        named=named, typed=request.form, problem=problem,
    ), status  # fmt: skip


def _page(account_id: str, problem: str | None = None, status: int = 200) -> Any:
    desk = office()
    with desk.database.read() as session:
        found = reads.account(session, account_id)
        if found is None:
            abort(404, _("There is no such account."))
        holds = wallet.balance(session, account_id)
        ways = wallet_out.ways(session, account_id, holds)
    link = f"{desk.settings.public_url}{url_for('holder.show_wallet', token=desk.links.wallet_token(account_id))}"
    return render_template(
        "staff/accounts/one.html", found=found, account_=found.account, holds=holds, link=link, ways=ways,
        zone=ZoneInfo(found.site.timezone), problem=problem,
    ), status  # fmt: skip
