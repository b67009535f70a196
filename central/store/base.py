"""The declarative base and the column types that every table shares; each works on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator):
    """An aware instant, stored and read back in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"instant {value.isoformat()}: expected one with a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only where the key's type is exactly INTEGER
RowNumber = BigInteger().with_variant(Integer, "sqlite")

Uuid = Annotated[str, mapped_column(String(36))]
Name = Annotated[str, mapped_column(String(32))]
Sha256 = Annotated[str, mapped_column(String(64))]
Plate = Annotated[str, mapped_column(String(16))]
Word = Annotated[str, mapped_column(String(40))]
Text = Annotated[str, mapped_column(String)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Paise = Annotated[int, mapped_column(BigInteger)]
Number = Annotated[int, mapped_column(RowNumber, primary_key=True, autoincrement=True)]


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can name it too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class Split:
    """An amount of an invoice or credit note, and what it is made of, paise; a mixin."""

    taxable_paise: Mapped[Paise]
    cgst_paise: Mapped[Paise]
    sgst_paise: Mapped[Paise]
    igst_paise: Mapped[Paise]
    rounding_paise: Mapped[Paise]
    total_paise: Mapped[Paise]
