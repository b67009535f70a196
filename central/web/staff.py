"""The door: the first administrator's set-up link, log in with or without a second factor, log out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central import keys
from central.actions import login, totp
from central.actions.errors import Refused
from central.actions.staff import setup_link_valid, use_setup_link
from central.store.schema import User
from central.web import account, passwords
from central.web.forms import CodeForm, LoginForm, SetupForm
from central.web.limits import limiter, only_failures
from central.web.office import office

staff = Blueprint("staff", __name__)

SETUP_OVER = _l("This set-up link is used, too old or not ours. `parkmeter central setup-link` makes a new one.")
WRONG = _l("These do not fit an account here.")
# who has shown the password, and has this long for the second factor
_HALF, _HALF_LASTS = "half", timedelta(minutes=5)


@staff.get("/")
def home():
    """Staff see their lanes and drivers their vehicles; a guest is taken for a driver with a ticket."""
    return redirect(home_of(account.current()), 303)


def home_of(user: User | None) -> str:
    if user is None:
        return url_for("driver.enter_ticket")
    return url_for("lanes.show" if account.is_staff() else "me.home")


@staff.route("/setup/<token>", methods=["GET", "POST"])
@limiter.limit("20 per minute", deduct_when=only_failures)
def set_up(token: str):
    """Makes the first administrator, once."""
    desk, form = office(), SetupForm()
    with desk.database.read() as db:
        valid = setup_link_valid(db, token, desk.now())
    if not valid:
        abort(404, SETUP_OVER)
    if not form.validate_on_submit():
        return render_template("staff/setup.html", form=form), 422 if form.is_submitted() else 200
    password_hash = passwords.hashed(form.password.data)
    try:
        with desk.database.begin() as db:
            user = use_setup_link(
                db, token, desk.now(), email=form.email.data, name=form.name.data, password_hash=password_hash
            )
            entered = login.logged_in(db, user.id, desk.now(), account.visit())
    except Refused as error:
        form.form_errors.append(str(error))
        return render_template("staff/setup.html", form=form), 422
    account.enter(*entered)
    flash(_("Welcome, %(name)s. You are this car park's administrator.", name=user.name), "success")
    return redirect(url_for("lanes.show"), 303)


@staff.route("/login", methods=["GET", "POST"])
@limiter.limit("10 per minute; 100 per hour", deduct_when=only_failures)
@limiter.limit("50 per hour", key_func=lambda: f"as {_typed_email()}", deduct_when=only_failures)
def log_in():
    desk, form = office(), LoginForm()
    wanted = account.safe_next(request.values.get("next"))
    if account.current() is not None:
        return redirect(wanted or home_of(account.current()), 303)
    if not form.validate_on_submit():
        return render_template("staff/login.html", form=form, next=wanted), 422 if form.is_submitted() else 200
    typed = form.password.data
    with desk.database.read() as db:
        user = login.account_of(db, form.email.data)
    known = user.password_hash if user else None
    if not passwords.verify(known, typed):
        with desk.database.begin() as db:
            login.refused(db, user, desk.now(), account.visit())
        form.form_errors.append(WRONG)
        return render_template("staff/login.html", form=form, next=wanted), 401
    if user.totp_since is not None:
        session.clear()
        session[_HALF] = [user.id, int(desk.now().timestamp()), wanted]
        return redirect(url_for("staff.second_factor"), 303)
    with desk.database.begin() as db:
        entered = login.logged_in(db, user.id, desk.now(), account.visit(), passwords.rehashed(known, typed))
    account.enter(*entered)
    return redirect(wanted or home_of(account.current()), 303)


@staff.route("/login/code", methods=["GET", "POST"])
@limiter.limit("10 per minute; 100 per hour", deduct_when=only_failures)
def second_factor():
    """The app's code, or a recovery code, of who has shown the password a moment ago."""
    desk, form, half = office(), CodeForm(), session.get(_HALF)
    if half is None or desk.now() - datetime.fromtimestamp(half[1], UTC) > _HALF_LASTS:
        session.pop(_HALF, None)
        return redirect(url_for("staff.log_in"), 303)
    if not form.validate_on_submit():
        return render_template("people/second_factor.html", form=form), 422 if form.is_submitted() else 200
    key = keys.read(desk.settings, keys.WEB)
    try:
        with desk.database.begin() as db:
            right = totp.check(db, half[0], form.code.data, key, desk.now(), account.visit())
            entered = login.logged_in(db, half[0], desk.now(), account.visit()) if right else None
    except Refused as error:
        form.form_errors.append(str(error))
        return render_template("people/second_factor.html", form=form), 429
    if entered is None:
        form.form_errors.append(_("This code is wrong, or was used already. Wait for the next one and type that."))
        return render_template("people/second_factor.html", form=form), 401
    account.enter(*entered)
    return redirect(half[2] or home_of(account.current()), 303)


@staff.post("/logout")
@account.person()
def log_out():
    desk = office()
    with desk.database.begin() as db:
        login.log_out(db, account.current().id, account.current_session().id, desk.now(), account.visit())
    account.forget()
    return redirect(url_for("staff.log_in"), 303)


def _typed_email() -> str:
    return request.form.get("email", "").strip().lower()[:254]
