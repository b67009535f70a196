"""Reconciliation on the screen: settlement files in, and the queue of what does not fit."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import settlement as actions
from central.actions.errors import Refused
from central.payments import settlement
from central.payments.settlement_file import SettlementRefused
from central.rules.reconciliation import MAY_BE, OF_CARDS, Outcome
from central.store.reads import sites, unreconciled
from central.web import account
from central.web.money_words import OUTCOME
from central.web.office import office
from central.web.words import say


def serve_at(money: Blueprint) -> None:
    """Adds the pages of reconciliation to the money pages."""
    money.add_url_rule("/reconciliation", view_func=reconciliation)
    money.add_url_rule("/reconciliation/file", view_func=take_file, methods=["POST"])
    money.add_url_rule("/reconciliation/<int:number>", view_func=resolve, methods=["POST"])


@account.staff("money.books")
def reconciliation():
    return _page()


def _page(problem: str | None = None, status: int = 200):
    before, settled = request.args.get("before", ""), "settled" in request.args
    if before and not (before.isdecimal() and len(before) < 19):
        abort(400, _("Page %(before)s: expected a number.", before=before[:40]))
    with office().database.read() as session:
        page = unreconciled.queue(session, settled=settled, before=int(before) if before else None)
        files, days, known = unreconciled.files(session), unreconciled.fetched(session), sites.sites(session)
    zone = known[0].timezone if known else "UTC"
    return render_template(
        "staff/money/reconciliation.html", page=page, files=files, days=days, sites=known, settled=settled, zone=zone,
        may_be=MAY_BE, of_days=(*OF_CARDS, Outcome.FILE_MISSING), problem=problem,
    ), status  # fmt: skip


@account.staff("money.books")
def take_file():
    desk, sent = office(), request.files.get("file")
    raw = sent.read() if sent else b""
    try:
        taken = settlement.take_in(
            desk.database, desk.provider.name, raw, request.form.get("site", ""), desk.now(), by=account.current().email
        )
    except (SettlementRefused, Refused) as error:
        return _page(str(error), 422)
    counts = ", ".join(f"{say(OUTCOME, word)}: {count}" for word, count in sorted(taken.outcomes.items()))
    told = {"day": taken.statement.day.isoformat(), "counts": counts, "missing": taken.missing}
    if taken.known:
        flash(_("This file of %(day)s was taken in before. %(counts)s.", **told), "info")
    else:
        flash(_("File of %(day)s taken in. %(counts)s. Captured and not paid out: %(missing)s.", **told), "success")
    return redirect(url_for("money.reconciliation"), 303)


@account.staff("money.settle")
def resolve(number: int):
    desk = office()
    given = {"by": account.current().email, "reason": request.form.get("reason", "")}
    given["key"] = request.form.get("key") or None
    try:
        with desk.database.begin() as session:
            actions.resolve(session, number, request.form.get("resolution", ""), desk.now(), **given)
    except Refused as error:
        return _page(str(error), 422)
    flash(_("Settled, with your reason."), "success")
    return redirect(url_for("money.reconciliation"), 303)
