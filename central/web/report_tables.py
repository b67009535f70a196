"""What a report holds: its sums, pictures and tables, made of the days' figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from central.rules.day_figures import By, Figure
from central.rules.money import rupees
from central.rules.periods import Period, Span
from central.store.reads import reports as reads
from central.store.schema import Site
from central.web import charts, figure_words, words
from central.web.charts import HeatMap, Picture
from central.web.csv_answer import Number, amount

_FLOW = (Figure.ARRIVALS, Figure.EXITS)
_GST = ("taxable", "cgst", "sgst", "igst", "rounding")
_SUMS = (
    *_FLOW, Figure.TIMED, Figure.MINUTES, Figure.READ, Figure.READ_HELPED, Figure.UNREAD, Figure.EARNED,
    Figure.CREDITED, Figure.TAKEN, Figure.PAYMENTS, Figure.GIVEN_BACK, Figure.OWED, Figure.WRITTEN_OFF,
)  # fmt: skip
# figures that are money, in paise
_MONEY = {figure for figure in Figure if figure.startswith(("earned", "credited", "taken", "given", "owed", "written"))}
_HEAT_DAYS = 28


@dataclass(frozen=True, slots=True)
class Table:
    """rows: a name, then a figure's value for each column; money: which of those are paise."""

    id: str
    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, tuple[int, ...]]]
    money: tuple[bool, ...]

    def said(self, values: Sequence[int]) -> list[str]:
        return [rupees(value) if paise else str(value) for value, paise in zip(values, self.money, strict=True)]

    @property
    def plain_rows(self) -> list[list[str]]:
        """As a spreadsheet wants them."""
        return [
            [
                name,
                *(amount(value) if paise else Number(value) for value, paise in zip(values, self.money, strict=True)),
            ]
            for name, values in self.rows
        ]

    @property
    def whole(self) -> list[str]:
        """The last line: each column's sum."""
        return self.said([sum(column) for column in zip(*(values for _, values in self.rows), strict=True)])


@dataclass(frozen=True, slots=True)
class Report:
    """sums: figure -> of the whole period, money in paise."""

    sums: dict[str, int]
    pictures: list[Picture]
    heat: HeatMap
    tables: list[Table]


def report(session: Session, site: Site, period: Period) -> Report:
    first, last = period.first.isoformat(), period.last.isoformat()
    gates = reads.gate_names(session, site.id)

    def table(
        id: str, title: str, head: str, by: By, figures: dict[Figure, str], called: Callable[[str], str]
    ) -> Table:
        found = reads.named(session, site.id, by, list(figures), first, last)
        rows = [(called(name), tuple(of.get(figure, 0) for figure in figures)) for name, of in sorted(found.items())]
        shown = [row for row in rows if any(row[1])]
        return Table(id, title, (head, *figures.values()), shown, tuple(figure in _MONEY for figure in figures))

    flow = {Figure.ARRIVALS: _("Arrivals"), Figure.EXITS: _("Exits")}
    earned = {Figure.EARNED: _("Charged"), Figure.CREDITED: _("Credited back")}
    money = {Figure.PAYMENTS: _("Payments"), Figure.TAKEN: _("Taken"), Figure.GIVEN_BACK: _("Given back")}
    reading = {Figure.READ: _("Accepted"), Figure.READ_HELPED: _("With help"), Figure.UNREAD: _("Not read")}
    tariffs = table("tariff", _("By tariff"), _("Version"), By.TARIFF, earned, lambda name: name)
    numbers = reads.tariff_numbers(session, [name for name, _values in tariffs.rows if name])
    by_tariff = [
        (_("Version %(number)d", number=numbers[name]) if name in numbers else _("None"), values)
        for name, values in tariffs.rows
    ]
    lengths, of_day = charts.length_words(), _daily(session, site, period)
    tables = [
        of_day,
        table("class", _("By class"), _("Class"), By.CLASS,
              flow | {Figure.TIMED: _("Timed"), Figure.MINUTES: _("Minutes")} | earned,
              lambda name: words.say(figure_words.CLASS, name) or _("Not of one stay")),
        table("gate", _("By gate"), _("Gate"), By.GATE, flow | reading | earned,
              lambda name: gates.get(name, name) or _("None")),
        table("how", _("How the barrier was opened"), _("How"), By.HOW, flow,
              lambda name: words.say(words.HOW, name) or _("by hand, in the office")),
        table("way", _("By way of payment"), _("Way"), By.WAY, money, lambda name: words.say(figure_words.WAY, name)),
        table("operator", _("By who took it"), _("Who"), By.OPERATOR, money,
              lambda name: name or _("The driver, by phone")),
        table("charge", _("By what was charged for"), _("For"), By.CHARGE, earned,
              lambda name: figure_words.charge(name)),
        Table("tariff", tariffs.title, tariffs.head, by_tariff, tariffs.money),
        table("length", _("By length of stay"), _("Length"), By.LENGTH, {Figure.TIMED: _("Stays")},
              lambda name: lengths[int(name)]),
    ]  # fmt: skip
    sums = reads.whole(session, site.id, _SUMS, first, last)
    return Report(
        sums,
        _pictures(session, site, period, of_day),
        _heat(session, site, period),
        [*tables, _gst(session, site, period)],
    )


