"""Pages behind a link of a message, without logging in: what to be told, unsubscribing, an inbox, a guest's address."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions import guest, recipients, telling, told_choices
from central.actions.errors import Refused
from central.actions.people_contacts import masked
from central.actions.recipients import Recipient
from central.notifications.doors import Doors
from central.notifications.render import Message, render
from central.rules.telling import LANGUAGES, Channel, Event
from central.settings import NotificationSettings
from central.store.reads import notifications as reads
from central.store.reads.notifications import Seen
from central.store.schema import GuestContact
from central.web import told_words
from central.web.driver import stay_of_token
from central.web.limits import limiter
from central.web.office import office

told = Blueprint("told", __name__)
told.add_app_template_global(told_words, "told_words")
told.add_app_template_global(masked, "masked_contact")

NO_SUCH_LINK = _l("This link is not one of ours. Look at it again, or ask the people who run the car park.")


def doors() -> Doors:
    return Doors.beside(office().links)


@told.app_template_global("inbox_of")
def inbox_of(ref: str) -> str:
    """The page of an account's messages."""
    return url_for("told.inbox", token=doors().inbox_token(ref))


@told.app_template_global("choices_of")
def choices_of(ref: str) -> str:
    """The page where a recipient chooses what to be told."""
    return url_for("told.choices", token=doors().choose_token(ref))


@told.app_template_global("told_guest")
def told_guest(stay_id: str) -> GuestContact | None:
    """Where the guest of a stay wants the receipt."""
    with office().database.read() as session:
        return recipients.contact_of(session, stay_id)


@told.get("/told/<token>")
def choices(token: str):
    return _choices(_chooser(token), token)


@told.post("/told/<token>")
def choose(token: str):
    to, form, desk = _chooser(token), request.form, office()
    wanted = {str(event): form.getlist(str(event)) for event in to.events}
    quiet = (form.get("quiet_from", ""), form.get("quiet_until", ""))
    try:
        with desk.database.begin() as session:
            told_choices.choose(session, to.ref, form.get("language", ""), quiet, wanted, desk.now())
    except Refused as error:
        return _choices(to, token, str(error)), 422
    flash(_("Saved. It holds from now on."), "success")
    return redirect(url_for("told.choices", token=token), 303)


@told.get("/told/<token>/stop")
def ask_stop(token: str):
    """Mail programs that fetch every link must not unsubscribe by that."""
    return render_template("notifications/stop.html", to=_chooser(token), token=token)


@told.post("/told/<token>/stop")
def stop(token: str):
    """One click of a mail program, which has no cookie of ours (RFC 8058), or of a person: no e-mail any more."""
    to, desk = _chooser(token), office()
    with desk.database.begin() as session:
        told_choices.stop_email(session, to.ref, desk.now())
    return render_template("notifications/stop.html", to=to, token=token, done=True)


@told.get("/inbox/<token>")
def inbox(token: str):
    to = _reader(token)
    with office().database.read() as session:
        seen, older = reads.inbox(session, [to.ref], office().now(), request.args.get("before"))
        new = reads.unread(session, [to.ref], office().now())
    messages = messages_of(seen, to)
    return render_template("notifications/inbox.html", to=to, token=token, messages=messages, older=older, new=new)


@told.post("/inbox/<token>/read")
def read(token: str):
    to, desk = _reader(token), office()
    with desk.database.begin() as session:
        telling.read(session, [to.ref], desk.now())
    return redirect(url_for("told.inbox", token=token), 303)


@told.get("/p/<token>/receipt-to")
def contact(token: str):
    return _contact(token, stay_of_token(token))


@told.post("/p/<token>/receipt-to")
@limiter.limit("20 per minute; 100 per hour")
def give_contact(token: str):
    desk, form, stay_id = office(), request.form, stay_of_token(token)
    given = (form.get("email", ""), form.get("phone", ""), str(get_locale()), form.get("more") == "yes")
    try:
        with desk.database.begin() as session:
            told_choices.give_contact(session, stay_id, *given, desk.now())
    except Refused as error:
        return _contact(token, stay_id, str(error), error.field), 422
    flash(_("Thank you. The receipt goes there once it is paid."), "success")
    return redirect(url_for("driver.pay", token=token), 303)


def messages_of(seen: list[Seen], to: Recipient) -> list[tuple[Seen, Message, ZoneInfo]]:
    """Rows of an inbox in its reader's language, with the clock each is told by."""
    made = []
    for one in seen:
        zone = ZoneInfo("UTC" if one.site is None else one.site.timezone)
        where = "" if one.site is None else one.site.name
        message = render(Event(one.row.event), one.row.facts, to.language, where, zone, doors(), to.ref)
        made.append((one, message, zone))
    return made


def set_up(settings: NotificationSettings) -> list[Channel]:
    """The ways that lead out of this house."""
    outside = (Channel.EMAIL, Channel.SMS, Channel.PUSH)
    named = ((channel, f"{channel}_url") for channel in outside)
    return [channel for channel, key in named if getattr(settings, key) or getattr(settings, f"{key}_file")]


def _choices(to: Recipient, token: str, problem: str | None = None) -> str:
    ways = [way for way in to.reachable if way is Channel.INBOX or way in set_up(office().settings.notifications)]
    topic = doors().push_topic(to.ref) if Channel.PUSH in ways else ""
    return render_template(
        "notifications/choices.html", to=to, token=token, problem=problem, ways=ways, languages_=LANGUAGES, topic=topic,
        events=[event for event in Event if event in to.events],
    )  # fmt: skip


def _contact(token: str, stay_id: str, problem: str | None = None, wrong_field: str = "") -> str:
    desk, form = office(), request.form
    with desk.database.read() as session:
        bill = guest.bill(session, stay_id, desk.now())
    shown = {"typed": form, "problem": problem, "wrong_field": wrong_field}
    return render_template("notifications/contact.html", bill=bill, token=token, **shown)


def _chooser(token: str) -> Recipient:
    return _found(doors().chooser(token))


def _reader(token: str) -> Recipient:
    return _found(doors().reader(token))


def _found(ref: str | None) -> Recipient | Any:
    to = None
    if ref is not None:
        with office().database.read() as session:
            to = recipients.find(session, ref)
    return to or abort(404, NO_SUCH_LINK)
