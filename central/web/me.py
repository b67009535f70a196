"""A driver's first page, with what is parked now, passes and wallets; and the profile."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from central.actions import guest, people_changes, wallet
from central.actions.errors import Refused
from central.store.reads import me as reads
from central.store.reads import own_history
from central.web import account, driver, me_data, me_history, me_messages, me_vehicles, news
from central.web.forms import ProfileForm
from central.web.office import office

me = Blueprint("me", __name__, url_prefix="/me")
me_vehicles.serve_at(me)
me_data.serve_at(me)
me_history.serve_at(me)
me_messages.serve_at(me)


@me.get("")
@account.driver()
def home():
    desk, user = office(), account.current()
    links = desk.links
    with desk.database.read() as db:
        found = reads.home(db, user.id)
        notices, _older = own_history.notices(db, user.id, live=True)
        wallets = [(site, wallet.balance(db, one.id), links.wallet_token(one.id), one) for one, site in found.accounts]
    passes = [(sold, product, site, links.pass_token(sold.id)) for sold, product, site in found.passes]
    parked = _parked(found)
    return render_template(
        "me/home.html", found=found, wallets=wallets, passes=passes, notices=notices, zone_of=ZoneInfo,
        pay_token=links.pay_token, tag=news.as_header(_moving(found, parked)), **parked,
    )  # fmt: skip


@me.get("/now")
@account.driver()
def now() -> Response:
    """What is parked now and what it costs by now; 304 while nothing has changed."""
    with office().database.read() as db:
        found = reads.home(db, account.current().id)
    parked = _parked(found)
    return news.unless_known(_moving(found, parked), lambda: render_template("me/home_now.html", found=found, **parked))


@me.route("/profile", methods=["GET", "POST"])
@account.person()
def profile():
    desk, user = office(), account.current()
    form = ProfileForm(name=user.name, language=user.language)
    if not form.validate_on_submit():
        return render_template("me/profile.html", form=form), 422 if form.is_submitted() else 200
    try:
        with desk.database.begin() as db:
            people_changes.change_profile(db, user.id, form.name.data, form.language.data, desk.now())
    except Refused as error:
        form.form_errors.append(str(error))
        return render_template("me/profile.html", form=form), 422
    flash(_("Saved."), "success")
    return redirect(url_for("me.profile"), 303)


def _parked(found: reads.Home) -> dict[str, Any]:
    """The moving part of the first page."""
    desk = office()
    at = desk.now()
    with desk.database.read() as db:
        bills = [(guest.bill(db, stay.id, at), desk.links.pay_token(stay.id)) for stay, _site in found.here]
    return {"bills": bills, "now": at, "book": _book_page(found)}


def _moving(found: reads.Home, parked: dict[str, Any]) -> tuple[Any, ...]:
    """What that part shows."""
    bills = [bill for bill, _token in parked["bills"]]
    return found, bills, [driver.of_the_time(bill, parked["now"]) for bill in bills]


def _book_page(found: reads.Home) -> str:
    """Where a driver books ahead: on their account, where the wallet's page can ask for the money."""
    if found.accounts:
        return url_for("paid_ahead.book_on_account", token=office().links.wallet_token(found.accounts[0][0].id))
    return url_for("paid_ahead.book")
