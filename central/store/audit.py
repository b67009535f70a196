"""Tables of the audit log's chain, and of who looked at which picture; the log itself is `people.Audit`."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from central.store.base import Base, Instant, Number, Plate, RowNumber, Sha256, Text, Uuid, Word
from central.store.people import Audit


class AuditLink(Base):
    """Where a row of the log stands in its chain (`central.rules.chain`). The database lets no link be changed.

    position   from 1 without a gap; the order of writing down, which on PostgreSQL is not quite that of the ids
    previous   hash of the link before
    """

    __tablename__ = "audit_link"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(RowNumber, ForeignKey("audit.id"), unique=True)
    previous: Mapped[Sha256]
    hash: Mapped[Sha256]


class AuditHead(Base):
    """The end of the chain, one row: who adds to the chain holds it.

    audit_id  the greatest that is linked
    """

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[Sha256]
    audit_id: Mapped[int] = mapped_column(BigInteger)


class AuditCut(Base):
    """Up to here the log's time was over and it was erased; the chain that is left stands on `hash`."""

    __tablename__ = "audit_cut"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[Sha256]
    at: Mapped[Instant]


class AuditPlate(Base):
    """A plate that a row of the log tells of; the row itself has only its seal. It goes when plates are masked.

    field  of the row's detail, "plate" or "plates.0"
    """

    __tablename__ = "audit_plate"
    __table_args__ = (Index(None, "audit_id"), Index(None, "plate"), Index(None, "at"))

    id: Mapped[Number]
    audit_id: Mapped[int] = mapped_column(RowNumber, ForeignKey("audit.id"))
    field: Mapped[Word]
    salt: Mapped[Word]
    plate: Mapped[Plate]
    at: Mapped[Instant]

    row: Mapped[Audit] = relationship()


class PictureLook(Base):
    """Somebody of staff was shown a picture.

    by      e-mail of the account
    page    path of the page it was on, "" where the browser did not say
    span    number of the ten minutes it fell into: two looks at once are one row
    """

    __tablename__ = "picture_look"
    __table_args__ = (
        UniqueConstraint("by", "sha256", "span"),
        Index(None, "sha256", "id"),
        Index(None, "by", "id"),
        Index(None, "at"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    at: Mapped[Instant]
    by: Mapped[Text]
    sha256: Mapped[Sha256]
    page: Mapped[Text]
    span: Mapped[int] = mapped_column(BigInteger)
