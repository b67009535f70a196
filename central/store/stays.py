"""Tables of stays: one vehicle's time in one car park, its timeline, and the tariffs it is priced by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, Plate, Sha256, Uuid, Word
from central.store.base import Text as AnyText


def _part(name: str, of: str, *columns: str) -> Index:
    """An index of the few rows that are looked for, small however long the history."""
    return Index(name, *columns, sqlite_where=text(of), postgresql_where=text(of))


class Stay(Base):
    """One stay. `id` is the wire's session; an exit that fits no entry gets one of its own, named by its request.

    plate             normalised; None when it could not be read
    plate_raw         what the reader read
    ticket_hash       SHA-256 of the 128-bit ticket; the ticket itself is never stored
    status            a word of `central.rules.stay`
    entered_at        None while only its exit is known
    entry_how         wire EntryHow;  exit_how: wire ExitHow
    entry_confidence  of the plate, 0 to 1
    exit_request      the visit of an exit that waits for an answer, or was answered last
    exit_gate         where
    exit_alike        the plate read there is but like this stay's: a person looks at it, nothing settles by itself
    requested_at      when it last asked to leave
    stopped_at        the stay's clock stopped then; None while it runs
    withdrawn_at      when it last backed away from the exit
    restarted_at      the withdrawal after which its clock was let run again
    tariff_id         the tariff version valid at entry, which the stay keeps
    exempt            nothing is owed, whatever the time
    lost_ticket       it is priced as one whose ticket is lost
    disputed_at       its driver, or staff, said then that something is wrong with it; None once that is settled
    permit_until      it may leave unasked until then
    version           grows by one with each change that gates must hear of
    review            why a person should look at it, None when nobody need
    closed_reason     "left", "closed by system", "joined", "struck out", None while gates must know of it
    closed_at         when it ended here, for clearing its retained state
    cleared_at        when its retained state was taken off the broker
    joined_to         the stay that this unmatched exit turned out to be
    masked_at         its plate was forgotten then
    """

    __tablename__ = "stay"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "entry_gate"], ["gate.site_id", "gate.id"]),
        ForeignKeyConstraint(["site_id", "exit_gate"], ["gate.site_id", "gate.id"]),
        Index(None, "site_id", "plate", "status"),
        Index(None, "site_id", "plate", "id"),
        Index(None, "site_id", "status"),
        Index(None, "site_id", "entered_at"),
        Index(None, "exit_request"),
        Index(None, "closed_at"),
        _part("ix_stay_review", "review IS NOT NULL", "site_id", "id"),
        _part("ix_stay_inside", "closed_at IS NULL", "entered_at"),
        _part("ix_stay_joined_to", "joined_to IS NOT NULL", "joined_to"),
        _part("ix_stay_told", "cleared_at IS NULL", "closed_at"),
        _part("ix_stay_disputed", "disputed_at IS NOT NULL", "id"),
        _part("ix_stay_unmasked", "masked_at IS NULL AND closed_at IS NOT NULL", "closed_at"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    plate: Mapped[Plate | None]
    plate_raw: Mapped[AnyText | None]
    vehicle_class: Mapped[Word] = mapped_column(default="car")
    ticket_hash: Mapped[Sha256 | None] = mapped_column(unique=True)
    status: Mapped[Word]
    entered_at: Mapped[Instant | None]
    entry_gate: Mapped[Name | None]
    entry_how: Mapped[Word | None]
    entry_image: Mapped[Sha256 | None]
    entry_confidence: Mapped[float | None]
    requested_at: Mapped[Instant | None]
    stopped_at: Mapped[Instant | None]
    withdrawn_at: Mapped[Instant | None]
    restarted_at: Mapped[Instant | None]
    exit_gate: Mapped[Name | None]
    exit_request: Mapped[Uuid | None]
    exit_alike: Mapped[bool] = mapped_column(default=False)
    exited_at: Mapped[Instant | None]
    exit_how: Mapped[Word | None]
    exit_image: Mapped[Sha256 | None]
    tariff_id: Mapped[Uuid | None] = mapped_column(ForeignKey("tariff_version.id"))
    exempt: Mapped[bool] = mapped_column(default=False)
    lost_ticket: Mapped[bool] = mapped_column(default=False, server_default=false())
    disputed_at: Mapped[Instant | None]
    permit_until: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(default=0)
    review: Mapped[AnyText | None]
    closed_reason: Mapped[AnyText | None]
    closed_at: Mapped[Instant | None]
    cleared_at: Mapped[Instant | None]
    joined_to: Mapped[Uuid | None]
    created_at: Mapped[Instant]
    masked_at: Mapped[Instant | None]


class StayEvent(Base):
    """One line of a stay's timeline.

    at    when it happened
    kind  "entered", "exit requested", "quoted", "paid", "exited", "reviewed" ...
    by    the gate, person or part that caused it
    """

    __tablename__ = "stay_event"
    __table_args__ = (Index(None, "stay_id", "at"),)

    id: Mapped[Number]
    stay_id: Mapped[Uuid] = mapped_column(ForeignKey("stay.id"))
    at: Mapped[Instant]
    kind: Mapped[Word]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by: Mapped[AnyText] = mapped_column(default="")


class TariffVersion(Base):
    """A site's prices for a time, as the TOML text they were loaded from; never changed once used."""

    __tablename__ = "tariff_version"
    __table_args__ = (UniqueConstraint("site_id", "version"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    version: Mapped[int]
    valid_from: Mapped[Instant]
    valid_to: Mapped[Instant | None]
    toml: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[Instant]
