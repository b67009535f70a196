"""Claims of drivers to plates that wait for a person: what speaks for it, and the decision with its reason."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import plate_claims
from central.actions.errors import Refused
from central.store.reads import people as reads
from central.web import account
from central.web.office import office

claims = Blueprint("claims", __name__, url_prefix="/claims")


@claims.get("")
@account.staff("claims.decide")
def listed():
    return _list()


@claims.post("/<claim_id>")
@account.staff("claims.decide")
def decide(claim_id: str):
    desk, form = office(), request.form
    do, reason = form.get("do"), form.get("reason", "")
    told = {"now": desk.now(), "by": account.me(), "reason": reason}
    try:
        with desk.database.begin() as db:
            if do == "refuse":
                plate_claims.refuse(db, claim_id, **told)
            elif do in ("approve", "approve_with_account"):
                plate_claims.approve(db, claim_id, **told, with_account=do == "approve_with_account")
            else:
                raise Refused(_("Choose one of the buttons."))
    except Refused as error:
        return _list(str(error)), 422
    flash(_("Refused.") if do == "refuse" else _("The vehicle is this driver's from now on."), "success")
    return redirect(url_for("claims.listed"), 303)


def _list(problem: str | None = None) -> str:
    with office().database.read() as db:
        rows, after = reads.claims_waiting(db, request.args.get("after"))
    return render_template("people/claims.html", rows=rows, after=after, zone_of=ZoneInfo, problem=problem)
