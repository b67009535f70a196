"""Today at one car park: how full, who came and went, what was taken, what waits for a person, how the gates are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from central.actions import day_figures
from central.actions.errors import Refused
from central.rules.day_figures import By, Figure
from central.store.reads import dashboard as reads
from central.store.reads import reports
from central.store.reads.dashboard import SiteNow
from central.store.schema import Site
from central.web import account, charts, figure_words, news, words
from central.web.charts import Picture
from central.web.money import chosen_site
from central.web.office import office

dashboard = Blueprint("dashboard", __name__, url_prefix="/dashboard")
dashboard.add_app_template_global(figure_words, "figure_words")


@dataclass(frozen=True, slots=True)
class Today:
    """Everything the page shows of one site. sums: figure -> today's; ways: way -> paise taken."""

    now: SiteNow
    sums: dict[str, int]
    ways: dict[str, int]
    flow: Picture
    occupancy: Picture
    taken: Picture

    @property
    def read_percent(self) -> int | None:
        """Of today's entries through a gate, those whose plate it accepted by itself; None where nobody came."""
        parts = [self.sums[figure] for figure in (Figure.READ, Figure.READ_HELPED, Figure.UNREAD)]
        return round(100 * parts[0] / sum(parts)) if sum(parts) else None

    @property
    def full_percent(self) -> int | None:
        capacity = self.now.site.capacity
        return round(100 * self.now.inside / capacity) if capacity else None


@dashboard.get("")
@account.staff("supervisor")
def show():
    with office().database.read() as session:
        known, site = chosen_site(session)
        today = _today(session, site, office().now())
    return render_template(
        "staff/dashboard/show.html", sites=known, site=site, today=today, tag=news.as_header((site, today))
    )


@dashboard.get("/now")
@account.staff("supervisor")
def now() -> Response:
    """What moves, alone; 304 while nothing has changed."""
    with office().database.read() as session:
        _known, site = chosen_site(session)
        today = _today(session, site, office().now())
    return news.unless_known((site, today), lambda: render_template("staff/dashboard/now.html", site=site, today=today))


@dashboard.post("/capacity")
@account.staff("manager")
def capacity():
    desk, site_id = office(), request.form.get("site", "")
    try:
        with desk.database.begin() as session:
            places = request.form.get("places", "")
            day_figures.set_capacity(session, site_id, places, desk.now(), account.current().email)
    except Refused as error:
        flash(str(error), "warning")
        return redirect(url_for("dashboard.show"), 303)
    flash(_("The number of places is kept."), "success")
    return redirect(url_for("dashboard.show", site=site_id), 303)


def _today(session: Session, site: Site, at: datetime) -> Today:
    local = at.astimezone(ZoneInfo(site.timezone))
    midnight, day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0), local.date().isoformat()
    found = reads.site_now(session, site, midnight)
    hours = reports.hourly(session, site.id, (Figure.ARRIVALS, Figure.EXITS, Figure.TAKEN), day, day)
    ways = {way: of["taken"] for way, of in reports.named(session, site.id, By.WAY, (Figure.TAKEN,), day, day).items()}

    def of_hours(figure: Figure) -> list[int]:
        return [hours.get((day, hour), {}).get(figure, 0) for hour in range(24)]

    flow = charts.grouped(
        "flow", _("Arrivals and exits by hour"), charts.HOURS,
        {_("Arrivals"): of_hours(Figure.ARRIVALS), _("Exits"): of_hours(Figure.EXITS)}, of=_("Hour"), every=3,
    )  # fmt: skip
    names = sorted(ways, key=lambda way: -ways[way])
    taken = charts.grouped(
        "taken", _("Taken by way of payment"), [words.say(figure_words.WAY, way) for way in names],
        {_("Taken"): [ways[way] for way in names]}, of=_("Way"), money=True,
    )  # fmt: skip
    everything = (
        Figure.ARRIVALS, Figure.EXITS, Figure.TAKEN, Figure.PAYMENTS, Figure.EARNED, Figure.OWED, Figure.GIVEN_BACK,
        Figure.READ, Figure.READ_HELPED, Figure.UNREAD, Figure.TIMED, Figure.MINUTES,
    )  # fmt: skip
    return Today(
        now=found,
        sums=reports.whole(session, site.id, everything, day, day),
        ways=ways,
        flow=flow,
        occupancy=charts.occupancy(found.samples, midnight, site.capacity),
        taken=taken,
    )


def mean_stay(sums: dict[str, int]) -> timedelta | None:
    """Of the stays that ended; None where none did."""
    timed = sums.get(Figure.TIMED, 0)
    return timedelta(minutes=sums.get(Figure.MINUTES, 0) / timed) if timed else None


dashboard.add_app_template_global(mean_stay, "mean_stay")
