"""The door at which gates enrol, and have new keys certified."""

from __future__ import annotations

import ipaddress
import logging
from datetime import datetime
from typing import NoReturn

from flask import Blueprint, Response, abort, jsonify, request

from central.actions import certificates, enrolment, rotation
from central.actions.enrolment import Refusal
from central.pki.authority import Authority, load_certificate, pem, pki_folder
from central.pki.files import PkiError
from central.web.limits import limiter
from central.web.office import Office, office
from edge.protocol.enrolling import EnrolRequest, Rotated, RotateRequest
from edge.protocol.messages import BadMessage

log = logging.getLogger(__name__)

LONGEST = 20_000  # bytes of a request
asks = limiter.shared_limit(
    "10 per minute; 60 per hour", scope="enrolment", deduct_when=lambda answer: answer.status_code >= 400
)


def serve_at(machines: Blueprint) -> None:
    @machines.get("/api/v1/enrol/ca")
    def ca():
        """The CA's certificate, which is no secret: the gate proves its code over what it was shown here."""
        try:
            return Response(pem(load_certificate(pki_folder(office().settings))), mimetype="application/x-pem-file")
        except PkiError as error:
            _no_ca(error)

    @machines.post("/api/v1/enrol")
    @asks
    def enrol():
        _only_privately()
        asked = _message(EnrolRequest)
        desk = office()
        authority, now = _authority(desk), desk.now()
        with desk.database.begin() as session:
            answer = enrolment.enrol(session, desk.settings, authority, asked, now, _from())
        if isinstance(answer, Refusal):
            return jsonify(error=answer.said), answer.status
        _publish(desk, authority, now)
        return Response(answer.encode(), mimetype="application/json")

    @machines.post("/api/v1/enrol/rotate")
    @asks
    def rotate():
        _only_privately()
        given = request.authorization
        token = given.token if given is not None and given.type == "bearer" else None
        asked = _message(RotateRequest)
        desk = office()
        authority, now = _authority(desk), desk.now()
        with desk.database.begin() as session:
            answer = rotation.rotate(session, authority, token or "", asked, now, _from())
            if not isinstance(answer, Refusal):
                answer = Rotated(certificate=answer.pem)
        if isinstance(answer, Refusal):
            return jsonify(error=answer.said), answer.status
        _publish(desk, authority, now)
        return Response(answer.encode(), mimetype="application/json")


def _only_privately() -> None:
    """What is answered holds a password: over https, or to this machine, where a proxy may stand that has done that."""
    if not request.is_secure and not _is_loopback(request.remote_addr or ""):
        abort(403, "enrolment is over https alone")


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def _message(kind):
    if (request.content_length or 0) > LONGEST:
        abort(413, f"expected at most {LONGEST} bytes")
    try:
        return kind.decode(request.get_data())
    except BadMessage as error:
        abort(400, str(error))


def _authority(desk: Office) -> Authority:
    try:
        return Authority.load(pki_folder(desk.settings))
    except PkiError as error:
        _no_ca(error)


def _no_ca(error: PkiError) -> NoReturn:
    """Where its files are is told to the log, not to a stranger."""
    log.error("no enrolment: %s", error)
    abort(503, "this central has no CA that it can use; its log says why (./parkmeter central ca init makes one)")


def _publish(desk: Office, authority: Authority, now: datetime) -> None:
    certificates.publish_revocations(desk.database, desk.settings, authority, now)


def _from() -> str:
    return f"enrolment from {request.remote_addr}"
