"""Notifications for staff: their own messages, the outbox with what was given up, every template to look at."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import recipients, telling
from central.actions.errors import Refused
from central.actions.people_contacts import masked
from central.notifications.examples import FACTS
from central.notifications.render import render
from central.rules.telling import LANGUAGES, Event
from central.store.reads import notifications as reads
from central.store.reads import sites
from central.web import account
from central.web.office import office
from central.web.told import doors, messages_of, set_up

notifications = Blueprint("notifications", __name__, url_prefix="/notifications")


@notifications.get("/mine")
@account.staff("supervisor")
def mine():
    """What whoever is logged in was told."""
    to = _me()
    with office().database.read() as session:
        seen, older = reads.inbox(session, [to.ref], office().now(), request.args.get("before"))
        new = reads.unread(session, [to.ref], office().now())
    messages = messages_of(seen, to)
    return render_template("notifications/mine.html", to=to, messages=messages, older=older, new=new)


@notifications.post("/mine/read")
@account.staff("supervisor")
def read():
    desk = office()
    with desk.database.begin() as session:
        telling.read(session, [_me().ref], desk.now())
    return redirect(url_for("notifications.mine"), 303)


@notifications.get("")
@account.staff("supervisor")
def listed():
    return _list()


@notifications.post("/<row_id>/again")
@account.staff("manager")
def again(row_id: str):
    desk = office()
    try:
        with desk.database.begin() as session:
            telling.try_again(session, row_id, desk.now(), account.me())
    except Refused as error:
        return _list(str(error)), 422
    flash(_("It is sent once more."), "success")
    return redirect(url_for("notifications.listed"), 303)


@notifications.get("/templates")
@account.staff("supervisor")
def templates():
    """Each in both languages, with facts as they might be."""
    made = [(event, [_example(event, language) for language in LANGUAGES]) for event in Event]
    return render_template("notifications/templates.html", made=made)


@notifications.get("/templates/<event>/<language>")
@account.staff("supervisor")
def letter(event: str, language: str):
    """An e-mail as it is sent."""
    if event not in list(Event) or language not in LANGUAGES:
        abort(404)
    return Response(_example(Event(event), language).html, mimetype="text/html")


def _list(problem: str | None = None) -> str:
    state = request.args.get("state", reads.STATES[0])
    state = state if state in reads.STATES else reads.STATES[0]
    with office().database.read() as session:
        known = sites.sites(session)
        names = [site.id for site in known]
        counts = reads.counts(session, names, office().now())
        rows, older = reads.outbox(session, names, state, request.args.get("before"))
        shown = [(row, _who(session, row.recipient)) for row in rows]
    zones = {site.id: ZoneInfo(site.timezone) for site in known} | {None: ZoneInfo("UTC")}
    return render_template(
        "notifications/outbox.html", state=state, counts=counts, rows=shown, older=older, zones=zones, problem=problem,
        ways=set_up(office().settings.notifications),
    )  # fmt: skip


def _who(session: Any, ref: str) -> str:
    """A recipient as staff see it: its name, or its address with most of it hidden."""
    to = recipients.find(session, ref)
    if to is None:
        return ""
    return to.name or masked(to.email or to.phone)


def _me() -> recipients.Recipient:
    with office().database.read() as session:
        return recipients.find(session, f"{recipients.USER}/{account.current().id}") or abort(404)


def _example(event: Event, language: str):
    with office().database.read() as session:
        site = next(iter(sites.sites(session)), None)
    where, zone = ("City Hospital", "Asia/Kolkata") if site is None else (site.name, site.timezone)
    ref = f"{recipients.USER}/{account.current().id}"
    return render(event, FACTS[event], language, where, ZoneInfo(zone), doors(), ref)
