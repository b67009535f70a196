"""Tariffs for staff: versions and drafts of each site, writing and scheduling them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import tariff_drafts as drafts
from central.actions.errors import Refused
from central.rules.checked_table import day
from central.rules.tariff import TariffError
from central.rules.tariff_text import tariff_from_toml
from central.rules.tariff_toml import with_keys
from central.rules.tariff_versions import Stage
from central.store.reads import sites
from central.store.reads import tariffs as reads
from central.store.schema import Site
from central.web import account
from central.web.office import office

tariffs = Blueprint("tariffs", __name__, url_prefix="/tariffs")

EXAMPLES = Path(__file__).parents[2] / "config" / "tariffs"
STAGE = {
    Stage.SCHEDULED: (_l("Scheduled"), "info"),
    Stage.IN_FORCE: (_l("In force"), "success"),
    Stage.ENDED: (_l("Ended"), "secondary"),
}


@tariffs.get("")
@account.staff("tariffs.see")
def listed():
    with office().database.read() as session:
        now = office().now()
        shown = [reads.site_tariffs(session, site, now) for site in sites.sites(session)]
    return render_template("staff/tariffs/list.html", shown=shown, stages=STAGE, examples=examples())


@tariffs.get("/sites/<site>/<int:number>")
@account.staff("tariffs.see")
def version(site: str, number: int):
    with office().database.read() as session:
        place, row = session.get(Site, site), reads.version_of(session, site, number)
    if place is None or row is None:
        abort(404, _("There is no such version."))
    return render_template("staff/tariffs/version.html", site=place, row=row, zone=ZoneInfo(place.timezone))


@tariffs.get("/sites/<site>/<int:number>.toml")
@account.staff("tariffs.see")
def export(site: str, number: int) -> Response:
    with office().database.read() as session:
        row = reads.version_of(session, site, number)
    if row is None:
        abort(404, _("There is no such version."))
    return _file(row.toml, f"{row.site_id}-{number}.toml")


@tariffs.post("/sites/<site>/drafts")
@account.staff("tariffs.write")
def new_draft(site: str):
    """From a version, an example, or a file; a fresh one has the site's own name and zone."""
    desk = office()
    try:
        with desk.database.begin() as session:
            draft = drafts.new_draft(session, site, _source(session, site), desk.now(), account.current().email)
    except Refused as error:
        flash(str(error), "danger")
        return redirect(url_for("tariffs.listed"), 303)
    return redirect(url_for("tariffs.draft", draft_id=draft.id), 303)


@tariffs.get("/drafts/<draft_id>")
@account.staff("tariffs.see")
def draft(draft_id: str):
    return _draft_page(draft_id)


@tariffs.get("/drafts/<draft_id>.toml")
@account.staff("tariffs.see")
def export_draft(draft_id: str) -> Response:
    with office().database.read() as session:
        row = reads.draft_of(session, draft_id)
    if row is None:
        abort(404, _("There is no such draft."))
    return _file(row.toml, f"{row.site_id}-draft.toml")


@tariffs.post("/drafts/<draft_id>")
@account.staff("tariffs.write")
def change(draft_id: str):
    """Saves what was typed; then schedules it or throws it away, where that was asked for."""
    desk, wish, by = office(), request.form.get("do", "save"), account.current().email
    typed = request.form.get("toml", "").replace("\r\n", "\n")  # browsers send every line's end as two
    try:
        if wish == "drop":
            with desk.database.begin() as session:
                drafts.drop_draft(session, draft_id, desk.now(), by)
            flash(_("The draft is gone."), "success")
            return redirect(url_for("tariffs.listed"), 303)
        with desk.database.begin() as session:
            row = drafts.change_draft(session, draft_id, typed, desk.now(), by, request.form.get("seen"))
        if wish == "schedule":
            begin, end = _day("valid_from", needed=True), _day("valid_to", needed=False)
            with desk.database.begin() as session:
                made = drafts.schedule(session, draft_id, begin, end, desk.now(), by)
            flash(_("Version %(number)s is scheduled.", number=made.version), "success")
            return redirect(url_for("tariffs.version", site=made.site_id, number=made.version), 303)
    except Refused as error:
        return _draft_page(draft_id, typed, str(error))
    problem = wrong_with(row.toml)
    flash(_("Saved, but it can't be used yet.") if problem else _("Saved."), "warning" if problem else "success")
    return redirect(url_for("tariffs.draft", draft_id=draft_id), 303)


@tariffs.post("/sites/<site>/<int:number>/withdraw")
@account.staff("tariffs.write")
def withdraw(site: str, number: int):
    desk = office()
    try:
        with desk.database.begin() as session:
            row = drafts.withdraw(session, site, number, desk.now(), account.current().email)
    except Refused as error:
        flash(str(error), "danger")
        return redirect(url_for("tariffs.listed"), 303)
    flash(_("Version %(number)s is a draft again.", number=number), "success")
    return redirect(url_for("tariffs.draft", draft_id=row.id), 303)


def examples() -> list[str]:
    return sorted(path.stem for path in EXAMPLES.glob("*.toml"))


def wrong_with(toml: str) -> str | None:
    """What is wrong with a tariff's text, None where nothing is."""
    try:
        tariff_from_toml(toml)
    except TariffError as error:
        return str(error)
    return None


def _source(session, site_id: str) -> str:
    """The text a new draft begins with."""
    kind, _colon, name = request.form.get("source", "").partition(":")
    sent = request.files.get("file")
    if kind == "file":
        if sent is None or not sent.filename:
            raise Refused(_("No file was chosen: expected a tariff in TOML."))
        try:
            return sent.read(drafts.LONGEST * 4).decode()
        except UnicodeDecodeError as error:
            raise Refused(_("%(name)s is no text: expected a tariff in TOML.", name=sent.filename[:80])) from error
    if kind == "version" and re.fullmatch(r"\d{1,6}", name, re.ASCII):
        row = reads.version_of(session, site_id, int(name))
        if row is not None:
            return row.toml
    if kind == "example" and name in examples():
        place = session.get(Site, site_id)
        if place is not None:
            text = (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")
            return with_keys(text, id=site_id, site=site_id, timezone=place.timezone)
    raise Refused(_("Begin with: expected a version of this site, an example, or a file."))


def _draft_page(draft_id: str, typed: str | None = None, problem: str | None = None):
    with office().database.read() as session:
        row = reads.draft_of(session, draft_id)
        place = None if row is None else session.get(Site, row.site_id)
    if row is None:
        abort(404, _("There is no such draft: it was scheduled, or thrown away."))
    toml = row.toml if typed is None else typed
    shown = {"row": row, "site": place, "zone": ZoneInfo(place.timezone), "toml": toml}
    wrong = problem or wrong_with(toml)
    page = render_template(
        "staff/tariffs/draft.html", **shown, problem=wrong, today=office().now().date(), asked=request.form
    )
    return page, 422 if problem else 200


def _day(field: str, *, needed: bool) -> date | None:
    text = request.form.get(field, "").strip()
    if not text and not needed:
        return None
    try:
        return day(field, text)
    except TariffError as error:
        raise Refused(str(error)) from error


def _file(text: str, name: str) -> Response:
    answer = Response(text.encode(), mimetype="application/toml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
