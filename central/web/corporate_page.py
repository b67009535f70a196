"""A firm's page for staff, and what every form on it does: something, and then the page again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import ledger
from central.actions.errors import Refused
from central.store.reads import corporate as reads
from central.web import account
from central.web.office import office


def do(account_id: str, what: Callable[..., None], done: str) -> Any:
    """Does something to a firm's account and shows it again; what is refused is said on its page."""
    desk = office()
    try:
        with desk.database.begin() as session:
            what(session, account.me(), desk.now())
    except Refused as error:
        return show(account_id, str(error), 422)
    flash(done, "success")
    return redirect(url_for("corporate.one", account_id=account_id), 303)


def show(account_id: str, problem: str | None = None, status: int = 200, **more: Any) -> Any:
    desk = office()
    with desk.database.read() as session:
        site = reads.site_of(session, account_id) or abort(404, _("There is no such firm."))
        today = ledger.site_day(session, site.id, desk.now())
        found = reads.firm(session, account_id, today)
    zone = ZoneInfo(site.timezone)
    link = f"{desk.settings.public_url}{url_for('corporate_holder.firm', token=desk.links.firm_token(account_id))}"
    lift_until = (desk.now().astimezone(zone) + timedelta(days=7)).date().isoformat()
    return render_template(
        "staff/corporate/one.html", found=found, zone=zone, today=today, link=link, lift_until=lift_until,
        typed=request.form, problem=problem, **more,
    ), status  # fmt: skip


def before_in_query() -> int | None:
    """The page of a statement that is asked for."""
    before = request.args.get("before", "")
    if before and not (before.isdecimal() and len(before) < 19):
        abort(400, _("Page %(before)s: expected a number.", before=before[:40]))
    return int(before) if before else None
