"""Violations for staff: the list, one with its evidence and what is done about it, what a site asks for each kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import repeats, violation_raising, violation_rules
from central.actions import violations as actions
from central.actions.access import normal_plate
from central.actions.errors import Refused
from central.rules.invoice import SAC_PENALTY
from central.rules.violations import MOVES, Kind, Signal, Status
from central.store.reads import sites
from central.store.reads import violations as reads
from central.store.schema import Violation
from central.web import account, violation_words
from central.web.money import chosen_site
from central.web.money_words import paise
from central.web.office import office

violations = Blueprint("violations", __name__, url_prefix="/violations")
violations.add_app_template_global(violation_words, "violation_words")


@violations.app_template_global("violations_of")
def of_stay(stay_id: str) -> list[Violation]:
    """Those raised of a stay, for its pages."""
    with office().database.read() as session:
        return reads.of_stay(session, stay_id)


@violations.app_template_global("notice_token")
def notice_token(violation_id: str) -> str:
    return office().links.notice_token(violation_id)


@violations.app_template_global("violation_kinds")
def kinds_set(site_id: str) -> list[str]:
    """The kinds a site does something about."""
    with office().database.read() as session:
        return sorted(violation_rules.rules_of(session, site_id))


@violations.get("")
@account.staff("violations.see")
def listed():
    asked = {name: value.strip() for name, value in request.args.items() if value.strip()}
    with office().database.read() as session:
        known = sites.sites(session)
        problem, page = None, reads.ViolationPage([], None)
        try:
            page = reads.violations(session, _filter(asked, tuple(site.id for site in known)))
        except Refused as error:
            problem = str(error)
    shown = {"asked": asked, "page": page, "sites": known, "kinds": list(Kind), "statuses": [reads.LIVE, *Status]}
    shown["zones"] = {site.id: ZoneInfo(site.timezone) for site in known}
    shown["older"] = {**asked, "before": page.older} if page.older else None
    return render_template("staff/violations/list.html", problem=problem, **shown), 422 if problem else 200


@violations.get("/<violation_id>")
@account.staff("violations.see")
def one(violation_id: str):
    return _page(violation_id)


def _page(violation_id: str, problem: str | None = None, status: int = 200):
    with office().database.read() as session:
        found = reads.notice(session, violation_id)
    if found is None:
        abort(404, _("There is no such violation."))
    may = {str(signal) for known, signal in MOVES if known == found.violation.status}
    return render_template(
        "staff/violations/one.html", notice=found, violation=found.violation, zone=ZoneInfo(found.site.timezone),
        may_be=may, signals=Signal, ways=actions.TOLD, problem=problem,
    ), status  # fmt: skip


@violations.post("/<violation_id>/tell")
@account.staff("violations.see")
def tell(violation_id: str):
    how = request.form.get("how", "")
    return _do(violation_id, lambda *call: actions.tell(call[0], violation_id, how, *call[1:]), _("Noted."))


@violations.post("/<violation_id>/<decision>")
@account.staff("violations.decide")
def decide(violation_id: str, decision: str):
    steps = {"uphold": actions.uphold, "waive": actions.waive, "write-off": actions.write_off}
    if decision not in steps:
        abort(404)
    reason = request.form.get("reason", "")
    return _do(violation_id, lambda *call: steps[decision](call[0], violation_id, reason, *call[1:]), _("Decided."))


@violations.post("/raise")
@account.staff("violations.decide")
def raise_one():
    """A person has looked at a stay."""
    desk, stay_id, form = office(), request.form.get("stay", ""), request.form
    try:
        with desk.database.begin() as session:
            told = (form.get("kind", ""), form.get("reason", ""), desk.now(), account.current().email)
            made = violation_raising.raise_by_hand(session, stay_id, *told, key=form.get("key") or None)
    except Refused as error:
        flash(str(error), "warning")
        return redirect(url_for("stays.one", stay_id=stay_id) if stay_id else url_for("violations.listed"), 303)
    return redirect(url_for("violations.one", violation_id=made.id), 303)


@violations.route("/rules", methods=["GET", "POST"])
@account.staff("violations.rules")
def rules():
    """What the site asks for each kind."""
    problem = None
    if request.method == "POST":
        desk, site_id, kind = office(), request.form.get("site", ""), request.form.get("kind", "")
        try:
            with desk.database.begin() as session:
                if request.form.get("do") == "off":
                    violation_rules.drop_rule(session, site_id, kind, desk.now(), account.current().email)
                else:
                    violation_rules.set_rule(session, site_id, kind, desk.now(), account.current().email, **_typed())
        except Refused as error:
            problem = str(error)
        else:
            flash(_("Saved: it holds for what happens from now on."), "success")
            return redirect(url_for("violations.rules", site=site_id), 303)
    with office().database.read() as session:
        known, site = chosen_site(session)
        held = violation_rules.rules_of(session, site.id)
    shown = {"sites": known, "site": site, "held": held, "kinds": list(Kind), "problem": problem}
    return render_template("staff/violations/rules.html", **shown), 422 if problem else 200


def _do(violation_id: str, step: Callable[..., Any], done: str):
    desk = office()
    try:
        with desk.database.begin() as session:
            known = session.get(Violation, violation_id)
            if known is None:
                raise Refused(_("There is no such violation."))
            key, typed = request.form.get("key") or None, {name: request.form.get(name) for name in ("how", "reason")}
            act = partial(step, session, desk.now(), account.current().email)
            repeats.once(session, known.site_id, request.path, key, desk.now(), lambda: act().id, **typed)
    except Refused as error:
        return _page(violation_id, str(error), 422)
    flash(done, "success")
    return redirect(url_for("violations.one", violation_id=violation_id), 303)


def _typed() -> dict[str, int | str]:
    """The settings of one kind as they were typed; Refused with what is no number."""
    values: dict[str, int | str] = {"amount_paise": paise(request.form.get("amount", ""), _("Amount"))}
    for name, field, what in (
        ("wait_minutes", "wait", _("Minutes")),
        ("pay_within_days", "days", _("Days to pay")),
        ("sure_percent", "sure", _("Least certainty")),
    ):
        typed = request.form.get(field, "0").strip()
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 8):
            raise Refused(_("%(what)s %(text)s: expected a whole number.", what=what, text=typed[:20]))
        values[name] = int(typed)
    values["tax_rate_bp"] = paise(request.form.get("tax", "0"), _("Tax"))  # as rupees and paise, so percent and parts
    values["sac"] = request.form.get("sac", "").strip() or SAC_PENALTY
    return values


def _filter(asked: dict[str, str], known: tuple[str, ...]) -> reads.ViolationFilter:
    """The query's words as a filter; Refused naming the first that is not one."""
    for name, words in (("kind", list(Kind)), ("status", [reads.LIVE, *Status]), ("site", known)):
        if name in asked and asked[name] not in words:
            raise Refused(_("%(what)s %(word)s is not known.", what=name.title(), word=asked[name][:40]))
    return reads.ViolationFilter(
        sites=(asked["site"],) if "site" in asked else known,
        kind=asked.get("kind"),
        status=asked.get("status"),
        plate=normal_plate(asked["plate"]) if "plate" in asked else None,
        before=asked.get("before"),
    )
