"""Who is looking at a page, and who may.

A session is a signed cookie with a random token; the row behind it says whose it is, and ending that row ends it at
once, wherever the cookie went. (Flask-Security-Too wants roles as rows and one database session for a whole request; we
have a role as a word, and write transactions that last as long as one action.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import abort, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _

from central.actions import sessions
from central.actions.login import Visit, who
from central.rules import people
from central.store.schema import User, UserSession
from central.web.office import office
from central.web.words import ROLE, say

_TOKEN = "token"
View = Callable[..., Any]


def enter(user: User, token: str) -> None:
    """Opens a session for the account; nothing of the one before is kept, its CSRF token neither."""
    session.clear()
    session[_TOKEN] = token
    session.permanent = user.role == people.DRIVER  # a shared computer of the office forgets when it is closed
    g.pop("account", None)


def forget() -> None:
    session.clear()
    g.account = None


def current() -> User | None:
    """The account whose session this is; None for a guest."""
    if "account" not in g:
        found = _look_up()
        g.account, g.session_row = found or (None, None)
    return g.account


def current_session() -> UserSession:
    """The row of the session this is; only where somebody is logged in."""
    current()
    return g.session_row


def visit() -> Visit:
    """Where the request comes from."""
    return Visit(request.remote_addr or "", people.device_words(request.user_agent.string))


def me() -> str:
    """How the books and the audit log name whoever is logged in."""
    return who(current())


def is_staff() -> bool:
    user = current()
    return user is not None and user.role in people.STAFF


def may(what: str) -> bool:
    """True where the visitor may do that: a permission of `central.rules.people`, or "that role or above"."""
    user = current()
    return user is not None and people.may(user.role, what)


def staff(what: str = people.ATTENDANT) -> Callable[[View], View]:
    """Only staff who may do that; a guest is sent to log in, and back afterwards."""
    least = people.least_role(what)

    def refuse() -> str | None:
        if may(what):
            return None
        if not is_staff():
            return _("This page is for the people who run the car park.")
        return _("Your account may not do this. It takes the role: %(role)s.", role=say(ROLE, least))

    return _guarded(refuse, enrols=True)


def person() -> Callable[[View], View]:
    """Anybody who is logged in, staff or driver."""
    return _guarded(lambda: None, enrols=False)


def driver() -> Callable[[View], View]:
    """Only drivers: staff have no vehicles here, and are told so."""

    def refuse() -> str | None:
        if current().role == people.DRIVER:
            return None
        return _("This page is for drivers. Register with another address to have your own vehicles here.")

    return _guarded(refuse, enrols=False)


def _guarded(refuse: Callable[[], str | None], *, enrols: bool) -> Callable[[View], View]:
    def guarded(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if current() is None:
                wanted = request.full_path.rstrip("?") if request.method == "GET" else None
                return redirect(url_for("staff.log_in", next=wanted), 303)
            why = refuse()
            if why is not None:
                abort(403, why)
            if enrols and _must_enrol():
                flash(_("Your role needs a second factor. Set it up to go on."), "warning")
                return redirect(url_for("security.enrol"), 303)
            return view(*args, **kwargs)

        return checked

    return guarded


def _must_enrol() -> bool:
    user = current()
    required = office().settings.login.totp_required_for
    return people.must_enrol(user.role, user.login_count, user.totp_since is not None, required)


def safe_next(wanted: str | None) -> str | None:
    """The page to go on to after logging in: one of ours, or None."""
    if not wanted or "\\" in wanted or not wanted.isprintable():
        return None
    parts = urlsplit(wanted)
    ours = not parts.scheme and not parts.netloc and wanted.startswith("/") and not wanted.startswith("//")
    return wanted if ours else None


def _look_up() -> tuple[User, UserSession] | None:
    token, desk = session.get(_TOKEN), office()
    if not isinstance(token, str):
        return None
    now = desk.now()
    with desk.database.read() as db:
        found = sessions.behind(db, token, now)
    if found is not None and now - found[1].seen_at > sessions.SEEN_EVERY:
        with desk.database.begin() as db:
            sessions.seen(db, found[1].id, now)
    return found
