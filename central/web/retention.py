"""Retention for managers: how long each class of data is kept, what went last, and what is held back."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import holds
from central.actions.errors import Refused
from central.rules.invoice import FinancialYear
from central.rules.people import invoices_kept_until
from central.rules.retention import Kind, due, kept_for
from central.store.reads import retention as reads
from central.store.reads import sites
from central.store.schema import Stay
from central.web import account, audit_words
from central.web.office import office

retention = Blueprint("retention", __name__, url_prefix="/retention")


@retention.app_template_global("picture_gone")
def picture_gone(stay: Stay) -> bool:
    """Whether a stay is so old that its pictures, where they are not here, were erased."""
    desk = office()
    begun = stay.entered_at or stay.requested_at or stay.created_at
    return begun < due(Kind.PICTURES, desk.now(), desk.settings.retention.model_dump())


@retention.get("")
@account.staff("manager")
def show():
    return _page()


@retention.get("/runs")
@account.staff("manager")
def runs():
    before = request.args.get("before", "")
    if before and not (before.isdecimal() and len(before) < 19):
        abort(400, _("Page %(before)s: expected a number.", before=before[:40]))
    with office().database.read() as session:
        found, zone = reads.runs(session, int(before) if before else None), _zone(session)
    shown, older = found[: reads.RUNS], found[reads.RUNS - 1].id if len(found) > reads.RUNS else None
    return render_template("staff/audit/runs.html", runs=shown, older=older, zone=zone, kinds=audit_words.KIND)


@retention.post("/holds")
@account.staff("manager")
def place():
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            holds.place(
                session, form.get("of", ""), form.get("subject", ""), form.get("reason", ""), desk.now(), account.me()
            )
    except Refused as error:
        return _page(str(error)), 422
    flash(_("It is held: nothing of it is erased until that is lifted."), "success")
    return redirect(url_for("retention.show"), 303)


@retention.post("/holds/<hold_id>/lift")
@account.staff("manager")
def lift(hold_id: str):
    desk = office()
    try:
        with desk.database.begin() as session:
            holds.lift(session, hold_id, request.form.get("reason", ""), desk.now(), account.me())
    except Refused as error:
        return _page(str(error)), 422
    flash(_("The hold is lifted."), "success")
    return redirect(url_for("retention.show"), 303)


def _page(problem: str | None = None) -> str:
    desk = office()
    now, periods = desk.now(), desk.settings.retention.model_dump()
    with desk.database.read() as session:
        last, oldest = reads.last_runs(session), reads.oldest(session)
        held, placed, zone = holds.counted(session), reads.holds(session), _zone(session)
    classes = [
        {
            "name": audit_words.KIND[kind],
            "days": kept_for(kind, periods).days,
            "years": periods["audit_years"] if kind is Kind.AUDIT else None,
            "last": last.get(kind),
            # None: the next run has something to do, or there is nothing at all
            "next": oldest[kind] + kept_for(kind, periods) if oldest.get(kind) else None,
            "overdue": bool(oldest.get(kind)) and oldest[kind] < due(kind, now, periods),
        }
        for kind in Kind
    ]
    this_year = FinancialYear.of(now, zone)
    return render_template(
        "staff/audit/retention.html", classes=classes, held=held, placed=placed, zone=zone, problem=problem,
        words_held=audit_words.HELD, typed=request.form, this_year=this_year,
        taxes=invoices_kept_until(this_year.begins),
    )  # fmt: skip


def _zone(session) -> ZoneInfo:
    return ZoneInfo(next((site.timezone for site in sites.sites(session)), "UTC"))
