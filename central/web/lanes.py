"""Live lanes: what every gate does now, and orders to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from central.actions import help_calls
from central.actions import lanes as actions
from central.actions.errors import Refused
from central.store.reads import help_calls as calls
from central.store.reads import lanes as reads
from central.web import account, news, words
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
    moving = _now()
    return render_template("staff/lanes.html", tag=news.as_header(moving), **moving)


@lanes.get("/now")
@account.staff("lanes.see")
def now() -> Response:
    """The cards' moving parts alone, asked for each second; 304 while nothing has changed."""
    moving = _now()
    return news.unless_known(moving, lambda: render_template("staff/lanes_now.html", **moving))


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
    return redirect(url_for("lanes.one", site=site, gate=gate), 303)


@lanes.post("/<site>/<gate>/calls/<call_id>")
@account.staff("lanes.open")
def call(site: str, gate: str, call_id: str):
    """A driver's call for help is answered, or over."""
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            if form.get("do") == "answer":
                help_calls.answer(session, call_id, desk.now(), account.me())
            elif form.get("do") == "close":
                help_calls.close(session, call_id, desk.now(), account.me(), done=form.get("done", ""))
            else:
                raise Refused(_("Choose one of the buttons."))
    except Refused as error:
        return _page(site, gate, str(error)), 422
    return redirect(url_for("lanes.one", site=site, gate=gate), 303)


@lanes.app_template_global("help_calls_waiting")
def calls_waiting() -> int:
    """How many lanes wait for a person whom nobody has answered."""
    with office().database.read() as session:
        return sum(not call.answered_by for call in calls.calls(session, office().now()))


def _now() -> dict[str, Any]:
    """What every lane does, and the calls for help at it."""
    with office().database.read() as session:
        return {"lanes": reads.lanes(session), "calls": _calls(session)}


def _calls(session: Session) -> dict[tuple[str, str], calls.Call]:
    return {(call.site_id, call.gate_id): call for call in calls.calls(session, office().now())}


def _page(site: str, gate: str, problem: str | None = None) -> str:
    with office().database.read() as session:
        lane = reads.lane(session, site, gate)
        shown = {"calls": _calls(session), "orders": reads.orders(session, site, gate)}
    if lane is None:
        abort(404, _("There is no such gate."))
    return render_template("staff/lane.html", lane=lane, reasons=REASONS, problem=problem, **shown)
