"""The second factor of one's own account: set up with a QR, recovery codes, switched off."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central import keys
from central.actions import totp
from central.actions.errors import Refused
from central.web import account, passwords, qr_code
from central.web.forms import CodeForm
from central.web.office import office
from central.web.people_limits import guesses, own_password


def serve_at(security: Blueprint) -> None:
    """Adds it to the pages of one's own security."""
    for path, view, methods, name in (
        ("/second-factor", enrol, ["GET", "POST"], "enrol"),
        ("/second-factor/codes", recovery_codes, ["POST"], "recovery_codes"),
        ("/second-factor/off", second_factor_off, ["POST"], "second_factor_off"),
    ):
        security.add_url_rule(path, view_func=account.person()(view), methods=methods, endpoint=name)


@guesses
def enrol():
    desk, form, user = office(), CodeForm(), account.current()
    if user.totp_since is not None:
        return redirect(url_for("security.show"), 303)
    key, here, codes = keys.read(desk.settings, keys.WEB), account.current_session().id, None
    try:
        with desk.database.begin() as db:
            secret = totp.begin(db, user.id, key)
    except Refused:
        # another window of theirs has just set it up
        return redirect(url_for("security.show"), 303)
    if form.validate_on_submit():
        with desk.database.begin() as db:
            codes = totp.confirm(db, user.id, form.code.data, key, desk.now(), account.visit(), here)
        if codes is not None:
            return render_template("me/recovery_codes.html", codes=codes)
        form.form_errors.append(_("This code is wrong. Is the clock of your phone right?"))
    uri = totp.enrolment_uri(user, secret)
    picture = qr_code.drawn(uri)
    page = render_template("me/second_factor.html", form=form, code=picture, secret=secret)
    return page, 422 if form.is_submitted() else 200


@own_password
def recovery_codes():
    """New ones; the password is asked for again."""
    desk, user = office(), account.current()
    if user.totp_since is None or not _password_is_right():
        return redirect(url_for("security.show"), 303)
    with desk.database.begin() as db:
        codes = totp.new_recovery_codes(db, user.id)
    return render_template("me/recovery_codes.html", codes=codes)


@own_password
def second_factor_off():
    if not _password_is_right():
        return redirect(url_for("security.show"), 303)
    desk = office()
    try:
        with desk.database.begin() as db:
            totp.turn_off(db, account.current().id, desk.now(), account.me())
    except Refused as error:
        flash(str(error), "warning")
    else:
        flash(_("The second factor is off."), "success")
    return redirect(url_for("security.show"), 303)


def _password_is_right() -> bool:
    right = passwords.verify(account.current().password_hash, request.form.get("current", "")[:1000])
    if not right:
        flash(_("This is not your password. Nothing was changed."), "danger")
    return right
