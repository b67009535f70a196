"""Live lanes: what every gate does now, and orders to it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import lanes as actions
from central.actions.errors import Refused
from central.store.reads import lanes as reads
from central.web import account, words
from central.web.office import office

lanes = Blueprint("lanes", __name__, url_prefix="/lanes")

# why a person opens a barrier, most frequent first; any other is typed
REASONS = (
    _l("Plate could not be read"),
    _l("Payment did not work"),
    _l("Visitor or delivery"),
    _l("Emergency vehicle"),
    _l("Vehicle has to turn back"),
)


@lanes.get("")
@account.staff("lanes.see")
def show():
    with office().database.read() as session:
        return render_template("staff/lanes.html", lanes=reads.lanes(session))


@lanes.get("/now")
@account.staff("lanes.see")
def now() -> Response:
    """The cards' moving parts alone, asked for each second; 304 while nothing has changed."""
    with office().database.read() as session:
        answer = make_response(render_template("staff/lanes_now.html", lanes=reads.lanes(session)))
    answer.add_etag()
    return answer.make_conditional(request)


@lanes.get("/<site>/<gate>")
@account.staff("lanes.see")
def one(site: str, gate: str):
    """One gate, with everything a person can order it to do."""
    return _page(site, gate)


@lanes.post("/<site>/<gate>/open")
@account.staff("lanes.open")
def open_barrier(site: str, gate: str):
    return _order(site, gate, "open")


@lanes.post("/<site>/<gate>/order")
@account.staff("lanes.order")
def order(site: str, gate: str):
    return _order(site, gate, request.form.get("order", ""))


def _order(site: str, gate: str, name: str):
    desk = office()
    # a typed reason says more than a ready one
    reason = request.form.get("other", "").strip() or request.form.get("reason", "").strip()
    try:
        with desk.database.begin() as session:
            give = {"by": account.current().email, "reason": reason[:200]}
            if name == "open":
                actions.operator_open(session, site, gate, desk.now(), **give)
            else:
                actions.order(session, site, gate, name, desk.now(), **give)
    except Refused as error:
        return _page(site, gate, str(error)), 422
    flash(_("Order sent: %(order)s. The card shows what became of it.", order=words.say(words.ORDER, name)), "success")
    return redirect(url_for("lanes.show", _anchor=f"now-{site}-{gate}"), 303)


def _page(site: str, gate: str, problem: str | None = None) -> str:
    with office().database.read() as session:
        lane = reads.lane(session, site, gate)
    if lane is None:
        abort(404, _("There is no such gate."))
    return render_template("staff/lane.html", lane=lane, reasons=REASONS, problem=problem)
