"""Tables of sites and gates, and of what gates have reported."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, Plate, Sha256, Text, Uuid, Word


class Site(Base):
    """One car park.

    hours           opening hours as the wire's OpeningHours, [] for always open
    access_version  grows with each change of the access list
    invoice_prefix  begins every invoice number, 1 to 4 of A-Z and digits
    gstin, state_code, legal_name, address  as printed on receipts
    figured_at      when its days' figures were last counted anew, None where an earlier version began them
    """

    __tablename__ = "site"

    id: Mapped[Name] = mapped_column(primary_key=True)
    name: Mapped[Text]
    timezone: Mapped[Word] = mapped_column(default="Asia/Kolkata")
    capacity: Mapped[int | None]
    hours: Mapped[list[Any]] = mapped_column(default=list)
    access_version: Mapped[int] = mapped_column(default=0)
    invoice_prefix: Mapped[str] = mapped_column(String(4), unique=True)
    legal_name: Mapped[Text] = mapped_column(default="")
    address: Mapped[Text] = mapped_column(default="")
    gstin: Mapped[Word] = mapped_column(default="")
    state_code: Mapped[str] = mapped_column(String(2), default="")
    created_at: Mapped[Instant]
    figured_at: Mapped[Instant | None]


class Gate(Base):
    """One barrier.

    lane        "entry" or "exit"
    token_hash  SHA-256 of the bearer token it uploads images with
    boot        UUID of its latest start
    status      "online", "lost", "stopped"; "new" until first heard
    about       wire About as last published, {} before
    state       wire GateState as last published, {} before
    health      wire GateHealth as last told, {} before
    """

    __tablename__ = "gate"

    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[Name] = mapped_column(primary_key=True)
    lane: Mapped[Word]
    name: Mapped[Text]
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    boot: Mapped[Uuid | None]
    status: Mapped[Word] = mapped_column(default="new")
    status_at: Mapped[Instant | None]
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state_at: Mapped[Instant | None]
    health: Mapped[dict[str, Any]] = mapped_column(default=dict)
    health_at: Mapped[Instant | None]
    last_event_at: Mapped[Instant | None]
    created_at: Mapped[Instant]


class GateFault(Base):
    """Something that is wrong with a gate at this moment, as it said itself; the row goes when the fault does.

    since  by the gate's clock; heard_at: by ours
    boot   the start of the gate that found it, None where it did not say
    """

    __tablename__ = "gate_fault"
    __table_args__ = (ForeignKeyConstraint(["site_id", "gate_id"], ["gate.site_id", "gate.id"]),)

    site_id: Mapped[Name] = mapped_column(primary_key=True)
    gate_id: Mapped[Name] = mapped_column(primary_key=True)
    code: Mapped[Word] = mapped_column(primary_key=True)
    severity: Mapped[Word]
    since: Mapped[Instant]
    detail: Mapped[Text] = mapped_column(default="")
    boot: Mapped[Uuid | None]
    heard_at: Mapped[Instant]


class GateEvent(Base):
    """One event of a gate, kept as it came. Its row and its effects are one transaction.

    request  the exit request it speaks of, where there is one
    session  the stay that the gate named
    stay_id  the stay it was applied to
    at       when it happened, as far as the gate's clock can be believed
    masked_at  its plates were forgotten then
    """

    __tablename__ = "gate_event"
    __table_args__ = (
        UniqueConstraint("site_id", "gate_id", "journal", "stream", "seq"),
        ForeignKeyConstraint(["site_id", "gate_id"], ["gate.site_id", "gate.id"]),
        Index(None, "site_id", "gate_id", "received_at"),
        Index(None, "session"),
        Index(None, "request"),
        Index(None, "boot", "mono_ms"),
        Index(
            "ix_gate_event_unmasked",
            "received_at",
            sqlite_where=text("masked_at IS NULL"),
            postgresql_where=text("masked_at IS NULL"),
        ),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name]
    gate_id: Mapped[Name]
    journal: Mapped[Uuid]
    stream: Mapped[Word]
    seq: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[Word]
    at: Mapped[Instant]
    wall: Mapped[Instant]
    clock: Mapped[Word]
    offline: Mapped[bool]
    boot: Mapped[Uuid]
    mono_ms: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[Instant]
    session: Mapped[Uuid | None]
    stay_id: Mapped[Uuid | None]
    request: Mapped[Uuid | None]
    data: Mapped[dict[str, Any]]
    masked_at: Mapped[Instant | None]


class AckCursor(Base):
    """Up to where a journal's stream is committed here without a gap."""

    __tablename__ = "ack_cursor"

    site_id: Mapped[Name] = mapped_column(primary_key=True)
    gate_id: Mapped[Name] = mapped_column(primary_key=True)
    journal: Mapped[Uuid] = mapped_column(primary_key=True)
    stream: Mapped[Word] = mapped_column(primary_key=True)
    through_seq: Mapped[int] = mapped_column(BigInteger, default=0)


class Quarantine(Base):
    """A message that could not be applied, with the reason, until a person has seen it.

    fingerprint   SHA-256 of topic and payload: the same message is kept once
    journal, stream, seq  where they could be read, so that the gate can be told to let go of it
    """

    __tablename__ = "quarantine"
    __table_args__ = (Index(None, "site_id", "gate_id", "journal", "stream", "seq"), Index(None, "seen", "id"))

    id: Mapped[Number]
    fingerprint: Mapped[Sha256] = mapped_column(unique=True)
    received_at: Mapped[Instant]
    topic: Mapped[Text]
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[Text]
    site_id: Mapped[Name | None]
    gate_id: Mapped[Name | None]
    journal: Mapped[Uuid | None]
    stream: Mapped[Word | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    seen: Mapped[bool] = mapped_column(default=False)


class AccessRule(Base):
    """A plate that always may enter, or never. `kind` is "pass" or "denied"."""

    __tablename__ = "access_rule"
    __table_args__ = (UniqueConstraint("site_id", "plate"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    plate: Mapped[Plate]
    kind: Mapped[Word]
    vehicle_class: Mapped[Word | None]
    valid_from: Mapped[Instant | None]
    valid_until: Mapped[Instant | None]
    note: Mapped[Text] = mapped_column(default="")
    by: Mapped[Text]
    created_at: Mapped[Instant]


class Image(Base):
    """A picture that a gate has uploaded; its bytes are a file named by the hash."""

    __tablename__ = "image"
    __table_args__ = (Index(None, "stored_at"),)

    sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    site_id: Mapped[Name]
    gate_id: Mapped[Name]
    bytes: Mapped[int]
    stored_at: Mapped[Instant]
