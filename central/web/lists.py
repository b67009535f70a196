"""The access list on the screen: passes and denied plates, one by one, from a CSV file, and as one."""

from __future__ import annotations

import base64
import binascii
from typing import Any, get_args
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import access, access_lists
from central.actions.access import normal_plate
from central.actions.access_lists import ADD, CHANGE, SAME
from central.actions.errors import Refused
from central.store.reads import access_lists as reads
from central.store.reads import sites
from central.web import account
from central.web.csv_answer import csv_answer
from central.web.office import office
from central.web.site_choice import chosen_site
from edge.protocol.messages import VehicleClass

lists = Blueprint("lists", __name__, url_prefix="/lists")

LONGEST_FILE = 1024 * 1024
KIND = {"pass": _l("Pass"), "denied": _l("Denied")}
DOES = {ADD: _l("new"), CHANGE: _l("changes"), SAME: _l("stands already")}


@lists.get("")
@account.staff("supervisor")
def listed():
    return _page()


@lists.post("/<site_id>")
@account.staff("manager")
def put(site_id: str):
    """One plate."""
    desk, form = office(), request.form
    try:
        zone = _zone(site_id)
        with desk.database.begin() as session:
            access.set_rule(
                session, site_id, form.get("plate", ""), form.get("kind", ""), desk.now(), account.me(),
                vehicle_class=form.get("class") or None,
                valid_from=access_lists.moment(form.get("from", "").strip(), zone),
                valid_until=access_lists.moment(form.get("until", "").strip(), zone),
                note=" ".join(form.get("note", "").split())[: access_lists.LONGEST_NOTE],
            )  # fmt: skip
    except Refused as error:
        return _page(str(error)), 422
    flash(_("Done. The gates are told."), "success")
    return redirect(url_for("lists.listed", site=site_id), 303)


@lists.post("/<site_id>/<plate>/remove")
@account.staff("manager")
def remove(site_id: str, plate: str):
    desk = office()
    try:
        with desk.database.begin() as session:
            access.remove_rule(session, site_id, plate, desk.now(), account.me())
    except Refused as error:
        return _page(str(error)), 422
    flash(_("Taken off the list. The gates are told."), "success")
    return redirect(url_for("lists.listed", site=site_id), 303)


@lists.get("/<site_id>.csv")
@account.staff("supervisor")
def download(site_id: str) -> Response:
    """The list as a file that can be loaded again."""
    try:
        zone = _zone(site_id)
    except Refused as error:
        return _page(str(error)), 404
    with office().database.read() as session:
        rows = [
            (rule.plate, rule.kind, rule.vehicle_class or "", _day(rule.valid_from, zone), _day(rule.valid_until, zone),
             rule.note)
            for rule in reads.every_rule(session, site_id)
        ]  # fmt: skip
    return csv_answer(f"access-{site_id}.csv", access_lists.COLUMNS, rows)


@lists.post("/<site_id>/file")
@account.staff("manager")
def load(site_id: str):
    """A file: shown first, line by line; then applied, whole or without the lines that are wrong."""
    desk, form = office(), request.form
    try:
        zone, raw = _zone(site_id), _file()
        if form.get("step") != "do":
            with desk.database.read() as session:
                lines = access_lists.read(session, site_id, raw, zone)
            return _page(lines=lines, raw=base64.b64encode(raw).decode())
        with desk.database.begin() as session:
            lines = access_lists.apply(
                session, site_id, raw, zone, desk.now(), account.me(), in_part=form.get("in_part") == "yes"
            )
    except Refused as error:
        return _page(str(error)), 422
    done, left = sum(line.does in (ADD, CHANGE) for line in lines), sum(bool(line.wrong) for line in lines)
    said = _("%(done)d plates are set as the file says.", done=done)
    flash(said + (" " + _("%(left)d lines were left out.", left=left) if left else ""), "success")
    return redirect(url_for("lists.listed", site=site_id), 303)


def _file() -> bytes:
    """The file that is sent, or the one that was shown before."""
    kept = request.form.get("raw", "")
    try:
        raw = base64.b64decode(kept, validate=True) if kept else request.files["file"].read(LONGEST_FILE + 1)
    except (binascii.Error, KeyError) as error:
        raise Refused(_("Choose a CSV file.")) from error
    if not raw:
        raise Refused(_("Choose a CSV file."))
    if len(raw) > LONGEST_FILE:
        raise Refused(_("This file is larger than %(size)d kB.", size=LONGEST_FILE // 1024))
    return raw


def _page(problem: str | None = None, **more: Any) -> str:
    asked = {name: request.args.get(name, "").strip() for name in ("plate", "after", "kind")}
    with office().database.read() as session:
        known, site = chosen_site(session)
        named = (request.view_args or {}).get("site_id")
        site = next((one for one in known if one.id == named), site)
        try:
            begins, after = (normal_plate(asked[name]) if asked[name] else "" for name in ("plate", "after"))
            kind = asked["kind"] if asked["kind"] in KIND else ""
            rows, later = reads.rules(session, site.id, begins, after, kind)
        except Refused as error:
            problem, rows, later = problem or str(error), [], None
    return render_template(
        "staff/lists/list.html", sites=known, site=site, zone=ZoneInfo(site.timezone), rows=rows, later=later,
        asked=asked, problem=problem, kinds=KIND, does=DOES, classes=get_args(VehicleClass), now=office().now(), **more,
    )  # fmt: skip


def _zone(site_id: str) -> ZoneInfo:
    with office().database.read() as session:
        site = next((one for one in sites.sites(session) if one.id == site_id), None)
    if site is None:
        raise Refused(_("There is no such site."))
    return ZoneInfo(site.timezone)


def _day(at, zone: ZoneInfo) -> str:
    """As a file says it: "2026-11-24", with the time where it is not midnight; to the second and its fraction."""
    if at is None:
        return ""
    there = at.astimezone(zone).replace(tzinfo=None)
    return there.isoformat(" ").removesuffix(" 00:00:00")
