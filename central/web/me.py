"""A driver's own pages: what is parked now, what was, passes, wallets, profile."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import guest, people_changes, wallet
from central.actions.errors import Refused
from central.store.reads import me as reads
from central.web import account, me_data, me_vehicles
from central.web.forms import ProfileForm
from central.web.office import office

me = Blueprint("me", __name__, url_prefix="/me")
me_vehicles.serve_at(me)
me_data.serve_at(me)


@me.get("")
@account.driver()
def home():
    desk, user = office(), account.current()
    now, links = desk.now(), desk.links
    with desk.database.read() as db:
        found = reads.home(db, user.id)
        bills = [(guest.bill(db, stay.id, now), links.pay_token(stay.id)) for stay, _site in found.here]
        wallets = [(site, wallet.balance(db, one.id), links.wallet_token(one.id), one) for one, site in found.accounts]
    passes = [(sold, product, site, links.pass_token(sold.id)) for sold, product, site in found.passes]
    return render_template(
        "me/home.html", found=found, bills=bills, wallets=wallets, passes=passes, now=now, zone_of=ZoneInfo,
        pay_token=links.pay_token,
    )  # fmt: skip


@me.get("/stays")
@account.driver()
def stays():
    """Parking that is over, with its receipts behind the pay link."""
    desk = office()
    with desk.database.read() as db:
        rows, older = reads.stays(db, account.current().id, request.args.get("before"))
    return render_template("me/stays.html", rows=rows, older=older, zone_of=ZoneInfo, pay_token=desk.links.pay_token)


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
