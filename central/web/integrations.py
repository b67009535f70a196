"""Integrations for administrators: tokens of other programs, webhooks, and what became of each delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from central import keys, webhooks
from central.actions import api_tokens, webhook_endpoints, webhooks_out
from central.actions.errors import Refused
from central.store.reads import api as reads
from central.store.reads.sites import sites
from central.store.schema import WebhookEndpoint
from central.web import account
from central.web.office import office

integrations = Blueprint("integrations", __name__, url_prefix="/integrations")

PAGE = 30


@integrations.get("")
@account.staff("administrator")
def listed():
    return _list()


@integrations.post("/tokens")
@account.staff("administrator")
def make_token():
    desk, form = office(), request.form
    try:
        days = form.get("days", "").strip()
        if days and not (days.isascii() and days.isdigit() and len(days) <= 4):
            raise Refused(_("Days: expected a whole number, or nothing for no end."))
        lasts = timedelta(days=int(days)) if days else None
        with desk.database.begin() as session:
            token, text = api_tokens.make_token(
                session, form.get("name", ""), form.getlist("scope"), form.getlist("site"), desk.now(), _who(),
                lasts=lasts,
            )  # fmt: skip
    except Refused as error:
        return _list(str(error), "token"), 422
    return render_template("staff/integrations/token.html", token=token, text=text)


@integrations.post("/tokens/<token_id>/end")
@account.staff("administrator")
def end_token(token_id: str):
    return _do(lambda session, now: api_tokens.end_token(session, token_id, now, _who()), _("The token is ended."))


@integrations.post("/webhooks")
@account.staff("administrator")
def add_webhook():
    desk, form = office(), request.form
    try:
        url = webhooks.checked(form.get("url", "").strip(), desk.settings.webhooks)
        with desk.database.begin() as session:
            made = webhook_endpoints.add_endpoint(
                session, url, form.getlist("event"), form.getlist("site"), desk.now(), _who()
            )  # fmt: skip
    except Refused as error:
        return _list(str(error), "webhook"), 422
    return _secret(made)


@integrations.get("/webhooks/<endpoint_id>")
@account.staff("administrator")
def webhook(endpoint_id: str):
    with office().database.read() as session:
        endpoint = _endpoint(session, endpoint_id)
        rows, older = reads.deliveries(session, endpoint.id, PAGE, request.args.get("before"))
        known = sites(session)
    return render_template(
        "staff/integrations/webhook.html", endpoint=endpoint, rows=rows, older=older, sites=known, zone=_zone(known),
        events=webhooks_out.EVENTS,
    )  # fmt: skip


@integrations.post("/webhooks/<endpoint_id>/secret")
@account.staff("administrator")
def new_secret(endpoint_id: str):
    desk = office()
    try:
        with desk.database.begin() as session:
            made = webhook_endpoints.new_secret(session, endpoint_id, desk.now(), _who())
    except Refused as error:
        abort(404, str(error))
    return _secret(made)


@integrations.post("/webhooks/<endpoint_id>/end")
@account.staff("administrator")
def end_webhook(endpoint_id: str):
    def ended(session: Session, now) -> None:
        webhook_endpoints.end_endpoint(session, endpoint_id, now, _who())

    return _do(ended, _("The webhook is ended: it is told nothing any more."))


@integrations.post("/webhooks/<endpoint_id>/test")
@account.staff("administrator")
def send_test(endpoint_id: str):
    def sent(session: Session, now) -> None:
        webhook_endpoints.send_test(session, endpoint_id, request.form.get("site", ""), now, _who())

    return _do(sent, _("A test is on its way. Load this page again to see what became of it."), endpoint_id)


@integrations.post("/webhooks/<endpoint_id>/deliveries/<delivery_id>/again")
@account.staff("administrator")
def again(endpoint_id: str, delivery_id: str):
    def sent(session: Session, now) -> None:
        webhook_endpoints.again(session, delivery_id, now, _who())

    return _do(sent, _("It is sent again."), endpoint_id)


def _do(what: Callable[..., object], done: str, endpoint_id: str | None = None) -> Any:
    """An act in one transaction, and back to the page it was asked on."""
    desk = office()
    try:
        with desk.database.begin() as session:
            what(session, desk.now())
    except Refused as error:
        abort(404, str(error))
    flash(done, "success")
    if endpoint_id is None:
        return redirect(url_for("integrations.listed"), 303)
    return redirect(url_for("integrations.webhook", endpoint_id=endpoint_id), 303)


def _list(problem: str | None = None, of: str = "") -> str:
    """problem: what was refused of which form, "token" or "webhook"; what was typed stays."""
    with office().database.read() as session:
        tokens, endpoints, known = reads.tokens(session), reads.endpoints(session), sites(session)
        counts = reads.delivery_counts(session, [one.id for one in endpoints])
    events = {event: text for event, text in webhooks_out.EVENTS.items() if event != webhooks_out.TEST}
    return render_template(
        "staff/integrations/list.html", tokens=tokens, endpoints=endpoints, counts=counts, sites=known, of=of,
        zone=_zone(known), scopes=api_tokens.SCOPES, events=events, problem=problem, typed=request.form,
        now=office().now(),
    )  # fmt: skip


def _secret(endpoint: WebhookEndpoint) -> str:
    secret = webhook_endpoints.secret_of(keys.read(office().settings, keys.LINKS), endpoint)
    return render_template("staff/integrations/secret.html", endpoint=endpoint, secret=secret)


def _endpoint(session: Session, endpoint_id: str) -> WebhookEndpoint:
    endpoint = reads.one(session, WebhookEndpoint, endpoint_id)
    if endpoint is None or endpoint.ended_at is not None:
        abort(404, _("There is no such webhook."))
    return endpoint


def _zone(known: list) -> ZoneInfo:
    return ZoneInfo(known[0].timezone if known else "UTC")


def _who() -> str:
    return account.current().email
