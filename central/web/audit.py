"""The audit log for managers: what was done, by whom, whether anybody touched it since, and who looked at pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import audit_chain
from central.actions.access import normal_plate
from central.actions.errors import Refused
from central.store.reads import audit as reads
from central.store.reads import sites
from central.store.schema import PictureLook, Stay
from central.web import account, log_words
from central.web.audit_words import BROKEN
from central.web.csv_answer import csv_answer
from central.web.office import office
from central.web.stays import day_of

audit = Blueprint("audit", __name__, url_prefix="/audit")

audit.add_app_template_filter(log_words.done, "done")

FIELDS = ("by", "what", "subject", "plate", "from", "to", "before")
MOST = 100_000  # rows of one file


@audit.get("")
@account.staff("manager")
def listed():
    asked, problem = _asked(), None
    with office().database.read() as session:
        zone = _zone(session)
        try:
            page = reads.audit(session, _filter(asked, zone))
        except Refused as error:
            page, problem = reads.AuditPage([], None), str(error)
        head, checked = reads.head(session), reads.last_check(session)
    older = {**asked, "before": page.older} if page.older else None
    shown = {"asked": asked, "page": page, "older": older, "zone": zone, "head": head, "checked": checked}
    return render_template("staff/audit/list.html", problem=problem, broken=BROKEN, **shown), 422 if problem else 200


@audit.get("/<int:number>")
@account.staff("manager")
def one(number: int):
    with office().database.read() as session:
        found = reads.one(session, number) if number < 2**63 else None
        zone = _zone(session)
    if found is None:
        abort(404, _("There is no such row."))
    return render_template("staff/audit/one.html", found=found, zone=zone)


@audit.get("/log.csv")
@account.staff("manager")
def as_csv() -> Response:
    """The rows that fit the filter, for a spreadsheet."""
    with office().database.read() as session:
        try:
            wanted = _filter(_asked(), _zone(session))
        except Refused as error:
            abort(422, str(error))
        head = [_("Number"), _("Time (UTC)"), _("Who"), _("What"), _("Subject"), _("Details")]
        return csv_answer("audit.csv", head, _lines(reads.whole(session, wanted)))


@audit.post("/check")
@account.staff("manager")
def check():
    """Looks through the whole log now."""
    desk = office()
    with desk.database.begin() as session:
        audit_chain.link_new(session)
    try:
        with desk.database.read() as session:
            found = audit_chain.check(session, desk.settings.data_dir)
    except ValueError as error:
        flash(str(error), "danger")
        return redirect(url_for("audit.listed"), 303)
    with desk.database.begin() as session:
        audit_chain.note_check(session, found, desk.now(), account.me())
    flash(_("The log was looked through."), "info")
    return redirect(url_for("audit.listed"), 303)


@audit.get("/pictures")
@account.staff("manager")
def pictures():
    asked = {name: request.args[name].strip() for name in ("by", "picture") if request.args.get(name, "").strip()}
    with office().database.read() as session:
        page = reads.looks(session, asked.get("by"), asked.get("picture"), request.args.get("before") or None)
        zone = _zone(session)
    older = {**asked, "before": page.older} if page.older else None
    return render_template("staff/audit/pictures.html", asked=asked, page=page, older=older, zone=zone)


@audit.app_template_global("looks_at")
def looks_at(stay: Stay) -> list[PictureLook]:
    """Who of staff was shown a stay's pictures, for those who may know."""
    if not account.may("manager"):
        return []
    with office().database.read() as session:
        return reads.looks_at(session, stay)


def _asked() -> dict[str, str]:
    return {name: request.args[name].strip() for name in FIELDS if request.args.get(name, "").strip()}


def _filter(asked: dict[str, str], zone: ZoneInfo) -> reads.AuditFilter:
    before = asked.get("before", "")
    if before and not (before.isdecimal() and len(before) < 19):
        raise Refused(_("Page %(before)s: expected a number.", before=before[:40]))
    return reads.AuditFilter(
        by=asked.get("by"),
        what=log_words.stored(asked["what"]) if "what" in asked else None,
        subject=asked.get("subject"),
        plate=normal_plate(asked["plate"]) if "plate" in asked else None,
        begin=_edge(asked, "from", zone, 0),
        end=_edge(asked, "to", zone, 1),
        before=int(before) if before else None,
    )


def _edge(asked: dict[str, str], name: str, zone: ZoneInfo, edge: int) -> datetime | None:
    return day_of(asked[name], zone)[edge] if name in asked else None


def _zone(session) -> ZoneInfo:
    return ZoneInfo(next((site.timezone for site in sites.sites(session)), "UTC"))


def _lines(rows: Iterator[reads.AuditRow]) -> Iterator[list[str]]:
    for count, one in enumerate(rows):
        if count == MOST:
            yield ["", "", "", _("More rows fit: choose fewer days."), "", ""]
            return
        row, detail = one.row, json.dumps(one.detail, ensure_ascii=False, sort_keys=True)
        yield [str(row.id), row.at.isoformat(timespec="seconds"), row.by, row.what, row.subject, detail]
