"""Quarantine: messages of gates that could not be applied, for a person to look at."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import unapplied as actions
from central.actions.errors import Refused
from central.store.reads import quarantine as reads
from central.store.reads import sites
from central.web import account
from central.web.office import office

unapplied = Blueprint("unapplied", __name__, url_prefix="/quarantine")

SHOWN_PAYLOAD = 2_000


@unapplied.app_template_global("unapplied_waiting")
def waiting() -> int:
    """How many messages wait for a person, counted up to 100."""
    with office().database.read() as session:
        return reads.unseen(session)


@unapplied.get("")
@account.staff("quarantine.see")
def listed():
    before, seen = request.args.get("before", ""), "seen" in request.args
    if before and not (before.isdecimal() and len(before) < 19):
        abort(400, _("Page %(before)s: expected a number.", before=before[:40]))
    with office().database.read() as session:
        page = reads.quarantine(session, seen=seen, before=int(before) if before else None)
        zone = next((site.timezone for site in sites.sites(session)), "UTC")
    return render_template("staff/quarantine.html", page=page, seen=seen, zone=zone, longest=SHOWN_PAYLOAD)


@unapplied.post("/<int:number>/seen")
@account.staff("quarantine.clear")
def mark_seen(number: int):
    desk = office()
    try:
        with desk.database.begin() as session:
            actions.mark_seen(session, number, desk.now(), account.current().email)
    except Refused as error:
        abort(404, str(error))
    return redirect(url_for("unapplied.listed"), 303)
