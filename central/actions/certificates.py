"""Certificates of the site's CA: written down when signed, renewed, revoked, listed for the broker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.pki import files
from central.pki.authority import LASTS, Authority, Use, alone, pem, pki_folder, serial_text
from central.pki.key_pairs import PublicKey, key_fingerprint
from central.settings import Settings
from central.store.database import Database
from central.store.schema import Certificate

CRL = "crl.pem"


def issue(
    session: Session,
    authority: Authority,
    key: PublicKey,
    common_name: str,
    use: Use,
    now: datetime,
    by: str,
    *,
    hosts: Sequence[str] = (),
    lasts: timedelta = LASTS,
) -> Certificate:
    """A new certificate for that key. The name's other certificates stay good."""
    made = authority.issue(key, common_name, use, now, hosts=hosts, lasts=lasts)
    row = Certificate(
        serial=serial_text(made.serial_number),
        common_name=common_name,
        public_key=key_fingerprint(key),
        pem=pem(made),
        issued_at=now,
        not_after=made.not_valid_after_utc,
        by=by,
    )
    session.add(row)
    session.flush()
    audit(session, now, by, "certificate issued", common_name, serial=row.serial, until=row.not_after.isoformat())
    return row


def good(session: Session, common_name: str, now: datetime) -> list[Certificate]:
    """Certificates of a name that still let it in, newest first."""
    wanted = select(Certificate).where(
        Certificate.common_name == common_name, Certificate.revoked_at.is_(None), Certificate.not_after > now
    )
    return list(session.scalars(wanted.order_by(Certificate.issued_at.desc(), Certificate.serial)))


def ending(session: Session, now: datetime, within: timedelta) -> list[Certificate]:
    """The newest certificate of each name that has no later one and ends within that time, the first to end first."""
    rows = session.scalars(select(Certificate).where(Certificate.revoked_at.is_(None), Certificate.not_after > now))
    latest: dict[str, Certificate] = {}
    for row in rows:
        other = latest.get(row.common_name)
        if other is None or row.not_after > other.not_after:
            latest[row.common_name] = row
    return sorted((row for row in latest.values() if row.not_after <= now + within), key=lambda row: row.not_after)


def certified(session: Session, key: PublicKey) -> bool:
    """Whether that key has ever been certified here."""
    wanted = select(Certificate.serial).where(Certificate.public_key == key_fingerprint(key)).limit(1)
    return session.scalar(wanted) is not None


def revoke(session: Session, which: str, why: str, now: datetime, by: str) -> list[Certificate]:
    """Revokes by serial, or all that a name has; Refused where there is nothing to revoke."""
    named = or_(Certificate.serial == which.lower().lstrip("0"), Certificate.common_name == which)
    rows = list(session.scalars(select(Certificate).where(named, Certificate.revoked_at.is_(None))))
    if not rows:
        raise Refused(f"certificate {which[:80]!r}: expected the name or serial of one that is not revoked yet")
    for row in rows:
        end(session, row, why, now, by)
    return rows


def end(session: Session, row: Certificate, why: str, now: datetime, by: str) -> None:
    row.revoked_at, row.revoked_why = now, why
    audit(session, now, by, "certificate revoked", row.common_name, serial=row.serial, why=why)


def publish_revocations(db: Database, settings: Settings, authority: Authority, now: datetime) -> None:
    """Writes the CRL from what is committed. Of two processes that do so at once the later sees both changes."""
    folder = pki_folder(settings)
    with alone(folder):
        with db.read() as session:
            wanted = select(Certificate.serial, Certificate.revoked_at).where(Certificate.revoked_at.is_not(None))
            revoked = [(serial, at) for serial, at in session.execute(wanted.order_by(Certificate.serial)) if at]
        files.replace(folder / CRL, authority.revocations(revoked, now))
