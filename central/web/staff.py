"""The door for staff: the first administrator's set-up link, log in, log out."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import login
from central.actions.errors import Refused
from central.actions.staff import setup_link_valid, use_setup_link
from central.web import account, passwords
from central.web.forms import LoginForm, SetupForm
from central.web.limits import limiter, only_failures
from central.web.office import office

staff = Blueprint("staff", __name__)

SETUP_OVER = _l("This set-up link is used, too old or not ours. `parkmeter central setup-link` makes a new one.")
WRONG = _l("E-mail and password do not fit an account here.")


@staff.get("/")
def home():
    """Staff see their lanes; anybody else is taken for a driver."""
    return redirect(url_for("driver.enter_ticket" if account.current() is None else "lanes.show"), 303)


@staff.route("/setup/<token>", methods=["GET", "POST"])
@limiter.limit("20 per minute", deduct_when=only_failures)
def set_up(token: str):
    """Makes the first administrator, once."""
    desk, form = office(), SetupForm()
    with desk.database.read() as session:
        valid = setup_link_valid(session, token, desk.now())
    if not valid:
        abort(404, SETUP_OVER)
    if not form.validate_on_submit():
        return render_template("staff/setup.html", form=form), 422 if form.is_submitted() else 200
    password_hash = passwords.hashed(form.password.data)
    try:
        with desk.database.begin() as session:
            user = use_setup_link(
                session, token, desk.now(), email=form.email.data, name=form.name.data, password_hash=password_hash
            )
            login.logged_in(session, user.id, desk.now(), request.remote_addr or "")
    except Refused as error:
        form.form_errors.append(str(error))
        return render_template("staff/setup.html", form=form), 422
    account.enter(user)
    flash(_("Welcome, %(name)s. You are this car park's administrator.", name=user.name), "success")
    return redirect(url_for("lanes.show"), 303)


@staff.route("/login", methods=["GET", "POST"])
@limiter.limit("10 per minute; 100 per hour", deduct_when=only_failures)
@limiter.limit("50 per hour", key_func=lambda: f"as {_typed_email()}", deduct_when=only_failures)
def log_in():
    desk, form = office(), LoginForm()
    wanted = account.safe_next(request.values.get("next"))
    if account.current() is not None:
        return redirect(wanted or url_for("lanes.show"), 303)
    if not form.validate_on_submit():
        return render_template("staff/login.html", form=form, next=wanted), 422 if form.is_submitted() else 200
    typed, address = form.password.data, request.remote_addr or ""
    with desk.database.read() as session:
        user = login.account_of(session, form.email.data)
    known = user.password_hash if user else None
    if not passwords.verify(known, typed):
        with desk.database.begin() as session:
            login.log_in_failed(session, form.email.data, desk.now(), address)
        form.form_errors.append(WRONG)
        return render_template("staff/login.html", form=form, next=wanted), 401
    stronger = passwords.rehashed(known, typed)
    with desk.database.begin() as session:
        user = login.logged_in(session, user.id, desk.now(), address, stronger)
    account.enter(user)
    return redirect(wanted or url_for("lanes.show"), 303)


@staff.post("/logout")
@account.staff()
def log_out():
    desk = office()
    with desk.database.begin() as session:
        login.log_out(session, account.current().id, desk.now())
    account.forget()
    return redirect(url_for("staff.log_in"), 303)


def _typed_email() -> str:
    return request.form.get("email", "").strip().lower()[:254]
