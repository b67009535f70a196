"""Pages of who holds a pass, behind its own link: paying, renewing, the receipt. No JavaScript."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask_babel import gettext as _

from central.actions import pass_sales
from central.actions.billing import UNPAID, lines_from_json
from central.actions.errors import Refused
from central.rules.passes import PassState, renewal_begins
from central.store.reads import accounts as reads
from central.web import account_paying, news, saved_upi, wallet
from central.web.account_paying import NO_SUCH_LINK
from central.web.office import office

holder = Blueprint("holder", __name__)
wallet.serve_at(holder)
saved_upi.serve_at(holder)


@holder.get("/pass/<token>")
def show_pass(token: str):
    found = _pass(token)
    account_paying.hear_provider(found.attempt)
    return _pass_page(token)


@holder.post("/pass/<token>/pay")
def pay_pass(token: str):
    here, code = url_for("holder.show_pass", token=token), url_for("holder.pass_upi", token=token)
    return account_paying.pay(_pass(token).due.id, here, code, lambda said: _pass_page(token, said))


@holder.post("/pass/<token>/ask")
def ask_pass(token: str):
    found, here = _pass(token), url_for("holder.show_pass", token=token)
    code = url_for("holder.pass_upi", token=token)
    return account_paying.ask(found.due.id, found.account.id, here, code, lambda said: _pass_page(token, said))


@holder.get("/pass/<token>/upi")
def pass_upi(token: str):
    found = _pass(token)
    account_paying.hear_provider(found.attempt)
    return account_paying.upi(found.due.id, url_for("holder.show_pass", token=token), found.site.timezone)


@holder.post("/pass/<token>/renew")
def renew_pass(token: str):
    """One press: the renewal is there, and the page that pays it opens."""
    desk, found = office(), _pass(token)
    try:
        with desk.database.begin() as session:
            renewed = pass_sales.renew(session, found.sold.id, desk.now())
    except Refused as error:
        return _pass_page(token, str(error)), 422
    return redirect(url_for("holder.show_pass", token=desk.links.pass_token(renewed.id)), 303)


@holder.get("/pass/<token>/receipt")
def pass_receipt(token: str):
    found = _pass(token)
    if found.receipt is None:
        abort(404, _("There is no such receipt."))
    lines = lines_from_json(found.receipt.lines)
    return render_template("holder/receipt.html", found=found, receipt=found.receipt, lines=lines, token=token)


def _pass(token: str) -> reads.PassDetail:
    desk, found = office(), None
    pass_id = desk.links.pass_of(token)
    if pass_id is not None:
        with desk.database.read() as session:
            found = reads.pass_detail(session, pass_id)
    return found or abort(404, NO_SUCH_LINK)


def _pass_page(token: str, problem: str | None = None) -> Response:
    found, now, links = _pass(token), office().now(), office().links
    owing = found.sold.state == PassState.UNPAID and found.due.state in UNPAID
    held = found.sold.state in (PassState.PAID, PassState.LAPSED) and found.product.ended_at is None
    may_renew = held and found.renewal is None and renewal_begins(found.sold.valid_until, now) is not None
    next_token = links.pass_token(found.renewal.id) if found.renewal else None
    asks = account_paying.offered(found.account.id) if owing else None
    return news.unless_known(
        (found, owing, may_renew, asks, now < found.sold.valid_from, now < found.sold.valid_until),
        lambda: render_template(
            "holder/pass.html", found=found, token=token, owing=owing, may_renew=may_renew, next_token=next_token,
            zone=ZoneInfo(found.site.timezone), now=now, problem=problem, asks=asks,
        ),
    )  # fmt: skip
