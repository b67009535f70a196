"""Keeps the days' figures true: whatever changes a stay takes off what its row gave and adds what it gives now.

It hangs on the flush, so that no action can forget it; a statement that changes stays past the ORM says so with
`counted`. What was and what is are found by reading the stored rows, as when all is counted anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, event, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.rules.day_figures import Counts, EntryFacts, StayFacts, of_entry, of_stay
from central.store.day_figures import DayFigure
from central.store.ledger import LedgerEntry, LedgerPosting
from central.store.money import Due
from central.store.places import Site
from central.store.stays import Stay

# of a stay, what its figures come from, and what those of its money do
_STAY = ("site_id", "status", "vehicle_class", "entered_at", "entry_gate", "entry_how", "entry_confidence",
         "exited_at", "exit_gate", "exit_how")  # fmt: skip
_MONEY = ("vehicle_class", "entry_gate", "tariff_id")
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_ROWS_AT_ONCE = 2_000
_NOTED = "figures before the flush"

BySite = dict[str, Counts]


@contextmanager
def counted(session: Session, stay_ids: Collection[str]) -> Iterator[None]:
    """Around statements that change these stays past the ORM."""
    session.flush()
    before = _of_stays(session.connection(), stay_ids, stay_ids)
    yield
    _change(session.connection(), before, _of_stays(session.connection(), stay_ids, stay_ids))


def add_entry(session: Session, entry_id: str) -> None:
    """An entry was written to the books."""
    connection = session.connection()
    _change(connection, {}, _of_entries(connection, _entries().where(LedgerEntry.id == entry_id)))


def of_site(connection: Connection, site_id: str) -> Counts:
    """Everything a site's figures come from, added up anew."""
    counts: Counts = Counter()
    for found in (
        _of_rows(connection, _stays().where(Stay.site_id == site_id)),
        _of_entries(connection, _entries().where(LedgerEntry.site_id == site_id)),
    ):
        counts.update(found.get(site_id, {}))
    return counts


def write(connection: Connection, site_id: str, counts: Counts) -> None:
    """Adds these to what is kept."""
    # in one order everywhere, so that two transactions never wait for one another
    keys = iter(sorted(key for key, value in counts.items() if value))
    insert = _INSERTS[connection.dialect.name](DayFigure.__table__)
    added = insert.on_conflict_do_update(
        index_elements=DayFigure.__table__.primary_key.columns,
        set_={"value": DayFigure.__table__.c.value + insert.excluded.value},
    )
    while some := list(islice(keys, _ROWS_AT_ONCE)):
        rows = [
            {"site_id": site_id, "day": day, "hour": hour, "figure": str(figure), "by": str(by), "name": name,
             "value": counts[day, hour, figure, by, name]}
            for day, hour, figure, by, name in some
        ]  # fmt: skip
        connection.execute(added, rows)


def follow(sessions: type[Session]) -> None:
    """From now on every flush of such sessions keeps the figures."""
    event.listen(sessions, "before_flush", _before)
    event.listen(sessions, "after_flush", _after)


def _before(session: Session, _context: Any, _instances: Any) -> None:
    changed = [row for row in session.dirty if isinstance(row, Stay) and _differs(row, _STAY + _MONEY)]
    stays = [row.id for row in (*session.new, *session.deleted, *changed) if isinstance(row, Stay)]
    if stays:
        money = [row.id for row in changed if _differs(row, _MONEY)]
        session.info[_NOTED] = (stays, money, _of_stays(session.connection(), stays, money))


def _after(session: Session, _context: Any) -> None:
    if noted := session.info.pop(_NOTED, None):
        stays, money, before = noted
        _change(session.connection(), before, _of_stays(session.connection(), stays, money))


def _differs(row: Stay, names: Collection[str]) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in names)


def _change(connection: Connection, before: BySite, after: BySite) -> None:
    for site_id in sorted(before.keys() | after.keys()):
        change = Counter(after.get(site_id, {}))
        change.subtract(before.get(site_id, {}))
        write(connection, site_id, change)


def _of_stays(connection: Connection, stay_ids: Collection[str], with_money: Collection[str]) -> BySite:
    """What these stays give, and what the entries of the books about some of them do."""
    counts = _of_rows(connection, _stays().where(Stay.id.in_(stay_ids)))
    if with_money:
        of_money = _of_entries(connection, _entries().where(LedgerEntry.stay_id.in_(with_money)))
        for site_id, found in of_money.items():
            counts[site_id].update(found)
    return counts


def _stays() -> Select[Any]:
    columns = (getattr(Stay, name) for name in _STAY)
    return select(*columns, Site.timezone).join(Site, Site.id == Stay.site_id)


def _entries() -> Select[Any]:
    """A row for each posting, those of one entry together."""
    return (
        select(
            LedgerEntry.id, LedgerEntry.site_id, LedgerEntry.kind, LedgerEntry.day, LedgerEntry.at, LedgerEntry.by,
            LedgerPosting.account, LedgerPosting.paise, Due.kind.label("charge"),
            Stay.vehicle_class, Stay.entry_gate, Stay.tariff_id, Site.timezone,
        )
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(Site, Site.id == LedgerEntry.site_id)
        .outerjoin(Due, Due.id == LedgerEntry.due_id)
        .outerjoin(Stay, Stay.id == LedgerEntry.stay_id)
        .order_by(LedgerEntry.id)
    )  # fmt: skip


def _of_rows(connection: Connection, wanted: Select[Any]) -> BySite:
    counts: BySite = defaultdict(Counter)
    for row in _streamed(connection, wanted):
        facts = StayFacts(
            status=row.status, vehicle_class=row.vehicle_class,
            entered_at=row.entered_at, entry_gate=row.entry_gate, entry_how=row.entry_how,
            read=row.entry_confidence is not None,
            exited_at=row.exited_at, exit_gate=row.exit_gate, exit_how=row.exit_how,
        )  # fmt: skip
        counts[row.site_id].update(of_stay(facts, ZoneInfo(row.timezone)))
    return counts


def _of_entries(connection: Connection, wanted: Select[Any]) -> BySite:
    counts: BySite = defaultdict(Counter)
    for _, rows in groupby(_streamed(connection, wanted), key=lambda row: row.id):
        postings = list(rows)
        one = postings[0]
        facts = EntryFacts(
            kind=one.kind, day=one.day, at=one.at, by=one.by, charge=one.charge or "",
            vehicle_class=one.vehicle_class or "", gate=one.entry_gate or "", tariff=one.tariff_id or "",
            lines=tuple((row.account, row.paise) for row in postings),
        )  # fmt: skip
        counts[one.site_id].update(of_entry(facts, ZoneInfo(one.timezone)))
    return counts


def _streamed(connection: Connection, wanted: Select[Any]) -> Iterable[Any]:
    return connection.execute(wanted.execution_options(yield_per=_ROWS_AT_ONCE))
