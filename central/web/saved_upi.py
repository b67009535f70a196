"""UPI IDs on a wallet's page: saved, chosen, removed. They are shown masked, to their owner too."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from central.actions import saved_upi
from central.actions.errors import Refused
from central.web.office import office


def serve_at(holder: Blueprint) -> None:
    """Adds them to the holders' pages."""
    holder.add_url_rule("/wallet/<token>/upi-ids", view_func=save, methods=["POST"], endpoint="save_upi")
    holder.add_url_rule("/wallet/<token>/upi-ids/<saved_id>", view_func=change, methods=["POST"], endpoint="change_upi")


def save(token: str):
    typed, key = request.form.get("upi_id", ""), request.form.get("key") or None
    return _do(
        token,
        lambda session, account_id, now: saved_upi.save(session, account_id, typed, now, "holder", key=key),
        _("The UPI ID is saved."),
    )


def change(token: str, saved_id: str):
    """Makes one the default, or removes it for good."""
    removes = request.form.get("do") == "remove"
    act = saved_upi.remove if removes else saved_upi.make_default
    said = _("The UPI ID is removed for good.") if removes else _("It is the default now.")
    return _do(token, lambda session, account_id, now: act(session, account_id, saved_id, now, "holder"), said)


def _do(token: str, what, said: str):
    desk = office()
    account_id = desk.links.wallet_of(token) or abort(404, _("This link is not one of ours."))
    try:
        with desk.database.begin() as session:
            what(session, account_id, desk.now())
    except Refused as error:
        flash(str(error), "warning")
    else:
        flash(said, "success")
    return redirect(url_for("holder.show_wallet", token=token), 303)
