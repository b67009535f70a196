"""What machines call: gates enrol and bring pictures, the payment provider brings news, a supervisor asks after us."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, request

from central import images
from central.actions.gates import gate_with_token
from central.payments import service
from central.payments.mock_psp.webhooks import SIGNATURE_HEADER
from central.payments.provider import WebhookRefused
from central.web import enrolling
from central.web.office import office


def blueprint(webhook_path: str) -> Blueprint:
    machines = Blueprint("machines", __name__)

    @machines.get("/healthz")
    def healthz():
        with office().database.read():
            return jsonify(ok=True)

    @machines.put("/api/v1/images/<sha256>")
    def put_image(sha256: str):
        given = request.authorization
        token = given.token if given is not None and given.type == "bearer" else None
        desk = office()
        with desk.database.read() as session:
            gate = gate_with_token(session, token) if token else None
        if gate is None:
            abort(401, "expected a gate's token: Authorization: Bearer TOKEN")
        # a gate on a bad line may take a minute over its body: nobody must wait for it
        content = request.get_data()
        try:
            images.keep(desk.settings.images, sha256, content)
        except images.BadImage as error:
            return jsonify(error=str(error)), 413 if error.too_big else 400
        with desk.database.begin() as session:
            new = images.remember(session, gate, sha256, len(content), desk.now())
        return jsonify(sha256=sha256), 201 if new else 200

    @machines.post(webhook_path)
    def webhook():
        desk = office()
        try:
            event = desk.provider.webhook(request.get_data(), request.headers.get(SIGNATURE_HEADER, ""))
        except WebhookRefused as error:
            return jsonify(error=str(error)), 401
        with desk.database.begin() as session:
            outcome = service.apply_event(session, desk.provider.name, event, desk.now())
        return jsonify(outcome=outcome)

    enrolling.serve_at(machines)
    return machines
