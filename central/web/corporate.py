"""Firms that park on account, for staff: who they are, their terms and members, and whether they may park on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from central.actions import corporate as firms
from central.actions import corporate_invoices, corporate_standing, ledger
from central.actions.errors import Refused
from central.store.reads import corporate as reads
from central.web import account, corporate_bills, corporate_page, corporate_words
from central.web.office import office
from central.web.site_choice import chosen_site

corporate = Blueprint("corporate", __name__, url_prefix="/corporate")
corporate.add_app_template_global(corporate_words, "corporate_words")
corporate_bills.serve_at(corporate)


@corporate.get("")
@account.staff("supervisor")
def listed():
    return _list()


@corporate.post("")
@account.staff("manager")
def open_firm():
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            made = firms.open_firm(
                session, form.get("site", ""), form.get("name", ""), corporate_words.terms(form), desk.now(),
                account.me(), phone=form.get("phone", ""), email=form.get("email", ""), key=form.get("key") or None,
            )  # fmt: skip
    except Refused as error:
        return _list(str(error), 422)
    return redirect(url_for("corporate.one", account_id=made.id), 303)


@corporate.get("/<account_id>")
@account.staff("supervisor")
def one(account_id: str):
    return corporate_page.show(account_id)


@corporate.get("/<account_id>/statement")
@account.staff("supervisor")
def statement(account_id: str):
    before = corporate_page.before_in_query()
    with office().database.read() as session:
        site = reads.site_of(session, account_id) or abort(404, _("There is no such firm."))
        found = reads.firm(session, account_id, ledger.site_day(session, site.id, office().now()))
        moves = reads.statement(session, account_id, before)
    return render_template("staff/corporate/statement.html", found=found, moves=moves, zone=ZoneInfo(site.timezone))


@corporate.post("/<account_id>/terms")
@account.staff("manager")
def terms(account_id: str):
    def changed(session, who: str, now: datetime) -> None:
        firms.set_terms(session, account_id, corporate_words.terms(request.form), now, who)

    return corporate_page.do(account_id, changed, _("The terms are kept. Invoices that are made stay as they are."))


@corporate.post("/<account_id>/members")
@account.staff("supervisor")
def add_members(account_id: str):
    desk = office()
    try:
        with desk.database.begin() as session:
            added, wrong = firms.add_members(
                session, account_id, request.form.get("plates", ""), desk.now(), account.me()
            )
    except Refused as error:
        return corporate_page.show(account_id, str(error), 422)
    said = ngettext(
        "%(num)d plate goes on account from now on.", "%(num)d plates go on account from now on.", len(added)
    )
    if wrong:
        # what was right is taken: only the rest is there to be mended
        return corporate_page.show(account_id, status=422, wrong=wrong, added=said)
    flash(said, "success")
    return redirect(url_for("corporate.one", account_id=account_id), 303)


@corporate.post("/<account_id>/members/<vehicle_id>/off")
@account.staff("supervisor")
def remove_member(account_id: str, vehicle_id: str):
    def removed(session, who: str, now: datetime) -> None:
        firms.remove_member(session, account_id, vehicle_id, now, who)

    return corporate_page.do(
        account_id, removed, _("The plate no longer goes on account. What it parked is still invoiced.")
    )


@corporate.post("/<account_id>/invoice-now")
@account.staff("manager")
def invoice_now(account_id: str):
    def made(session, who: str, now: datetime) -> None:
        corporate_invoices.make_now(session, account_id, now, who)

    return corporate_page.do(account_id, made, _("The invoice is made."))


@corporate.post("/<account_id>/suspend")
@account.staff("manager")
def suspend(account_id: str):
    def suspended(session, who: str, now: datetime) -> None:
        corporate_standing.suspend(session, account_id, request.form.get("reason", ""), now, who)

    return corporate_page.do(account_id, suspended, _("Suspended: its members pay at the exit."))


@corporate.post("/<account_id>/lift")
@account.staff("manager")
def lift(account_id: str):
    def lifted(session, who: str, now: datetime) -> None:
        form = request.form
        corporate_standing.lift(session, account_id, form.get("until", ""), form.get("reason", ""), now, who)

    return corporate_page.do(account_id, lifted, _("Its members park on account again."))


@corporate.post("/<account_id>/looked-at")
@account.staff("supervisor")
def looked_at(account_id: str):
    def seen(session, who: str, now: datetime) -> None:
        corporate_standing.looked_at(session, account_id, now, who)

    return corporate_page.do(account_id, seen, _("Noted as looked at."))


def _list(problem: str | None = None, status: int = 200) -> Any:
    with office().database.read() as session:
        known, site = chosen_site(session)
        today = ledger.site_day(session, site.id, office().now())
        rows, older = reads.firms(session, site.id, today, request.args.get("before"))
    return render_template(
        "staff/corporate/list.html", sites=known, site=site, rows=rows, older=older, typed=request.form,
        problem=problem,
    ), status  # fmt: skip
