"""Gates for those who look after them: how each was and is, what is wrong and what to do about it, and orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import lanes as actions
from central.actions.errors import Refused
from central.store.reads import dashboard as reads
from central.store.reads import lanes
from central.store.schema import GateSample, Site
from central.web import account, charts, figure_words, words
from central.web.charts import Picture
from central.web.money import chosen_site
from central.web.office import office
from edge.protocol import faults
from edge.protocol.maintenance import COMMANDS

gates = Blueprint("gates", __name__, url_prefix="/gates")

#   order             what the page calls it
ORDERS = {
    "open": _l("Open once"),
    "hold": _l("Hold open"),
    "release": _l("End the hold"),
    "close": _l("Close"),
    "reset_fault": _l("Reset the fault"),
    "self_test": _l("Test every part"),
    "snapshot": _l("Take a picture"),
    "restart_vision": _l("Restart the reading of plates"),
}
# who works the lanes may order the boom; who looks after machines, the machine
LEAST_ROLE = {"operator": "supervisor", "maintenance": "manager"}
STRETCHES = {"24": _l("A day"), "168": _l("A week")}

_GB, _PERCENT = 1 << 30, 100


def _rounded(value: float | None, times: float = 1) -> float | None:
    return None if value is None else round(value * times, 1)


#   what          of a health message, as people read it                      and its unit
_TOLD: dict[str, tuple[Callable[[dict[str, Any]], float | None], str]] = {
    "temperature": (lambda health: _rounded(health.get("temperature_c")), "°C"),
    "disk": (lambda health: _rounded(health.get("disk_free_bytes"), 1 / _GB), "GB"),
    "queue": (lambda health: health.get("outbox"), ""),
    "latency": (lambda health: _rounded(health.get("read_p95_ms")), "ms"),
    "read_rate": (lambda health: _rounded(health.get("read_rate"), _PERCENT), "%"),
}


@gates.get("")
@account.staff("supervisor")
def listed():
    with office().database.read() as session:
        known, site = chosen_site(session)
        found = reads.gates_now(session, site.id)
    return render_template("staff/gates/list.html", sites=known, site=site, gates=found, kind=faults.kind)


@gates.get("/<site>/<gate>")
@account.staff("supervisor")
def one(site: str, gate: str):
    return _page(site, gate)


@gates.post("/<site>/<gate>/order")
@account.staff("supervisor")
def order(site: str, gate: str):
    desk, name = office(), request.form.get("order", "")
    try:
        if name not in ORDERS:
            raise Refused(_("Choose what it is to do."))
        least = LEAST_ROLE[COMMANDS[name].who]
        if not account.may(least):
            raise Refused(_("Only a %(role)s may order that.", role=words.say(words.ROLE, least)))
        with desk.database.begin() as session:
            by, reason = account.current().email, request.form.get("reason", "")[:200]
            actions.order(session, site, gate, name, desk.now(), by=by, reason=reason, among=list(ORDERS))
    except Refused as error:
        return _page(site, gate, str(error)), 422
    flash(_("Order sent: %(order)s. What became of it is told below.", order=ORDERS[name]), "success")
    return redirect(url_for("gates.one", site=site, gate=gate), 303)


def _page(site_id: str, gate_id: str, problem: str | None = None) -> str:
    hours = request.args.get("hours", "24")
    if hours not in STRETCHES:
        abort(400, _("Hours %(text)s: expected one of %(known)s.", text=hours[:20], known=", ".join(STRETCHES)))
    until = office().now()
    with office().database.read() as session:
        found = reads.gate_now(session, site_id, gate_id)
        if found is None:
            abort(404, _("There is no such gate."))
        site = session.get_one(Site, site_id)
        samples = reads.gate_history(session, site_id, gate_id, until - timedelta(hours=int(hours)))
        lane = lanes.lane(session, site_id, gate_id)
    zone = ZoneInfo(site.timezone)
    since = (until - timedelta(hours=int(hours))).astimezone(zone)
    return render_template(
        "staff/gates/one.html", site=site, zone=zone, one=found, lane=lane, kind=faults.kind, problem=problem,
        hours=hours, stretches=STRETCHES, pictures=_pictures(samples, since, until), samples=len(samples),
        orders={name: (text, COMMANDS[name]) for name, text in ORDERS.items()
                if account.may(LEAST_ROLE[COMMANDS[name].who])},
    )  # fmt: skip


def _pictures(samples: list[GateSample], since: datetime, until: datetime) -> list[Picture]:
    return [
        charts.history(
            name, words.say(figure_words.HEALTH, name), [(sample.at, told(sample.health)) for sample in samples],
            since, until, unit,
        )
        for name, (told, unit) in _TOLD.items()
    ]  # fmt: skip
