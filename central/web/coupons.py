"""Coupons for staff: what there is and who took it, making and ending them, and the shops that validate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import coupon_book
from central.actions.errors import Refused
from central.rules.coupons import Kind
from central.store.reads import coupons as reads
from central.store.reads import sites
from central.store.schema import Site
from central.web import account, coupon_desk, coupon_words, shops
from central.web.coupon_words import moment, value_of, whole
from central.web.money import chosen_site
from central.web.office import office
from central.web.tariff_try import CLASSES

coupons = Blueprint("coupons", __name__)
coupons.add_app_template_global(coupon_words, "coupon_words")
coupons.add_app_template_global(coupon_desk.new_key, "new_key")
coupon_desk.serve_at(coupons)
shops.serve_at(coupons)


@coupons.get("/coupons")
@account.staff("coupons.see")
def listed():
    return _page()


@coupons.post("/coupons")
@account.staff("coupons.write")
def make():
    form = request.form

    def made(session, site: Site, who: str, now) -> str:
        zone, kind = ZoneInfo(site.timezone), form.get("kind", "")
        coupon = coupon_book.make_coupon(
            session,
            site.id,
            kind,
            value_of(kind, form.get("value", "")),
            now,
            who,
            code=form.get("code", ""),
            name=form.get("name", ""),
            shop_id=form.get("shop") or None,
            valid_from=moment(form.get("valid_from", ""), zone, _("Valid from")),
            valid_to=moment(form.get("valid_to", ""), zone, _("Valid until")),
            vehicle_classes=form.getlist("class"),
            stackable=form.get("stackable") == "yes",
            per_code=_times("per_code", _("Uses in all")),
            per_day=_times("per_day", _("Uses a day")),
            per_stay=_times("per_stay", _("Uses for one parking")) or 1,
            key=form.get("key") or None,
        )
        return _("Coupon %(code)s is made: %(what)s.", code=coupon.code, what=coupon_words.gives(coupon))

    return _do(made)


@coupons.get("/coupons/<coupon_id>")
@account.staff("coupons.see")
def one(coupon_id: str):
    with office().database.read() as session:
        coupon = reads.coupon(session, coupon_id)
        if coupon is None:
            abort(404, _("There is no such coupon."))
        site = session.get_one(Site, coupon.site_id)
        rows, older = reads.uses(session, coupon_id, request.args.get("before"))
    zone = ZoneInfo(site.timezone)
    return render_template("staff/coupons/one.html", coupon=coupon, site=site, zone=zone, rows=rows, older=older)


@coupons.post("/coupons/<coupon_id>/end")
@account.staff("coupons.write")
def end(coupon_id: str):
    def ended(session, site: Site, who: str, now) -> str:
        coupon = coupon_book.end_coupon(session, coupon_id, now, who)
        return _("Coupon %(code)s has ended.", code=coupon.code)

    return _do(ended)


@coupons.post("/coupons/shops")
@account.staff("coupons.write")
def add_shop():
    def added(session, site: Site, who: str, now) -> str:
        key = request.form.get("key") or None
        shop, token = coupon_book.add_shop(session, site.id, request.form.get("name", ""), now, who, key=key)
        return _link_of(shop.name, token) if token else _("%(shop)s is on the list.", shop=shop.name)

    return _do(added)


@coupons.post("/coupons/shops/<shop_id>/link")
@account.staff("coupons.write")
def new_link(shop_id: str):
    return _do(lambda session, site, who, now: _link_of("", coupon_book.new_link(session, shop_id, now, who)))


@coupons.post("/coupons/shops/<shop_id>/end")
@account.staff("coupons.write")
def end_shop(shop_id: str):
    def ended(session, site: Site, who: str, now) -> str:
        coupon_book.end_shop(session, shop_id, now, who)
        return _("The shop's link opens nothing any more.")

    return _do(ended)


def _do(what: Callable[..., str]):
    """An act in one transaction; what is refused is said on the page, with what was typed."""
    desk = office()
    try:
        with desk.database.begin() as session:
            site = session.get(Site, request.form.get("site", ""))
            if site is None:
                raise Refused(_("Choose a site."))
            said = what(session, site, account.current().email, desk.now())
    except Refused as error:
        return _page(str(error), 422)
    flash(said, "success")
    return redirect(url_for("coupons.listed", site=site.id), 303)


def _page(problem: str | None = None, status: int = 200) -> Any:
    with office().database.read() as session:
        known, site = chosen_site(session)
        if request.form.get("site"):
            site = next((one for one in sites.sites(session) if one.id == request.form["site"]), site)
        rows, older = reads.of_site(session, site.id, request.args.get("before"))
        validating = reads.shops(session, site.id)
    return render_template(
        "staff/coupons/list.html", sites=known, site=site, zone=ZoneInfo(site.timezone), rows=rows, older=older,
        shops=validating, kinds=list(Kind), classes=CLASSES, typed=request.form, problem=problem,
    ), status  # fmt: skip


def _times(name: str, what: str) -> int | None:
    text = request.form.get(name, "").strip()
    return whole(text, what) if text else None


def _link_of(name: str, token: str) -> str:
    link = f"{office().settings.public_url}{url_for('coupons.shop', token=token)}"
    return _("The link of %(shop)s, shown this once: %(link)s", shop=name or _("the shop"), link=link)
