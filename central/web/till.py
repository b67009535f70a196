"""An attendant's shift on the screen: float, payments at the barrier, drops, cash-up; and all shifts for the office."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import billing, guest, safe, shifts
from central.actions.access import normal_plate
from central.actions.errors import Refused
from central.actions.ledger_check import CARD
from central.rules.money import rupees
from central.store.reads import sites, tills
from central.store.schema import Due, Shift, Site, Stay
from central.web import account
from central.web.money_words import paise
from central.web.office import office

# notes that a driver holds out of the window
NOTES_PAISE = (20_000, 50_000, 2_00_000)


def serve_at(money: Blueprint) -> None:
    """Adds the pages of shifts to the money pages."""
    for rule, view, methods in (
        ("/shift", shift, ["GET"]),
        ("/shift/open", open_shift, ["POST"]),
        ("/shift/ask/<stay_id>", ask, ["POST"]),
        ("/shift/pay/<due_id>", pay, ["GET", "POST"]),
        ("/shift/drop", drop, ["POST"]),
        ("/shift/<shift_id>/close", close_shift, ["POST"]),
        ("/shifts", listed, ["GET"]),
        ("/shifts/<shift_id>", one, ["GET"]),
        ("/safe", carry, ["POST"]),
    ):
        money.add_url_rule(rule, view_func=view, methods=methods)


@account.staff("money.till")
def shift():
    """The attendant's own shift: what can be done now."""
    return _desk()


def _desk(problem: str | None = None, status: int = 200):
    typed = request.values.get("plate", "").strip()
    with office().database.read() as session:
        running = shifts.shift_of(session, account.current().email)
        known = sites.sites(session)
        site = session.get(Site, running.site_id) if running else None
        taken = tills.shift_money(session, running.id) if running else None
        found: list[Stay] = []
        if running and typed:
            try:
                found = tills.payable(session, running.site_id, normal_plate(typed))
            except Refused as error:
                problem, status = str(error), 422
    return render_template(
        "staff/money/shift.html", shift=running, sites=known, site=site, money=taken, found=found, typed=typed,
        problem=problem,
    ), status  # fmt: skip


@account.staff("money.till")
def open_shift():
    return _do(
        lambda session, who, now: shifts.open_shift(
            session,
            request.form.get("site", ""),
            who,
            paise(request.form.get("float", ""), _("Float")),
            now,
            key=request.form.get("key") or None,
        ),
        _("Your shift is open."),
    )


@account.staff("money.till")
def ask(stay_id: str):
    """Holds the price of a stay, so that it can be paid here."""
    desk = office()
    try:
        with desk.database.begin() as session:
            row = session.get(Stay, stay_id)
            running = shifts.held_shift(session, account.current().email)
            if row is None or row.site_id != running.site_id:
                raise Refused(_("There is no such stay here."))
            due = guest.ask_price(session, stay_id, desk.now())
            due_id = due.id if due else None
    except Refused as error:
        return _desk(str(error), 422)
    if due_id is None:
        return _desk(_("Nothing is to be paid for that stay now."), 422)
    return redirect(url_for("money.pay", due_id=due_id), 303)


@account.staff("money.till")
def pay(due_id: str):
    """One amount to be paid, and the two ways to take it."""
    if request.method == "GET":
        return _pay_page(due_id)
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            how = {"by": form.get("by", ""), "slip": form.get("slip", ""), "key": form.get("key") or None}
            asked = paise(form.get("amount", ""), _("Amount"))
            receipt = shifts.take_payment(session, account.current().email, due_id, asked, desk.now(), **how)
    except Refused as error:
        return _pay_page(due_id, str(error), 422)
    flash(_("%(amount)s taken. The exit opens.", amount=rupees(receipt.total_paise)), "success")
    return redirect(url_for("money.shift", done=receipt.id, stay=receipt.stay_id), 303)


def _pay_page(due_id: str, problem: str | None = None, status: int = 200):
    with office().database.read() as session:
        due = session.get(Due, due_id)
        if due is None or due.stay_id is None:
            abort(404, _("There is no such amount to be paid."))
        row = session.get_one(Stay, due.stay_id)
        site = session.get_one(Site, row.site_id)
    change = [(note, note - due.amount_paise) for note in NOTES_PAISE if note > due.amount_paise]
    payable = due.state in billing.UNPAID
    return render_template(
        "staff/money/pay.html", due=due, stay=row, site=site, change=change, card=CARD, payable=payable, problem=problem
    ), status  # fmt: skip


@account.staff("money.till")
def drop():
    return _do(
        lambda session, who, now: shifts.drop_cash(
            session, who, paise(request.form.get("amount", ""), _("Amount")), now, key=request.form.get("key") or None
        ),
        _("Booked: the cash is in the safe."),
    )


@account.staff("money.till")
def close_shift(shift_id: str):
    """By the attendant, or by a supervisor for one who has gone home."""
    desk, who = office(), account.current().email
    with desk.database.read() as session:
        running = session.get(Shift, shift_id)
    own = running is not None and running.attendant == who
    if running is None or not (own or account.may("supervisor")):
        return _desk(_("This is not your shift."), 422)
    sheet = redirect(url_for("money.one", shift_id=shift_id), 303)
    try:
        counted = paise(request.form.get("counted", ""), _("Count"))
        with desk.database.begin() as session:
            why, key = request.form.get("reason", ""), request.form.get("key") or None
            shifts.close_shift(session, shift_id, counted, desk.now(), by=who, reason=why, key=key)
    except Refused as error:
        if own:
            return _desk(str(error), 422)
        flash(str(error), "warning")
        return sheet
    flash(_("The shift is closed."), "success")
    return sheet


@account.staff("money.books")
def listed():
    with office().database.read() as session:
        known = sites.sites(session)
        site = next((one for one in known if one.id == request.args.get("site")), known[0] if known else None)
        rows, older = tills.shifts(session, site.id, request.args.get("before")) if site else ([], None)
        held = safe.in_safe(session, site.id) if site else 0
    return render_template("staff/money/shifts.html", sites=known, site=site, rows=rows, older=older, held=held)


@account.staff("money.safe")
def carry():
    """Cash between the safe and the bank."""
    desk, form = office(), request.form
    site_id, who = form.get("site", ""), account.current().email
    try:
        amount = paise(form.get("amount", ""), _("Amount"))
        with desk.database.begin() as session:
            told = {"by": who, "key": form.get("key") or None}
            safe.carry(session, site_id, form.get("way", ""), amount, form.get("slip", ""), desk.now(), **told)
    except Refused as error:
        flash(str(error), "warning")
    else:
        flash(_("Booked, with the bank's slip."), "success")
    return redirect(url_for("money.listed", site=site_id), 303)


@account.staff("money.till")
def one(shift_id: str):
    """A shift's sheet, to be printed and signed."""
    with office().database.read() as session:
        row = session.get(Shift, shift_id)
        if row is None or (row.attendant != account.current().email and not account.may("supervisor")):
            abort(404, _("There is no such shift."))
        site, taken = session.get_one(Site, row.site_id), tills.shift_money(session, row.id)
    return render_template("staff/money/shift_sheet.html", shift=row, site=site, money=taken)


def _do(what: Callable[..., Any], done: str):
    """An act of the attendant's in one transaction; what is refused is said on the shift's page."""
    desk = office()
    try:
        with desk.database.begin() as session:
            what(session, account.current().email, desk.now())
    except Refused as error:
        return _desk(str(error), 422)
    flash(done, "success")
    return redirect(url_for("money.shift"), 303)
