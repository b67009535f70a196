"""How one's own account is kept safe: password, addresses, log-ins. For drivers and staff alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _

from central.actions import people_changes, people_codes, sessions, totp
from central.actions.errors import Refused
from central.actions.people_contacts import masked
from central.rules.people import SHORTEST_PASSWORD
from central.store.reads import people as reads
from central.web import account, me_second_factor, passwords
from central.web.forms import ChangeContactForm, ChangePasswordForm, CodeForm
from central.web.office import office
from central.web.people_door import WRONG_CODE
from central.web.people_limits import asks, guesses, own_password
from central.web.people_words import HISTORY, zone_of

security = Blueprint("security", __name__, url_prefix="/me/security")
me_second_factor.serve_at(security)

_CODE = "contact_code"


@security.get("")
@account.person()
def show():
    desk, user = office(), account.current()
    with desk.database.read() as db:
        found, left, zone = reads.person(db, user.id), totp.left(db, user.id), zone_of(db, user)
    return render_template(
        "me/security.html",
        found=found,
        here=account.current_session().id,
        codes_left=left,
        zone=zone,
        history_words=HISTORY,
    )


@security.post("/sessions/<session_id>/end")
@account.person()
def end_session(session_id: str):
    if session_id == account.current_session().id:
        return redirect(url_for("security.show"), 303)  # that is what logging out is for
    return _do(lambda db, user_id, now: sessions.end(db, user_id, session_id, now), _("That device is logged out."))


@security.post("/sessions/end")
@account.person()
def end_others():
    here = account.current_session().id
    return _do(
        lambda db, user_id, now: sessions.end_all(db, user_id, now, but=here), _("Every other device is logged out.")
    )


@security.route("/password", methods=["GET", "POST"])
@account.person()
@own_password
def password():
    desk, form, user = office(), ChangePasswordForm(), account.current()
    form.shortest = SHORTEST_PASSWORD[user.role]
    form.known = lambda: (user.name, user.email or "", user.phone or "")
    if not form.validate_on_submit():
        return render_template("me/password.html", form=form), 422 if form.is_submitted() else 200
    if not passwords.verify(user.password_hash, form.current.data):
        form.current.errors = [_("This is not your password.")]
        return render_template("me/password.html", form=form), 401
    password_hash = passwords.hashed(form.password.data)
    here = account.current_session().id
    with desk.database.begin() as db:
        people_changes.change_password(db, user.id, password_hash, desk.now(), account.visit(), here)
    flash(_("Your password is another now, and every other device is logged out."), "success")
    return redirect(url_for("security.show"), 303)


@security.route("/contact", methods=["GET", "POST"])
@account.person()
@asks
@own_password
def contact():
    """Another e-mail address or number: a code goes there first."""
    desk, form, user = office(), ChangeContactForm(), account.current()
    if not form.validate_on_submit():
        return render_template("me/contact.html", form=form), 422 if form.is_submitted() else 200
    if not passwords.verify(user.password_hash, form.current.data):
        form.current.errors = [_("This is not your password.")]
        return render_template("me/contact.html", form=form), 401
    try:
        with desk.database.begin() as db:
            code_id = people_changes.ask_to_change_contact(db, user.id, form.contact.data, desk.now())
    except Refused as error:
        form.form_errors.append(str(error))
        return render_template("me/contact.html", form=form), 422
    session[_CODE] = code_id
    return redirect(url_for("security.contact_code"), 303)


@security.route("/contact/code", methods=["GET", "POST"])
@account.person()
@guesses
def contact_code():
    desk, form, user = office(), CodeForm(), account.current()
    with desk.database.read() as db:
        row = people_codes.pending(db, session.get(_CODE), desk.now())
    if row is None:
        return redirect(url_for("security.contact"), 303)
    shown = {"form": form, "sent_to": masked(row.sent_to), "again": None, "back": url_for("security.contact")}
    if not form.validate_on_submit():
        return render_template("people/code.html", **shown), 422 if form.is_submitted() else 200
    with desk.database.begin() as db:
        right = people_changes.change_contact(
            db, user.id, session.get(_CODE), form.code.data, desk.now(), account.visit()
        )
    if not right:
        form.form_errors.append(WRONG_CODE)
        return render_template("people/code.html", **shown), 401
    session.pop(_CODE, None)
    flash(_("That is yours now: log in with it from now on."), "success")
    return redirect(url_for("security.show"), 303)


@security.post("/phone/remove")
@account.person()
def remove_phone():
    visit = account.visit()
    return _do(
        lambda db, user_id, now: people_changes.remove_phone(db, user_id, now, visit), _("Your number is taken off.")
    )


def _do(what: Callable[..., None], said: str) -> Any:
    desk = office()
    try:
        with desk.database.begin() as db:
            what(db, account.current().id, desk.now())
    except Refused as error:
        flash(str(error), "warning")
    else:
        flash(said, "success")
    return redirect(url_for("security.show"), 303)
