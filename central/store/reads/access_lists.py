"""A site's access list, a page at a time by plate, and whole for a download."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.schema import AccessRule

PAGE = 50


def rules(
    session: Session, site_id: str, begins: str = "", after: str = "", kind: str = ""
) -> tuple[list[AccessRule], str | None]:
    """By plate, and the `after` of the next page, None on the last. begins: how the plates do."""
    wanted = select(AccessRule).where(AccessRule.site_id == site_id, AccessRule.plate > after)
    if begins:
        wanted = wanted.where(AccessRule.plate >= begins, AccessRule.plate <= begins.ljust(16, "Z"))
    if kind:
        wanted = wanted.where(AccessRule.kind == kind)
    found = list(session.scalars(wanted.order_by(AccessRule.plate).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].plate if len(found) > PAGE else None


def every_rule(session: Session, site_id: str) -> Iterator[AccessRule]:
    yield from session.scalars(select(AccessRule).where(AccessRule.site_id == site_id).order_by(AccessRule.plate))
