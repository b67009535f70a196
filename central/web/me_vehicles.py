"""A driver's vehicles: claimed with the code of a stay or at the office, and let go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from central.actions import linking, plate_claims
from central.actions.errors import Refused
from central.store.reads import people as reads
from central.store.reads.sites import sites
from central.store.schema import PlateClaim
from central.web import account
from central.web.limits import limiter, only_failures
from central.web.office import office
from central.web.people_words import CLAIM

# a code that fits no vehicle is a guess; who types their own ones right is not counted
guesses = limiter.shared_limit("10 per minute; 60 per hour", scope="claims", deduct_when=only_failures)


def serve_at(me: Blueprint) -> None:
    """Adds them to a driver's pages."""
    for path, view, methods, name in (
        ("/vehicles", show, ["GET"], "vehicles"),
        ("/vehicles", claim, ["POST"], "claim"),
        ("/vehicles/office", ask_office, ["POST"], "ask_office"),
        ("/vehicles/<claim_id>/let-go", let_go, ["POST"], "let_go"),
    ):
        me.add_url_rule(path, view_func=account.driver()(view), methods=methods, endpoint=name)
    me.add_app_template_global(keeps, "keeps")


def keeps(plate: str) -> bool:
    """True where whoever is logged in has a vehicle of that plate already, or asks for it."""
    with office().database.read() as db:
        mine = reads.claims_of(db, account.current().id)
    return any(claim.plate == plate and claim.state in ("live", "waiting") for claim, _site in mine)


def show():
    return _page()


@guesses
def claim():
    """With the ticket code, or the whole link, of a stay of that vehicle."""
    plate, typed = request.form.get("plate", ""), request.form.get("ticket", "")

    def claimed(db: Session, user_id: str, now) -> PlateClaim:
        return plate_claims.claim_with_ticket(db, user_id, _stay_of(db, typed), plate, now)

    return _claim(claimed)


@guesses
def ask_office():
    form = request.form

    def claimed(db: Session, user_id: str, now) -> PlateClaim:
        return plate_claims.claim_at_office(
            db, user_id, form.get("site", ""), form.get("plate", ""), form.get("words", ""), now
        )

    return _claim(claimed)


def let_go(claim_id: str):
    desk, user = office(), account.current()
    try:
        with desk.database.begin() as db:
            plate_claims.let_go(db, claim_id, desk.now(), account.me(), reason="its driver let it go", user_id=user.id)
    except Refused as error:
        return _page(str(error)), 422
    flash(_("The vehicle is no longer yours here."), "success")
    return redirect(url_for("me.vehicles"), 303)


def _claim(what: Callable[..., PlateClaim]) -> Any:
    desk = office()
    try:
        with desk.database.begin() as db:
            made = what(db, account.current().id, desk.now())
            state = made.state
    except Refused as error:
        return _page(str(error)), 422
    if state == plate_claims.LIVE:
        flash(_("The vehicle is yours here. Its parking from now on is on your page."), "success")
    else:
        flash(_("The office looks at it. You see here what came of it."), "info")
    return redirect(url_for("me.vehicles"), 303)


def _stay_of(db: Session, typed: str) -> str | None:
    """The stay of a ticket code, or of the link that a display shows."""
    last = urlsplit(typed.strip()[:300]).path.rstrip("/").rpartition("/")[2]
    row = linking.stay_with_ticket(db, last)
    return row.id if row is not None else office().links.stay_of(last)


def _page(problem: str | None = None) -> str:
    with office().database.read() as db:
        mine, known = reads.claims_of(db, account.current().id), sites(db)
    return render_template(
        "me/vehicles.html", mine=mine, sites=known, problem=problem, typed=request.form, zone_of=ZoneInfo,
        ticket=request.args.get("ticket", "")[:60],
        plate_asked=request.args.get("plate", "")[:24], claim_words=CLAIM,
    )  # fmt: skip
