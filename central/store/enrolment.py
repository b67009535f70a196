"""Tables of who may join the broker: gates' one-time codes, certificates of the site's CA, clients' passwords."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, Sha256, Text, Word


class EnrolmentCode(Base):
    """A code that lets one gate enrol once. The code itself is kept nowhere.

    stored_key, server_key  what the proofs are checked and made with (edge.protocol.enrolling), hex
    profile       1 password, 2 TLS and password, 3 TLS and client certificate
    broker_url    where the gate will find the broker
    wrong_tries   proofs that did not fit while this code was the gate's newest
    ended_at      set once it is used, replaced or void
    ended_how     "used", "replaced" or "void"; None while it is good
    """

    __tablename__ = "enrolment_code"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "gate_id"], ["gate.site_id", "gate.id"]),
        Index(None, "site_id", "gate_id", "id"),
    )

    id: Mapped[Number]
    site_id: Mapped[Name]
    gate_id: Mapped[Name]
    stored_key: Mapped[Sha256]
    server_key: Mapped[Sha256]
    profile: Mapped[int]
    broker_url: Mapped[Text]
    by: Mapped[Text]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[Instant | None]
    ended_how: Mapped[Word | None]


class Certificate(Base):
    """A certificate that the site's CA has signed.

    serial       lower-case hex, without leading zeros
    common_name  who it is to the broker: "main.entry-1", "central", "maintenance@main" or a host's name
    public_key   SHA-256 of the key's SubjectPublicKeyInfo, hex: a key is certified once for each name
    revoked_at   set: the CRL lists it
    """

    __tablename__ = "certificate"
    __table_args__ = (Index(None, "common_name", "issued_at"), Index(None, "revoked_at"))

    serial: Mapped[str] = mapped_column(String(40), primary_key=True)
    common_name: Mapped[Text]
    public_key: Mapped[Sha256]
    pem: Mapped[str] = mapped_column(LongText)
    issued_at: Mapped[Instant]
    not_after: Mapped[Instant]
    by: Mapped[Text]
    revoked_at: Mapped[Instant | None]
    revoked_why: Mapped[Text] = mapped_column(default="")


class BrokerAccount(Base):
    """A client that joins the broker by password. `password_hash` is in the form of mosquitto's password file."""

    __tablename__ = "broker_account"

    username: Mapped[Text] = mapped_column(primary_key=True)
    password_hash: Mapped[Text]
    made_at: Mapped[Instant]
