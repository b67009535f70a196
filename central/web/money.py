"""The books for supervisors: trial balance, an account's postings, days and their closing."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import day_close, ledger
from central.actions.errors import Refused
from central.rules.ledger_accounts import Account, Kind
from central.store.reads import books, tills
from central.store.schema import Site
from central.web import account, card_desk, moments, money_words, odd_money, reconciling, refunding, till
from central.web.office import office
from central.web.site_choice import chosen_site

money = Blueprint("money", __name__, url_prefix="/money")
money.add_app_template_global(money_words, "money_words")
till.serve_at(money)
reconciling.serve_at(money)
refunding.serve_at(money)
card_desk.serve_at(money)
odd_money.serve_at(money)


@money.get("")
@account.staff("money.till")
def home():
    return redirect(url_for("money.trial" if account.may("supervisor") else "money.shift"), 303)


@money.get("/books")
@account.staff("money.books")
def trial():
    """The trial balance of one day, with what each account began and ended with."""
    with office().database.read() as session:
        known, site = chosen_site(session)
        today = ledger.site_day(session, site.id, office().now())
        day, problem = request.args.get("day", today), None
        try:
            check_day(day)
        except Refused as error:
            day, problem = today, str(error)
        rows = books.trial_balance(session, site.id, day)
        closing = books.closing_of(session, site.id, day)
        kinds = books.kinds_of_day(session, site.id, day)
        shifts = tills.shifts_closed(session, site.id, *span_of(day, site))
    groups = [(kind, of_kind) for kind in Kind if (of_kind := [row for row in rows if row.kind is kind])]
    debits, credits = sum(row.debit_paise for row in rows), sum(row.credit_paise for row in rows)
    return render_template(
        "staff/money/trial.html", sites=known, site=site, day=day, today=today, rows=rows, closing=closing,
        groups=groups, kinds=kinds, shifts=shifts, debits=debits, credits=credits, problem=problem,
    ), 422 if problem else 200  # fmt: skip


@money.get("/accounts/<name>")
@account.staff("money.books")
def postings(name: str):
    if name not in list(Account):
        abort(404, _("There is no such account."))
    before = request.args.get("before", "")
    if before and not (before.isdecimal() and len(before) < 19):
        abort(400, _("Page %(before)s: expected a number.", before=before[:40]))
    with office().database.read() as session:
        known, site = chosen_site(session)
        page = books.postings(session, site.id, name, int(before) if before else None)
    return render_template("staff/money/postings.html", sites=known, site=site, name=name, page=page)


@money.get("/days")
@account.staff("money.books")
def days():
    before = request.args.get("before")
    if before is not None:
        try:
            check_day(before)
        except Refused as error:
            abort(400, str(error))
    with office().database.read() as session:
        known, site = chosen_site(session)
        rows = books.days(session, site.id, before)
        today = ledger.site_day(session, site.id, office().now())
    older = rows[-1].day if len(rows) == books.PAGE else None
    return render_template("staff/money/days.html", sites=known, site=site, rows=rows, today=today, older=older)


@money.post("/days/<day>/close")
@account.staff("money.close")
def close(day: str):
    desk, site_id = office(), request.form.get("site", "")
    try:
        with desk.database.begin() as session:
            if session.get(Site, site_id) is None:
                raise Refused(_("Choose a site."))
            key = request.form.get("key") or None
            day_close.close_day(session, site_id, day, desk.now(), by=account.current().email, key=key)
    except Refused as error:
        flash(str(error), "warning")
    else:
        flash(_("%(day)s is closed. Nothing is booked on it again.", day=moments.day(day)), "success")
    return redirect(url_for("money.days", site=site_id), 303)


def check_day(text: str) -> None:
    """Refused for what is no day of this century."""
    try:
        good = re.fullmatch(r"20\d\d-\d\d-\d\d", text) and date.fromisoformat(text)
    except ValueError:
        good = None
    if not good:
        raise Refused(_("Date %(text)s: expected one such as 2026-11-24.", text=text[:20]))


def span_of(day: str, site: Site) -> tuple[datetime, datetime]:
    """A day of the site's calendar, from midnight to midnight."""
    first, zone = date.fromisoformat(day), ZoneInfo(site.timezone)
    return datetime.combine(first, time(), zone), datetime.combine(first + timedelta(days=1), time(), zone)
