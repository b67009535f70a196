"""The table of tariffs that people still write at. What is in force is `central.store.stays.TariffVersion`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Uuid
from central.store.base import Text as AnyText


class TariffDraft(Base):
    """A tariff in the making: its text may still be wrong. Gone once it is scheduled or thrown away.

    toml  as it was typed
    by    who changed it last
    """

    __tablename__ = "tariff_draft"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), index=True)
    toml: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    by: Mapped[AnyText]
