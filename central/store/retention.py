"""Tables of retention: what was erased, with its proof, and what must not be erased yet."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Number, Text, Uuid, Word


class RetentionRun(Base):
    """One batch of erasing; the same figures stand in the audit log.

    kind      word of `central.rules.retention.Kind`
    before    what is older than that was due
    rows      how many were erased or masked
    first_id, last_id  of them, in their order
    digest    SHA-256 of their ids
    """

    __tablename__ = "retention_run"
    __table_args__ = (Index(None, "kind", "id"),)

    id: Mapped[Number]
    kind: Mapped[Word]
    at: Mapped[Instant]
    before: Mapped[Instant]
    rows: Mapped[int]
    first_id: Mapped[Text]
    last_id: Mapped[Text]
    digest: Mapped[Text]


class LegalHold(Base):
    """Nothing of a stay or a plate is erased until a person lifts it.

    of        "stay" or "plate"
    subject   the stay's id, or the plate
    """

    __tablename__ = "legal_hold"
    __table_args__ = (Index(None, "of", "subject"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    of: Mapped[Word]
    subject: Mapped[Text]
    reason: Mapped[Text]
    by: Mapped[Text]
    at: Mapped[Instant]
    lifted_at: Mapped[Instant | None]
    lifted_by: Mapped[Text] = mapped_column(default="")
    lifted_why: Mapped[Text] = mapped_column(default="")
