"""Users for administrators: who logs in, as what, invitations, switching off, a lost second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import invitations, staff, totp
from central.actions.errors import Refused
from central.rules.people import STAFF
from central.store.reads import people as reads
from central.store.reads.sites import sites
from central.web import account
from central.web.office import office
from central.web.people_words import CLAIM, HISTORY, zone_of

people = Blueprint("people", __name__, url_prefix="/people")


@people.get("")
@account.staff("people.write")
def listed():
    return _list()


@people.post("/invitations")
@account.staff("people.write")
def invite():
    desk, form = office(), request.form
    try:
        with desk.database.begin() as db:
            made, token = invitations.invite(
                db, form.get("email", ""), form.get("role", ""), form.get("site") or None, desk.now(), account.me(),
                desk.settings.public_url,
            )  # fmt: skip
    except Refused as error:
        return _list(str(error)), 422
    link = f"{desk.settings.public_url}{url_for('door.invitation', token=token)}"
    return _list(made=made, link=link)


@people.post("/invitations/<invitation_id>/withdraw")
@account.staff("people.write")
def withdraw(invitation_id: str):
    desk = office()
    try:
        with desk.database.begin() as db:
            invitations.withdraw(db, invitation_id, desk.now(), account.me())
    except Refused as error:
        return _list(str(error)), 422
    flash(_("The invitation is worth nothing now."), "success")
    return redirect(url_for("people.listed"), 303)


@people.get("/<user_id>")
@account.staff("people.write")
def one(user_id: str):
    return _page(user_id)


@people.post("/<user_id>/post")
@account.staff("people.write")
def set_post(user_id: str):
    """Another role or site."""
    role, site = request.form.get("role", ""), request.form.get("site") or None

    def changed(db, now, by: str) -> None:
        staff.set_post(db, user_id, role, site, now, by)

    return _do(user_id, changed, _("Changed. With another role one logs in anew."))


@people.post("/<user_id>/active")
@account.staff("people.write")
def switch(user_id: str):
    on = request.form.get("on") == "yes"

    def switched(db, now, by: str) -> None:
        staff.switch(db, user_id, on, now, by)

    return _do(user_id, switched, _("The account is on again.") if on else _("The account is off, and logged out."))


@people.post("/<user_id>/sessions/end")
@account.staff("people.write")
def end_sessions(user_id: str):
    return _do(user_id, lambda db, now, by: staff.end_sessions(db, user_id, now, by), _("Logged out on every device."))


@people.post("/<user_id>/second-factor/off")
@account.staff("people.write")
def second_factor_off(user_id: str):
    def turned_off(db, now, by: str) -> None:
        totp.turn_off(db, user_id, now, by)

    return _do(user_id, turned_off, _("The second factor is off. They are logged out, and set up a new one."))


def _do(user_id: str, what: Callable[..., None], said: str) -> Any:
    desk = office()
    try:
        with desk.database.begin() as db:
            what(db, desk.now(), account.me())
    except Refused as error:
        return _page(user_id, str(error)), 422
    flash(said, "success")
    return redirect(url_for("people.one", user_id=user_id), 303)


def _list(problem: str | None = None, **made: Any) -> str:
    desk, args = office(), request.args
    named, drivers = args.get("name", "").strip()[:80], args.get("who") == "drivers"
    with desk.database.read() as db:
        rows, older = reads.people(db, named, drivers=drivers, before=args.get("before"))
        invited, known, zone = reads.invitations(db), sites(db), zone_of(db, account.current())
    return render_template(
        "people/list.html", rows=rows, older=older, named=named, drivers=drivers, invited=invited, sites=known,
        roles=STAFF, zone=zone, now=desk.now(), problem=problem, typed=request.form, **made,
    )  # fmt: skip


def _page(user_id: str, problem: str | None = None) -> str:
    with office().database.read() as db:
        found = reads.person(db, user_id)
        if found is None or found.user.erased_at is not None:
            abort(404, _("There is no such account."))
        known, zone = sites(db), zone_of(db, account.current())
    return render_template(
        "people/one.html", found=found, sites=known, roles=STAFF, zone=zone, problem=problem, history_words=HISTORY,
        claim_words=CLAIM,
    )  # fmt: skip
