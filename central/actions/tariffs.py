"""A site's prices: loading a version, and finding the one a stay is priced by."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_text import tariff_from_toml
from central.store.schema import Site, TariffVersion
from edge.protocol.ids import uuid7


def load_tariff(session: Session, site_id: str, toml: str, now: datetime, by: str) -> TariffVersion:
    """Takes a tariff for a site from its dates on; Refused with the element that is wrong.

    No version ever changes: the stays that are inside keep the one of their entry.
    """
    site = session.get(Site, site_id, with_for_update=True, populate_existing=True)
    if site is None:
        raise Refused(f"site {site_id!r} is not known")
    try:
        tariff = tariff_from_toml(toml)
    except TariffError as error:
        raise Refused(f"tariff: {error}") from error
    _fits(session, tariff, site)
    same = select(TariffVersion).where(TariffVersion.site_id == site_id, TariffVersion.toml == toml)
    known = session.scalar(same.order_by(TariffVersion.version.desc()).limit(1))
    if known is not None and tariff_at(session, site_id, max(now, known.valid_from)) is known:
        return known  # what it says is so already
    latest = session.scalar(select(func.max(TariffVersion.version)).where(TariffVersion.site_id == site_id)) or 0
    ends = None if tariff.valid_to is None else tariff.valid_to + timedelta(days=1)
    row = TariffVersion(
        id=uuid7(),
        site_id=site_id,
        version=latest + 1,
        valid_from=_midnight(tariff, tariff.valid_from),
        valid_to=None if ends is None else _midnight(tariff, ends),
        toml=toml,
        loaded_at=now,
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


def read_tariff(row: TariffVersion) -> Tariff:
    """The rules' tariff of a stored version."""
    return _parsed(row.toml)


# versions never change, so each text is parsed once
@lru_cache(maxsize=256)
def _parsed(toml: str) -> Tariff:
    return tariff_from_toml(toml)


def _fits(session: Session, tariff: Tariff, site: Site) -> None:
    """Refused where the tariff counts days in another zone, or is that of another car park here."""
    if tariff.zone.key != site.timezone:
        raise Refused(f"tariff: timezone {tariff.zone.key!r}: site {site.id!r} is in {site.timezone!r}")
    if tariff.site != site.id and session.get(Site, tariff.site) is not None:
        raise Refused(f"tariff: site {tariff.site!r}: expected one for {site.id!r}")


def _midnight(tariff: Tariff, day) -> datetime:
    return datetime.combine(day, time(), tariff.zone).astimezone(UTC)
