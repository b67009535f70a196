"""A gate changes its key: a new pair made here, certified on the word of the old one, swapped in one step."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from edge.enrol import credentials, folder
from edge.enrol.door import Door
from edge.enrol.errors import EnrolError
from edge.protocol.enrolling import Rotated, RotateRequest, common_name, rotation
from edge.protocol.messages import BadMessage
from edge.settings.file import Settings

__all__ = ["EnrolError", "rotate"]


def rotate(settings: Settings) -> str:
    """Makes a new key, has it certified by central, and returns its SHA-256 fingerprint, hex.

    Who reads the key's files afterwards finds the new pair; a connection that stands keeps the old one until it is
    made anew. Takes up to some tens of seconds: not for a thread that must not wait. EnrolError where this gate is
    not enrolled, or central can't be reached or refuses; nothing is changed then.
    """
    keys = _keys(settings)
    record = folder.read_record(keys)
    if (record.site, record.gate) != (settings.gate.site, settings.gate.id):
        ours = f"{settings.gate.site}/{settings.gate.id}"
        raise EnrolError(f"{keys}: enrolled as {record.site}/{record.gate}, the settings say {ours}; enrol again")
    name = common_name(record.site, record.gate)
    ca_pem = folder.read(keys, folder.CA).decode(errors="replace")
    ca = credentials.load_certificate(ca_pem, str(keys / folder.CA))
    pair = keys / folder.CURRENT
    old_key = credentials.load_key(folder.read(pair, folder.KEY), str(pair / folder.KEY))
    held = folder.read(pair, folder.CERTIFICATE).decode(errors="replace")
    old = credentials.load_certificate(held, str(pair / folder.CERTIFICATE))

    new = credentials.new_key()
    asked = RotateRequest(
        site=record.site,
        gate=record.gate,
        serial=f"{old.serial_number:x}",
        csr=credentials.signing_request(new, name),
        signature="",
    )
    signature = old_key.sign(rotation(asked), ec.ECDSA(hashes.SHA256()))
    asked = asked.model_copy(update={"signature": base64.b64encode(signature).decode()})
    token = folder.read(keys, folder.TOKEN).decode(errors="replace").strip()
    door = Door(record.central, insecure_http=record.insecure_http, ca_pem=ca_pem)
    try:
        given = Rotated.decode(door.post("/api/v1/enrol/rotate", asked.encode(), token))
    except BadMessage as error:
        raise EnrolError(f"central {door.url}: {error}; is it ParkMeter's central?") from error
    credentials.check(credentials.load_certificate(given.certificate, "central's certificate"), new, name, ca)
    try:
        folder.put_pair(keys, new, given.certificate)
    except OSError as error:
        raise EnrolError(f"{error.filename or keys}: {error.strerror}; expected a folder the gate can write") from error
    return credentials.key_fingerprint(new)


def _keys(settings: Settings) -> Path:
    """The folder that enrolment made: the token stands in it, whatever the profile."""
    token = settings.central.token_file
    if token is None:
        raise EnrolError("this gate is not enrolled: no central.token_file is set; run ./parkmeter enroll")
    return token.parent
