"""Payments as they were begun with the provider, the newest first."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.schema import Attempt, Due, Stay

PAGE = 20


def of_provider(
    session: Session, provider: str, before: str | None = None
) -> tuple[list[tuple[Attempt, Stay | None]], str | None]:
    """Each with the stay it pays, None for another thing; and the `before` of the next page, None on the last."""
    wanted = select(Attempt, Stay).join(Due, Due.id == Attempt.due_id).outerjoin(Stay, Stay.id == Due.stay_id)
    wanted = wanted.where(Attempt.provider == provider, Attempt.provider_ref.is_not(None))
    if before:
        wanted = wanted.where(Attempt.id < before)
    found = [(attempt, stay) for attempt, stay in session.execute(wanted.order_by(Attempt.id.desc()).limit(PAGE + 1))]
    return found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else None
