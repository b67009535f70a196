"""Where a code is typed: by a driver on a page of the pay link, without JavaScript, or by staff at the till."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import billing, coupon_uses, coupons, guest
from central.actions.coupon_uses import HELD, USED
from central.actions.errors import Refused
from central.rules.money import rupees
from central.store.schema import Due
from central.web import account
from central.web.driver import stay_of_token
from central.web.limits import limiter
from central.web.office import office


def _was_refused(_response: Response) -> bool:
    """Codes can be guessed at: who types wrong ones is slowed down, who types a right one is not."""
    return g.get("coupon_refused", False)


guesses = limiter.shared_limit("10 per minute; 60 per hour", scope="coupon codes", deduct_when=_was_refused)


def serve_at(pages: Blueprint) -> None:
    """Adds the pages where codes are typed."""
    pages.add_url_rule("/p/<token>/coupon", view_func=code, methods=["GET"])
    pages.add_url_rule("/p/<token>/coupon", view_func=guesses(take), methods=["POST"], endpoint="take")
    pages.add_url_rule("/p/<token>/coupon/<use_id>/off", view_func=take_off, methods=["POST"])
    pages.add_url_rule("/coupons/till/<due_id>", view_func=at_till, methods=["POST"])


def code(token: str):
    return _page(token, stay_of_token(token))


def take(token: str):
    desk, stay_id, form = office(), stay_of_token(token), request.form
    try:
        with desk.database.begin() as session:
            coupons.apply(
                session, stay_id, form.get("code", ""), desk.now(), by=coupons.DRIVER, key=form.get("key") or None
            )
    except Refused as error:
        g.coupon_refused = True
        return _page(token, stay_id, str(error), "code"), 422
    flash(_("The coupon is taken off your price."), "success")
    return redirect(url_for("driver.pay", token=token), 303)


def take_off(token: str, use_id: str):
    desk, stay_id = office(), stay_of_token(token)
    try:
        with desk.database.begin() as session:
            coupons.take_off(session, stay_id, use_id, desk.now(), by=coupons.DRIVER)
    except Refused as error:
        return _page(token, stay_id, str(error)), 422
    return redirect(url_for("coupons.code", token=token), 303)


@account.staff("coupons.at_till")
def at_till(due_id: str):
    """A driver shows the attendant a code; what is to be paid is then less, or nothing."""
    desk = office()
    try:
        with desk.database.begin() as session:
            due = session.get(Due, due_id)
            if due is None or due.kind != billing.OF_STAY:
                raise Refused(_("There is no such amount to be paid."))
            typed, key = request.form.get("code", ""), request.form.get("key") or None
            coupons.apply(session, due.stay_id, typed, desk.now(), by=account.current().email, key=key)
            left = billing.unpaid_due(session, due.stay_id)
            left_paise, left_id = (left.amount_paise, left.id) if left else (0, None)
    except Refused as error:
        flash(str(error), "warning")
        return redirect(url_for("money.pay", due_id=due_id), 303)
    if left_id is None:
        flash(_("The coupon pays for all of it. The exit opens."), "success")
        return redirect(url_for("money.shift"), 303)
    flash(_("The coupon is taken off: %(amount)s is left to pay.", amount=rupees(left_paise)), "success")
    return redirect(url_for("money.pay", due_id=left_id), 303)


def new_key() -> str:
    """For a form: sent twice, it is done once."""
    return secrets.token_urlsafe(18)


def _page(token: str, stay_id: str, problem: str | None = None, wrong_field: str = "") -> str:
    desk = office()
    with desk.database.read() as session:
        bill = guest.bill(session, stay_id, desk.now())
        taken = coupon_uses.of_stay(session, bill.stay_id, HELD, USED)
    said = {"problem": problem, "wrong_field": wrong_field, "typed": request.form.get("code", "")[:40]}
    return render_template("driver/coupon.html", bill=bill, token=token, taken=taken, key=new_key(), **said)
