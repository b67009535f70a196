"""The mock payment provider's console for administrators: orders, answers in a payer's place, outages on command."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions.audit import audit
from central.actions.errors import Refused
from central.payments import choose
from central.payments.mock_console import PAYERS, TROUBLES
from central.payments.mock_upi import MockUpi
from central.payments.provider import ProviderUnavailable
from central.store.reads import attempts as reads
from central.store.reads import sites
from central.store.schema import Attempt
from central.web import account
from central.web.office import office

psp_console = Blueprint("psp_console", __name__, url_prefix="/mock-payments")

PAYER = {
    "success": _l("has the money"),
    "failure": _l("whose bank declines"),
    "pin": _l("who types a wrong PIN"),
    "poor": _l("without enough money"),
    "unknown": _l("whose bank never answers"),
    "late": _l("whose bank answers late"),
}
TROUBLE = {"none": _l("Well"), "down": _l("Out of order"), "slow": _l("Slow to answer")}
LONGEST_MIN, DELAY_S = 60, 8


@psp_console.before_request
def only_of_the_mock() -> None:
    if office().provider.name != MockUpi.name:
        abort(404, _("Payments here are real: there is nothing to pretend."))


@psp_console.get("")
@account.staff("administrator")
def show():
    return _page()


@psp_console.get("/<attempt_id>")
@account.staff("administrator")
def one(attempt_id: str):
    return _one(attempt_id)


@psp_console.post("/<attempt_id>")
@account.staff("administrator")
def answer(attempt_id: str):
    """Approves or declines as a payer would, at the provider; what follows takes its ordinary way."""
    form, desk = request.form, office()
    payer, do = form.get("payer", ""), form.get("do", "")
    try:
        if payer not in PAYERS or do not in ("approve", "decline"):
            raise Refused(_("Choose a payer, and one of the buttons."))
        attempt = _attempt(attempt_id)
        choose.console(desk.settings).answer(attempt.provider_ref, payer, approve=do == "approve")
    except (Refused, ProviderUnavailable) as error:
        return _one(attempt_id, str(error)), 422
    with desk.database.begin() as session:
        audit(session, desk.now(), account.me(), f"mock payment: {do}", f"attempt/{attempt_id}", payer=payer)
    flash(_("Answered. The provider announces it by its webhook."), "success")
    return redirect(url_for("psp_console.one", attempt_id=attempt_id), 303)


@psp_console.post("/trouble")
@account.staff("administrator")
def trouble():
    form, desk = request.form, office()
    kind, minutes = form.get("kind", ""), form.get("minutes", "")
    try:
        if kind not in TROUBLES:
            raise Refused(_("Choose how the provider is to be."))
        if not (minutes.isascii() and minutes.isdecimal() and 1 <= int(minutes[:4]) <= LONGEST_MIN):
            raise Refused(_("Minutes: expected a whole number from 1 to %(most)d.", most=LONGEST_MIN))
        choose.console(desk.settings).trouble(kind, int(minutes) * 60, DELAY_S if kind == "slow" else 0)
    except (Refused, ProviderUnavailable) as error:
        return _page(str(error)), 422
    with desk.database.begin() as session:
        audit(session, desk.now(), account.me(), f"mock payments: {kind}", "mock_upi", minutes=int(minutes))
    flash(_("From now on: %(how)s.", how=TROUBLE[kind]), "success")
    return redirect(url_for("psp_console.show"), 303)


def _page(problem: str | None = None) -> str:
    with office().database.read() as session:
        rows, older = reads.of_provider(session, MockUpi.name, request.args.get("before"))
        zone = _zone(session)
    return render_template(
        "staff/psp/console.html", rows=rows, older=older, zone=zone, troubles=TROUBLE, longest=LONGEST_MIN,
        delay=DELAY_S, problem=problem,
    )  # fmt: skip


def _one(attempt_id: str, problem: str | None = None) -> str:
    attempt, order = _attempt(attempt_id), None
    try:
        order = choose.console(office().settings).order(attempt.provider_ref)
    except ProviderUnavailable as error:
        problem = problem or str(error)
    with office().database.read() as session:
        zone = _zone(session)
    payments = order["payments"] if order else []
    open_ = order is not None and not any(one["status"] in ("captured", "pending") for one in payments)
    shown: dict[str, Any] = {"attempt": attempt, "order": order, "payments": payments, "may_answer": open_}
    return render_template("staff/psp/order.html", zone=zone, payers=PAYER, problem=problem, **shown)


def _attempt(attempt_id: str) -> Attempt:
    with office().database.read() as session:
        found = session.get(Attempt, attempt_id)
    if found is None or found.provider != MockUpi.name or found.provider_ref is None:
        abort(404, _("There is no such payment."))
    return found


def _zone(session) -> ZoneInfo:
    return next((ZoneInfo(site.timezone) for site in sites.sites(session)), ZoneInfo("UTC"))
