"""Setting stays right on the screen: every form first shows what will change, then does it, and it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from central.actions import trials, undoing
from central.actions.access import normal_plate
from central.actions.corrections import Who
from central.actions.errors import Refused
from central.rules.corrections import TABLE, Kind
from central.rules.stay_table import Status
from central.store.reads import corrections as reads
from central.store.reads import sites
from central.store.schema import Correction, CorrectionImage, Site, Stay
from central.web import account, correction_forms, correction_words
from central.web.office import office
from edge.protocol.messages import VehicleClass

corrections = Blueprint("corrections", __name__)
corrections.add_app_template_global(correction_words, "correction_words")


@corrections.app_template_global("corrections_of")
def corrections_of(stay_id: str) -> dict[str, Correction]:
    with office().database.read() as session:
        return reads.of_stay(session, stay_id)


@corrections.app_template_global("may_correct")
def may_correct(stay: Stay) -> list[Kind]:
    """What this visitor may set right on a stay as it is."""
    kinds = [kind for kind, (role, of) in TABLE.items() if Status(stay.status) in of and account.may(role)]
    hidden = {Kind.DISPUTE} if stay.disputed_at else {Kind.RESOLVE}
    if stay.lost_ticket:
        hidden.add(Kind.LOST_TICKET)
    if stay.requested_at is None and stay.exited_at is None:
        hidden.add(Kind.SPLIT_EXIT)
    return [kind for kind in kinds if kind not in hidden]


@corrections.app_template_global("may_undo")
def may_undo(correction: Correction) -> bool:
    return correction.undone_at is None and account.may(TABLE[Kind(correction.kind)][0])


@corrections.route("/stays/<stay_id>/correct/<word>", methods=["GET", "POST"])
@account.staff("stays.correct")
def correct(stay_id: str, word: str):
    if word not in list(Kind):
        abort(404, _("There is no such correction."))
    kind = Kind(word)
    if not account.may(TABLE[kind][0]):
        abort(403, _("Your account may not do this. Ask a %(role)s.", role=_(TABLE[kind][0])))
    desk = office()
    with desk.database.read() as session:
        row = session.get(Stay, stay_id)
        site = None if row is None else session.get_one(Site, row.site_id)
    if row is None:
        abort(404, _("There is no such stay."))
    zone = ZoneInfo(site.timezone)
    if request.method == "GET":
        return _form(kind, row, zone, request.args)
    try:
        act = correction_forms.act(kind, stay_id, request.form, zone, _who(), desk.now())
        if request.form.get("step") != "do":
            return _form(kind, row, zone, request.form, changed=_changes(trials.preview(desk.database, act), zone))
        act = correction_forms.once(act, f"correct {kind}", request.form, site.id, desk.now(), stay_id)
        with desk.database.begin() as session:
            act(session)
    except Refused as error:
        return _form(kind, row, zone, request.form, refused=error)
    flash(_("Done. It can be undone from the stay's page."), "success")
    return redirect(url_for("stays.one", stay_id=stay_id), 303)


@corrections.route("/stays/enter", methods=["GET", "POST"])
@account.staff("stays.correct")
def enter():
    """A vehicle that came in, and no gate told."""
    desk, form = office(), request.values
    with desk.database.read() as session:
        known, gates = sites.sites(session), sites.gates(session)
    if not known:
        abort(404, _("There is no site yet: `python -m central site add` makes one."))
    site = next((one for one in known if one.id == form.get("site")), known[0])
    zone, problem, wrong_field, changed = ZoneInfo(site.timezone), None, "", None
    if request.method == "POST":
        try:
            act = correction_forms.entry(form, site.id, zone, _who(), desk.now())
            if form.get("step") != "do":
                changed = _changes(trials.preview(desk.database, act), zone)
            else:
                act = correction_forms.once(act, "enter by hand", form, site.id, desk.now())
                with desk.database.begin() as session:
                    made = act(session)
                flash(_("The vehicle is entered."), "success")
                return redirect(url_for("stays.one", stay_id=made), 303)
        except Refused as error:
            problem, wrong_field = str(error), error.field
    return render_template(
        "staff/corrections/enter.html", sites=known, site=site, zone=zone, typed=form, changed=changed,
        problem=problem, wrong_field=wrong_field, classes=get_args(VehicleClass), now=desk.now(),
        gates=[gate for gate in gates if gate.site_id == site.id and gate.lane == "entry"],
    ), 422 if problem else 200  # fmt: skip


@corrections.route("/corrections/<correction_id>/undo", methods=["GET", "POST"])
@account.staff("stays.correct")
def undo(correction_id: str):
    desk, wrong_field = office(), ""
    with desk.database.read() as session:
        found = session.get(Correction, correction_id)
        if found is None:
            abort(404, _("There is no such correction."))
        of_it = select(CorrectionImage).where(CorrectionImage.correction_id == found.id)
        images = list(session.scalars(of_it.order_by(CorrectionImage.id)))
        zone = ZoneInfo(session.get_one(Site, found.site_id).timezone)
        stays = [image.row_id for image in images if image.of == "stay"]
        problem = undoing.stands_on(session, found, images, stays, desk.now()) if found.undone_at is None else None
    if request.method == "POST":
        try:
            reason, now = request.form.get("reason", ""), desk.now()
            act = correction_forms.once(
                lambda session: undoing.undo(session, correction_id, _who(), reason, now), "undo", request.form,
                found.site_id, now, correction_id,
            )  # fmt: skip
            with desk.database.begin() as session:
                act(session)
        except Refused as error:
            problem, wrong_field = str(error), error.field
        else:
            flash(_("Undone: everything is as it was before."), "success")
            return redirect(url_for("stays.one", stay_id=found.stay_id), 303)
    return render_template(
        "staff/corrections/undo.html",
        correction=found,
        zone=zone,
        changed=_changes(images, zone),
        problem=problem,
        wrong_field=wrong_field,
    ), 422 if problem and request.method == "POST" else 200


def _form(
    kind: Kind,
    row: Stay,
    zone: ZoneInfo,
    typed: Mapping[str, str],
    *,
    changed: list[correction_words.Changed] | None = None,
    refused: Refused | None = None,
):
    others, gates = [], []
    with office().database.read() as session:
        if kind is Kind.MERGE:
            try:
                plate = normal_plate(typed["find"]) if typed.get("find", "").strip() else None
                others = reads.may_be_the_same(session, row, plate)
            except Refused as error:
                refused = refused or Refused(str(error), field="find")
        if kind is Kind.ENTRY:
            gates = [one for one in sites.gates(session) if one.site_id == row.site_id and one.lane == "entry"]
    # of another field, such as the plate that a time clashes with, it is said of the whole
    wrong_field = (
        refused.field if refused and refused.field in (*correction_forms.FIELDS.get(kind, ()), "reason") else ""
    )
    return render_template(
        "staff/corrections/form.html", kind=kind, stay=row, zone=zone, typed=typed, changed=changed,
        problem=refused and str(refused), wrong_field=wrong_field, others=others, gates=gates,
        classes=get_args(VehicleClass), now=office().now(),
    ), 422 if refused else 200  # fmt: skip


def _changes(images: list[CorrectionImage], zone: ZoneInfo) -> list[correction_words.Changed]:
    with office().database.read() as session:
        ids = [image.row_id for image in images if image.of == "stay"]
        plates = {row.id: row.plate for row in session.scalars(select(Stay).where(Stay.id.in_(ids)))}
    return correction_words.changes(images, zone, plates)


def _who() -> Who:
    user = account.current()
    return Who(user.email, user.role)
