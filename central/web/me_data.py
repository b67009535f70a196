"""A driver's data: all of it as one file to take away, and erasing it."""

from __future__ import annotations

import json
import zipfile
from tempfile import SpooledTemporaryFile

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, session, url_for
from flask_babel import gettext as _

from central import images
from central.actions import erasure
from central.actions.errors import Refused
from central.store.reads import export
from central.store.schema import User
from central.web import account, passwords
from central.web.office import office
from central.web.people_limits import own_password

_IN_MEMORY = 8 * 1024 * 1024
_PICTURES = 500


def serve_at(me: Blueprint) -> None:
    """Adds them to a driver's pages."""
    for path, view, methods, name in (
        ("/data", show, ["GET"], "data"),
        ("/data.zip", take_away, ["POST"], "take_away"),
        ("/data/erase", own_password(erase), ["POST"], "erase"),
        ("/data/stay", stay_after_all, ["POST"], "stay_after_all"),
    ):
        me.add_url_rule(path, view_func=account.driver()(view), methods=methods, endpoint=name)


def show():
    return _page()


def take_away() -> Response:
    """One ZIP: JSON for programs, a page for people, and the pictures that are still kept."""
    desk, user = office(), account.current()
    with desk.database.read() as db:
        held = export.everything(db, user.id)
        names = export.pictures(db, user.id, _PICTURES)
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - it is closed with the answer
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", json.dumps(held, ensure_ascii=False, indent=1))
        packed.writestr("data.html", render_template("me/export.html", held=held, at=desk.now()))
        for name in names:
            path = images.path_of(desk.settings.images, name)
            if path.is_file():
                packed.write(path, f"pictures/{name}.jpg", zipfile.ZIP_STORED)
    file.seek(0)
    return send_file(file, mimetype="application/zip", as_attachment=True, download_name="parkmeter-my-data.zip")


def erase():
    """Asks for it; done at once where nothing stands in the way."""
    desk, user = office(), account.current()
    if not passwords.verify(user.password_hash, request.form.get("current", "")[:1000]):
        return _page(_("This is not your password. Nothing was erased.")), 401
    try:
        with desk.database.begin() as db:
            erasure.ask(db, user.id, desk.now())
        with desk.database.begin() as db:
            done = erasure.erase(db, user.id, desk.now(), desk.settings.images)
    except Refused as error:
        return _page(str(error)), 422
    if done:
        account.forget()
        session.clear()
        flash(_("You are erased here. Thank you for having parked with us."), "success")
        return redirect(url_for("staff.log_in"), 303)
    flash(_("You will be erased as soon as nothing stands in the way."), "info")
    return redirect(url_for("me.data"), 303)


def stay_after_all():
    desk = office()
    with desk.database.begin() as db:
        erasure.withdraw(db, account.current().id, desk.now())
    flash(_("You stay. Nothing was erased."), "success")
    return redirect(url_for("me.data"), 303)


def _page(problem: str | None = None) -> str:
    desk, user = office(), account.current()
    with desk.database.read() as db:
        waits, until = erasure.obstacles(db, user.id, desk.now()), erasure.kept_until(db, user.id)
        asked_at = db.get_one(User, user.id).erase_asked_at
    return render_template("me/data.html", waits=waits, until=until, asked=asked_at is not None, problem=problem)
