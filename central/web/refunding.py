"""Refunds on the screen: a receipt is looked up, part or all of it given back, and the credit note printed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions.credit_notes import credited_paise
from central.actions.errors import Refused
from central.actions.ledger_check import CARD
from central.payments import refunds
from central.rules.invoice import FinancialYear
from central.store.reads import captures, tills
from central.store.schema import CreditNote, Receipt, Site, Stay
from central.web import account
from central.web.money_words import paise
from central.web.office import office


def serve_at(money: Blueprint) -> None:
    """Adds the pages of refunds to the money pages."""
    money.add_url_rule("/refunds", view_func=refund_page, methods=["GET"])
    money.add_url_rule("/refunds/<receipt_id>", view_func=give_back, methods=["POST"])
    money.add_url_rule("/credit-notes/<note_id>", view_func=credit_note)


@account.staff("money.refund")
def refund_page():
    return _page(request.args.get("receipt", "").strip().upper()[:40])


def _page(serial: str, problem: str | None = None, status: int = 200):
    with office().database.read() as session:
        year = FinancialYear.of(office().now(), ZoneInfo("Asia/Kolkata")).begins
        receipt = tills.receipt_named(session, serial, year) if serial else None
        if serial and receipt is None and problem is None:
            problem, status = _("There is no receipt %(serial)s.", serial=serial), 404
        notes = tills.credit_notes_of(session, receipt.id) if receipt else []
        left = receipt.total_paise - credited_paise(session, receipt.id) if receipt else 0
        payment = captures.applied(session, receipt.due_id) if receipt else None
        site = session.get_one(Site, receipt.site_id) if receipt else None
        stay = session.get(Stay, receipt.stay_id) if receipt and receipt.stay_id else None
    return render_template(
        "staff/money/refund.html", serial=serial, receipt=receipt, notes=notes, left=left, site=site, stay=stay,
        payment=payment, by_card=payment is not None and payment.provider == CARD, problem=problem,
    ), status  # fmt: skip


@account.staff("money.refund")
def give_back(receipt_id: str):
    desk, serial = office(), ""
    try:
        with desk.database.begin() as session:
            named = session.get(Receipt, receipt_id)
            serial = named.serial if named else ""
            amount = paise(request.form.get("amount", ""), _("Amount"))
            given = {"by": account.current().email, "reason": request.form.get("reason", "")}
            given |= {"rrn": request.form.get("rrn", ""), "key": request.form.get("key") or None}
            note = refunds.give_back(session, receipt_id, amount, desk.now(), **given)
    except Refused as error:
        return _page(serial, str(error), 422)
    flash(_("Credit note %(serial)s is made; the money goes back the way it came.", serial=note.serial), "success")
    return redirect(url_for("money.credit_note", note_id=note.id), 303)


@account.staff("money.refund")
def credit_note(note_id: str):
    with office().database.read() as session:
        note = session.get(CreditNote, note_id)
        if note is None:
            abort(404, _("There is no such credit note."))
        receipt = session.get_one(Receipt, note.receipt_id)
        site = session.get_one(Site, note.site_id)
        stay = session.get(Stay, receipt.stay_id) if receipt.stay_id else None
    return render_template("staff/money/credit_note.html", note=note, receipt=receipt, site=site, stay=stay)
