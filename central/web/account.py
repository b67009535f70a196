"""Who is looking at a page, and who may.

A session is a signed cookie with the account's uniquifier; changing that in the database ends it at once, wherever
the cookie went. (Flask-Security-Too wants roles as rows and one database session for a whole request; we have a
role as a word, and write transactions that last as long as one action.)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import abort, g, redirect, request, session, url_for
from flask_babel import gettext as _

from central.actions import login
from central.actions.staff import ROLES
from central.store.schema import User
from central.web.office import office

LASTS = timedelta(hours=12)  # a shift; then one logs in again
_WHO, _SINCE = "who", "since"


def enter(user: User) -> None:
    """Opens a session for the account; nothing of the one before is kept, its CSRF token neither."""
    session.clear()
    session[_WHO], session[_SINCE] = user.fs_uniquifier, int(office().now().timestamp())
    g.account = user


def forget() -> None:
    session.clear()
    g.account = None


def current() -> User | None:
    """The account whose session this is; None for a guest."""
    if "account" not in g:
        g.account = _look_up()
    return g.account


def may(role: str) -> bool:
    """True where the visitor's role is that one or one above it."""
    user = current()
    return user is not None and ROLES.index(user.role) <= ROLES.index(role)


def staff(role: str = "attendant") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only staff of that role or above; a guest is sent to log in, and back afterwards."""

    def guarded(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if current() is None:
                wanted = request.full_path.rstrip("?") if request.method == "GET" else None
                return redirect(url_for("staff.log_in", next=wanted), 303)
            if not may(role):
                abort(403, _("Your account may not do this. Ask a %(role)s.", role=_(role)))
            return view(*args, **kwargs)

        return checked

    return guarded


def safe_next(wanted: str | None) -> str | None:
    """The page to go on to after logging in: one of ours, or None."""
    if not wanted or "\\" in wanted or not wanted.isprintable():
        return None
    parts = urlsplit(wanted)
    ours = not parts.scheme and not parts.netloc and wanted.startswith("/") and not wanted.startswith("//")
    return wanted if ours else None


def _look_up() -> User | None:
    who, since = session.get(_WHO), session.get(_SINCE)
    if not isinstance(who, str) or not isinstance(since, int):
        return None
    if office().now() - datetime.fromtimestamp(since, UTC) > LASTS:
        return None
    with office().database.read() as db:
        return login.account_behind(db, who)
