"""What a driver who is logged in was told, of all their accounts in one list."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from central.actions import recipients, telling
from central.actions.recipients import ACCOUNT, Recipient
from central.store.reads import me as own
from central.store.reads import notifications as reads
from central.store.schema import Site
from central.web import account
from central.web.office import office
from central.web.told import messages_of


def serve_at(me: Blueprint) -> None:
    """Adds them to a driver's pages, and to every page how many are new."""
    me.add_url_rule("/messages", view_func=account.driver()(messages), methods=["GET"])
    me.add_url_rule("/messages/read", view_func=account.driver()(read_messages), methods=["POST"])
    me.add_app_template_global(unread_messages, "unread_messages")


def messages():
    now = office().now()
    with office().database.read() as db:
        mine = _mine(db)
        seen, older = reads.inbox(db, list(mine), now, request.args.get("before"))
        new = reads.unread(db, list(mine), now)
    shown = [message for one in seen for message in messages_of([one], mine[one.row.recipient][0])]
    return render_template("me/messages.html", messages=shown, older=older, new=new, mine=mine)


def read_messages():
    with office().database.begin() as db:
        telling.read(db, list(_mine(db)), office().now())
    return redirect(url_for("me.messages"), 303)


def unread_messages() -> int:
    """How many messages of whoever is logged in are new."""
    with office().database.read() as db:
        return reads.unread(db, list(_mine(db)), office().now())


def _mine(db: Session) -> dict[str, tuple[Recipient, Site]]:
    """Each account of the driver, by the word that messages know it by."""
    named = ((f"{ACCOUNT}/{one.id}", site) for one, site in own.accounts(db, account.current().id))
    return {ref: (recipients.find(db, ref), site) for ref, site in named}
