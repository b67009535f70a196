"""The review queue: everything a person should look at on one page, decided with one key, and taken back with one."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import review as actions
from central.actions.corrections import Who
from central.actions.errors import Refused
from central.store.reads import review as reads
from central.store.reads import sites
from central.store.reads.review import What
from central.web import account, menu
from central.web.office import office

review = Blueprint("review", __name__, url_prefix="/review")
review.add_app_template_global(menu.groups, "menu_groups")

_MAY_SEE = {
    What.STAY: "stays.see", What.CLAIM: "claims.decide", What.MONEY: "money.books", What.MESSAGE: "quarantine.see",
}  # fmt: skip
# of a time that a calendar has: until the year 2527
_KEY = re.compile(r"0[0-9a-f]{7}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@review.app_template_global("waiting_for_a_person")
def waiting() -> dict[str, int]:
    """How many things of each kind wait for whoever looks at the page; asked once a page."""
    if "waiting" not in g:
        with office().database.read() as session:
            g.waiting = {str(what): count for what, count in reads.waiting(session, _kinds()).items()}
    return g.waiting


@review.get("")
@account.staff("stays.see")
def listed():
    return _page()


@review.post("/<stay_id>")
@account.staff("stays.correct")
def decide(stay_id: str):
    desk, form, made = office(), request.form, None
    do, _colon, other = form.get("do", "").partition(":")
    told = {"seen": form.get("seen", ""), "who": _who(), "reason": form.get("reason", ""), "now": desk.now()}
    try:
        with desk.database.begin() as session:
            match do:
                case "let_be":
                    actions.let_be(session, stay_id, **told)
                case "same":
                    made = actions.same_visit(session, stay_id, other, **told).id
                case "plate":
                    made = actions.right_plate(session, stay_id, form.get("plate", ""), **told)
                    made = made and made.id
                case _:
                    raise Refused(_("Choose one of the buttons."))
    except Refused as error:
        return _page(str(error)), 422
    undo = {"correction": made} if made else {"stay": stay_id}
    return redirect(url_for("review.listed", **_place(), **undo), 303)


@review.post("/<stay_id>/again")
@account.staff("stays.correct")
def again(stay_id: str):
    """Takes "let it be" back."""
    desk = office()
    try:
        with desk.database.begin() as session:
            actions.look_again(session, stay_id, _who(), desk.now())
    except Refused as error:
        return _page(str(error)), 422
    flash(_("It is to be looked at again."), "success")
    return redirect(url_for("review.listed", **_place()), 303)


def _page(problem: str | None = None) -> str:
    place = _place()
    with office().database.read() as session:
        known = sites.sites(session)
        if "site" in place and place["site"] not in {one.id for one in known}:
            abort(404, _("There is no such site."))
        kinds = [What(place["what"])] if "what" in place else _kinds()
        page = reads.queue(session, kinds, place.get("site"), place.get("after", ""))
    zones = {site.id: ZoneInfo(site.timezone) for site in known}
    zones[None] = next(iter(zones.values()), ZoneInfo("UTC"))
    done = {name: request.args[name] for name in ("correction", "stay") if _KEY.fullmatch(request.args.get(name, ""))}
    return render_template(
        "staff/review/queue.html", page=page, place=place, kinds=_kinds(), sites=known, zones=zones, problem=problem,
        done=done,
    )  # fmt: skip


def _place() -> dict[str, str]:
    """Where in the queue the visitor is, as its address says: site, kind, and after which one."""
    place = {name: request.values[name] for name in ("site", "what", "after") if request.values.get(name)}
    if "after" in place and not _KEY.fullmatch(place["after"]):
        abort(400, _("Page %(before)s: expected a place in the queue.", before=place["after"][:40]))
    if "what" in place and place["what"] not in _kinds():
        abort(400, _("There is nothing of that kind to look at."))
    return place


def _kinds() -> list[What]:
    """What the visitor may see, each in its order."""
    return [what for what, permission in _MAY_SEE.items() if account.may(permission)]


def _who() -> Who:
    user = account.current()
    return Who(user.email, user.role)
