"""A site's prices: putting a version in force, and finding the one a stay is priced by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_text import tariff_from_toml
from central.rules.tariff_versions import Span, ended_by
from central.store.schema import Site, TariffVersion
from edge.protocol.ids import uuid7


def load_tariff(session: Session, site_id: str, toml: str, now: datetime, by: str) -> TariffVersion:
    """Takes a tariff for a site from its dates on; Refused with the element that is wrong.

    Where valid_from is past, a site's first version holds from then on and any later one from now on. No version
    ever changes: the stays that are inside keep the one of their entry.
    """
    site = held_site(session, site_id)
    tariff = sound_tariff(session, site, toml)
    same = select(TariffVersion).where(TariffVersion.site_id == site_id, TariffVersion.toml == toml)
    known = session.scalar(same.order_by(TariffVersion.version.desc()).limit(1))
    if known is not None and tariff_at(session, site_id, max(now, known.valid_from)) is known:
        return known  # what it says is so already
    begin = midnight(tariff, tariff.valid_from)
    first = session.scalar(select(TariffVersion.id).where(TariffVersion.site_id == site_id).limit(1)) is None
    return put_in_force(session, site_id, tariff, toml, begin if first else max(begin, now), now, by)


def put_in_force(
    session: Session, site_id: str, tariff: Tariff, toml: str, begin: datetime, now: datetime, by: str
) -> TariffVersion:
    """A new version of the site's prices from `begin` on; the one before ends there. The site is held.

    Refused where it would begin in the past, or run into a version that is scheduled.
    """
    end = None if tariff.valid_to is None else midnight(tariff, tariff.valid_to + timedelta(days=1))
    known = {row.version: row for row in versions(session, site_id)}
    new = Span(max(known, default=0) + 1, begin, end)
    try:
        # a site's very first prices may hold for those who came before they were written down
        ended = ended_by(new, [span_of(row) for row in known.values()], now if known else begin, tariff.zone)
    except TariffError as error:
        raise Refused(f"tariff: {error}") from error
    for span in ended:
        known[span.number].valid_to = begin
        audit(session, now, by, "tariff ended", site_id, version=span.number, valid_to=begin.isoformat())
    row = TariffVersion(
        id=uuid7(), site_id=site_id, version=new.number, valid_from=begin, valid_to=end, toml=toml, loaded_at=now
    )
    session.add(row)
    session.flush()
    audit(session, now, by, "tariff loaded", site_id, version=row.version, valid_from=row.valid_from.isoformat())
    return row


def tariff_at(session: Session, site_id: str, at: datetime) -> TariffVersion | None:
    """The version that prices an entry at that instant: of those valid, the latest."""
    valid = (
        select(TariffVersion)
        .where(
            TariffVersion.site_id == site_id,
            TariffVersion.valid_from <= at,
            or_(TariffVersion.valid_to.is_(None), TariffVersion.valid_to > at),
        )
        .order_by(TariffVersion.version.desc())
        .limit(1)
    )
    return session.scalar(valid)


def versions(session: Session, site_id: str) -> list[TariffVersion]:
    """All of a site's, the newest first."""
    of_site = select(TariffVersion).where(TariffVersion.site_id == site_id)
    return list(session.scalars(of_site.order_by(TariffVersion.version.desc())))


def span_of(row: TariffVersion) -> Span:
    return Span(row.version, row.valid_from, row.valid_to)


def read_tariff(row: TariffVersion) -> Tariff:
    """The rules' tariff of a stored version; its number is the site's own count, whatever the text says."""
    return _parsed(row.toml, row.version)


# versions never change, so each is parsed once
@lru_cache(maxsize=256)
def _parsed(toml: str, version: int) -> Tariff:
    return replace(tariff_from_toml(toml), version=version)


def held_site(session: Session, site_id: str) -> Site:
    """The site, its row locked: two people can't schedule at once. Refused where there is none."""
    site = session.get(Site, site_id, with_for_update=True, populate_existing=True)
    if site is None:
        raise Refused(f"site {site_id!r} is not known")
    return site


def sound_tariff(session: Session, site: Site, toml: str) -> Tariff:
    """The tariff of a text for that site. Refused with the element that is wrong, or where it is another place's."""
    try:
        tariff = tariff_from_toml(toml)
    except TariffError as error:
        raise Refused(f"tariff: {error}") from error
    if tariff.zone.key != site.timezone:
        raise Refused(f"tariff: timezone {tariff.zone.key!r}: site {site.id!r} is in {site.timezone!r}")
    if tariff.site != site.id and session.get(Site, tariff.site) is not None:
        raise Refused(f"tariff: site {tariff.site!r}: expected one for {site.id!r}")
    return tariff


def midnight(tariff: Tariff, day: date) -> datetime:
    """When a date begins at the tariff's site, UTC."""
    return datetime.combine(day, time(), tariff.zone).astimezone(UTC)


def latest_version(session: Session, site_id: str) -> int:
    return session.scalar(select(func.max(TariffVersion.version)).where(TariffVersion.site_id == site_id)) or 0
