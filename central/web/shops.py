"""A shop's own page, behind its link: a visitor's ticket or plate is typed, and the parking is validated."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import coupon_book, coupons
from central.actions.errors import Refused
from central.store.reads import coupons as reads
from central.store.schema import Shop, Site
from central.web.coupon_desk import guesses, new_key
from central.web.coupon_words import gives
from central.web.limits import limiter, only_failures
from central.web.office import office

links = limiter.shared_limit("20 per minute", scope="shop links", deduct_when=only_failures)


def serve_at(pages: Blueprint) -> None:
    """Adds the shops' page."""
    pages.add_url_rule("/shop/<token>", view_func=links(validate_page), methods=["GET"], endpoint="shop")
    pages.add_url_rule("/shop/<token>", view_func=guesses(validate), methods=["POST"], endpoint="validate")


def validate_page(token: str):
    return _page(token)


def validate(token: str):
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            shop, typed = _shop(session, token), form.get("what", "").strip()
            if not typed:
                raise Refused(_("Type the ticket code or the plate of your visitor."))
            use = coupons.validate(
                session, shop, form.get("coupon", ""), typed, desk.now(), key=form.get("key") or None
            )
            coupon = reads.coupon(session, use.coupon_id)
            said = gives(coupon)
    except Refused as error:
        g.coupon_refused = True
        return _page(token, str(error)), 422
    flash(_("Validated: %(what)s. It counts when your visitor leaves.", what=said), "success")
    return redirect(url_for("coupons.shop", token=token), 303)


def _shop(session, token: str) -> Shop:
    shop = coupon_book.shop_with(session, token)
    if shop is None:
        abort(404, _("This link is not one of ours any more. Ask the car park's office for a new one."))
    return shop


def _page(token: str, problem: str | None = None) -> str:
    desk = office()
    with desk.database.read() as session:
        shop = _shop(session, token)
        site = session.get_one(Site, shop.site_id)
        given = reads.given_by(session, shop.id)
        offered = reads.offered_by(session, shop.id, desk.now())
    typed = request.form.get("what", "")[:40]
    return render_template(
        "shop/validate.html", shop=shop, site=site, zone=ZoneInfo(site.timezone), offered=offered, given=given,
        token=token, problem=problem, typed=typed, key=new_key(),
    )  # fmt: skip
