"""Passes for staff: what a site sells, selling one, who holds which, and giving one up."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import pass_products, pass_sales
from central.actions.errors import Refused
from central.payments import account_refunds
from central.rules.passes import PassState
from central.store.reads import accounts as reads
from central.store.schema import Account, PassProduct, Site
from central.web import account
from central.web.coupon_words import moment, value_of, whole
from central.web.money import chosen_site
from central.web.money_words import paise
from central.web.office import office
from central.web.tariff_try import CLASSES

STATE = {
    PassState.UNPAID: _l("to be paid"),
    PassState.PAID: _l("paid"),
    PassState.LAPSED: _l("run out"),
    PassState.REFUNDED: _l("given up"),
    PassState.DROPPED: _l("not paid in time"),
}


def serve_at(accounts: Blueprint) -> None:
    """Adds the pages of passes to those of accounts."""
    accounts.add_app_template_global(STATE, "pass_states")
    for rule, view, methods in (
        ("/passes", passes, ["GET"]),
        ("/passes", sell, ["POST"]),
        ("/passes/products", make_product, ["POST"]),
        ("/passes/products/<product_id>/end", end_product, ["POST"]),
        ("/passes/<pass_id>", one_pass, ["GET"]),
        ("/passes/<pass_id>/give-up", give_up, ["POST"]),
    ):
        accounts.add_url_rule(rule, view_func=view, methods=methods)


@account.staff("passes.sell")
def passes():
    return _page()


@account.staff("passes.sell")
def sell():
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            product = session.get(PassProduct, form.get("product", ""))
            if product is None:
                raise Refused(_("Choose a pass."))
            zone = ZoneInfo(session.get_one(Site, product.site_id).timezone)
            sold = pass_sales.sell(
                session,
                product.id,
                form.get("holder", ""),
                _plates(form.get("plates", ""), form.get("class", "")),
                _begins(form.get("begins", ""), zone),
                desk.now(),
                account.current().email,
                phone=form.get("phone", ""),
                email=form.get("email", ""),
                account_id=form.get("account") or None,
                key=form.get("key") or None,
            )
    except Refused as error:
        return _page(str(error), 422)
    flash(_("Sold. It holds once it is paid: give its holder the link."), "success")
    return redirect(url_for("accounts.one_pass", pass_id=sold.id), 303)


@account.staff("passes.products")
def make_product():
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            pass_products.make_product(
                session,
                form.get("site", ""),
                form.get("name", ""),
                paise(form.get("price", ""), _("Price")),
                desk.now(),
                account.current().email,
                vehicle_classes=form.getlist("class"),
                days=whole(form.get("days", ""), _("Days")),
                hours=whole(form.get("hours", "") or "0", _("Hours")),
                plates=whole(form.get("plates", ""), _("Plates")),
                tax_rate_bp=value_of("percent", form.get("tax", "")),
                key=form.get("key") or None,
            )
    except Refused as error:
        return _page(str(error), 422)
    flash(_("The pass can be sold."), "success")
    return redirect(url_for("accounts.passes", site=form.get("site")), 303)


@account.staff("passes.products")
def end_product(product_id: str):
    desk = office()
    try:
        with desk.database.begin() as session:
            pass_products.end_product(session, product_id, desk.now(), account.current().email)
    except Refused as error:
        return _page(str(error), 422)
    flash(_("It is no longer sold nor renewed."), "success")
    return redirect(url_for("accounts.passes"), 303)


@account.staff("passes.sell")
def one_pass(pass_id: str):
    return _one(pass_id)


@account.staff("passes.give_up")
def give_up(pass_id: str):
    desk, form = office(), request.form
    try:
        with desk.database.begin() as session:
            note = account_refunds.give_up_pass(
                session, pass_id, desk.now(), by=account.current().email, reason=form.get("reason", ""),
                rrn=form.get("rrn", ""), key=form.get("key") or None,
            )  # fmt: skip
    except Refused as error:
        return _one(pass_id, str(error), 422)
    flash(_("Given up. Credit note %(serial)s is made; the money goes back.", serial=note.serial), "success")
    return redirect(url_for("accounts.one_pass", pass_id=pass_id), 303)


def _page(problem: str | None = None, status: int = 200) -> Any:
    with office().database.read() as session:
        known, site = chosen_site(session)
        rows, older = reads.passes(session, site.id, request.args.get("before"))
        sold = reads.products(session, site.id)
        holder = session.get(Account, request.values.get("account", "-"))
    return render_template(
        "staff/accounts/passes.html", sites=known, site=site, zone=ZoneInfo(site.timezone), rows=rows, older=older,
        products=sold, holder=holder, classes=CLASSES, typed=request.form, problem=problem,
    ), status  # fmt: skip


def _one(pass_id: str, problem: str | None = None, status: int = 200) -> Any:
    desk = office()
    with desk.database.read() as session:
        found = reads.pass_detail(session, pass_id)
        if found is None:
            abort(404, _("There is no such pass."))
        back = account_refunds.refundable(session, found.sold, desk.now())
    link = f"{desk.settings.public_url}{url_for('holder.show_pass', token=desk.links.pass_token(pass_id))}"
    return render_template(
        "staff/accounts/pass.html", found=found, back=back, link=link, zone=ZoneInfo(found.site.timezone),
        problem=problem,
    ), status  # fmt: skip


def _plates(text: str, vehicle_class: str) -> list[tuple[str, str]]:
    """Plates as they are typed, one a line or with commas between them; all of one class."""
    return [(one, vehicle_class) for one in re.split(r"[,;\n]+", text) if one.strip()]


def _begins(text: str, zone: ZoneInfo) -> datetime:
    """When the pass begins; now, where nothing is said."""
    return moment(text, zone, _("Begins")) or office().now()
