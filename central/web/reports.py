"""Reports of a day, week or month of one car park: a page to read and print, and the same tables as CSV."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from central.actions import ledger
from central.actions.errors import Refused
from central.rules.periods import Period, Span
from central.store.schema import Site
from central.web import account, report_tables
from central.web.csv_answer import csv_answer
from central.web.money import check_day, chosen_site
from central.web.office import office

reports = Blueprint("reports", __name__, url_prefix="/reports")


@reports.get("")
@account.staff("supervisor")
def show():
    with office().database.read() as session:
        known, site, period = _asked(session)
        report = report_tables.report(session, site, period)
        today = ledger.site_day(session, site.id, office().now())

    def link(other: Period) -> str:
        return url_for("reports.show", site=site.id, period=other.span, day=other.first.isoformat())

    return render_template(
        "staff/reports/show.html", sites=known, site=site, period=period, report=report, today=today,
        older=link(period.before), newer=link(period.after) if period.last.isoformat() < today else None,
        spans={span: link(Period.around(span, min(period.last, date.fromisoformat(today)))) for span in Span},
    )  # fmt: skip


@reports.get("/<name>.csv")
@account.staff("supervisor")
def as_csv(name: str) -> Response:
    """One table of the report."""
    with office().database.read() as session:
        _known, site, period = _asked(session)
        tables = report_tables.report(session, site, period).tables
    table = next((one for one in tables if one.id == name), None)
    if table is None:
        expected = ", ".join(one.id for one in tables)
        abort(404, _("There is no table %(name)s: expected one of %(known)s.", name=name[:40], known=expected))
    return csv_answer(f"{site.id}-{period.first}-{period.span}-{name}.csv", table.head, table.plain_rows)


def _asked(session: Session) -> tuple[list[Site], Site, Period]:
    known, site = chosen_site(session)
    day = request.args.get("day") or ledger.site_day(session, site.id, office().now())
    span = request.args.get("period", Span.WEEK)
    try:
        check_day(day)
    except Refused as error:
        abort(400, str(error))
    if span not in list(Span):
        abort(400, _("Period %(text)s: expected day, week or month.", text=span[:20]))
    return known, site, Period.around(Span(span), date.fromisoformat(day))
