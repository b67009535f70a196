"""Money of another amount than was asked for, on the screen: given back, taken in part or whole."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions.errors import Refused
from central.payments import odd_captures
from central.store.reads import captures, sites
from central.web import account
from central.web.office import office


def serve_at(money: Blueprint) -> None:
    """Adds the pages of odd captures to the money pages."""
    money.add_url_rule("/odd", view_func=odd)
    money.add_url_rule("/odd/<attempt_id>", view_func=decide_odd, methods=["POST"])
    money.add_url_rule("/odd/<attempt_id>/hold-back", view_func=hold_back, methods=["POST"])


@account.staff("supervisor")
def odd():
    return _page()


def _page(problem: str | None = None, status: int = 200):
    decided = "decided" in request.args
    with office().database.read() as session:
        page = captures.odd(session, decided=decided, before=request.args.get("before", "")[:40] or None)
        choices = {row.attempt.id: odd_captures.choices(session, row.attempt) for row in page.rows}
        zones = {site.id: site.timezone for site in sites.sites(session)}
    return render_template(
        "staff/money/odd.html", page=page, choices=choices, zones=zones, decided=decided, problem=problem
    ), status


@account.staff("supervisor")
def decide_odd(attempt_id: str):
    desk, form = office(), request.form
    given = {"by": account.current().email, "reason": form.get("reason", ""), "key": form.get("key") or None}
    try:
        with desk.database.begin() as session:
            made = odd_captures.decide(session, attempt_id, form.get("way", ""), desk.now(), **given)
    except Refused as error:
        return _page(str(error), 422)
    done = {
        "back": _("All of it goes back in ten minutes; until then it can be held back."),
        "part": _("Taken as a part, with its receipt. The rest is asked for."),
        "taken": _("What was asked for is paid. What was too much goes back."),
    }
    flash(done[made.way], "success")
    return redirect(url_for("money.odd", **({"decided": 1} if made.way == "back" else {})), 303)


@account.staff("supervisor")
def hold_back(attempt_id: str):
    desk, given = office(), {"by": account.current().email, "reason": request.form.get("reason", "")}
    try:
        with desk.database.begin() as session:
            odd_captures.hold_back(session, attempt_id, desk.now(), **given)
    except Refused as error:
        return _page(str(error), 422)
    flash(_("Held back. It waits to be decided about again."), "success")
    return redirect(url_for("money.odd"), 303)
