"""The simulator: one stay under any tariff, written or not yet, line by line, and a week's prices by length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from central.actions.access import normal_plate
from central.actions.billing import earlier_stay
from central.actions.errors import Refused
from central.rules.pricing import price
from central.rules.quote import EarlierStay
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_curve import curves
from central.rules.tariff_text import tariff_from_toml
from central.store.reads import sites
from central.store.reads import tariffs as reads
from central.store.schema import Site
from central.web import account
from central.web.moments import length
from central.web.office import office
from central.web.price_chart import Chart, chart
from central.web.tariff_trial import entry, trial
from central.web.tariffs import STAGE, tariffs

HOUR, DAY = 60, 1_440
FIRST_DAY = [*range(0, DAY + 1, 15)]
WEEK = [*range(0, 7 * DAY + 1, HOUR)]
TABLE = [15, 30, *(HOUR * h for h in (1, 2, 3, 4, 6, 8, 12, 18, 24, 36)), *(DAY * d for d in range(2, 8))]
CLASSES = {
    "car": _l("Car"),
    "bike": _l("Motorcycle"),
    "scooty": _l("Scooter"),
    "auto": _l("Auto-rickshaw"),
    "van": _l("Van"),
    "bus": _l("Bus"),
    "truck": _l("Truck"),
    "cycle": _l("Bicycle"),
    "other": _l("Other"),
}


@dataclass(frozen=True, slots=True)
class Prices:
    """Drawings of a day and a week, and the table behind them: (length, one amount per line)."""

    day: Chart
    week: Chart
    table: list[tuple[str, list[int]]]


@tariffs.route("/try", methods=["GET", "POST"])
@account.staff("tariffs.see")
def attempt():
    """Works as a plain form. Nothing is kept of what is typed here."""
    typed = {name: value for name, value in request.values.items() if name != "csrf_token"}
    problem = wrong = tariff = quote = prices = earlier = None
    with office().database.read() as session:
        shown = [reads.site_tariffs(session, site, office().now()) for site in sites.sites(session)]
        typed["toml"], site = _text(session, typed, shown)
        try:
            tariff = tariff_from_toml(typed["toml"]) if typed["toml"].strip() else None
        except TariffError as error:
            wrong = str(error)
        if tariff is not None:
            _fill_in(typed, tariff)
            try:
                entered = entry(typed, tariff)
                prices = prices_of(tariff, entered)
                earlier = _earlier(session, typed, tariff, site, entered)
                tried = trial(typed, tariff, earlier)
                quote = price(tariff, tried.stay, tried.left_at)
            except (Refused, TariffError) as error:
                problem = str(error)
    zone = tariff.zone if tariff else ZoneInfo("UTC")
    page = render_template(
        "staff/tariffs/try.html",
        typed=typed, shown=shown, stages=STAGE, tariff=tariff, quote=quote, prices=prices, earlier=earlier,
        wrong=wrong, problem=problem, zone=zone, classes=CLASSES, parked=quote and length(quote.minutes),
    )  # fmt: skip
    return page, 422 if wrong or problem else 200


def prices_of(tariff: Tariff, entered: datetime) -> Prices:
    by_day, by_week, rows = (curves(tariff, entered, minutes) for minutes in (FIRST_DAY, WEEK, TABLE))
    return Prices(
        chart(by_day, FIRST_DAY, [(h * HOUR, _("%(hours)s h", hours=h)) for h in range(0, 25, 4)]),
        chart(by_week, WEEK, [(d * DAY, _("%(days)s d", days=d)) for d in range(8)]),
        [(length(minutes), [row.paise[index] for row in rows]) for index, minutes in enumerate(TABLE)],
    )


def _text(session, typed: dict[str, str], shown: list[reads.SiteTariffs]) -> tuple[str, str | None]:
    """The text to try and its site: of the version or draft chosen, else as written; at first what is in force."""
    kind, _colon, name = typed.get("tariff", "").partition(":")
    if kind == "text":
        return typed.get("toml", ""), None
    if kind == "draft":
        row = reads.draft_of(session, name)
        return ("", None) if row is None else (row.toml, row.site_id)
    for of_site in shown:
        for one in of_site.versions:
            if (not kind and one.stage.value == "in_force") or (kind == "version" and one.version.id == name):
                typed["tariff"] = f"version:{one.version.id}"
                return one.version.toml, one.version.site_id
    return "", None


def _fill_in(typed: dict[str, str], tariff: Tariff) -> None:
    """A first stay to look at: three hours from the next full hour on."""
    now = office().now().astimezone(tariff.zone).replace(tzinfo=None, minute=0, second=0, microsecond=0)
    typed.setdefault("entered", (now + timedelta(hours=1)).isoformat(timespec="minutes"))
    typed.setdefault("left", (now + timedelta(hours=4)).isoformat(timespec="minutes"))
    typed.setdefault("class", tariff.vehicle_classes[0])


def _earlier(session, typed, tariff: Tariff, site: str | None, entered: datetime) -> EarlierStay | None:
    """The plate's earlier stay at the tariff's site, where it came back within the re-entry window."""
    if not typed.get("plate", "").strip():
        return None
    if site is None and session.get(Site, tariff.site) is not None:
        site = tariff.site
    if site is None:
        raise Refused(_("Plate: no site here is called %(site)s, so no stay of it is known.", site=tariff.site[:40]))
    return earlier_stay(session, site, normal_plate(typed["plate"]), entered, tariff, but="")
