"""Pages before one is logged in: registering, a password set anew, an invitation taken up. Strangers learn nothing."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import invitations, login, people_codes
from central.actions import people_register as actions
from central.actions.errors import Refused
from central.actions.people_contacts import masked
from central.rules.people import SHORTEST_PASSWORD
from central.store.schema import Invitation, User
from central.web import account, passwords
from central.web.forms import CodeForm, ContactForm, InvitedForm, RegisterForm, ResetForm
from central.web.limits import limiter, only_failures
from central.web.office import office
from central.web.people_limits import asks, guesses
from central.web.refusals import said

door = Blueprint("door", __name__)

WRONG_CODE = _l("This code is wrong or too old. Look at it again, or have another one sent.")


@door.route("/register", methods=["GET", "POST"])
@asks
def register():
    desk, form = office(), RegisterForm()
    if account.current() is not None:
        return redirect(url_for("staff.home"), 303)
    if not form.validate_on_submit():
        return render_template("people/register.html", form=form), 422 if form.is_submitted() else 200
    password_hash = passwords.hashed(form.password.data)
    try:
        with desk.database.begin() as db:
            code_id = actions.ask_to_register(
                db, form.contact.data, form.name.data, password_hash, form.language.data, desk.now()
            )
    except Refused as error:
        form.form_errors.append(str(error))
        return render_template("people/register.html", form=form), 422
    _keep(actions.REGISTER, code_id)
    return redirect(url_for("door.register_code"), 303)


@door.route("/register/code", methods=["GET", "POST"])
@guesses
def register_code():
    desk, form = office(), CodeForm()
    sent_to = _sent_to(actions.REGISTER)
    if sent_to is None:
        return redirect(url_for("door.register"), 303)
    if not form.validate_on_submit():
        return _code_page(form, sent_to), 422 if form.is_submitted() else 200
    with desk.database.begin() as db:
        user = actions.finish_registering(db, _kept(actions.REGISTER), form.code.data, desk.now())
        entered = None if user is None else login.logged_in(db, user.id, desk.now(), account.visit())
    if entered is None:
        form.form_errors.append(WRONG_CODE)
        return _code_page(form, sent_to), 401
    account.enter(*entered)
    flash(
        _("Welcome, %(name)s. Add your vehicle, and your parking is all in one place.", name=entered[0].name), "success"
    )
    return redirect(url_for("me.home"), 303)


@door.post("/register/again", defaults={"purpose": actions.REGISTER}, endpoint="register_again")
@door.post("/forgot/again", defaults={"purpose": actions.RESET}, endpoint="forgot_again")
@asks
def send_again(purpose: str):
    desk = office()
    try:
        with desk.database.begin() as db:
            code_id = actions.ask_again(db, _kept(purpose), purpose, desk.now())
    except Refused as error:
        flash(_("No other code was sent: %(why)s.", why=said(error)), "warning")
    else:
        if code_id is not None:
            _keep(purpose, code_id)
            flash(_("Another code is on its way. The one before is worth nothing now."), "info")
    return redirect(url_for("door.register_code" if purpose == actions.REGISTER else "door.forgot_code"), 303)


@door.route("/forgot", methods=["GET", "POST"])
@asks
def forgot():
    desk, form = office(), ContactForm()
    if not form.validate_on_submit():
        return render_template("people/forgot.html", form=form), 422 if form.is_submitted() else 200
    try:
        with desk.database.begin() as db:
            code_id = actions.ask_to_reset(db, form.contact.data, desk.now())
    except Refused as error:
        form.form_errors.append(str(error))
        return render_template("people/forgot.html", form=form), 422
    _keep(actions.RESET, code_id)
    return redirect(url_for("door.forgot_code"), 303)


@door.route("/forgot/code", methods=["GET", "POST"])
@guesses
def forgot_code():
    """The code and the new password together. Which role it is, and so how long it must be, only the code tells."""
    desk, form = office(), ResetForm()
    sent_to = _sent_to(actions.RESET)
    if sent_to is None:
        return redirect(url_for("door.forgot"), 303)
    if not form.validate_on_submit():
        return _reset_page(form, sent_to), 422 if form.is_submitted() else 200
    password_hash = passwords.hashed(form.password.data)
    weak = None
    with desk.database.begin() as db:
        found = actions.may_reset(db, _kept(actions.RESET), form.code.data, desk.now())
        if found is not None:
            weak = _too_weak(form.password.data, found[1])
        if found is not None and weak is None:
            actions.reset(db, *found, password_hash, desk.now(), account.visit())
    if weak is not None:
        form.password.errors = [weak]
        return _reset_page(form, sent_to), 422
    if found is None:
        form.form_errors.append(WRONG_CODE)
        return _reset_page(form, sent_to), 401
    session.clear()
    flash(_("Your password is another now, and every device is logged out. Log in with it."), "success")
    return redirect(url_for("staff.log_in"), 303)


@door.route("/invitation/<token>", methods=["GET", "POST"])
@limiter.limit("20 per minute", deduct_when=only_failures)
def invitation(token: str):
    """Makes one member of staff, once."""
    desk, form = office(), InvitedForm()
    with desk.database.read() as db:
        found = invitations.with_token(db, token, desk.now())
    if found is None:
        abort(404, _("This invitation is used, withdrawn, too old or not ours. Ask for a new one."))
    form.known = lambda: (found.email, form.name.data or "")
    if not form.validate_on_submit():
        return _invited_page(form, found), 422 if form.is_submitted() else 200
    password_hash = passwords.hashed(form.password.data)
    try:
        with desk.database.begin() as db:
            user = invitations.accept(db, token, desk.now(), name=form.name.data, password_hash=password_hash)
            entered = login.logged_in(db, user.id, desk.now(), account.visit())
    except Refused as error:
        form.form_errors.append(str(error))
        return _invited_page(form, found), 422
    account.enter(*entered)
    return redirect(url_for("lanes.show"), 303)


def _too_weak(password: str, user: User) -> str | None:
    try:
        passwords.check(password, user.name, user.email or "", user.phone or "", shortest=SHORTEST_PASSWORD[user.role])
    except passwords.WeakPassword as error:
        return _("Choose another password: %(why)s.", why=str(error))
    return None


def _keep(purpose: str, code_id: str) -> None:
    session["code"] = [purpose, code_id]


def _kept(purpose: str) -> str | None:
    kept = session.get("code")
    return kept[1] if kept and kept[0] == purpose else None


def _sent_to(purpose: str) -> str | None:
    """Where the code went, masked; None where none waits."""
    desk = office()
    with desk.database.read() as db:
        row = people_codes.pending(db, _kept(purpose), desk.now())
    return None if row is None else masked(row.sent_to)


def _code_page(form: CodeForm, sent_to: str) -> str:
    return render_template(
        "people/code.html",
        form=form,
        sent_to=sent_to,
        again=url_for("door.register_again"),
        back=url_for("door.register"),
    )


def _reset_page(form: ResetForm, sent_to: str) -> str:
    return render_template("people/reset.html", form=form, sent_to=sent_to)


def _invited_page(form: InvitedForm, found: Invitation) -> str:
    return render_template("people/invited.html", form=form, invitation=found)
