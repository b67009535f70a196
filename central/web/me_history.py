"""A driver's parking that is over, to be searched, with its receipts; and the notices of their vehicles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from central.actions.access import normal_plate
from central.actions.errors import Refused
from central.store.reads import own_history as reads
from central.web import account
from central.web.office import office

_INDIA = ZoneInfo("Asia/Kolkata")


def serve_at(me: Blueprint) -> None:
    """Adds them to a driver's pages."""
    for path, view in (("/stays", stays), ("/notices", notices)):
        me.add_url_rule(path, view_func=account.driver()(view), methods=["GET"])


def stays():
    """The address says what was searched for, so that a search can be kept, and gone back to."""
    desk, user = office(), account.current()
    asked = {name: value for name in ("plate", "since", "until") if (value := request.args.get(name, "").strip())}
    problems: dict[str, str] = {}
    rows, older, receipts = [], None, {}
    with desk.database.read() as db:
        sites = reads.sites_of(db, user.id)
        zone = ZoneInfo(sites[0].timezone) if sites else _INDIA
        plate, came = _wanted(asked, zone, problems)
        if not problems:
            rows, older = reads.stays(db, user.id, plate, came, request.args.get("before"))
            receipts = reads.receipts(db, [stay.id for stay, _site in rows])
    page = render_template(
        "me/stays.html", rows=rows, older=older, receipts=receipts, asked=asked, problems=problems,
        zone_of=ZoneInfo, pay_token=desk.links.pay_token,
    )  # fmt: skip
    return page, 422 if problems else 200


def notices():
    with office().database.read() as db:
        rows, older = reads.notices(db, account.current().id, request.args.get("before"))
    return render_template("me/notices.html", rows=rows, older=older, zone_of=ZoneInfo)


def _wanted(
    asked: Mapping[str, str], zone: ZoneInfo, problems: dict[str, str]
) -> tuple[str, tuple[datetime | None, datetime | None]]:
    """The plate, and the span of entries, that were asked for; what was wrong goes to `problems`, by field."""
    plate = ""
    try:
        plate = normal_plate(asked["plate"]) if "plate" in asked else ""
    except Refused:
        problems["plate"] = _("Type letters A to Z and digits, all of a plate or a part of it.")
    since, until = _midnight(asked, "since", zone, problems), _midnight(asked, "until", zone, problems, later=1)
    if since and until and since >= until:
        problems["until"] = _("This day is before the first one.")
    return plate, (since, until)


def _midnight(
    asked: Mapping[str, str], name: str, zone: ZoneInfo, problems: dict[str, str], later: int = 0
) -> datetime | None:
    """The beginning of the day in a field, or of the day so many after it."""
    if name not in asked:
        return None
    try:
        day = datetime.strptime(asked[name], "%Y-%m-%d").date() + timedelta(days=later)
        return datetime.combine(day, time(), zone)
    except (ValueError, OverflowError):
        problems[name] = _("Type a day as 2026-11-25.")
        return None
