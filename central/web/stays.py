"""Stays for staff: the list with its filters, one stay with its timeline, its receipts and its pictures."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request, send_file
from flask_babel import gettext as _

from central import images
from central.actions import guest, looked_at
from central.actions.access import normal_plate
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.rules.stay_table import Status
from central.store.reads import lanes, sites
from central.store.reads import stays as reads
from central.store.schema import Site
from central.web import account
from central.web.office import office
from edge.protocol.messages import VehicleClass

stays = Blueprint("stays", __name__)

# after that the browser asks again, so that each look is noted; a picture itself never changes
LONGEST = timedelta(days=31)  # so many days are looked through at once
KEEP_PICTURE_S = int(looked_at.ONCE_IN.total_seconds())


@stays.get("/stays")
@account.staff("stays.see")
def listed():
    asked = {name: value.strip() for name, value in request.args.items() if value.strip()}
    with office().database.read() as session:
        known = sites.sites(session)
        problem, wanted = None, reads.StayFilter()
        try:
            wanted = _filter(asked, known)
        except Refused as error:
            problem = str(error)
        page = reads.stays(session, wanted) if problem is None else reads.StayPage([], None)
        gates = sites.gates(session)
    paged = {name: value for name, value in asked.items() if name not in ("before", "after")}
    ways = {
        "newer": {**paged, "after": page.newer} if page.newer else None,
        "older": {**paged, "before": page.older} if page.older else None,
    }
    zones = {site.id: ZoneInfo(site.timezone) for site in known}
    shown = {"asked": asked, "page": page, "ways": ways, "sites": known, "gates": gates, "zones": zones}
    return render_template(
        "staff/stays.html", problem=problem, statuses=list(Status), classes=get_args(VehicleClass), **shown
    ), 422 if problem else 200


@stays.get("/stays/<stay_id>")
@account.staff("stays.see")
def one(stay_id: str):
    with office().database.read() as session:
        detail = reads.stay(session, stay_id)
    if detail is None:
        abort(404, _("There is no such stay."))
    zone = ZoneInfo(detail.site.timezone)
    pay_token = office().links.pay_token(detail.stay.id)
    return render_template("staff/stay.html", detail=detail, stay=detail.stay, zone=zone, pay_token=pay_token)


@stays.get("/stays/<stay_id>/receipts/<receipt_id>")
@account.staff("stays.see")
def receipt(stay_id: str, receipt_id: str):
    with office().database.read() as session:
        found = guest.receipt_of(session, stay_id, receipt_id)
    if found is None:
        abort(404, _("There is no such receipt."))
    paid, row, site = found
    return render_template(
        "driver/receipt.html", receipt=paid, lines=lines_from_json(paid.lines), stay=row, site=site, token=None
    )


@stays.get("/images/<sha256>")
@account.staff("stays.see")
def picture(sha256: str) -> Response:
    with office().database.read() as session:
        known = lanes.stored_images(session, [sha256])
        noted = looked_at.noted(session, account.me(), sha256, office().now())
    if not known:
        abort(404, _("There is no such picture."))
    path = images.path_of(office().settings.images, sha256)
    if not path.is_file():
        abort(404, _("This picture is no longer kept."))
    if not noted:
        with office().database.begin() as session:
            looked_at.look(session, account.me(), sha256, _page_it_is_on(), office().now())
    answer = send_file(path.absolute(), mimetype="image/jpeg", max_age=KEEP_PICTURE_S, etag=sha256)
    answer.cache_control.private = True
    answer.cache_control.public = None
    return answer


def _page_it_is_on() -> str:
    """The path of the page that shows the picture, as the browser says; "" where it does not, or it is none of ours."""
    parts = urlsplit(request.referrer or "")
    return parts.path if parts.netloc == request.host else ""


def _filter(asked: dict[str, str], known: list[Site]) -> reads.StayFilter:
    """The query's words as a filter; Refused naming the first that is not one."""
    site, _slash, gate = asked.get("gate", "").partition("/")
    site = site or asked.get("site", "")
    status, vehicle_class = asked.get("status"), asked.get("class")
    if asked.get("gate") and asked.get("site", site) != site:
        raise Refused(_("That gate is of another site."))
    if site and site not in {one.id for one in known}:
        raise Refused(_("There is no such site."))
    if status and status not in list(Status):
        raise Refused(_("Status %(word)s is not known.", word=status[:40]))
    if vehicle_class and vehicle_class not in get_args(VehicleClass):
        raise Refused(_("Class %(word)s is not known.", word=vehicle_class[:40]))
    zone = ZoneInfo(next((one.timezone for one in known if one.id == site), known[0].timezone if known else "UTC"))
    begin, end = _days(asked, zone)
    return reads.StayFilter(
        sites=(site,) if site else tuple(one.id for one in known),
        plate=normal_plate(asked["plate"]) if "plate" in asked else None,
        status=status,
        vehicle_class=vehicle_class,
        gate=gate or None,
        begin=begin,
        end=end,
        review="review" in asked,
        before=asked.get("before"),
        after=asked.get("after"),
    )


def _days(asked: dict[str, str], zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the first day asked for to the end of the last; one alone stands for LONGEST."""
    if "date" in asked:
        return day_of(asked["date"], zone)
    begin = day_of(asked["from"], zone)[0] if "from" in asked else None
    end = day_of(asked["until"], zone)[1] if "until" in asked else None
    if begin is None and end is None:
        return None, None
    begin, end = begin or end - LONGEST, end or begin + LONGEST
    if not begin < end <= begin + LONGEST + timedelta(hours=1):  # a clock may be put forward between
        raise Refused(_("From and until: expected the later day last, and at most %(days)d days.", days=LONGEST.days))
    return begin, end


def day_of(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A day of the site's calendar, from midnight to midnight."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise Refused(_("Date %(text)s: expected one such as 2026-11-24.", text=text[:20]))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(_("Date %(text)s: there is no such day.", text=text[:20])) from error
    if not 2000 <= day.year < 2200:
        raise Refused(_("Date %(text)s: expected a year from 2000 to 2199.", text=text[:20]))
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)
