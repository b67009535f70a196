"""Card terminals on the screen: what shifts took by card, the bank's payouts of it, day by day."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import card_payouts, ledger
from central.actions.errors import Refused
from central.rules.card_batch import Batch
from central.store.reads import cards
from central.web import account
from central.web.money_words import paise
from central.web.office import office
from central.web.site_choice import chosen_site


def serve_at(money: Blueprint) -> None:
    """Adds the pages of card terminals to the money pages."""
    money.add_url_rule("/cards", view_func=card_days)
    money.add_url_rule("/cards", view_func=record_payout, methods=["POST"])
    money.add_url_rule("/cards/<payout_id>/strike-out", view_func=strike_out_payout, methods=["POST"])


@account.staff("supervisor")
def card_days():
    return _page()


def _page(problem: str | None = None, status: int = 200):
    with office().database.read() as session:
        known, site = chosen_site(session)
        today = ledger.site_day(session, site.id, office().now())
        first = (date.fromisoformat(today) - cards.LOOKED_BACK).isoformat()
        days = cards.card_days(session, site.id, first, today)
        payouts, older = cards.payouts(session, site.id, request.args.get("before", "")[:40])
    return render_template(
        "staff/money/cards.html", sites=known, site=site, today=today, days=days, payouts=payouts, older=older,
        typed=request.form, problem=problem,
    ), status  # fmt: skip


@account.staff("supervisor")
def record_payout():
    desk, form = office(), request.form
    site_id = form.get("site", "")
    try:
        gross = paise(form.get("gross", ""), _("Batch total"))
        batch = Batch(
            day=form.get("day", ""),
            batch=form.get("batch", "").strip(),
            gross_paise=-gross if form.get("taken_off") else gross,
            fee_paise=paise(form.get("fee", "") or "0", _("Fee")),
            fee_gst_paise=paise(form.get("fee_gst", "") or "0", _("GST on the fee")),
            paid_on=form.get("paid_on", ""),
            bank_ref=form.get("bank_ref", "").strip(),
        )
        with desk.database.begin() as session:
            card_payouts.record(
                session, site_id, batch, desk.now(), by=account.current().email, key=form.get("key") or None
            )
    except Refused as error:
        return _page(str(error), 422)
    flash(_("Booked. What differs from the shifts is under Reconciliation."), "success")
    return redirect(url_for("money.card_days", site=site_id), 303)


@account.staff("manager")
def strike_out_payout(payout_id: str):
    desk, reason = office(), request.form.get("reason", "")
    try:
        with desk.database.begin() as session:
            row = card_payouts.strike_out(session, payout_id, desk.now(), by=account.current().email, reason=reason)
            site_id = row.site_id
    except Refused as error:
        return _page(str(error), 422)
    flash(_("Struck out. Record the right one now."), "success")
    return redirect(url_for("money.card_days", site=site_id), 303)
