"""Tariffs for staff: what each site charges now, what it will, and what is still being written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from central.rules.tariff_versions import Span, Stage, unpriced
from central.store.schema import Site, Stay, TariffDraft, TariffVersion

SHOWN = 50  # versions of a site; older ones are in the audit log


@dataclass(frozen=True, slots=True)
class VersionRow:
    """used: a stay is priced by it."""

    version: TariffVersion
    stage: Stage
    used: bool


@dataclass(frozen=True, slots=True)
class SiteTariffs:
    """versions: the newest first; gaps: when nothing is in force, from now on."""

    site: Site
    versions: list[VersionRow]
    drafts: list[TariffDraft]
    gaps: list[tuple[datetime, datetime | None]]


def site_tariffs(session: Session, site: Site, now: datetime) -> SiteTariffs:
    used = exists().where(Stay.tariff_id == TariffVersion.id)
    of_site = select(TariffVersion, used).where(TariffVersion.site_id == site.id)
    found = session.execute(of_site.order_by(TariffVersion.version.desc()).limit(SHOWN)).all()
    spans = [Span(row.version, row.valid_from, row.valid_to) for row, _ in found]
    rows = [VersionRow(row, span.stage(now), is_used) for (row, is_used), span in zip(found, spans, strict=True)]
    of_drafts = select(TariffDraft).where(TariffDraft.site_id == site.id)
    drafts = list(session.scalars(of_drafts.order_by(TariffDraft.changed_at.desc(), TariffDraft.id)))
    return SiteTariffs(site, rows, drafts, unpriced(spans, now))


def version_of(session: Session, site_id: str, number: int) -> TariffVersion | None:
    return session.scalar(
        select(TariffVersion).where(TariffVersion.site_id == site_id, TariffVersion.version == number)
    )


def draft_of(session: Session, draft_id: str) -> TariffDraft | None:
    return session.get(TariffDraft, draft_id)
