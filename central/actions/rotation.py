"""A gate's new key certified, on the word of its old one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import certificates
from central.actions.audit import audit
from central.actions.enrolment import Refusal
from central.actions.gates import gate_with_token
from central.pki.authority import Authority
from central.pki.files import PkiError
from central.pki.key_pairs import request_key, signed
from central.store.schema import Certificate
from edge.protocol.enrolling import RotateRequest, common_name, rotation


def rotate(
    session: Session, authority: Authority, token: str, asked: RotateRequest, now: datetime, by: str
) -> Certificate | Refusal:
    """The new certificate. Proof are the gate's token and a signature by the certified key it has.

    The old certificate stays good until the next rotation: a gate that is cut off before it has the answer must be
    able to ask again. Any other of its certificates ends.
    """
    gate = gate_with_token(session, token) if token else None
    if gate is None:
        return Refusal("expected a gate's token: Authorization: Bearer TOKEN", 401)
    name = common_name(gate.site_id, gate.id)
    if (asked.site, asked.gate) != (gate.site_id, gate.id):
        said = f"this token is of gate {gate.site_id}/{gate.id}, not of {asked.site}/{asked.gate}"
    else:
        said = _why_not(session, name, asked, now)
    key = None
    if not said:
        try:
            key = request_key(asked.csr, name)
        except PkiError as error:
            said = str(error)
    if key is not None and certificates.certified(session, key):
        said = "csr: this key was certified before; expected a new one"
    if said or key is None:
        audit(session, now, by, "key rotation refused", f"{gate.site_id}/{gate.id}", why=said)
        return Refusal(said)
    for other in certificates.good(session, name, now):
        if other.serial != asked.serial:
            certificates.end(session, other, "the gate has a newer one", now, by)
    made = certificates.issue(session, authority, key, name, "client", now, by)
    audit(session, now, by, "key rotated", f"{gate.site_id}/{gate.id}", serial=made.serial, before=asked.serial)
    return made


def _why_not(session: Session, name: str, asked: RotateRequest, now: datetime) -> str:
    """Why the certificate the gate names proves nothing; "" where it does."""
    old = session.get(Certificate, asked.serial)
    again = "enrol this gate again with a new code"
    if old is None or old.common_name != name:
        return f"certificate {asked.serial}: not one of {name}; {again}"
    if old.revoked_at is not None:
        return f"certificate {asked.serial}: revoked ({old.revoked_why}); {again}"
    if now >= old.not_after:
        return f"certificate {asked.serial}: expired {old.not_after.isoformat(timespec='minutes')}; {again}"
    if not signed(old.pem, asked.signature, rotation(asked)):
        return f"certificate {asked.serial}: the request is not signed by its key"
    return ""
