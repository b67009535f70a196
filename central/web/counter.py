"""Passes and top-ups over the counter on the screen: one amount, and the two ways to take it; the slip of a top-up."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import billing, shifts, wallet
from central.actions import counter as actions
from central.actions.errors import Refused
from central.actions.ledger_check import CARD
from central.actions.owners import OF_PASS
from central.rules.money import rupees
from central.store.reads import accounts as reads
from central.store.schema import Due
from central.web import account
from central.web.money_words import paise
from central.web.office import office


def serve_at(accounts: Blueprint) -> None:
    """Adds them to the pages of accounts."""
    accounts.add_url_rule("/take/<due_id>", view_func=take, methods=["GET", "POST"])
    accounts.add_url_rule("/<account_id>/top-up", view_func=top_up, methods=["POST"], endpoint="top_up_here")
    accounts.add_url_rule("/<account_id>/top-ups/<due_id>", view_func=slip, methods=["GET"], endpoint="top_up_slip")


@account.staff()
def top_up(account_id: str):
    """A holder stands at the counter and wants to fill the wallet: what it is to be filled with is asked for."""
    desk, form = office(), request.form
    try:
        amount = paise(form.get("top_up", ""), _("Amount"))
        with desk.database.begin() as session:
            due_id = wallet.top_up(session, account_id, amount, desk.now(), key=form.get("key") or None).id
    except Refused as error:
        flash(str(error), "warning")
        return redirect(url_for("accounts.one", account_id=account_id), 303)
    return redirect(url_for("accounts.take", due_id=due_id), 303)


@account.staff()
def take(due_id: str):
    if request.method == "GET":
        return _page(due_id)
    desk, form, who = office(), request.form, account.current().email
    try:
        asked = paise(form.get("amount", ""), _("Amount"))
        how = {"by": form.get("by", ""), "slip": form.get("slip", ""), "key": form.get("key") or None}
        with desk.database.begin() as session:
            due = actions.take(session, who, due_id, asked, desk.now(), **how)
    except Refused as error:
        return _page(due_id, str(error), 422)
    if due.kind == OF_PASS:
        with desk.database.read() as session:
            sold = reads.pass_of_due(session, due.id)
        flash(_("%(amount)s taken. The pass holds.", amount=rupees(due.amount_paise)), "success")
        return redirect(url_for("accounts.one_pass", pass_id=sold.id), 303)
    flash(_("%(amount)s taken. It is in the wallet.", amount=rupees(due.amount_paise)), "success")
    return redirect(url_for("accounts.top_up_slip", account_id=due.account_id, due_id=due.id), 303)


@account.staff()
def slip(account_id: str, due_id: str):
    with office().database.read() as session:
        found, paid = reads.account(session, account_id), reads.top_up(session, account_id, due_id)
    if found is None or paid is None:
        abort(404, _("There is no such top-up."))
    shown = {"slip": paid, "zone": ZoneInfo(found.site.timezone)}
    back = url_for("accounts.one", account_id=account_id)
    return render_template("holder/top_up.html", found=found, back=back, **shown)


def _page(due_id: str, problem: str | None = None, status: int = 200) -> Any:
    with office().database.read() as session:
        due = session.get(Due, due_id)
        if due is None or due.kind not in actions.SOLD:
            abort(404, _("There is no such amount to be paid."))
        found = reads.account(session, due.account_id)
        sold = reads.pass_of_due(session, due.id)
        running = shifts.shift_of(session, account.current().email)
    here = running is not None and running.site_id == found.site.id
    payable = due.state in billing.UNPAID
    shown = {"due": due, "found": found, "sold": sold, "shift": here, "payable": payable, "card": CARD}
    return render_template("staff/accounts/take.html", problem=problem, **shown), status