def _daily(session: Session, site: Site, period: Period) -> Table:
    figures = {
        Figure.ARRIVALS: _("Arrivals"), Figure.EXITS: _("Exits"), Figure.EARNED: _("Charged"),
        Figure.CREDITED: _("Credited back"), Figure.TAKEN: _("Taken"), Figure.GIVEN_BACK: _("Given back"),
        Figure.OWED: _("Left unpaid"), Figure.WRITTEN_OFF: _("Given up"),
    }  # fmt: skip
    found = reads.daily(session, site.id, list(figures), period.days[0], period.days[-1])
    rows = [(day, tuple(found.get(day, {}).get(figure, 0) for figure in figures)) for day in period.days]
    money = tuple(figure in _MONEY for figure in figures)
    return Table("days", _("By day"), (_("Day"), *figures.values()), rows, money)


def _gst(session: Session, site: Site, period: Period) -> Table:
    """For the accountant: what was supplied, less credit notes, by what it was for."""
    head = (_("For"), _("Before tax"), "CGST", "SGST", "IGST", _("Rounding"), _("Total"))
    first, last = period.days[0], period.days[-1]
    rows = []
    for side, said, sign in (("earned", "%s", 1), ("credited", _("Credit notes: %(for_what)s", for_what="%s"), -1)):
        parts = [Figure(f"{side}_{part}") for part in _GST]
        for charge, of in sorted(reads.named(session, site.id, By.CHARGE, parts, first, last).items()):
            values = [sign * of.get(figure, 0) for figure in parts]
            if any(values):
                rows.append((said % figure_words.supplied(charge), (*values, sum(values))))
    return Table("gst", _("Revenue and GST"), head, rows, (True,) * 6)


def _pictures(session: Session, site: Site, period: Period, of_day: Table) -> list[Picture]:
    """A day by its hours, a longer time by its days."""
    columns = dict(zip(of_day.head[1:], zip(*(values for _name, values in of_day.rows), strict=True), strict=True))
    labels, of, every = [f"{int(day[8:])}" for day in period.days], _("Day"), 1 if len(period.days) <= 7 else 5
    flow = {name: list(columns[name]) for name in of_day.head[1:3]}
    taken = list(columns[of_day.head[5]])
    if period.span is Span.DAY:
        day = period.days[0]
        hours = reads.hourly(session, site.id, (*_FLOW, Figure.TAKEN), day, day)
        found = [[hours.get((day, hour), {}).get(figure, 0) for hour in range(24)] for figure in (*_FLOW, Figure.TAKEN)]
        labels, of, every = charts.HOURS, _("Hour"), 3
        flow, taken = dict(zip(flow, found[:2], strict=True)), found[2]
    first, last = period.days[0], period.days[-1]
    lengths = reads.named(session, site.id, By.LENGTH, (Figure.TIMED,), first, last)
    stays = [lengths.get(f"{at:02d}", {}).get(Figure.TIMED, 0) for at in range(len(charts.length_words()))]
    return [
        charts.grouped("flow", _("Arrivals and exits"), labels, flow, of=of, every=every),
        charts.grouped("taken", _("Money taken"), labels, {_("Taken"): taken}, of=of, every=every,
                       money=True),
        charts.grouped("lengths", _("How long they stayed"), charts.length_words(), {_("Stays"): stays},
                       of=_("Length"), every=2),
    ]  # fmt: skip


def _heat(session: Session, site: Site, period: Period) -> HeatMap:
    """Arrivals by weekday and hour, of the four weeks up to the period's end."""
    first = date.fromordinal(period.last.toordinal() - _HEAT_DAYS + 1)
    counts = [[0] * 24 for _day in range(7)]
    hours = reads.hourly(session, site.id, (Figure.ARRIVALS,), first.isoformat(), period.last.isoformat())
    for (day, hour), of in hours.items():
        counts[date.fromisoformat(day).weekday()][hour] += of[Figure.ARRIVALS]
    weekdays = [str(name) for name in figure_words.WEEKDAYS]
    return charts.week("peaks", _("When they come, in four weeks"), weekdays, counts)
