"""Drafts of tariffs: written, tried, thrown away, and scheduled once they are right."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.tariffs import (
    held_site,
    latest_version,
    midnight,
    put_in_force,
    read_tariff,
    sound_tariff,
    span_of,
    versions,
)
from central.rules.tariff import TariffError
from central.rules.tariff_text import tariff_from_toml
from central.rules.tariff_toml import with_keys
from central.rules.tariff_versions import Stage
from central.store.schema import Stay, TariffDraft, TariffVersion
from edge.protocol.ids import uuid7

LONGEST = 64 * 1024  # characters of a tariff's text


def new_draft(session: Session, site_id: str, toml: str, now: datetime, by: str) -> TariffDraft:
    """A draft for a site, with any text: it need not be right yet."""
    held_site(session, site_id)
    draft = TariffDraft(id=uuid7(), site_id=site_id, toml=_text(toml), created_at=now, changed_at=now, by=by)
    session.add(draft)
    audit(session, now, by, "tariff draft made", site_id, draft=draft.id)
    return draft


def change_draft(
    session: Session, draft_id: str, toml: str, now: datetime, by: str, seen: str | None = None
) -> TariffDraft:
    """Another text for a draft. seen: `changed_at` of the one changed, ISO text; Refused where another came since."""
    draft = _held(session, draft_id)
    if seen is not None and seen != draft.changed_at.isoformat():
        raise Refused(f"{draft.by} has changed this draft meanwhile: saving again puts your text in place of that one")
    if draft.toml != (toml := _text(toml)):
        draft.toml, draft.changed_at, draft.by = toml, now, by
        audit(session, now, by, "tariff draft changed", draft.site_id, draft=draft.id)
    return draft


def drop_draft(session: Session, draft_id: str, now: datetime, by: str) -> str:
    """Throws a draft away; its site."""
    draft = _held(session, draft_id)
    session.delete(draft)
    audit(session, now, by, "tariff draft dropped", draft.site_id, draft=draft.id)
    return draft.site_id


def schedule(
    session: Session, draft_id: str, valid_from: date, valid_to: date | None, now: datetime, by: str
) -> TariffVersion:
    """Makes the draft the site's next version, from a local date on: from now, where that is today.

    valid_to  its last day, None: until the next version begins. Refused with the element that is wrong, or where the
    dates are past or run into a scheduled version.
    """
    draft = _held(session, draft_id)
    site = held_site(session, draft.site_id)
    sound_tariff(session, site, draft.toml)
    version = latest_version(session, site.id) + 1
    try:
        toml = with_keys(draft.toml, version=version, valid_from=valid_from, valid_to=valid_to)
        tariff = tariff_from_toml(toml)
    except TariffError as error:
        raise Refused(f"tariff: {error}") from error
    begin = midnight(tariff, valid_from)
    if valid_from == now.astimezone(tariff.zone).date():
        begin = now
    elif begin < now:  # also of a site without prices: nobody is charged by what nobody could read
        raise Refused(f"tariff: valid_from {valid_from} is past: expected today or later")
    row = put_in_force(session, site.id, tariff, toml, begin, now, by)
    session.delete(draft)
    return row


def withdraw(session: Session, site_id: str, version: int, now: datetime, by: str) -> TariffDraft:
    """Makes a scheduled version a draft again; the one that it would have ended goes on.

    Refused once it is in force, or a stay is priced by it.
    """
    held_site(session, site_id)
    known = versions(session, site_id)
    row = next((one for one in known if one.version == version), None)
    if row is None:
        raise Refused(f"site {site_id!r} has no tariff version {version}")
    if span_of(row).stage(now) is not Stage.SCHEDULED:
        raise Refused(f"tariff version {version} has begun: it can only be followed by a new one")
    if session.scalar(select(Stay.id).where(Stay.tariff_id == row.id).limit(1)) is not None:
        raise Refused(f"tariff version {version} prices a stay already: it can only be followed by a new one")
    session.delete(row)
    session.flush()
    later = min((one.valid_from for one in known if one is not row and one.valid_from > row.valid_from), default=None)
    for before in known:
        if before.valid_to == row.valid_from:
            before.valid_to = _end(before, later)
    audit(session, now, by, "tariff withdrawn", site_id, version=version, valid_from=row.valid_from.isoformat())
    return new_draft(session, site_id, row.toml, now, by)


def drafts(session: Session, site_id: str) -> list[TariffDraft]:
    """A site's, the one changed last first."""
    of_site = select(TariffDraft).where(TariffDraft.site_id == site_id)
    return list(session.scalars(of_site.order_by(TariffDraft.changed_at.desc(), TariffDraft.id)))


def _end(row: TariffVersion, later: datetime | None) -> datetime | None:
    """When a version ends that no longer is ended by another: by its own text, or where a later one begins."""
    tariff = read_tariff(row)
    own = None if tariff.valid_to is None else midnight(tariff, tariff.valid_to + timedelta(days=1))
    return min((at for at in (own, later) if at is not None), default=None)


def _held(session: Session, draft_id: str) -> TariffDraft:
    draft = session.get(TariffDraft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise Refused("this draft is gone: it was scheduled, or thrown away")
    return draft


def _text(toml: str) -> str:
    if len(toml) > LONGEST:
        raise Refused(f"the tariff's text has {len(toml)} characters: expected at most {LONGEST}")
    if "\0" in toml:
        raise Refused("the tariff's text has a NUL in it: expected TOML")
    return toml
