"""Shows what a correction would change, with nothing of it done: it is made, looked at, and rolled back."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.database import Database
from central.store.schema import CorrectionImage


class _Enough(Exception):
    """Ends a trial."""


def preview(database: Database, act: Callable[[Session], object]) -> list[CorrectionImage]:
    """What an act would change, with nothing of it done. Refused as the act is."""
    found: list[CorrectionImage] = []
    try:
        with database.begin() as session:
            last = session.scalar(select(CorrectionImage.id).order_by(CorrectionImage.id.desc()).limit(1)) or 0
            act(session)
            session.flush()
            found = list(session.scalars(select(CorrectionImage).where(CorrectionImage.id > last)))
            session.expunge_all()
            raise _Enough
    except _Enough:
        return found
